/** Two states that differ in one thing, and an instruction: which pair shows that it is sensitive? */

import { disassemble } from "../../isa/disassemble"
import { IF, IOPL } from "../../isa/eflags"
import { NAMES32 } from "../../isa/registers"
import { CR0 } from "../../machine/processor/control"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { CONDITIONS, type Copy, type Situation, type Witness } from "../../theory/classification"
import { recheck } from "../../theory/ia32/recheck"
import { type Posed, posedExercise, type Slip } from "../posed"
import { witnessed } from "../runs"
import { foundOut, given, SILENT, verdictOf } from "./forms"

const moved = (table: keyof Situation["places"]) => (situation: Situation) => ({
  ...situation,
  places: { ...situation.places, [table]: (1 - situation.places[table]) as Copy },
})

/** How the second state of a pair is made from the first. */
const PAIRS: Readonly<
  Record<string, { readonly says: string; readonly twin: (of: Situation) => Situation }>
> = {
  mode: { says: "In user mode, and in ring 0", twin: (of) => ({ ...of, ring: 0 }) },
  GDTR: { says: "With the GDT in one place, and in another", twin: moved("gdt") },
  IDTR: { says: "With the IDT in one place, and in another", twin: moved("idt") },
  LDTR: { says: "With one LDT, and with another that has the same contents", twin: moved("ldt") },
  TR: { says: "In one task, and in another with the same contents", twin: moved("task") },
  CR3: { says: "With the page tables in one place, and in another", twin: moved("pages") },
  CR0: { says: "With CR0.TS = 0, and with CR0.TS = 1", twin: (of) => ({ ...of, cr0: of.cr0 ^ CR0.TS }) },
  IF: { says: "With interrupts off, and on", twin: (of) => ({ ...of, flags: of.flags ^ IF }) },
}

const RULE =
  'A witness is a pair of twins: states that differ in one thing only. From both the instruction completes, and after it they are no twins: either something else differs, too, or what differed before no longer differs (Popek and Goldberg 1974; what each instruction does in which ring is in SDM Vol. 2, section "Operation").'

interface Pair {
  readonly differs: string
  readonly holds: boolean
  readonly sentence: string
  /** The two states. */
  readonly witness: Witness
}

const NO_WITNESS =
  "This pair is no witness: after the instruction nothing differs that did not differ before."

/** The pairs of an instruction: each is run. */
interface Tried {
  /** The state in which all of them begin. */
  readonly from: Situation
  /** What the bytes say. */
  readonly written: string
  readonly pairs: readonly Pair[]
}

const tryPairs = foundOut((instruction, asked): Tried => {
  const verdict = verdictOf(instruction, asked)
  const { behaviour } = verdict.witnesses
  if (!behaviour) throw new RangeError(`no witness was found for "${instruction.form}"`)
  const from: Situation = { ...behaviour.left, ring: asked.ring }
  const tryPair = (differs: string): Pair => {
    const pair: Witness = { ...behaviour, differs, left: from, right: PAIRS[differs].twin(from) }
    const again = recheck(pair, { ...CONDITIONS, ...asked })
    return { differs, ...again, witness: { ...pair, sentence: again.holds ? again.sentence : NO_WITNESS } }
  }
  const { text: written } = disassemble(Uint8Array.from(from.bytes), 0)
  return { from, written, pairs: Object.keys(PAIRS).map(tryPair) }
})

/** What somebody thinks who takes one difference for another. */
function slip(chosen: string, right: string, written: string): Slip {
  const answer = PAIRS[chosen].says
  if (chosen === "mode")
    return {
      answer,
      misconception: "mode-is-everything",
      text: `From this state \`${written}\` does the same in both modes. What it shows is not the mode, but what belongs to the machine's owner.`,
    }
  if (right === "mode")
    return {
      answer,
      misconception: chosen === "IF" ? "flag-for-mode" : "tables-tell-the-mode",
      text: `Whatever \`${written}\` does, it does from both of these states: before it they differ in ${chosen} and in nothing else, and after it, too.`,
    }
  return {
    answer,
    misconception: "another-register",
    text: `\`${written}\` neither shows nor uses ${chosen}: after it the two states still differ in that, and in nothing else.`,
  }
}

/** The state in which the pairs begin, as far as such an instruction can see it. */
function stateOf({ registers, flags, stack }: Situation): string {
  const register = (n: number) => `${NAMES32[n]} = ${hex(registers[n])}`
  const pairs = [0, 2, 4, 6].map((n) => `${register(n)}    ${register(n + 1)}`)
  const image = (value: number) => `${hex(value)}   IF ${value & IF ? 1 : 0}, IOPL ${(value & IOPL) >> 12}`
  return [
    ...pairs,
    `EFLAGS = ${image(flags)}`,
    `[ESP] = ${image(stack[0] ?? 0)}, if it is popped as EFLAGS`,
  ].join("\n")
}

function pose(choose: Random): Posed {
  const instruction = choose.pick(SILENT)
  const asked = { ring: choose.pick([1, 3] as const), iopl: choose.pick([0, 3] as const), umip: false }
  const { from, written, pairs } = tryPairs(instruction, asked)
  const right = choose.pick(pairs.filter(({ holds }) => holds))
  const others = choose.shuffled(pairs.filter(({ holds }) => !holds)).slice(0, 4)
  const options = choose.shuffled([right, ...others]).map(({ differs }) => PAIRS[differs].says)
  return {
    text: `${given(asked)}\n\nThe instruction is \`${written}\`. It runs twice from the state below, and between the two runs one thing is different. Which pair is a witness that the instruction is sensitive?`,
    listing: stateOf(from),
    form: { kind: "choice", options },
    answer: PAIRS[right.differs].says,
    because: `${right.sentence} ${RULE}`,
    rule: RULE,
    slips: others.map(({ differs }) => slip(differs, right.differs, written)),
    run: (answer) =>
      witnessed(pairs.find(({ differs }) => PAIRS[differs].says === answer)?.witness ?? right.witness),
  }
}

/** Both states of each pair are run; the student says which pair tells. */
export const WITNESS = posedExercise("popek-goldberg/witness", "Find a witness", pose)
