/** Who may use a gate of the IDT, and what happens to who may not. */
import type { KitGate } from "../../guests/kit"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { FILLERS } from "./events"
import { errorCodeOf, gateAddress, recordTo, runTo, type Staged, stage } from "./scene"

const SEE = 'SDM Vol. 3A §6.12.1.1 "Protection of Exception- and Interrupt-Handler Procedures"'
const RULE = `INT n needs CPL ≤ the gate's DPL, else #GP is raised; then the gate must be present, else #NP. Both push the error code vector × 8 + 2, which points at the gate. For exceptions and device interrupts the DPL does not count (${SEE}; §6.13 "Error Code").`

/** A gate that a program may run into. */
interface Target {
  readonly vector: number
  readonly handler: string
  /** The instruction is no INT n but makes the processor itself raise this vector. */
  readonly raisedBy?: string
}
const TARGETS: readonly Target[] = [
  { vector: 0, handler: "divide_error", raisedBy: "div ecx" },
  { vector: 6, handler: "invalid_opcode", raisedBy: "ud2" },
  { vector: 0, handler: "divide_error" },
  { vector: 13, handler: "general_protection" },
  { vector: 0x21, handler: "keyboard" },
  { vector: 0x30, handler: "disk" },
  { vector: 0x80, handler: "system_call" },
]

interface Case {
  readonly target: Target
  readonly ring: number
  readonly dpl: number
  readonly present: boolean
  readonly kind: "interrupt" | "trap"
  /** Instructions before it that change nothing of interest. */
  readonly before: readonly string[]
}

const GP = "general_protection"
const NP = "not_present"
/** The processor's own vectors are written in decimal, as the manual does. */
const line = ({ vector, raisedBy }: Target) =>
  raisedBy ?? `int ${vector < 32 ? vector : `0x${vector.toString(16)}`}`
const plain = (handler: string) => `${handler}, without an error code`
const coded = (handler: string, code: number) => `${handler}, error code ${hex(code, 4)}`

/** All gates: the one in question, and those of #NP and #GP. */
function gatesOf({ target, dpl, kind }: Case): KitGate[] {
  const own: KitGate = { vector: target.vector, handler: target.handler, dpl, kind }
  const others: KitGate[] = [
    { vector: 11, handler: NP },
    { vector: 13, handler: GP },
  ]
  return [...others.filter(({ vector }) => vector !== target.vector), own].sort((a, b) => a.vector - b.vector)
}

/** Clear P, bit 7 of a gate's sixth byte. */
function takeAway(staged: Staged, vector: number): void {
  const { memory } = staged.machine
  const at = gateAddress(staged, vector) + 5
  memory.set(at, 8, memory.get(at, 8) & 0x7f)
}

const program = ({ target, before }: Case) =>
  ["program:", ...[...before, "xor ecx, ecx", line(target)].map((text) => `  ${text}`)].join("\n")

const handlersOf = ({ target }: Case) => [...new Set([target.handler, GP, NP])]

/** The scene at the program's first line, its gate taken away if it is not to be there. */
function begin(given: Case): Staged {
  const { target, ring, present } = given
  const handlers = handlersOf(given)
  const rest = ["  jmp $", ...handlers.map((name) => `${name}: hlt`), "pair: dd 0, 5, 0"].join("\n")
  const staged = stage({ gates: gatesOf(given), ring, listing: program(given), rest })
  runTo(staged, "program")
  if (!present) takeAway(staged, target.vector)
  return staged
}

function run(given: Case): string {
  const arrival = runTo(begin(given), ...handlersOf(given))
  const code = errorCodeOf(arrival)
  return code === undefined ? plain(arrival.at) : coded(arrival.at, code)
}

function table(given: Case): string {
  const rows = gatesOf(given).map(({ vector, handler, dpl = 0, kind = "interrupt" }) => {
    const present = given.present || vector !== given.target.vector
    return `${hex(vector, 2)}     ${kind.padEnd(9)}  ${dpl}    ${present ? 1 : 0}  ${handler}`
  })
  return ["vector  gate       DPL  P  handler (ring 0)", ...rows].join("\n")
}

function options({ target }: Case): string[] {
  const { vector, handler } = target
  const gate = vector * 8 + 2
  const all = [
    plain(handler),
    plain(GP),
    plain(NP),
    coded(GP, 0),
    coded(GP, vector),
    coded(GP, gate),
    coded(NP, gate),
  ]
  return [...new Set(all)]
}

function slips({ target, ring, dpl, present }: Case): Slip[] {
  const { vector, handler, raisedBy } = target
  const gate = vector * 8 + 2
  const refused = raisedBy === undefined && dpl < ring
  const slip = (answer: string, misconception: string, text: string) => ({ answer, misconception, text })
  return [
    ...(refused
      ? [
          slip(
            plain(handler),
            "gate-dpl-ignored",
            `Every ring could call every handler then. The gate's DPL is ${dpl}, and CPL is ${ring}.`,
          ),
        ]
      : []),
    ...(raisedBy
      ? [
          slip(
            coded(GP, gate),
            "dpl-checked-for-exceptions",
            `The DPL guards a gate against INT n. Who is it that uses the gate in \`${raisedBy}\`?`,
          ),
        ]
      : []),
    ...(present ? [slip(coded(NP, gate), "present-gate-missing", "P is 1: the gate is there.")] : []),
    ...(present || refused
      ? []
      : [
          slip(
            coded(GP, gate),
            "not-present-is-gp",
            "The ring may use this gate. Look at what else the table says of it.",
          ),
        ]),
    slip(coded(GP, 0), "error-code-zero", "An error code is 0 only where no descriptor is to blame."),
    slip(
      coded(GP, vector),
      "error-code-is-vector",
      "The error code is not the vector itself: it is built like a selector.",
    ),
    slip(plain(handler), "missing-gate-used", "The gate has P = 0: its handler cannot be entered."),
  ]
}

function choices(choose: Random): Case {
  const target = choose.pick(TARGETS)
  // Without the gate of #GP, or of an exception that is raised, there would be a double fault: another exercise.
  const mayMiss = target.raisedBy === undefined && target.handler !== GP
  return {
    target,
    ring: choose.pick([0, 1, 2, 3, 3, 3]),
    dpl: choose.pick([0, 0, 1, 2, 3]),
    present: !mayMiss || choose.below(3) > 0,
    kind: choose.pick(["interrupt", "trap"] as const),
    before: [choose.pick(FILLERS), choose.pick(FILLERS)],
  }
}

function pose(choose: Random): Posed {
  const given = choices(choose)
  const { ring, target } = given
  const answer = run(given)
  return {
    text: `In ring ${ring} the program runs \`${line(target)}\`. These are the gates of the IDT.\n\nWhich handler runs next, and with which error code?`,
    listing: `${program(given)}\n\n${table(given)}`,
    form: { kind: "choice", options: options(given) },
    answer,
    because: `In the run it was: ${answer}. ${RULE}`,
    look: "Find the row of the vector. Who wants to use that gate, the program or the processor, and what is asked of whom?",
    rule: RULE,
    slips: slips(given),
    run: () => recordTo(begin(given), `${line(target)} in ring ${ring}`, handlersOf(given)),
  }
}

export const GATE = posedExercise("traps/gate", "Who may use this gate?", pose)
