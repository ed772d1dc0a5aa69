/**
 * The small world that instructions are tried in: 64 KiB, mapped one to one, with every kind of descriptor and two
 * copies of each table. Accessed, dirty and busy bits are set beforehand, so that nothing changes by accident.
 * @see SDM Vol. 3A §3.5 "System Descriptor Types", §6.11 "IDT Descriptors", §7.2 "Task Management Data Structures"
 */
import { BIG, GRANULAR, NOT_SYSTEM, PRESENT_BIT } from "../../machine/processor/descriptors"

/** Bytes of the world, from address 0; all but the last page is mapped one to one. */
export const WORLD_SIZE = 0x1_1000
export const MAPPED_PAGES = 16
/** Page directories: the page table of each follows it. */
export const PAGES = [0x1000, 0x3000] as const
export const GDTS = [0x5000, 0x6000] as const
export const LDTS = [0x5400, 0x6400] as const
export const IDTS = [0x7000, 0x8000] as const
export const TASKS = [0x9000, 0x9200] as const
const OTHER_TASK = 0x9400
const LINKED_TASK = 0x9600
const LOADED_TASK = 0x9800
const SMALL_TASK = 0x9a00
/** Instructions to try stand here. */
export const CODE = 0xa000
const HANDLERS = 0xb000
/** Where addresses in registers point, and the top of the stack. */
export const DATA = 0xc800
export const STACK = 0xd800
const INNER_STACKS = 0xe800
/** This page's translation in the TLB is older than the page tables: as long as it is used, the mapping is as it was. */
export const STALE = 0xf000
/** Physical address that the stale translation leads to, and the one that the tables name. */
export const STALE_FRAME = 0x1_0000
const PRESENT_WRITABLE_USER_USED = 0x67

const CODE_TYPE = 0xb
const DATA_TYPE = 0x3
const SEGMENT = PRESENT_BIT | NOT_SYSTEM
const FLAT = BIG | GRANULAR

/** One entry of a GDT, LDT or IDT: two doublewords. */
type Entry = readonly [low: number, high: number]

const segment = (base: number, limit: number, access: number): Entry => [
  (limit & 0xffff) | (base << 16),
  ((base >>> 16) & 0xff) | (access << 8) | (limit & 0xf_0000) | (base & 0xff00_0000),
]
const flat = (type: number, dpl: number): Entry => segment(0, 0xf_ffff, SEGMENT | FLAT | type | (dpl << 5))
const system = (base: number, limit: number, type: number, dpl = 0): Entry =>
  segment(base, limit, PRESENT_BIT | type | (dpl << 5))
const gate = (selector: number, offset: number, type: number, dpl: number): Entry => [
  (selector << 16) | (offset & 0xffff),
  (offset & 0xffff_0000) | ((PRESENT_BIT | type | (dpl << 5)) << 8),
]

const RINGS = [0, 1, 2, 3]
export const codeSelector = (ring: number) => ((1 + ring) << 3) | ring
export const dataSelector = (ring: number) => ((5 + ring) << 3) | ring
/** Selectors of the two equal tasks, and of the two equal LDTs. */
export const TASK_SELECTORS = [9 << 3, 10 << 3] as const
export const LDT_SELECTORS = [13 << 3, 14 << 3] as const
const OTHER_TASK_SELECTOR = 11 << 3
const LINKED_SELECTOR = 12 << 3
const CONFORMING_SELECTOR = 18 << 3
const LOADED_SELECTOR = 28 << 3
/** Selectors by which a transfer does more than jump: conforming code, call gates, a task gate. */
export const ODD_SELECTORS = [
  CONFORMING_SELECTOR,
  19 << 3,
  15 << 3,
  17 << 3,
  25 << 3,
  LOADED_SELECTOR,
  LDT_SELECTORS[1],
] as const
/** Selectors of what LTR and LLDT load. */
export const SYSTEM_SELECTORS = [LOADED_SELECTOR, OTHER_TASK_SELECTOR, ...LDT_SELECTORS] as const
export const TASK_LIMIT = 103
const TSS_AVAILABLE = 9
const TSS_BUSY = 0xb
const LDT_TYPE = 2
const CALL_GATE = 0xc
const TASK_GATE = 5

const RING_SEGMENTS: readonly Entry[] = [
  ...RINGS.map((ring) => flat(CODE_TYPE, ring)),
  ...RINGS.map((ring) => flat(DATA_TYPE, ring)),
]
/** Segments beyond the plain ones: conforming code, read-only and expand-down data, and so on. */
const ODD_SEGMENTS: readonly Entry[] = [
  flat(CODE_TYPE | 4, 0),
  flat(CODE_TYPE | 4, 3),
  flat(1, 3),
  segment(0, 0xf, SEGMENT | FLAT | 7 | (3 << 5)),
  flat(CODE_TYPE & ~2, 3),
  segment(0, 0xf_ffff, (SEGMENT & ~PRESENT_BIT) | FLAT | DATA_TYPE | (3 << 5)),
  segment(0, 0xf_ffff, (SEGMENT & ~PRESENT_BIT) | FLAT | CODE_TYPE | (3 << 5)),
]

/** The GDT, the same in both copies. */
const GDT: readonly Entry[] = [
  [0, 0],
  ...RING_SEGMENTS,
  system(TASKS[0], TASK_LIMIT, TSS_BUSY),
  system(TASKS[1], TASK_LIMIT, TSS_BUSY),
  system(OTHER_TASK, TASK_LIMIT, TSS_AVAILABLE, 3),
  system(LINKED_TASK, TASK_LIMIT, TSS_BUSY),
  system(LDTS[0], 0xff, LDT_TYPE),
  system(LDTS[1], 0xff, LDT_TYPE),
  gate(codeSelector(0), HANDLERS, CALL_GATE, 3),
  gate(codeSelector(0), HANDLERS, CALL_GATE, 0),
  gate(CONFORMING_SELECTOR, HANDLERS, CALL_GATE, 3),
  ...ODD_SEGMENTS,
  gate(OTHER_TASK_SELECTOR, 0, TASK_GATE, 3),
  gate(OTHER_TASK_SELECTOR, 0, TASK_GATE, 0),
  gate(codeSelector(0), HANDLERS, 4, 3),
  system(LOADED_TASK, TASK_LIMIT, TSS_AVAILABLE),
  segment(0, 0xff, SEGMENT | BIG | DATA_TYPE | (3 << 5)),
  system(SMALL_TASK, 43, 1, 3),
]
const LDT: readonly Entry[] = [
  ...RING_SEGMENTS,
  ...ODD_SEGMENTS,
  gate(codeSelector(0), HANDLERS, CALL_GATE, 3),
  gate(codeSelector(0), HANDLERS, CALL_GATE, 0),
  gate(OTHER_TASK_SELECTOR, 0, TASK_GATE, 3),
]

/** Vectors that programs may use by INT n, and what is behind each. */
const INTERRUPT_GATE = 0xe
const TRAP_GATE = 0xf
const VECTORS = 0x40
const OPEN_GATES: Readonly<Record<number, Entry>> = {
  3: gate(codeSelector(0), HANDLERS + 3, INTERRUPT_GATE, 3),
  4: gate(codeSelector(0), HANDLERS + 4, INTERRUPT_GATE, 3),
  32: gate(codeSelector(0), HANDLERS + 32, INTERRUPT_GATE, 3),
  33: gate(codeSelector(0), HANDLERS + 33, TRAP_GATE, 3),
  34: gate(CONFORMING_SELECTOR, HANDLERS + 34, TRAP_GATE, 3),
  35: gate(OTHER_TASK_SELECTOR, 0, TASK_GATE, 3),
  36: gate(codeSelector(0), HANDLERS + 36, 6, 3),
}
const IDT: readonly Entry[] = Array.from(
  { length: VECTORS },
  (_, vector) => OPEN_GATES[vector] ?? gate(codeSelector(0), HANDLERS + vector, INTERRUPT_GATE, 0),
)
/** Vectors worth trying by INT n. */
export const INTERESTING_VECTORS: readonly number[] = [...Object.keys(OPEN_GATES).map(Number), 13, 48, 200]

export const GDT_LIMIT = GDT.length * 8 - 1
export const IDT_LIMIT = IDT.length * 8 - 1
export const GDT_ENTRIES = GDT.length
export const LDT_ENTRIES = LDT.length

/** A task in ring 3; its stacks for inner rings are in one page. No I/O permission bitmap: all ports are closed. */
function task(at: number, world: DataView, pages: number): void {
  const put = (offset: number, value: number) => world.setUint32(at + offset, value, true)
  put(0, LINKED_SELECTOR)
  for (const ring of [0, 1, 2]) {
    put(4 + 8 * ring, INNER_STACKS + 0x100 * ring)
    put(8 + 8 * ring, dataSelector(ring))
  }
  put(28, pages)
  put(32, HANDLERS)
  put(36, 2)
  put(56, STACK)
  for (const [n, selector] of [3, 0, 3, 3, 3, 3].entries())
    put(72 + 4 * n, n === 1 ? codeSelector(3) : dataSelector(selector))
  put(96, LDT_SELECTORS[0])
  put(100, 104 << 16)
}

function smallTask(at: number, world: DataView): void {
  const put = (offset: number, value: number) => world.setUint16(at + offset, value, true)
  put(14, HANDLERS)
  put(16, 2)
  put(26, STACK)
  for (const [offset, selector] of [
    [34, dataSelector(3)],
    [36, codeSelector(3)],
    [38, dataSelector(3)],
    [40, dataSelector(3)],
    [42, LDT_SELECTORS[0]],
  ])
    put(offset, selector)
}

function table(at: number, entries: readonly Entry[], world: DataView): void {
  for (const [n, [low, high]] of entries.entries()) {
    world.setInt32(at + 8 * n, low, true)
    world.setInt32(at + 8 * n + 4, high, true)
  }
}

function pageTables(at: number, world: DataView): void {
  world.setUint32(at, (at + 0x1000) | PRESENT_WRITABLE_USER_USED, true)
  for (let page = 1; page < MAPPED_PAGES; page++)
    world.setUint32(at + 0x1000 + 4 * page, (page << 12) | PRESENT_WRITABLE_USER_USED, true)
}

const HLT = 0xf4

/** The bytes of the world. */
export function makeWorld(): Uint8Array {
  const bytes = new Uint8Array(WORLD_SIZE)
  const world = new DataView(bytes.buffer)
  for (const copy of [0, 1] as const) {
    pageTables(PAGES[copy], world)
    table(GDTS[copy], GDT, world)
    table(LDTS[copy], LDT, world)
    table(IDTS[copy], IDT, world)
    task(TASKS[copy], world, PAGES[0])
  }
  for (const at of [OTHER_TASK, LINKED_TASK, LOADED_TASK]) task(at, world, PAGES[0])
  smallTask(SMALL_TASK, world)
  bytes.fill(HLT, HANDLERS, HANDLERS + VECTORS)
  return bytes
}

/** Where the page tables of a copy name the stale page's frame. */
export const staleEntry = (copy: 0 | 1) => PAGES[copy] + 0x1000 + 4 * (STALE >>> 12)
export const entryOf = (frame: number) => frame | PRESENT_WRITABLE_USER_USED
