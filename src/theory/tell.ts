/** What two runs show, in words: what happened in each, and what a guest's kernel would wrongly believe. */
import { MODE, type Part, type Run, type Subject, type Trap } from "./subject"
import { converges, differentWord, tellingPart, type Word } from "./twins"

/** What telling needs of a subject. */
type Teller<State> = Pick<
  Subject<State>,
  "parts" | "inUserMode" | "writtenIn" | "modeOf" | "fixedIn" | "nameOf"
>

/** An instruction that was run from two states that differ in one thing. */
export interface Pair<State> {
  readonly form: string
  readonly differs: string
  readonly left: State
  readonly right: State
}

/** A number as people read it. */
export function written({ digits, words }: Pick<Part, "digits" | "words">, value: number): string {
  if (digits > 0) return (value >>> 0).toString(16).toUpperCase().padStart(digits, "0")
  return words?.[value] ?? String(value)
}

/** The form and, if that does not say it all, the instruction that was run: "LAR r32, r/m16 · register (here lar ebp, bx)". */
function instructionOf<State>(subject: Teller<State>, { form, left }: Pair<State>): string {
  const instruction = subject.writtenIn?.(left) ?? ""
  const saysMore = instruction.includes(" ") && instruction !== form.toLowerCase()
  return saysMore ? `${form} (here ${instruction})` : form
}

/** It traps in user mode, on the left, and completes in supervisor mode. */
export function tellTrap<State>(subject: Teller<State>, pair: Pair<State>, trap: Trap) {
  const { left, right } = pair
  return `${instructionOf(subject, pair)} in ${modeWithFixed(subject, left)} traps with ${trap.name}: ${trap.says}. In ${subject.modeOf(right)} it completes.`
}

/** It completes in user mode, on the left, and traps in supervisor mode. */
export function tellReversed<State>(subject: Teller<State>, pair: Pair<State>, { name, says }: Trap) {
  const { left, right } = pair
  const supervisor = subject.modeOf(right)
  return `${instructionOf(subject, pair)} in ${modeWithFixed(subject, left)} completes. In ${supervisor} it traps with ${name}: ${says}. A guest kernel never gets the trap that ${supervisor} would give it.`
}

/** It completes on the left and changes a resource. */
export function tellChange<State>(
  subject: Teller<State>,
  pair: Pair<State>,
  { before, after }: Run,
  part: number,
) {
  const { left } = pair
  const { name } = subject.parts[part]
  const [from, to] = [before, after].map((values) => written(subject.parts[part], values[part]))
  const happened = `${instructionOf(subject, pair)} in ${subject.modeOf(left)} completes and changes ${name} from ${from} to ${to}.`
  const belief = `A guest kernel believes that it changed its own ${name}: it was the real one, and no trap told its monitor.`
  return subject.inUserMode(left) ? `${happened} ${belief}` : happened
}

/** It completes in both states, and the ends are no twins. */
export function tellDifference<State>(subject: Teller<State>, pair: Pair<State>, a: Run, b: Run): string {
  const { differs, left, right } = pair
  const part = tellingPart(subject.parts, a, b)
  const [first, second] = effects(subject.parts, part, a, b)
  const [here, there] =
    differs === MODE
      ? [modeWithFixed(subject, left), `In ${subject.modeOf(right)}`]
      : [
          `${subject.modeOf(left)} with ${subject.nameOf(left, differs)}`,
          `With ${subject.nameOf(right, differs)}`,
        ]
  const again = first.does === second.does ? ", too" : ""
  const what = first.what === second.what ? "it" : second.what
  const silent = subject.inUserMode(left) ? ", no trap" : ""
  return [
    `${instructionOf(subject, pair)} in ${here}: ${first.what} ${first.does}${silent}.`,
    `${there} ${what} ${second.does}${again}.`,
    ...(part >= 0 && converges(a, b, part) ? ["What differed before no longer differs."] : []),
    subject.inUserMode(left) ? tellBelief(subject, pair, a, b) : `So it depends on ${differs}.`,
  ].join(" ")
}

function modeWithFixed<State>(subject: Teller<State>, state: State): string {
  const fixed = subject.fixedIn(state)
  return fixed ? `${subject.modeOf(state)} with ${fixed}` : subject.modeOf(state)
}

/** What a run did to the part that tells most. */
interface Effect {
  readonly what: string
  readonly does: string
}

function effects(parts: readonly Part[], part: number, a: Run, b: Run): readonly [Effect, Effect] {
  if (part >= 0) return [effectOn(parts[part], part, a), effectOn(parts[part], part, b)]
  const [left, right] = differentWord(a, b)
  return [effectOnMemory(left, right), effectOnMemory(right, left)]
}

function effectOn(part: Part, n: number, { before, after }: Run): Effect {
  const stays = before[n] === after[n]
  return { what: part.name, does: `${stays ? "stays" : "becomes"} ${written(part, after[n])}` }
}

const WORD = { digits: 8 }
function effectOnMemory(word: Word, other: Word): Effect {
  const what = `memory at ${written(WORD, (word ?? other)?.[0] ?? 0)}`
  return { what, does: word ? `becomes ${written(WORD, word[1])}` : "stays as it was" }
}

/**
 * What a guest's kernel would wrongly believe. On the left is the machine as it really is: user mode, and the monitor's
 * resources. On the right is the one that the kernel takes it for.
 */
function tellBelief<State>(subject: Teller<State>, pair: Pair<State>, a: Run, b: Run): string {
  const part = tellingPart(subject.parts, a, b)
  if (part >= 0 && subject.parts[part].listed) return beliefAbout(subject.parts[part], part, a, b)
  if (pair.differs !== MODE)
    return `A guest kernel takes its monitor's ${subject.nameOf(pair.left, pair.differs)} for its own.`
  const [got, expected] = seen(subject.parts, part, a, b)
  return `A guest kernel takes ${got} for the answer of ${subject.modeOf(pair.right)}, which is ${expected}.`
}

/** A resource that no program sees: the kernel believes that what it asked for was done. */
function beliefAbout(part: Part, n: number, a: Run, b: Run): string {
  const believed = means(part, b.after[n])
  if (!converges(a, b, n)) return `A guest kernel believes that ${believed}.`
  return b.before[n] === b.after[n]
    ? `A guest kernel believes that ${believed} as before.`
    : `A guest kernel believes that ${believed} from now on, and no trap told its monitor.`
}

const means = (part: Part, value: number) =>
  part.means ? part.means(value) : `${part.name} is ${written(part, value)}`

/** What a program sees at its end: on the left what it gets, on the right what it expects. */
function seen(parts: readonly Part[], part: number, a: Run, b: Run): readonly [string, string] {
  if (part >= 0) {
    const { name } = parts[part]
    return [`${name} ${written(parts[part], a.after[part])}`, written(parts[part], b.after[part])]
  }
  const [got, expected] = differentWord(a, b).map((word) =>
    word ? written(WORD, word[1]) : "to leave memory as it was",
  )
  return [got, expected]
}
