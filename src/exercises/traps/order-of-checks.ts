/** Two things are wrong on the way to a handler: which one does the processor meet first? */
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { addressOf, errorCodeOf, gateAddress, recordTo, runTo, type Staged, stage } from "./scene"

const SEE = 'SDM Vol. 2A "INT n/INTO/INT 3—Call to Interrupt Procedure", Operation'
const RULE = `The processor checks in the order in which it reads: the IDT's limit, then the gate (its DPL, then P), then the code segment that the gate names (null, limit of the GDT, type, DPL, P), then the TSS for the new stack. The first check that fails raises its exception, and nothing after it is looked at. An error code names the descriptor that was to blame: a gate as vector × 8 + 2, a segment by its selector without RPL (${SEE}).`

/** Something wrong. They stand in the order in which the processor finds them. */
interface Defect {
  readonly says: (vector: number) => string
  /** What it spoils: two defects of a question must spoil different things. */
  readonly part: "DPL" | "P" | "selector" | "segment" | "stack"
  readonly damage: (staged: Staged, gate: number) => void
}

/** Bytes of a descriptor: 2-3 are a gate's selector, 5 holds P and DPL. TSS: bytes 8-9 are SS0. */
const SELECTOR = 2
const RIGHTS = 5
const SS0 = 8
const P = 0x80
/** The handler's own code segment, ring 0, in the kit's GDT. */
const CODE = 0x08

const setSelector = (selector: number) => (staged: Staged, gate: number) =>
  staged.machine.memory.set(gate + SELECTOR, 16, selector)
const clearBits = (staged: Staged, at: number, bits: number) =>
  staged.machine.memory.set(at, 8, staged.machine.memory.get(at, 8) & ~bits)

const DEFECTS: readonly Defect[] = [
  {
    part: "DPL",
    says: (vector) => `the DPL of gate ${hex(vector, 2)} is 0`,
    damage: (staged, gate) => clearBits(staged, gate + RIGHTS, 0x60),
  },
  {
    part: "P",
    says: (vector) => `gate ${hex(vector, 2)} is not present`,
    damage: (staged, gate) => clearBits(staged, gate + RIGHTS, P),
  },
  { part: "selector", says: () => "the gate's selector is null", damage: setSelector(0) },
  {
    part: "selector",
    says: () => "the gate's selector 0100h lies beyond the GDT's limit",
    damage: setSelector(0x100),
  },
  { part: "selector", says: () => "the gate's selector 0010h is a data segment", damage: setSelector(0x10) },
  {
    part: "segment",
    says: () => "the handler's code segment 0008h is not present",
    damage: (staged) => clearBits(staged, addressOf(staged, "gdt") + CODE + RIGHTS, P),
  },
  {
    part: "stack",
    says: () => "SS0 in the TSS is null",
    damage: (staged) => staged.machine.memory.set(addressOf(staged, "tss") + SS0, 16, 0),
  },
]

/** Handlers of what may be raised. They run in ring 1, so that they need nothing of what is spoilt. */
const HANDLERS = [
  { vector: 10, handler: "ts" },
  { vector: 11, handler: "np" },
  { vector: 13, handler: "gp" },
].map((gate) => ({ ...gate, ring: 1 }))
const NAMES: Readonly<Record<string, string>> = {
  ts: "#TS",
  np: "#NP",
  gp: "#GP",
  handler: "none: the handler runs",
}
const write = (name: string, code: number) => `${name}(${code === 0 ? "0" : hex(code, 4)})`

/** What is raised if these things are wrong. */
function raisedBy(vector: number, ring: number, defects: readonly Defect[]): string {
  const arrival = runTo(begin(vector, ring, defects), ...Object.keys(NAMES))
  return write(NAMES[arrival.at], errorCodeOf(arrival) ?? 0)
}

/** The scene at INT n, with these things wrong. */
function begin(vector: number, ring: number, defects: readonly Defect[]): Staged {
  const gates = [...HANDLERS, { vector, handler: "handler", dpl: 3 }]
  const rest = Object.keys(NAMES)
    .map((label) => `${label}: hlt`)
    .join("\n")
  const staged = stage({ gates, ring, listing: `program:\n  int 0x${vector.toString(16)}`, rest })
  runTo(staged, "program")
  for (const { damage } of defects) damage(staged, gateAddress(staged, vector))
  return staged
}

/** Two defects of different parts whose exceptions differ, in the processor's order. */
function pair(choose: Random): readonly [Defect, Defect] {
  const [one, two] = choose.shuffled(DEFECTS.map((_, n) => n))
  const [first, second] = [Math.min(one, two), Math.max(one, two)].map((n) => DEFECTS[n])
  return first.part === second.part || hidesSegment(first, second) ? pair(choose) : [first, second]
}

/** A wrong selector leads elsewhere: the handler's own segment does not matter then. */
const hidesSegment = (first: Defect, second: Defect) => first.part === "selector" && second.part === "segment"

function slips(vector: number, answer: string, later: string): Slip[] {
  const gate = vector * 8 + 2
  return [
    {
      answer: later,
      misconception: "later-check-first",
      text: "That check would fail as well, but the processor does not get that far.",
    },
    {
      answer: "#DF(0)",
      misconception: "two-defects-double-fault",
      text: "Two things are wrong, but only one fault is raised. A double fault needs a second one while the first is being delivered.",
    },
    {
      answer: answer.startsWith("#NP") ? write("#GP", gate) : write("#NP", gate),
      misconception: "gp-np-mixed-up",
      text: "#NP means that a descriptor is all right but not there (P = 0); #GP, that it may not be used so.",
    },
    {
      answer: write("#GP", vector),
      misconception: "error-code-is-vector",
      text: "The error code is not the vector itself: it is built like a selector.",
    },
  ]
}

function pose(choose: Random): Posed {
  const vector = choose.pick([0x21, 0x30, 0x40, 0x55, 0x80])
  const ring = choose.pick([2, 3])
  const [first, second] = pair(choose)
  const answer = raisedBy(vector, ring, [first, second])
  const later = raisedBy(vector, ring, [second])
  const all = slips(vector, answer, later)
  const [one, other] = choose.shuffled([first, second]).map(({ says }) => says(vector))
  return {
    text: `A program in ring ${ring} runs \`int 0x${vector.toString(16)}\`. Its gate leads to a handler in ring 0. Two things are wrong on this way, and all else is in order: ${one}, and ${other}.\n\nWhich exception is raised, with which error code?`,
    form: {
      kind: "choice",
      options: [...new Set([answer, ...all.map((slip) => slip.answer as string), "#GP(0)"])].sort(),
    },
    answer,
    because: `In the run it was ${answer}, for ${first.says(vector)}. ${RULE}`,
    look: "Both would be found, but not at once. What does the processor read first on its way to the handler?",
    rule: RULE,
    slips: all,
    run: () =>
      recordTo(
        begin(vector, ring, [first, second]),
        `INT ${hex(vector, 2)} in ring ${ring}`,
        Object.keys(NAMES),
      ),
  }
}

export const ORDER_OF_CHECKS = posedExercise("traps/order-of-checks", "Which check fails first?", pose)
