/** Laws of code in TypeScript behind gates: it is a part of the machine's steps, however the machine is run. */
import { describe, expect, test } from "vitest"
import { enterRing, kit } from "../../src/guests/kit"
import { createPlayer, record } from "../../src/index"
import { asm } from "../../src/isa/assemble"
import type { Device, Ring0 } from "../../src/machine/board/device"
import { WRITE } from "../../src/machine/board/physical-space"
import type { Machine } from "../../src/machine/machine"
import { isCall } from "../../src/machine/ring0/log"
import { hashOf, type Recorded, recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import { pc } from "../../src/pc"
import type { CarriedRecording } from "../../src/views/record"
import { numbers } from "./busy"
import { randomGuest } from "./random-guest"

const PAGE = 0xfeff_0000
const [EAX, ESP] = [0, 4]
const STEPS = 12_000

interface State {
  interruptFlag: number
  emulated: number
  calls: number
}

/** Emulates CLI and STI of a guest in ring 1, and answers INT 80h: some of it by its stack, some by ports and physical memory. */
function monitor(): Device & { state: State } {
  return {
    name: "monitor",
    state: { interruptFlag: 1, emulated: 0, calls: 0 },
    memory: [[PAGE, PAGE + 0xfff]],
    entries: { 208: "#GP", 2048: "INT 80h" },
    execute(entry, ring0) {
      if (entry === 0x800) this.state = { ...this.state, calls: this.state.calls + 1 }
      else emulate(this as { state: State }, ring0)
      if (this.state.calls % 7 === 3) serve(ring0)
      ring0.interruptReturn()
    },
  }
}

function emulate(monitor: { state: State }, ring0: Ring0): void {
  const esp = ring0.register(ESP)
  const eip = ring0.read(esp + 4, 32)
  const opcode = ring0.read(eip, 8)
  const { state } = monitor
  monitor.state = { ...state, interruptFlag: opcode === 0xfb ? 1 : 0, emulated: state.emulated + 1 }
  ring0.write(esp + 4, 32, eip + 1)
  ring0.setRegister(ESP, esp + 4) // the error code
}

/** Some of everything that may be asked. */
function serve(ring0: Ring0): void {
  ring0.out(0x80, 8, ring0.in(0x40, 8))
  ring0.writePhysical(0x7000, 32, ring0.readPhysical(0x7000, 32) + 1)
  ring0.setRegister(EAX, ring0.translate(0x7123, WRITE, false) ?? 0)
  ring0.after(100, 1)
  ring0.cancel(1)
  ring0.work(12)
  ring0.setControl(2, ring0.now)
  ring0.invalidate(0x7000)
}

const program = (seed: number) => {
  const random = numbers(seed)
  const lines = ["cli", "sti", "int 0x80", "inc ebx", "add eax, [0x7000]", "push eax\n pop edx", "cli\n sti"]
  const body = Array.from({ length: 30 }, () => lines[random(lines.length)]).join("\n ")
  return asm`${kit({
    gates: [
      { vector: 13, handler: "x" },
      { vector: 0x80, handler: "x", dpl: 3 },
    ],
  })}
x: hlt
main:
${enterRing(1, "guest", 2)}
guest: ${body}
  jmp guest`
}

/** A machine whose gates 13 and 128 lead to the page of code. */
function guest(seed: number, owner: Device = monitor()): Machine {
  const image = program(seed)
  const machine = pc({ devices: [owner] }).load(image)
  for (const [vector, offset] of [
    [13, PAGE + 0xd0],
    [0x80, PAGE + 0x800],
  ]) {
    machine.memory.set(image.labels.idt + vector * 8, 16, offset & 0xffff)
    machine.memory.set(image.labels.idt + vector * 8 + 6, 16, offset >>> 16)
  }
  return machine
}

const stateOf = (machine: Machine) =>
  machine.bus.devices.find(({ name }) => name === "monitor")?.state as State
const carried = (recorded: Recorded) => JSON.parse(JSON.stringify(recorded)) as Recorded

describe.each([1, 2, 3, 4, 5, 6])("a guest over TypeScript, seed %i, ends the same", (seed) => {
  const machine = guest(seed)
  machine.run({ steps: STEPS })
  const expected = hashOf(machine)

  test("and TypeScript was called", () => {
    expect(stateOf(machine).emulated).toBeGreaterThan(100)
    expect(stateOf(machine).calls).toBeGreaterThan(20)
    expect(machine.ledger.entries()).toHaveProperty("monitor")
  })
  test("and each step that came to it has its effects", () => {
    const other = guest(seed)
    for (let n = 0; n < 200; n++) {
      other.step()
      expect(other.save().cpu.activity).toBe("running")
    }
  })
  test("step by step, interpreted", () => {
    const other = guest(seed)
    other.engine.units.enabled = false
    other.cpu.checkedGates.enabled = false
    for (let n = 0; n < STEPS; n++) other.step()
    expect(hashOf(other)).toBe(expected)
  })
  test("generated, cut at random", () => {
    const other = guest(seed)
    Object.assign(other.engine.units, { threshold: 2 })
    Object.assign(other.cpu.checkedGates, { threshold: 2 })
    const random = numbers(seed)
    for (let left = STEPS; left > 0; ) left -= other.run({ steps: Math.min(left, 1 + random(60)) }).steps
    expect(hashOf(other)).toBe(expected)
  })
  test("recorded, and replayed without the TypeScript", () => {
    const { recorded } = recordRun(guest(seed), STEPS)
    expect(recorded.hash).toBe(expected)
    const replay = new Replay(carried(recorded), rebuild)
    expect(replay.playThrough()).toBe(true)
    replay.seek(1234)
    const before = hashOf(replay.machine)
    replay.seek(STEPS - 50)
    replay.seek(1234)
    expect(hashOf(replay.machine)).toBe(before)
  })
})

/** As `monitor`, but the loop stands outside: `run` comes back at each entry. */
class Outside implements Device {
  readonly name = "monitor"
  readonly memory = [[PAGE, PAGE + 0xfff]] as const
  state: State = { interruptFlag: 1, emulated: 0, calls: 0 }
  private ring0: Ring0 | undefined
  private entry = 0

  execute(entry: number, ring0: Ring0): void {
    this.ring0 = ring0
    this.entry = entry
    ring0.leave()
  }

  loop(machine: Machine): void {
    for (let last = machine.clock.steps + STEPS; machine.clock.steps < last; ) {
      if (machine.run({ steps: last - machine.clock.steps }).why !== "left") return
      monitor().execute?.call(this, this.entry, this.ring0 as Ring0)
    }
  }
}

test("a loop that stands outside of the machine gives the same run, and its recording replays without it", () => {
  const inside = guest(9)
  inside.run({ steps: STEPS })
  const owner = new Outside()
  const machine = guest(9, owner)
  const { recorded } = recordRun(machine, STEPS, undefined, () => owner.loop(machine))
  expect(recorded.steps).toBe(STEPS)
  expect(recorded.hash).toBe(hashOf(inside))
  expect(new Replay(carried(recorded), rebuild).playThrough()).toBe(true)
})

describe("a log with one number changed", () => {
  const output = record(guest(4), { steps: 3000 }).output()
  const recording = output.recording as CarriedRecording
  const recorded = recording.run
  /** What a page says of an output that carries this run. */
  const opened = (run: Recorded): string => {
    let said = ""
    const changed = { ...output, recording: { ...recording, run } }
    createPlayer().handle({ id: 1, do: "open", recording: 1, output: changed }, (answer) => {
      said = answer.is === "opened" ? `opened ${answer.warning ?? ""}` : JSON.stringify(answer)
    })
    return said
  }
  test("and none changed opens", () => expect(opened(carried(recorded))).toBe("opened "))
  test.each(Array.from({ length: 40 }, (_, n) => n))(
    "misses the end, or is called damaged, and never throws: change %i",
    (n) => {
      const copy = carried(recorded)
      const random = numbers(n)
      const filled = copy.journal.flatMap((entry) => entry[1].filter((call) => call.length > 1))
      const call = filled[random(filled.length)] as unknown as (string | number)[]
      const at = 1 + random(call.length - 1)
      call[at] = [Number(call[at]) + 1, 0x7fff_ffff, -1, 3.5, 1e300, "x"][random(6)]
      expect(opened(copy)).toMatch(/damaged|does not end/)
    },
  )
  test("names nothing that is not in the list", () => {
    for (const name of ["leave", "constructor", "__proto__", "writeMemory", "tell", "toString"])
      expect(isCall([name])).toBe(false)
    expect(isCall(["setRegister", 1])).toBe(false)
    expect(isCall(["interruptReturn"])).toBe(true)
  })
})

test("a machine that could have a page of code and never comes to it has the hash that it had", () => {
  const [without, idle] = [randomGuest(3), randomGuest(3)]
  const code = { ...monitor(), state: undefined, name: "echo2" }
  idle.attach(code)
  for (const machine of [without, idle]) machine.run({ steps: STEPS })
  const { devices, ...rest } = idle.save()
  expect(JSON.stringify(rest)).toBe(JSON.stringify({ ...without.save(), devices: undefined }))
  expect(devices).toEqual({ ...without.save().devices, echo2: undefined })
})

test("what ring 0 refuses is said with its numbers, and nothing is done", () => {
  const asked: string[] = []
  const owner: Device = {
    name: "monitor",
    state: undefined,
    memory: [[PAGE, PAGE + 0xfff]],
    execute(_entry, ring0) {
      for (const call of [
        () => ring0.setRegister(8, 0),
        () => ring0.loadSegment(3, 0x7777),
        () => ring0.setControl(1, 0),
        () => ring0.setModelSpecific(0x999, 1),
        () => ring0.work(-1),
        () => ring0.in(0x1_0000, 8),
      ])
        try {
          call()
        } catch (mistake) {
          asked.push((mistake as Error).message)
        }
      ring0.leave()
    },
  }
  const machine = guest(2, owner)
  machine.run({ steps: 200 })
  expect(asked).toEqual([
    "there is no general register 8: they are 0 to 7",
    expect.stringMatching(/^#GP\(7774h\): /),
    "there is no control register CR1: there are CR0, CR2, CR3 and CR4",
    expect.stringMatching(/^#GP\(0000h\): there is no model-specific register 00000999h/),
    "there is no number of instructions -1: they are 0 to 999999",
    "there is no port 65536: they are 0 to 65535",
  ])
})
