/** Seeded states: what registers, flags, the stack and memory may hold when an instruction begins. */
import { AC, CF, DF, ID, IF, NT, OF, PF, SF, TF, ZF } from "../../isa/eflags"
import type { OperandType, Row } from "../../isa/notation"
import { CR0, CR4 } from "../../machine/processor/control"
import type { Random } from "../../numbers/random"
import type { Conditions, Copy, Situation } from "../classification"
import {
  CODE,
  codeSelector,
  DATA,
  dataSelector,
  GDT_ENTRIES,
  INTERESTING_VECTORS,
  LDT_ENTRIES,
  ODD_SELECTORS,
  PAGES,
  STACK,
  STALE,
  SYSTEM_SELECTORS,
} from "./world"

export const INITIAL_CR0 = CR0.PE | CR0.PG | CR0.ET | CR0.WP
const MODEL_SPECIFIC = [0x10, 0x8b, 0x174, 0x175, 0x176]

/** A way to choose a number. */
type Choice = (random: Random) => number

const someRing: Choice = (random) => random.below(4)
const anything: Choice = (random) => random.below(2 ** 32) | 0

/** Entries of GDT or LDT with any RPL; the supervisor's, and those that few instructions take, more often than others. */
const SELECTORS: readonly Choice[] = [
  (random) => codeSelector(someRing(random)),
  (random) => dataSelector(someRing(random)),
  () => dataSelector(0),
  (random) => (random.below(LDT_ENTRIES) << 3) | 4 | someRing(random),
  (random) => random.pick(ODD_SELECTORS) | someRing(random),
  (random) => random.pick(ODD_SELECTORS) | someRing(random),
  (random) => random.pick(SYSTEM_SELECTORS) | someRing(random),
  (random) => (random.below(GDT_ENTRIES + 1) << 3) | someRing(random),
]
const someSelector: Choice = (random) => random.pick(SELECTORS)(random)

/** Where a far transfer may go: often to an odd entry, or to a ring's plain code. */
const TARGETS: readonly Choice[] = [
  (random) => random.pick(ODD_SELECTORS) | someRing(random),
  (random) => random.pick(ODD_SELECTORS) | someRing(random),
  (random) => codeSelector(someRing(random)),
  someSelector,
]
export const someTarget: Choice = (random) => random.pick(TARGETS)(random)

const somePort: Choice = (random) => random.pick([0x20, 0x60, 0x3f8, random.below(0x1_0000)])

/** An immediate byte that makes sense for the instruction. */
export function someImmediate({ name }: Row, random: Random): number {
  if (name === "INT") return random.pick(INTERESTING_VECTORS)
  if (name === "ENTER") return random.below(3)
  return random.below(256)
}

/** An immediate word that makes sense for the instruction: RETF n finds the outer stack only where its caller left it. */
export function someWord({ name }: Row, random: Random): number {
  if (name === "ENTER") return random.below(16) * 4
  return name.startsWith("RET") ? random.below(2) * random.below(16) * 4 : somePort(random)
}

const SOME_FLAGS = CF | PF | ZF | SF | OF | DF | IF | ID

/** A picture of EFLAGS, as a program might pop it. */
const flagsImage: Choice = (random) =>
  2 | (random.below(2 ** 22) & (SOME_FLAGS | AC)) | (random.below(4) << 12) | (random.below(8) === 0 ? NT : 0)

const someAddress: Choice = (random) => random.pick([DATA, DATA, DATA + 4 * random.below(8), STACK, STALE])

const controlImage: Choice = (random) =>
  random.pick([
    INITIAL_CR0,
    INITIAL_CR0 ^ CR0.TS,
    INITIAL_CR0 ^ CR0.WP,
    INITIAL_CR0 | CR0.EM | CR0.MP,
    PAGES[0],
    PAGES[1],
    CR4.DE,
    CR4.PGE,
    CR4.TSD,
  ])

/** What a register or a word of memory may hold that needs not be an address. */
const VALUES: readonly Choice[] = [
  someSelector,
  someSelector,
  someSelector,
  somePort,
  flagsImage,
  controlImage,
  (random) => random.pick([...MODEL_SPECIFIC, 0, 1, 2, 3]),
  anything,
]
/** The same for an instruction that takes selectors. */
const SELECTOR_VALUES: readonly Choice[] = [someSelector, someSelector, someSelector, ...VALUES]

/** Operands that are selectors, or may be. */
const OF_SELECTORS = new Set<OperandType>(["r/m16", "m16:32", "Sreg", "ES", "SS", "DS", "FS", "GS"])
const valuesFor = ({ operands }: Row): Choice => {
  const values = operands.some((type) => OF_SELECTORS.has(type)) ? SELECTOR_VALUES : VALUES
  return (random) => random.pick(values)(random)
}

const often = (random: Random, usual: number, otherwise: Choice) =>
  random.below(8) > 0 ? usual : otherwise(random)

/** EAX ECX EDX EBX ESP EBP ESI EDI. */
const someRegisters = (random: Random, value: Choice): number[] => [
  value(random),
  value(random),
  value(random),
  often(random, someAddress(random), value),
  STACK,
  often(random, STACK + 4 * random.below(8), value),
  often(random, someAddress(random), value),
  often(random, someAddress(random), value),
]

const half = (low: number, high: number) => (low & 0xffff) | (high << 16)

/** The selector half of the time, else any. */
const likely = (selector: number, random: Random) => (random.below(2) ? selector : someSelector(random))

/** What a frame to return by is made of. */
interface Frame {
  readonly target: number
  readonly code: number
  readonly stack: number
  readonly flags: number
}

/** The top of a stack: frames of 32 or 16 bits, for IRET and for RETF, to an outer ring or the same. */
const STACKS: readonly ((frame: Frame, random: Random) => readonly number[])[] = [
  ({ target, code, flags, stack }) => [target, code, flags, STACK, stack],
  ({ target, code, flags, stack }) => [half(target, code), half(flags, STACK), half(stack, 0)],
  ({ target, code, stack }) => [target, code, STACK, stack],
  ({ target, code, stack }) => [half(target, code), half(STACK, stack)],
  ({ flags }, random) => [flags, flagsImage(random)],
  ({ stack }, random) => [stack, someSelector(random)],
  () => [],
]

function someStack(random: Random, ring: number, value: Choice): number[] {
  const frame = {
    target: CODE + random.below(0x100),
    code: likely(codeSelector(ring), random),
    stack: likely(dataSelector(ring), random),
    flags: flagsImage(random),
  }
  return [...random.pick(STACKS)(frame, random), value(random), value(random), value(random)]
}

/** What addresses point to: far pointers of 32 and 16 bits, a table's limit and base, selectors. */
const DATA_WORDS: readonly ((target: number, random: Random) => readonly number[])[] = [
  (target) => [CODE, target],
  (target, random) => [half(CODE, target), someTarget(random)],
  (_, random) => [half(0xff, random.below(2 ** 16)), random.below(2 ** 16)],
  (target, random) => [target, someTarget(random), someTarget(random)],
  () => [],
]

function someData(random: Random, ring: number, value: Choice): number[] {
  const some = () =>
    random.pick(DATA_WORDS)(random.pick([likely(dataSelector(ring), random), someTarget(random)]), random)
  return [...some(), ...some(), ...some(), value(random), value(random), value(random), value(random)]
}

function someFlags(random: Random, { iopl }: Conditions): number {
  const rare = (random.below(64) === 0 ? TF : 0) | (random.below(8) === 0 ? NT : 0)
  return 2 | (iopl << 12) | (random.below(2 ** 22) & SOME_FLAGS) | rare
}

const FIRST_COPIES: Situation["places"] = { gdt: 0, idt: 0, ldt: 0, task: 0, pages: 0 }

/** A state of user mode in which to try some bytes of a row. */
export function someSituation(
  row: Row,
  bytes: readonly number[],
  virtual: boolean,
  conditions: Conditions,
  random: Random,
): Situation {
  const value = valuesFor(row)
  /** That a selector belongs to: user mode's, the supervisor's, or the outermost. */
  const ring = () => random.pick([conditions.ring, 0, 3])
  return {
    ring: conditions.ring,
    virtual,
    bytes,
    registers: someRegisters(random, value),
    flags: someFlags(random, conditions),
    cr0: INITIAL_CR0,
    cr4: conditions.umip ? CR4.UMIP : 0,
    places: FIRST_COPIES,
    stack: someStack(random, ring(), value),
    data: someData(random, ring(), value),
    repaired: conditions.repaired,
  }
}

/** Ways to differ in one named thing. `outside`: the twin breaks what the conditions fix, so only its likeness counts. */
interface Difference {
  readonly name: string
  readonly outside?: boolean
  readonly twin: (situation: Situation, random: Random) => Situation
}

const moved =
  (table: keyof Situation["places"]): Difference["twin"] =>
  (situation) => ({
    ...situation,
    places: { ...situation.places, [table]: (1 - situation.places[table]) as Copy },
  })

/** Where real resources lie, and what they hold: all that a monitor would have otherwise than its guest believes. */
export const DIFFERENCES: readonly Difference[] = [
  { name: "GDTR", twin: moved("gdt") },
  { name: "IDTR", twin: moved("idt") },
  { name: "LDTR", twin: moved("ldt") },
  { name: "TR", twin: moved("task") },
  { name: "CR3", twin: moved("pages") },
  {
    name: "CR0",
    twin: (situation, random) => ({
      ...situation,
      cr0: situation.cr0 ^ random.pick([CR0.TS, CR0.MP, CR0.EM, CR0.NE]),
    }),
  },
  {
    name: "CR4",
    twin: (situation, random) => ({ ...situation, cr4: situation.cr4 ^ random.pick([CR4.DE, CR4.PGE]) }),
  },
  { name: "IF", twin: (situation) => ({ ...situation, flags: situation.flags ^ IF }) },
  {
    name: "IOPL",
    outside: true,
    twin: (situation, random) => ({ ...situation, flags: situation.flags ^ (random.pick([1, 2, 3]) << 12) }),
  },
]
