/** Task switches: by JMP, CALL, gates and IRET, to tasks that are fine and to tasks that are not. */
import type { Case } from "../case"
import * as W from "../world"

const hex = (value: number) => `0x${value.toString(16)}`
const B = W.TASK_B
const GATE = W.SPARE
const VECTOR = 0x40
const field = (name: W.Field, value: number): W.Poke => [W.AT.taskB + W.FIELD[name], value]
const TO_B = [
  ...W.gateAt(VECTOR, W.gate(B, 0, W.rights(W.TASK_GATE, 3))),
  ...W.descriptorAt(GATE, W.gate(B, 0, W.rights(W.TASK_GATE, 3))),
]
const WAYS = {
  "JMP to the TSS": `jmp ${hex(B)}:0x1234`,
  "CALL to the TSS": `call ${hex(B)}:0x1234`,
  "JMP to a task gate": `jmp ${hex(GATE | 3)}:0`,
  "CALL to a task gate": `call ${hex(GATE | 3)}:0`,
  "INT through a task gate": "int 0x40",
}
/** IRET with NT goes to the task that the link names. */
const IRET = "  pushfd\n  or dword [esp], 0x4000\n  popfd\n  iretd"
const busyB = W.descriptorAt(B, W.segment(W.AT.taskB, 103, 0x8b))
const linkToB: W.Poke = [W.AT.taskA, B]

/** Each way, from ring 0 and, where the DPL allows, from ring 3; what follows the instruction is where a nested task goes back to. */
function ways(): Case[] {
  return Object.entries(WAYS).flatMap(([way, code]) =>
    [0, 3].map(
      (ring): Case => ({
        name: `${way} from ring ${ring}`,
        ring,
        state: { eflags: 0x8d7 & ~0x100 },
        pokes: TO_B,
        code: `  ${code}\n  int 0x58`,
      }),
    ),
  )
}

/** There and back again. */
function nested(): Case[] {
  const other = W.AT.case + 0x80
  const back = `  times 0x80 - ($ - .begin_of_case) nop\n  mov ecx, 0x5555\n  iretd\n  mov edx, 0x6666\n  iretd`
  return Object.entries(WAYS)
    .filter(([way]) => !way.startsWith("JMP"))
    .map(
      ([way, code]): Case => ({
        name: `${way} and IRET, twice`,
        pokes: [...TO_B, field("eip", other)],
        code: `  ${code}\n  ${code}\n  int 0x58\n${back}`,
      }),
    )
}

/** By IRET: the link must name a busy TSS. */
function returns(): Case[] {
  const links: Record<string, W.Poke[]> = {
    "a busy TSS": [linkToB, ...busyB],
    "an available TSS": [linkToB],
    nothing: [[W.AT.taskA, 0]],
    "the LDT": [[W.AT.taskA, 0x14]],
    "beyond the GDT": [[W.AT.taskA, 0x200]],
    code: [[W.AT.taskA, W.CODE[0]]],
    "a busy TSS that is not present": [linkToB, ...W.descriptorAt(B, W.segment(W.AT.taskB, 103, 0x0b))],
    "a busy TSS that is too short": [linkToB, ...W.descriptorAt(B, W.segment(W.AT.taskB, 102, 0x8b))],
    "a busy TSS of DPL 0 with RPL 3": [[W.AT.taskA, B | 3], ...busyB],
    "a busy 16-bit TSS": [
      [W.AT.taskA, W.TASK_16],
      ...W.descriptorAt(W.TASK_16, W.segment(W.AT.task16, 43, 0x83)),
    ],
  }
  return Object.entries(links).flatMap(([what, pokes]) =>
    [0, 3].map(
      (ring): Case => ({
        name: `IRET with NT in ring ${ring}: the link names ${what}`,
        ring,
        pokes,
        code: IRET,
      }),
    ),
  )
}

/** DPL of TSS and gate against CPL and RPL. */
function levels(): Case[] {
  const rings = [0, 1, 2, 3]
  return rings.flatMap((ring) =>
    rings.flatMap((dpl) =>
      [0, 3].flatMap((rpl): Case[] => [
        {
          name: `CALL from ring ${ring} to a TSS of DPL ${dpl} with RPL ${rpl}`,
          ring,
          pokes: W.descriptorAt(B, W.segment(W.AT.taskB, 103, W.rights(9, dpl))),
          code: `  call ${hex(B | rpl)}:0`,
        },
        {
          name: `JMP from ring ${ring} to a task gate of DPL ${dpl} with RPL ${rpl}`,
          ring,
          pokes: W.descriptorAt(GATE, W.gate(B, 0, W.rights(W.TASK_GATE, dpl))),
          code: `  jmp ${hex(GATE | rpl)}:0`,
        },
      ]),
    ),
  )
}

/** The TSS itself is wrong: the old task faults. */
function wrongTss(): Case[] {
  const wrong: Record<string, W.Poke[]> = {
    busy: busyB,
    "not present": W.descriptorAt(B, W.segment(W.AT.taskB, 103, 0x09)),
    "too short": W.descriptorAt(B, W.segment(W.AT.taskB, 102, 0x89)),
    "too short for 16 bits": W.descriptorAt(B, W.segment(W.AT.taskB, 42, 0x81)),
    "a gate to the LDT": W.descriptorAt(GATE, W.gate(0x14, 0, 0xe5)),
    "a gate to nothing": W.descriptorAt(GATE, W.gate(0, 0, 0xe5)),
    "a gate beyond the GDT": W.descriptorAt(GATE, W.gate(0x200, 0, 0xe5)),
    "a gate to data": W.descriptorAt(GATE, W.gate(W.DATA[0], 0, 0xe5)),
    "a gate that is not present": W.descriptorAt(GATE, W.gate(B, 0, 0x65)),
  }
  return Object.entries(wrong).flatMap(([what, pokes]) =>
    ["jmp", "call"].map(
      (name): Case => ({
        name: `${name} to a TSS: ${what}`,
        pokes: [...TO_B, ...pokes],
        code: `  ${name} ${hex(what.startsWith("a gate") ? GATE : B)}:0`,
      }),
    ),
  )
}

/** The state of the new task is wrong: it faults itself. */
function wrongState(): Case[] {
  const spare = GATE + 8
  const at = (descriptor: [number, number]) => W.descriptorAt(spare, descriptor)
  const wrong: Record<string, W.Poke[]> = {
    "the LDT is data": [field("ldt", W.DATA[0])],
    "the LDT is not present": [field("ldt", spare), ...at(W.segment(W.AT.ldt, 0xff, 0x02))],
    "the LDT is in the LDT": [field("ldt", 0x14)],
    "the LDT is beyond the GDT": [field("ldt", 0x200)],
    "a good LDT": [field("ldt", W.LDT), field("gs", 0x14), ...W.descriptorAt(0x14, W.flatOf(W.DATA_TYPE))],
    "CS is null": [field("cs", 0)],
    "CS is beyond the GDT": [field("cs", 0x200)],
    "CS is data": [field("cs", W.DATA[0])],
    "CS is not present": [field("cs", spare), ...at(W.flatOf(W.CODE_TYPE, 0, false))],
    "CS has RPL 3, DPL 0": [field("cs", W.CODE[0] | 3), field("ss", W.data(3))],
    "CS has RPL 0, DPL 3": [field("cs", W.CODE[3])],
    "CS is conforming of DPL 0, RPL 3": [
      field("cs", W.CONFORMING[0] | 3),
      field("ss", W.data(3)),
      field("ds", 0),
      field("es", 0),
    ],
    "CS is conforming of DPL 3, RPL 0": [field("cs", W.CONFORMING[3])],
    "SS is null": [field("ss", 0)],
    "SS is of ring 3": [field("ss", W.data(3))],
    "SS has RPL 3": [field("ss", W.DATA[0] | 3)],
    "SS is code": [field("ss", W.CODE[0])],
    "SS is read-only": [field("ss", spare), ...at(W.flatOf(0x11))],
    "SS is not present": [field("ss", spare), ...at(W.flatOf(W.DATA_TYPE, 0, false))],
    "SS is beyond the GDT": [field("ss", 0x200)],
    "DS is null": [field("ds", 0)],
    "DS is beyond the GDT": [field("ds", 0x200)],
    "DS is execute-only code": [field("ds", spare), ...at(W.flatOf(0x19))],
    "DS is a TSS": [field("ds", W.TASK_A)],
    "ES is not present": [field("es", spare), ...at(W.flatOf(W.DATA_TYPE, 0, false))],
    "FS has RPL 3, DPL 0": [field("fs", W.DATA[0] | 3)],
    "GS is conforming code with RPL 3": [field("gs", W.CONFORMING[0] | 3)],
    "ring 3": [
      field("cs", W.code(3)),
      field("ss", W.data(3)),
      field("esp", W.stackTop(4)),
      field("ds", 0),
      field("es", 0),
    ],
    "ring 3 with DS of ring 0": [field("cs", W.code(3)), field("ss", W.data(3))],
    "flags that do not exist": [field("eflags", 0xffc08028)],
    "flags all that exist, without TF and VM": [field("eflags", 0x244ed7 & ~0x100)],
    "virtual-8086 mode": [
      field("eflags", 0x23002),
      field("cs", 0x2000),
      field("eip", 0x40),
      field("ss", 0x700),
      field("esp", 0x500),
      field("ds", 0x1111),
      field("es", 0x2222),
      field("fs", 0x3333),
      field("gs", 0x4444),
    ],
  }
  return Object.entries(wrong).flatMap(([what, pokes]) =>
    ["jmp", "call"].map(
      (name): Case => ({
        name: `${name} to a task: ${what}`,
        pokes: [...W.faultTasks(), ...pokes],
        code: `  ${name} ${hex(B)}:0\n  int 0x58`,
      }),
    ),
  )
}

/** 16-bit tasks. */
function narrow(): Case[] {
  return ["jmp", "call"].flatMap((name): Case[] => [
    { name: `${name} to a 16-bit TSS`, code: `  ${name} ${hex(W.TASK_16)}:0\n  int 0x58` },
    {
      name: `${name} from ring 3 to a 16-bit TSS`,
      ring: 3,
      pokes: W.descriptorAt(W.TASK_16, W.segment(W.AT.task16, 43, 0xe1)),
      code: `  ${name} ${hex(W.TASK_16 | 3)}:0\n  int 0x58`,
    },
  ])
}

/** Exceptions through a task gate: the error code lies on the new task's stack. */
function exceptions(): Case[] {
  const causes: Record<string, [number, string]> = {
    DE: [0, "sub ecx, ecx\n  div ecx"],
    UD: [6, "ud2"],
    NP: [11, "mov eax, 0x100\n  mov ds, ax"],
    GP: [13, "mov eax, 0x200\n  mov ds, ax"],
    BP: [3, "int3"],
  }
  return Object.entries(causes).flatMap(([cause, [vector, code]]) =>
    [0, 3].map(
      (ring): Case => ({
        name: `${cause} in ring ${ring} through a task gate`,
        ring,
        pokes: [
          ...W.gateAt(vector, W.gate(B, 0, W.rights(W.TASK_GATE, 3))),
          ...W.descriptorAt(GATE, W.flatOf(W.DATA_TYPE, 3, false)),
        ],
        code: `  ${code}`,
      }),
    ),
  )
}

/** What a switch does to other registers. */
function others(): Case[] {
  return [
    {
      name: "CR0.TS is set by a switch",
      pokes: TO_B,
      code: `  clts\n  call ${hex(B)}:0\n  mov eax, cr0\n  int 0x58\n  times 0x80 - ($ - .begin_of_case) nop\n  iretd`,
      state: {},
    },
    {
      name: "local breakpoints are switched off",
      pokes: [...TO_B, field("eip", W.AT.case + 0x80)],
      code: `  mov eax, 0x55\n  mov dr7, eax\n  call ${hex(B)}:0\n  times 0x80 - ($ - .begin_of_case) nop\n  mov eax, dr7\n  int 0x58`,
    },
    {
      name: "the T bit traps before the first instruction",
      pokes: [...TO_B, field("trap", 0xffff0001)],
      code: `  jmp ${hex(B)}:0`,
    },
    { name: "a task that calls itself", code: `  call ${hex(W.TASK_A)}:0` },
    { name: "a task that jumps to itself", code: `  jmp ${hex(W.TASK_A)}:0` },
  ]
}

export const tasks = (): Case[] => [
  ...ways(),
  ...nested(),
  ...returns(),
  ...levels(),
  ...wrongTss(),
  ...wrongState(),
  ...narrow(),
  ...exceptions(),
  ...others(),
]
