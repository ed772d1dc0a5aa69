/**
 * The world that each case of the QEMU comparison begins in: descriptor tables, task states, stacks, page tables, at fixed
 * places below 1 MiB, so that a report reads the same whatever cases are added. As assembly text, and as the pokes by
 * which a case differs from it.
 */

/** A doubleword at an address, written before the case begins. */
export type Poke = readonly [address: number, value: number]

/** Where things are, in linear addresses; without paging, and in the pages' identity mapping, physical ones too. */
export const AT = {
  cr0: 0x1000,
  cr4: 0x1004,
  gdtr: 0x1008,
  idtr: 0x1010,
  gdt: 0x5000,
  ldt: 0x5200,
  idt: 0x5300,
  taskA: 0x5600,
  taskB: 0x5800,
  task16: 0x5880,
  taskDouble: 0x5900,
  taskMonitor: 0x5980,
  taskFaults: 0x5a00,
  tasksEnd: 0x5c00,
  stacks: 0x7000,
  stubs: 0x8000,
  directory: 0x9000,
  table0: 0xa000,
  table1: 0xb000,
  case: 0x20000,
  data: 0x30000,
} as const

/** Bytes of a 32-bit task-state segment without an I/O permission bitmap. */
export const TASK_SIZE = 104
const STACK_BYTES = 0x100
/** The first address above a ring's stack, or above that of task B (4), of the 16-bit task (5), of the double-fault task (6). */
export const stackTop = (ring: number) => AT.stacks + STACK_BYTES * (ring + 1)

/** Rights of a descriptor: P, DPL, S and type in one byte. */
export const PRESENT = 0x80
export const rights = (type: number, dpl = 0) => PRESENT | (dpl << 5) | type
export const CODE_TYPE = 0x1b
export const CONFORMING_TYPE = 0x1f
export const DATA_TYPE = 0x13
/** Bits of a descriptor's second doubleword: G and D/B. */
export const BIG = 0x400000
export const GRANULAR = 0x800000

/** The two doublewords of a segment's descriptor. */
export function segment(base: number, limit: number, access: number, bits = 0): [number, number] {
  const low = ((base & 0xffff) << 16) | (limit & 0xffff)
  const high = (base & 0xff000000) | bits | (limit & 0xf0000) | (access << 8) | ((base >>> 16) & 0xff)
  return [low >>> 0, high >>> 0]
}

/** The two doublewords of a gate. */
export function gate(selector: number, offset: number, access: number, parameters = 0): [number, number] {
  const low = (selector << 16) | (offset & 0xffff)
  return [low >>> 0, ((offset & 0xffff0000) | (access << 8) | parameters) >>> 0]
}

const flat = (access: number) => segment(0, 0xfffff, access, BIG | GRANULAR)

/** Selectors, without RPL. A case may overwrite the descriptors from `SPARE` on. */
export const CODE = [0x08, 0x10, 0x18, 0x20] as const
export const DATA = [0x28, 0x30, 0x38, 0x40] as const
export const CONFORMING = [0x48, 0x50, 0x58, 0x60] as const
export const TASK_A = 0x68
export const TASK_B = 0x70
export const TASK_16 = 0x78
export const TASK_DOUBLE = 0x80
export const MONITOR = 0x88
export const LDT = 0x90
/** Tasks that handle #TS, #NP, #SS and #GP where no stack is left: a case may put them into the IDT. */
const FAULTS = [10, 11, 12, 13]
const FIRST_FAULT_TASK = 0x98
export const SPARE = 0x100
const GDT_ENTRIES = 64
const LDT_ENTRIES = 32

const TSS_TYPE = 0x9
const BUSY_TSS_TYPE = 0xb
const TSS16_TYPE = 0x1
const LDT_TYPE = 0x2
const RINGS = [0, 1, 2, 3]

function globalTable(): number[] {
  const rows: [number, number][] = [
    [0, 0],
    ...RINGS.map((ring) => flat(rights(CODE_TYPE, ring))),
    ...RINGS.map((ring) => flat(rights(DATA_TYPE, ring))),
    ...RINGS.map((ring) => flat(rights(CONFORMING_TYPE, ring))),
    segment(AT.taskA, TASK_SIZE - 1, rights(TSS_TYPE)),
    segment(AT.taskB, TASK_SIZE - 1, rights(TSS_TYPE)),
    segment(AT.task16, 43, rights(TSS16_TYPE)),
    segment(AT.taskDouble, TASK_SIZE - 1, rights(TSS_TYPE)),
    segment(AT.taskMonitor, TASK_SIZE - 1, rights(BUSY_TSS_TYPE)),
    segment(AT.ldt, LDT_ENTRIES * 8 - 1, rights(LDT_TYPE)),
    ...FAULTS.map((_, n) => segment(AT.taskFaults + 0x80 * n, TASK_SIZE - 1, rights(TSS_TYPE))),
  ]
  return padded(rows.flat(), GDT_ENTRIES * 2)
}

const padded = (words: readonly number[], length: number, filler = 0) => [
  ...words,
  ...new Array<number>(length - words.length).fill(filler),
]

/** Selector of a ring's segment, with RPL. */
export const code = (ring: number) => CODE[ring] | ring
export const data = (ring: number) => DATA[ring] | ring

export const INTERRUPT_GATE = 0xe
export const TRAP_GATE = 0xf
export const INTERRUPT_GATE_16 = 6
export const TRAP_GATE_16 = 7
export const TASK_GATE = 5
/** The handler of a vector: a stub that goes to the monitor. */
export const stub = (vector: number) => AT.stubs + 2 * vector
/** Entries of the IDT. */
const VECTORS = 0x60
const MONITOR_VECTOR = 0x5e
/** A vector that every ring may use, to say that it got so far. */
export const REACHED = 0x58

function interruptTable(): number[] {
  const words = Array.from({ length: VECTORS }, (_, vector) =>
    gate(CODE[0], stub(vector), rights(INTERRUPT_GATE, vector === REACHED ? 3 : 0)),
  )
  words[8] = gate(TASK_DOUBLE, 0, rights(TASK_GATE)) // a double fault is told even where no stack is left
  words[MONITOR_VECTOR] = gate(MONITOR, 0, rights(TASK_GATE, 3))
  return words.flat()
}

/** Fields of a 32-bit task state by name: their offsets. */
export const FIELD = {
  link: 0,
  esp0: 4,
  ss0: 8,
  esp1: 12,
  ss1: 16,
  esp2: 20,
  ss2: 24,
  cr3: 28,
  eip: 32,
  eflags: 36,
  eax: 40,
  ecx: 44,
  edx: 48,
  ebx: 52,
  esp: 56,
  ebp: 60,
  esi: 64,
  edi: 68,
  es: 72,
  cs: 76,
  ss: 80,
  ds: 84,
  fs: 88,
  gs: 92,
  ldt: 96,
  trap: 100,
} as const
export type Field = keyof typeof FIELD

type TaskState = Partial<Record<Field, number>>

/** Registers that a case begins with: numbers that are not met by chance. */
const GENERAL: TaskState = { eax: 0xa, ecx: 0xc, edx: 0xd, ebx: 0xb, ebp: 0xeb, esi: 0x51, edi: 0xd1 }
const INNER_STACKS: TaskState = {
  esp0: stackTop(0),
  ss0: DATA[0],
  esp1: stackTop(1),
  ss1: DATA[1] | 1,
  esp2: stackTop(2),
  ss2: DATA[2] | 2,
}

/** Where a case runs in a ring: its segments and stack. */
export function inRing(ring: number): TaskState {
  const segments = { ss: data(ring), ds: data(ring), es: data(ring), fs: 0, gs: 0 }
  return { cs: code(ring), esp: stackTop(ring), ...segments }
}

function task(state: TaskState, size: number): number[] {
  const words = new Array<number>(size / 4).fill(0)
  for (const [name, value] of Object.entries(state)) words[FIELD[name as Field] / 4] = value
  words[25] |= 0xffff0000 // no I/O permission bitmap
  return words.map((word) => word >>> 0)
}

/** The 16-bit task: link, three stacks, IP, FLAGS, eight registers, four segments, LDT. */
function task16(): number[] {
  const stacks = RINGS.slice(0, 3).flatMap((ring) => [stackTop(ring), data(ring)])
  const registers = [0xa16, 0xc16, 0xd16, 0xb16, stackTop(5), 0xeb16, 0x5116, 0xd116]
  const words = [0, ...stacks, stub(REACHED + 2), 2, ...registers, DATA[0], CODE[0], DATA[0], DATA[0], 0]
  return Array.from({ length: words.length / 2 }, (_, n) => (words[2 * n] | (words[2 * n + 1] << 16)) >>> 0)
}

function tasks(): number[] {
  const common = { cr3: AT.directory, eflags: 2 }
  return [
    ...task({ ...common, ...INNER_STACKS, ...GENERAL, ...inRing(0), eip: AT.case }, AT.taskB - AT.taskA),
    ...task(
      { ...common, ...INNER_STACKS, ...inRing(0), esp: stackTop(4), eip: stub(REACHED + 1), eax: 0xb0b },
      AT.task16 - AT.taskB,
    ),
    ...padded(task16(), (AT.taskDouble - AT.task16) / 4),
    ...task({ ...common, ...inRing(0), esp: stackTop(6), eip: stub(8) }, AT.taskMonitor - AT.taskDouble),
    ...task({ cr3: 0xd000 }, AT.taskFaults - AT.taskMonitor),
    ...FAULTS.flatMap((vector) =>
      task({ ...common, ...inRing(0), esp: stackTop(6), eip: stub(vector) }, 0x80),
    ),
  ]
}

const EMPTY_STACK = 0xeeeeeeee
const ENTRY = { present: 1, writable: 2, user: 4, accessed: 0x20, dirty: 0x40, big: 0x80, global: 0x100 }
export const PAGE = ENTRY
const OPEN = ENTRY.present | ENTRY.writable | ENTRY.user | ENTRY.accessed | ENTRY.dirty
/** Entries that the report watches: of the identity mapping's table, and of the others. */
const WATCHED_ENTRIES = 64
const FEW = 8

/** Linear 0-3FFFFh are mapped where they are, for all; what lies at 400000h and above is the case's to map. */
function pages(): [number, number[]][] {
  const identity = Array.from({ length: WATCHED_ENTRIES }, (_, page) => (page << 12) | OPEN)
  return [
    [AT.directory, padded([AT.table0 | OPEN], FEW)],
    [AT.table0, identity],
    [AT.table1, padded([], FEW)],
  ]
}

/** What is at which address when a case begins. */
function ranges(): [number, number[]][] {
  const tables = [...globalTable(), ...padded([], LDT_ENTRIES * 2), ...interruptTable()]
  const stacks = new Array<number>((stackTop(6) - AT.stacks) / 4).fill(EMPTY_STACK)
  const registers = [
    0x11,
    0,
    (GDT_ENTRIES * 8 - 1) | (AT.gdt << 16),
    AT.gdt >>> 16,
    (VECTORS * 8 - 1) | (AT.idt << 16),
    0,
  ]
  return [
    [AT.cr0, registers.map((word) => word >>> 0)],
    [AT.gdt, [...tables, ...tasks()]],
    [AT.stacks, stacks],
    ...pages(),
    [AT.data, padded([], 16)],
  ]
}

/** Writes an entry of the IDT. */
export const gateAt = (vector: number, [low, high]: readonly [number, number]): Poke[] => [
  [AT.idt + 8 * vector, low],
  [AT.idt + 8 * vector + 4, high],
]
/** Writes a descriptor into the GDT, or with TI set into the LDT. */
export function descriptorAt(selector: number, [low, high]: readonly [number, number]): Poke[] {
  const at = (selector & 4 ? AT.ldt : AT.gdt) + (selector & 0xfff8)
  return [
    [at, low],
    [at + 4, high],
  ]
}
/** Task gates for the faults that a bad stack or a bad task makes. */
export const faultTasks = (): Poke[] =>
  FAULTS.flatMap((vector, n) => gateAt(vector, gate(FIRST_FAULT_TASK + 8 * n, 0, rights(TASK_GATE))))
/** Flat, of a type: 10h and up are code and data. */
export const flatOf = (type: number, dpl = 0, present = true): [number, number] =>
  flat(rights(type, dpl) & (present ? 0xff : 0x7f))

const equ = (name: string, value: number) => `${name} equ 0x${value.toString(16)}`

/** Names that the monitor and the cases use. */
export function names(): string {
  const lists = { CODE, DATA, CONFORMING }
  const byRing = Object.entries(lists).flatMap(([name, list]) =>
    list.map((selector, ring) => equ(`${name}${ring}`, selector | ring)),
  )
  return [
    ...byRing,
    equ("TASK_A", TASK_A),
    equ("MONITOR_TASK", MONITOR),
    equ("GDT", AT.gdt),
    equ("GDT_LIMIT", GDT_ENTRIES * 8 - 1),
    equ("GDT_REGISTER", AT.gdtr),
    equ("IDT_REGISTER", AT.idtr),
    equ("CASE_CR0", AT.cr0),
    equ("CASE_CR4", AT.cr4),
    equ("CASE", AT.case),
    equ("STUBS", AT.stubs),
    equ("STUBS_SIZE", VECTORS * 2),
    equ("STUB", 0xcd | (MONITOR_VECTOR << 8)),
    equ("TASK_SIZE", TASK_SIZE),
    equ("TASK_M_STATE", AT.taskMonitor),
  ].join("\n")
}

const words = (list: readonly number[]) =>
  Array.from(
    { length: Math.ceil(list.length / 16) },
    (_, n) =>
      `  dd ${list
        .slice(16 * n, 16 * n + 16)
        .map((word) => `0x${word.toString(16)}`)
        .join(", ")}`,
  ).join("\n")

/** The world as data of the image, with the list of its parts. */
export function world(): string {
  const all = ranges()
  const list = all.map(([at, content], n) => `  dd 0x${at.toString(16)}, ${content.length}, world_${n}`)
  const parts = all.map(([, content], n) => `world_${n}:\n${words(content)}`)
  return ["align 4", "ranges:", ...list, "ranges_end:", ...parts].join("\n")
}
