import { asm, type Event, kit, type Machine, pc, record } from "ringlab"
import { describe, expect, test } from "vitest"
import { CS, TR } from "../../src/isa/registers"

const OTHER = 0x50
const TASK_GATE = 0x58
/** Code of 4 KiB, and data that is not present. */
const SHORT_CODE = 0x60
const ABSENT = 0x68
/** A descriptor of 104 bytes at a label, with this byte of rights. */
const descriptor = (label: string, rights: string) =>
  `  dw 103, (ORIGIN + ${label} - $$) & 0xffff\n  db ((ORIGIN + ${label} - $$) >> 16) & 0xff, ${rights}, 0, 0`

interface Task {
  readonly lines: string
  readonly other?: string
  /** Fields of the other task's state. */
  readonly fields?: Readonly<Record<string, string>>
  readonly rights?: string
  readonly gates?: string
}

/** A kernel with a second task at selector 50h, a task gate to it at 58h, and a gate for vector 40h of the IDT. */
const program = ({ lines, other = "  hlt", fields = {}, rights = "0x89", gates = "" }: Task) => {
  const field = (name: string, otherwise: string) => fields[name] ?? otherwise
  return asm`${kit({
    gates: [
      { vector: 10, handler: "invalid_tss" },
      { vector: 11, handler: "not_present" },
      { vector: 12, handler: "stack_fault" },
      { vector: 13, handler: "protection" },
      { vector: 0x40, handler: "halted" },
    ],
    descriptors: [
      descriptor("other_tss", rights),
      `  dw 0, ${OTHER}\n  db 0, 0xe5, 0, 0`,
      "  dw 0xfff, 0\n  db 0, 0x9b, 0x40, 0",
      "  dw 0xfff, 0\n  db 0, 0x73, 0x40, 0",
    ],
  })}
main:
${gates}
  mov ebx, 0x1111
${lines}
halted:
  hlt
invalid_tss: mov edx, 10
  pop eax
  hlt
not_present: mov edx, 11
  pop eax
  hlt
stack_fault: mov edx, 12
  pop eax
  hlt
protection: mov edx, 13
  pop eax
  hlt
other:
${other}
align 4
other_tss: dd 0
  dd stack2, DATA0, 0, 0, 0, 0
  dd 0                    ; CR3
  dd ${field("eip", "other")}
  dd ${field("flags", "2")}
  dd 0xa, 0xc, 0xd, 0xb, ${field("esp", "stack1")}, 0xeb, 0x51, 0xd1
  dd ${field("es", "DATA0")}, ${field("cs", "CODE0")}, ${field("ss", "DATA0")}, ${field("ds", "DATA0")}, 0, 0
  dd ${field("ldt", "0")}
  dd ${field("trap", "0")}
  times 30 dd 0
`
}

/** Vector 40h becomes a task gate. */
const GATE_40 = `  mov dword [idt + 0x40 * 8], ${OTHER} << 16
  mov dword [idt + 0x40 * 8 + 4], 0xe500`

function run(task: Task, steps = 200): Machine & { tasks: Extract<Event, { is: "task" }>[] } {
  const machine = pc().load(program(task))
  const tasks: Extract<Event, { is: "task" }>[] = []
  machine.listener = { detail: true, tell: (event) => void (event.is === "task" && tasks.push(event)) }
  machine.run({ steps })
  return Object.assign(machine, { tasks })
}

const field = (machine: Machine, label: string, offset: number) =>
  machine.memory.get((machine.program?.labels[label] ?? 0) + offset, 32)
const isBusy = (machine: Machine, selector: number) =>
  (machine.memory.get((machine.program?.labels.gdt ?? 0) + selector + 5, 8) & 2) !== 0
const NT = 1 << 14

describe("a task switch", () => {
  test.each([
    ["jmp OTHER", `  jmp ${OTHER}:0`, "JMP"],
    ["call OTHER", `  call ${OTHER}:0`, "CALL"],
    ["jmp to a task gate", `  jmp ${TASK_GATE}:0`, "JMP"],
    ["call to a task gate", `  call ${TASK_GATE}:0`, "CALL"],
  ])("%s loads all registers from the TSS and sets CR0.TS", (_, lines, how) => {
    const machine = run({ lines })
    expect(machine.tasks).toEqual([{ is: "task", from: 0x48, to: OTHER, how }])
    expect(Array.from(machine.cpu.reg)).toEqual([
      0xa,
      0xc,
      0xd,
      0xb,
      machine.program?.labels.stack1,
      0xeb,
      0x51,
      0xd1,
    ])
    expect(machine.cpu.segments.selector[TR]).toBe(OTHER)
    expect(machine.cpu.readControl(0) & 8).toBe(8)
    expect(isBusy(machine, OTHER)).toBe(true)
  })

  test("saves the old task: its registers, and EIP behind the instruction", () => {
    const machine = run({ lines: `  jmp ${OTHER}:0\nback:` })
    expect(field(machine, "tss", 52)).toBe(0x1111)
    expect(field(machine, "tss", 32)).toBe(machine.program?.labels.back)
    expect(field(machine, "tss", 76) & 0xffff).toBe(8)
  })

  test("by JMP leaves the old task available and links nothing", () => {
    const machine = run({ lines: `  jmp ${OTHER}:0` })
    expect([isBusy(machine, 0x48), machine.cpu.flags.value & NT, field(machine, "other_tss", 0)]).toEqual([
      false,
      0,
      0,
    ])
  })

  test("by CALL nests: the old task stays busy, is linked, and NT is set; IRET goes back", () => {
    const machine = run({ lines: `  call ${OTHER}:0\n  mov ecx, 0x600d`, other: "  mov eax, 1\n  iretd" })
    expect(machine.tasks.map(({ how, to }) => [how, to])).toEqual([
      ["CALL", OTHER],
      ["IRET", 0x48],
    ])
    expect([machine.cpu.reg[1], machine.cpu.reg[3]]).toEqual([0x600d, 0x1111])
    expect([isBusy(machine, 0x48), isBusy(machine, OTHER), machine.cpu.flags.value & NT]).toEqual([
      true,
      false,
      0,
    ])
    expect(field(machine, "other_tss", 0)).toBe(0x48)
    expect(field(machine, "other_tss", 36) & NT).toBe(0)
  })

  test("goes on behind the IRET when the task is called again", () => {
    const lines = `  call ${OTHER}:0\n  call ${OTHER}:0`
    const machine = run({ lines, other: "  mov eax, 1\n  iretd\n  mov eax, 2\n  iretd" })
    expect(field(machine, "other_tss", 40)).toBe(2)
  })

  test("by a task gate of the IDT handles an interrupt; a fault's error code lies on the task's stack", () => {
    const machine = run({ gates: GATE_40, lines: "  int 0x40\n  mov ecx, 0x600d", other: "  iretd" })
    expect(machine.tasks.map(({ how }) => how)).toEqual(["gate", "IRET"])
    expect(machine.cpu.reg[1]).toBe(0x600d)
    const gate13 = GATE_40.replaceAll("0x40 * 8", "13 * 8")
    const fault = run({
      gates: gate13,
      lines: "at_fault: mov ax, 0x1230\n  mov ds, ax",
      other: "  pop ebp\n  hlt",
    })
    expect(fault.cpu.reg[5]).toBe(0x1230)
    expect(field(fault, "tss", 32)).toBe((fault.program?.labels.at_fault ?? 0) + 4)
    expect(field(fault, "tss", 36) & (1 << 16)).toBe(1 << 16)
  })

  test("can lead to another ring", () => {
    const fields = { cs: "CODE3", ss: "DATA3", esp: "stack3", ds: "DATA3", es: "DATA3" }
    const machine = pc().load(program({ lines: `  jmp ${OTHER}:0`, fields, other: "  jmp $" }))
    machine.run({ steps: 100 })
    expect([machine.cpu.cpl, machine.cpu.segments.selector[CS]]).toEqual([3, 0x3b])
  })

  test("can be stepped back: each frame is what the machine was", () => {
    const task = program({ lines: `  call ${OTHER}:0\n  mov ecx, 1`, other: "  iretd" })
    const recording = record(pc().load(task), { steps: 100 })
    const live = pc().load(task)
    const states = Array.from({ length: recording.steps }, () => {
      live.step()
      return Array.from(live.cpu.reg, (value) => value >>> 0)
    })
    for (let step = recording.steps; step > 0; step--)
      expect(
        recording
          .frame(step)
          .registers.slice(0, 8)
          .map(({ value }) => value),
      ).toEqual(states[step - 1])
    const sentences = states.map((_, n) => recording.frame(n + 1).sentence)
    expect(sentences.filter((sentence) => sentence.includes("switched to task"))).toHaveLength(2)
  })
})

describe("a task that cannot run", () => {
  /** EDX and EAX of the handler: vector and error code. */
  const faultOf = (task: Task) => {
    const { cpu } = run(task)
    return [cpu.reg[2], cpu.reg[0]]
  }
  const lines = `  jmp ${OTHER}:0`

  test.each<[string, Task, [number, number]]>([
    ["busy already", { lines, rights: "0x8b" }, [13, OTHER]],
    ["not present", { lines, rights: "0x09" }, [11, OTHER]],
    ["for an outer ring's use only by DPL, but RPL is 3", { lines: `  jmp ${OTHER | 3}:0` }, [13, OTHER]],
    [
      "back from nothing: IRET with NT and no busy link",
      { lines: "  pushfd\n  or word [esp], 0x4000\n  popfd\n  iretd" },
      [10, 0],
    ],
  ])("%s is the old task's fault", (_, task, fault) => {
    const machine = run(task)
    expect([machine.cpu.reg[2], machine.cpu.reg[0]]).toEqual(fault)
    expect(machine.cpu.segments.selector[TR]).toBe(0x48)
  })

  test.each<[string, Task["fields"], [number, number]]>([
    ["CS is data", { cs: "DATA3" }, [10, 0x40]],
    ["CS is null", { cs: "3" }, [10, 0]],
    ["SS is null", { cs: "CODE3", ss: "0" }, [10, 0]],
    ["SS of another ring", { cs: "CODE3", ss: "DATA0" }, [10, 0x10]],
    ["DS beyond the GDT", { cs: "CODE3", ss: "DATA3", ds: "0x1230" }, [10, 0x1230]],
    ["LDT that is none", { cs: "CODE3", ldt: "DATA0" }, [10, 0x10]],
  ])("with %s it faults in the new task", (_, fields, fault) => {
    const machine = run({ lines, fields })
    expect(machine.cpu.segments.selector[TR]).toBe(OTHER)
    expect(faultOf({ lines, fields })).toEqual(fault)
  })

  const gateAt = (vector: number) => GATE_40.replaceAll("0x40 * 8", `${vector} * 8`)
  const INNER = { cs: "CODE3", ss: "DATA3" }
  test.each<[string, Task["fields"], number, number]>([
    ["CS is null", { cs: "3" }, 10, 0],
    ["CS is data", { cs: "DATA3" }, 10, 0x40],
    ["CS beyond the GDT", { cs: "0x1233" }, 10, 0x1230],
    ["SS is null", { ...INNER, ss: "0" }, 10, 0],
    ["SS of another ring", { ...INNER, ss: "DATA0" }, 10, 0x10],
    ["SS beyond the GDT", { ...INNER, ss: "0x1233" }, 10, 0x1230],
    ["SS is not present", { ...INNER, ss: `${ABSENT | 3}` }, 12, ABSENT],
    ["DS beyond the GDT", { ...INNER, ds: "0x1230" }, 10, 0x1230],
    ["DS of an inner ring", { ...INNER, ds: "DATA0" }, 10, 0x10],
    ["DS is not present", { ...INNER, ds: `${ABSENT | 3}` }, 11, ABSENT],
    ["an LDT that is none", { ...INNER, ldt: "DATA0" }, 10, 0x10],
    ["an LDT in the LDT", { ...INNER, ldt: "4" }, 10, 4],
    ["EIP beyond the limit", { cs: `${SHORT_CODE}` }, 13, 0],
  ])("%s: EXT is set if an event led there that no instruction asked for", (_, fields, vector, code) => {
    expect(faultOf({ gates: gateAt(0x40), lines: "  int 0x40", fields })).toEqual([vector, code])
    expect(faultOf({ gates: gateAt(6), lines: "  ud2", fields })).toEqual([vector, code | 1])
  })

  test("whose EIP is beyond its limit has the error code on its stack already", () => {
    const machine = run({
      gates: `${gateAt(11)}
  mov eax, [idt + 13 * 8]
  mov edx, [idt + 13 * 8 + 4]
  mov [idt + 8 * 8], eax
  mov [idt + 8 * 8 + 4], edx`,
      lines: `  mov ax, ${ABSENT}\n  mov ds, ax`,
      fields: { cs: `${SHORT_CODE}` },
    })
    expect([machine.cpu.reg[0], field(machine, "stack1", -4)]).toEqual([0, ABSENT])
  })
})
