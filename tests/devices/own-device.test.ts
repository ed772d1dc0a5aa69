import { describe, expect, test } from "vitest"
import {
  type Answer,
  asm,
  createPlayer,
  type Device,
  type DeviceHost,
  enterRing,
  type Frame,
  kit,
  type Machine,
  pc,
  type Recording,
  type Request,
  record,
  type Span,
  startController,
} from "../../src/index"

/** A button on port 300h: writing a number there has it pressed after so many hundred cycles; reading tells how often it was. */
const button = () => ({
  name: "button",
  state: { pressed: 0 },
  ports: [[0x300, 0x300]] as Span[],
  out(_port: number, _size: number, value: number, host: DeviceHost) {
    host.after(100 * value, 0)
  },
  tick(_tag: number, host: DeviceHost) {
    this.state.pressed += 1
    host.writeMemory(0x18_0000, 32, this.state.pressed)
    host.interrupt(5, true)
  },
  in(_port: number, _size: number, host: DeviceHost) {
    host.interrupt(5, false)
    return this.state.pressed
  },
})

/** Waits for two presses, and halts. */
const program = asm`${kit({
  gates: [
    { vector: 0x25, handler: "pressed" },
    { vector: 0x80, handler: "exit", dpl: 3 },
  ],
})}
main:
${startController([5])}
  mov dx, 0x300
  mov al, 20
  out dx, al
${enterRing(3, "application", 0x202)}

application:
  cmp dword [presses], 2
  jb application
  int 0x80

pressed:
  push eax
  push edx
  mov dx, 0x300
  in al, dx
  mov [presses], al
  mov al, 250
  out dx, al              ; and once more
  mov al, 0x20
  out 0x20, al
  pop edx
  pop eax
  iretd
exit:
  hlt
presses: dd 0
`

const record2 = () => record(pc({ devices: [button()] }).load(program), { steps: 50_000, title: "A button" })
const cell = (frame: Frame, name: string) => frame.devices.find((device) => device.name === name)?.value

/** A browser's worker, as far as it knows: an output that went through JSON, and a player without the device's code. */
function openedBy(recording: Recording): (request: Omit<Request, "id">) => Answer {
  const player = createPlayer()
  const ask = (request: Omit<Request, "id">) => {
    const answers: Answer[] = []
    player.handle({ id: 1, ...request } as Request, (answer) => void answers.push(answer))
    return answers[answers.length - 1]
  }
  ask({ do: "open", recording: 7, output: JSON.parse(JSON.stringify(recording.output())) } as Omit<
    Request,
    "id"
  >)
  return ask
}

function frameOf(ask: ReturnType<typeof openedBy>, step: number): Frame {
  const answer = ask({ do: "frame", recording: 7, step, options: {} } as Omit<Request, "id">)
  if (answer.is !== "frame") throw new Error(JSON.stringify(answer))
  return answer.frame
}

/** What the guest, the clock and the device's own state say of a live machine. */
function told(machine: Machine): readonly number[] {
  const { cpu, clock } = machine
  const { pressed } = machine.save().devices.button as { pressed: number }
  const flags = cpu.flags.value & 0x200 ? 1 : 0
  return [...Array.from(cpu.reg, (value) => value >>> 0), cpu.eip >>> 0, flags, clock.now, pressed]
}

/** The same of a frame. */
function toldBy({ registers, flags, cycles, devices }: Frame): readonly number[] {
  const value = (cells: Frame["flags"], name: string) => cells.find((cell) => cell.name === name)?.value ?? -1
  return [
    ...registers.map((register) => register.value),
    value(flags, "IF"),
    cycles.total,
    value(devices, "button.pressed"),
  ]
}

describe("a device written in a few lines, with plain data as its state", () => {
  test("interrupts the guest, which reads it", () => {
    const device = button()
    const machine = pc({ devices: [device] }).load(program)
    expect(machine.run({ steps: 50_000 }).why).toBe("halted")
    expect(device.state).toEqual({ pressed: 2 })
    expect(machine.memory.get(program.labels.presses, 32)).toBe(2)
    expect(machine.memory.get(0x18_0000, 32)).toBe(2)
  })

  test("is put back by a snapshot, and then does the same again", () => {
    const machine = pc({ devices: [button()] }).load(program)
    const untilPress = () => {
      const pressed = () => (machine.save().devices.button as { pressed: number }).pressed
      const before = pressed()
      while (pressed() === before) machine.step()
      return machine.clock.now
    }
    const first = untilPress()
    const saved = machine.save()
    const second = untilPress()
    machine.restore(saved)
    expect(machine.save()).toEqual(saved)
    expect(machine.save().devices.button).toEqual({ pressed: 1 })
    expect(machine.clock.now).toBe(first)
    expect(untilPress()).toBe(second)
  })

  test("is recorded the same way twice", () => {
    expect(record2().output()).toEqual(record2().output())
  })

  test("is replayed without its code: each frame is what the live machine was, forwards and backwards", () => {
    const recording = record2()
    const ask = openedBy(recording)
    const spread = Array.from({ length: 20 }, (_, n) => Math.floor((n * recording.steps) / 20))
    const eventful = recording.timeline.marks.flatMap(([step]) => [step - 1, step])
    const steps = [...new Set([...spread, ...eventful, recording.steps])].sort((a, b) => a - b)
    const live = pc({ devices: [button()] }).load(program)
    const seen = steps.map((step) => {
      live.run({ steps: step - live.clock.steps })
      return [step, told(live)] as const
    })
    for (const [step, state] of [...seen, ...[...seen].reverse()])
      expect(toldBy(frameOf(ask, step)), `step ${step}`).toEqual(state)
  })

  test("has its state shown at each step, and less of it after a step back", () => {
    const recording = record2()
    const press = recording.timeline.marks.findLast(([, kind]) => kind === 1)?.[0] ?? 0
    const ask = openedBy(recording)
    expect(cell(frameOf(ask, press), "button.pressed")).toBe(2)
    expect(cell(frameOf(ask, press - 2), "button.pressed")).toBe(1)
    expect(cell(frameOf(ask, 10), "button.pressed")).toBe(0)
  })

  test("is replayed to the recorded end, and a changed journal is noticed", () => {
    const honest = record2().output()
    const player = createPlayer()
    const open = (output: unknown): Answer => {
      const answers: Answer[] = []
      player.handle(
        { id: 1, do: "open", recording: 1, output } as Request,
        (answer) => void answers.push(answer),
      )
      return answers[answers.length - 1]
    }
    expect(open(honest)).toMatchObject({ is: "opened" })
    expect(open(honest)).not.toHaveProperty("warning")
    const text = JSON.stringify(honest).replaceAll('{"pressed":2}', '{"pressed":3}')
    expect(open(JSON.parse(text))).toHaveProperty("warning")
  })

  test("cannot take a port or a name that is taken", () => {
    const taken: Device = { name: "mine", state: null, ports: [[0x3f8, 0x3f8]] }
    expect(() => pc({ devices: [taken] })).toThrow(/port 3f8h belongs to "uart"/)
    expect(() => pc({ devices: [{ name: "pit", state: null }] })).toThrow(/called "pit" already/)
  })
})

test("a device of 8 bits that is written as wide as can be plays again byte by byte", () => {
  const bytes: number[] = []
  const narrow: Device = {
    name: "narrow",
    state: 0,
    ports: [[0x300, 0x303]],
    byteWide: true,
    out(_port, _size, value) {
      this.state = value
      bytes.push(value)
    },
  }
  const guest = asm`mov edx, 0x300
  mov eax, 0x44332211
  out dx, eax
  hlt`
  const run = record(pc({ devices: [narrow] }).load(guest))
  expect(bytes).toEqual([0x11, 0x22, 0x33, 0x44])
  expect(run.frame(run.steps).devices.find(({ name }) => name === "narrow")).toMatchObject({ value: 0x44 })
})
