/** What becomes of IF on the way into a handler, in it, and on the way back. */
import { IF } from "../../isa/eflags"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { recordTo, runTo, type Staged, stage } from "./scene"

const SEE = 'SDM Vol. 3A §6.12.1.2 "Flag Usage By Exception- or Interrupt-Handler Procedure"'
const RULE = `An interrupt gate clears IF on the way in, a trap gate leaves it as it was. Either way EFLAGS is saved first, and IRET takes EFLAGS back from the stack: what the handler did to its own IF ends there, what it did to the saved EFLAGS counts (${SEE}).`

/** What a handler does with IF. `saved`: to the copy that IRET takes back. */
interface Deed {
  readonly line: string
  readonly own?: 0 | 1
  readonly saved?: 0 | 1
}
const DEEDS: readonly Deed[] = [
  { line: "nop" },
  { line: "cli", own: 0 },
  { line: "sti", own: 1 },
  { line: "and dword [esp + 8], ~0x200  ; bit 9 of the saved EFLAGS", saved: 0 },
  { line: "or dword [esp + 8], 0x200    ; bit 9 of the saved EFLAGS", saved: 1 },
]

const WAYS = [
  { vector: 0x30, line: "int 0x30" },
  { vector: 0x80, line: "int 0x80" },
  { vector: 3, line: "int3" },
  { vector: 0, line: "div ecx" },
]

interface Case {
  readonly kind: "interrupt" | "trap"
  readonly ring: number
  readonly before: 0 | 1
  readonly deed: Deed
  readonly way: (typeof WAYS)[number]
}

const listing = ({ deed, way }: Case) => `program:
  xor ecx, ecx
  ${way.line}
back:                     ; C
  jmp back

handler:                  ; A: before its first instruction
  ${deed.line}
after:                    ; B
${way.vector === 0 ? "  mov ecx, 1              ; the division will work now\n" : ""}  iretd`

const flagOf = ({ machine: { cpu } }: Staged) => (cpu.flags.has(IF) ? 1 : 0)

function begin(given: Case): Staged {
  const { kind, ring, before, way } = given
  const gates = [{ vector: way.vector, handler: "handler", dpl: 3, kind }]
  const staged = stage({ gates, ring, flags: before ? 0x202 : 2, listing: listing(given) })
  runTo(staged, "program")
  return staged
}

/** IF at the three places, from a run. */
function run(given: Case): readonly [a: number, b: number, c: number] {
  const staged = begin(given)
  const at = (label: string) => {
    runTo(staged, label)
    return flagOf(staged)
  }
  return [at("handler"), at("after"), at("back")]
}

const write = ([a, b, c]: readonly [number, number, number]) => `A: ${a}, B: ${b}, C: ${c}`
const BITS = [0, 1] as const
const OPTIONS = BITS.flatMap((a) => BITS.flatMap((b) => BITS.map((c) => write([a, b, c]))))

const NOT_KEPT = "Does the handler's own IF survive IRET?"
const LOOK =
  "Three questions: what does the gate do with IF, what does the handler do with it, and what does IRET load?"
/** The first steps: XOR, and the way into the handler. */
const ENTRY = 2

/** What one would say who believes other rules. */
function slips({ kind, before, deed }: Case): Slip[] {
  const entry = kind === "interrupt" ? 0 : before
  const other = kind === "interrupt" ? before : 0
  const inside = (a: 0 | 1) => deed.own ?? a
  const after = deed.saved ?? before
  const slip = (a: 0 | 1, c: 0 | 1, misconception: string, text: string) => ({
    answer: write([a, inside(a), c]),
    misconception,
    text,
  })
  return [
    slip(entry, inside(entry), "handler-flag-survives", NOT_KEPT),
    slip(
      other,
      after,
      kind === "interrupt" ? "interrupt-gate-keeps-if" : "trap-gate-clears-if",
      kind === "interrupt"
        ? "There is one thing that an interrupt gate does and a trap gate does not. Which?"
        : "Does a trap gate do with IF what an interrupt gate does?",
    ),
    slip(
      entry,
      before,
      "saved-flags-are-fixed",
      "The saved EFLAGS is memory like any other. Has nobody written to it?",
    ),
    slip(entry, 1, "iret-enables", "IRET does not switch interrupts on. Where does it have IF from?"),
    slip(other, inside(other), "handler-flag-survives", NOT_KEPT),
  ]
}

function pose(choose: Random): Posed {
  const ring = choose.pick([0, 3])
  const before = choose.pick([1, 1, 0] as const)
  const given: Case = {
    kind: choose.pick(["interrupt", "trap"] as const),
    ring,
    before,
    deed: choose.pick(DEEDS),
    way: choose.pick(WAYS),
  }
  const found = run(given)
  return {
    text: `This program runs in ring ${ring}, IOPL is 0, and IF is ${before}. \`${given.way.line}\` goes to \`handler\` in ring 0 through ${given.kind === "interrupt" ? "an interrupt gate" : "a trap gate"}.\n\nWhat is IF at A, at B and at C?`,
    listing: listing(given),
    form: { kind: "choice", options: OPTIONS },
    answer: write(found),
    because: `So it was in the run. ${RULE}`,
    look: LOOK,
    rule: RULE,
    slips: slips(given),
    run: () =>
      recordTo(
        begin(given),
        `Through ${given.kind === "trap" ? "a trap" : "an interrupt"} gate and back`,
        ["back"],
        ENTRY,
      ),
  }
}

export const INTERRUPT_FLAG = posedExercise(
  "traps/interrupt-flag",
  "Who clears IF, and who gives it back?",
  pose,
)
