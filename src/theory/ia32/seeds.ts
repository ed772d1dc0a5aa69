/** Seeded states: what registers, flags, the stack and memory may hold when an instruction begins. */
import { AC, CF, DF, ID, IF, NT, OF, PF, SF, TF, ZF } from "../../isa/eflags"
import type { Row } from "../../isa/notation"
import { CR0, CR4 } from "../../machine/control"
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
} from "./world"

export const INITIAL_CR0 = CR0.PE | CR0.PG | CR0.ET | CR0.WP
const MODEL_SPECIFIC = [0x10, 0x8b, 0x174, 0x175, 0x176]

/** A selector of any entry of GDT or LDT, with any RPL; often one of a plain segment, of the supervisor's, or of an odd entry. */
export function someSelector(random: Random): number {
  const ring = random.below(4)
  switch (random.below(8)) {
    case 0:
      return codeSelector(ring)
    case 1:
      return dataSelector(ring)
    case 2:
      return dataSelector(0)
    case 3:
      return (random.below(LDT_ENTRIES) << 3) | 4 | ring
    case 4:
    case 5:
      return random.pick(ODD_SELECTORS) | ring
    default:
      return (random.below(GDT_ENTRIES + 1) << 3) | ring
  }
}

/** Where a far transfer may go: half of the time to an odd entry. */
export const someTarget = (random: Random) =>
  random.below(2) ? random.pick(ODD_SELECTORS) | random.below(4) : someSelector(random)

export const somePort = (random: Random) => random.pick([0x20, 0x60, 0x3f8, random.below(0x1_0000)])

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
const flagsImage = (random: Random) =>
  2 | (random.below(2 ** 22) & (SOME_FLAGS | AC)) | (random.below(4) << 12) | (random.below(8) === 0 ? NT : 0)

const someAddress = (random: Random) => random.pick([DATA, DATA, DATA + 4 * random.below(8), STACK, STALE])

const controlImage = (random: Random) =>
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

/** What a register may hold that needs not be an address. */
function someValue(random: Random): number {
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      return someSelector(random)
    case 3:
      return somePort(random)
    case 4:
      return flagsImage(random)
    case 5:
      return controlImage(random)
    case 6:
      return random.pick([...MODEL_SPECIFIC, 0, 1, 2, 3])
    default:
      return random.below(2 ** 32) | 0
  }
}

const often = (random: Random, usual: number, otherwise: (random: Random) => number) =>
  random.below(8) > 0 ? usual : otherwise(random)

/** EAX ECX EDX EBX ESP EBP ESI EDI. */
const someRegisters = (random: Random): number[] => [
  someValue(random),
  someValue(random),
  someValue(random),
  often(random, someAddress(random), someValue),
  STACK,
  often(random, STACK + 4 * random.below(8), someValue),
  often(random, someAddress(random), someValue),
  often(random, someAddress(random), someValue),
]

const half = (low: number, high: number) => (low & 0xffff) | (high << 16)

/** The selector half of the time, else any. */
const likely = (selector: number, random: Random) => (random.below(2) ? selector : someSelector(random))

/** The top of a stack: often a frame to return by, of 32 or 16 bits; else anything. */
function someStack(random: Random, ring: number): number[] {
  const [code, data] = [likely(codeSelector(ring), random), likely(dataSelector(ring), random)]
  const rest = [someValue(random), someValue(random), someValue(random)]
  const target = CODE + random.below(0x100)
  switch (random.below(7)) {
    case 5:
      return [target, code, STACK, data, ...rest]
    case 6:
      return [half(target, code), half(STACK, data), ...rest]
    case 0:
      return [target, code, flagsImage(random), STACK, data, ...rest]
    case 1:
      return [half(target, code), half(flagsImage(random), STACK), half(data, 0), ...rest]
    case 2:
      return [flagsImage(random), flagsImage(random), ...rest]
    case 3:
      return [data, someSelector(random), ...rest]
    default:
      return rest
  }
}

/** What addresses point to: often a selector, a far pointer or a table's limit and base. */
function someData(random: Random, ring: number): number[] {
  const rest = [someValue(random), someValue(random), someValue(random), someValue(random)]
  const selector = likely(dataSelector(ring), random)
  const target = random.pick([selector, someTarget(random)])
  switch (random.below(5)) {
    case 0:
      return [CODE, target, ...rest]
    case 1:
      return [half(CODE, target), selector, ...rest]
    case 2:
      return [half(0xff, random.below(2 ** 16)), random.below(2 ** 16), ...rest]
    case 3:
      return [someTarget(random), someTarget(random), someTarget(random), ...rest]
    default:
      return rest
  }
}

function someFlags(random: Random, { iopl }: Conditions): number {
  const rare = (random.below(64) === 0 ? TF : 0) | (random.below(8) === 0 ? NT : 0)
  return 2 | (iopl << 12) | (random.below(2 ** 22) & SOME_FLAGS) | rare
}

const FIRST_COPIES: Situation["places"] = { gdt: 0, idt: 0, ldt: 0, task: 0, pages: 0 }

/** A state of user mode in which to try some bytes. */
export function someSituation(
  bytes: readonly number[],
  virtual: boolean,
  conditions: Conditions,
  random: Random,
): Situation {
  return {
    ring: conditions.ring,
    virtual,
    bytes,
    registers: someRegisters(random),
    flags: someFlags(random, conditions),
    cr0: INITIAL_CR0,
    cr4: conditions.umip ? CR4.UMIP : 0,
    places: FIRST_COPIES,
    stack: someStack(random, random.below(2) ? conditions.ring : 0),
    data: someData(random, random.below(2) ? conditions.ring : 0),
    repaired: conditions.repaired,
  }
}

/** Ways to differ in one named thing. `outside`: the twin breaks what the conditions fix, so only its likeness counts. */
export interface Difference {
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
