/**
 * Which instructions are privileged, which are sensitive, and which are neither: found out by running them. Nothing here
 * knows a machine; a `Subject` brings its instructions, its states and a way to run one in the other.
 * @see G. J. Popek and R. P. Goldberg, "Formal Requirements for Virtualizable Third Generation Architectures", 1974
 */
import { type Random, random } from "../numbers/random"

/** One form of an instruction. */
export interface Form {
  /** Unique. */
  readonly form: string
  readonly mnemonic: string
  readonly group: string
  readonly claim?: string
}

/** A named part of a machine's state that one number holds. */
export interface Part {
  readonly name: string
  /** A resource of the machine: an instruction that changes it is control-sensitive. */
  readonly listed: boolean
  /** Hexadecimal digits to write it with; 0: in decimal. */
  readonly digits: number
}

/** Why an instruction did not complete. */
export interface Trap {
  readonly name: string
  readonly says: string
  /** A trap of memory or of debugging, which is set aside, as in 1974. */
  readonly aside: boolean
}

/** What came of one instruction. The subject may use a run's arrays again later. */
export interface Run {
  readonly trap: Trap | undefined
  /** A number for each part. */
  readonly before: Int32Array
  readonly after: Int32Array
  /** What it changed in memory: address and new value of each word, in turn. */
  readonly memory: readonly number[]
  /** The same with addresses as they are relative to tables that moved, where the machine has such; else the same. */
  readonly places: readonly number[]
}

/** States to be looked at together: they differ in one thing each. */
export interface Family<State> {
  readonly user: State
  /** As `user`, but in supervisor mode; missing where user mode has no such twin. */
  readonly supervisor: State | undefined
  /** As one of the two, but for one resource. */
  readonly twin: State
  readonly twinOf: "user" | "supervisor"
  readonly differs: string
  /** The twin breaks what is fixed: only whether the ends are twins counts, not what it does. */
  readonly outside: boolean
}

/** A machine whose instructions are to be classified. */
export interface Subject<State, OwnForm extends Form = Form> {
  readonly forms: readonly OwnForm[]
  readonly parts: readonly Part[]
  /** Seeded states for a form, a family for each round; undefined if the form does not exist. */
  begin(form: OwnForm, random: Random): ((round: number) => Family<State>) | undefined
  /** Run a form's instruction once. The arrays of `slot` are used again. */
  run(state: State, slot: 0 | 1 | 2): Run
  /** How to call the mode of a state: "ring 3". */
  modeOf(state: State): string
  /** A resource's value in a state, for people: "GDTR at 00005000". */
  nameOf(state: State, differs: string): string
}

/** What a witness testifies. */
export type Testimony = "privileged" | "control" | "behaviour"

/** Two states and what they show. */
export interface Found<State> {
  readonly shows: Testimony
  readonly differs: string
  readonly left: State
  readonly right: State
  readonly sentence: string
}

/** What the search found out about a form. */
export interface Verdict<State, OwnForm extends Form = Form> {
  readonly form: OwnForm
  readonly privileged: boolean
  readonly control: boolean
  readonly behaviour: boolean
  readonly userSensitive: boolean
  readonly offender: boolean
  readonly tried: number
  readonly setAside: number
  readonly found: { readonly [shows in Testimony]?: Found<State> }
}

/** What differs by nothing but the mode. */
export const MODE = "mode"
const STATES_A_FAMILY = 3

/** Choices for one form: they depend on the seed and the form's name, and not on what was tried before. */
const choicesFor = (seed: number, { form }: Form) =>
  random([...form].reduce((mixed, letter) => (Math.imul(mixed, 31) + letter.charCodeAt(0)) | 0, seed))

/** Classify one form by at least `states` states; undefined if it does not exist. */
export function classifyForm<State, OwnForm extends Form>(
  subject: Subject<State, OwnForm>,
  form: OwnForm,
  states: number,
  seed: number,
): Verdict<State, OwnForm> | undefined {
  const familyOf = subject.begin(form, choicesFor(seed, form))
  if (!familyOf) return undefined
  const search = new Search(subject, form)
  for (let round = 0; search.tried < states; round++) search.look(familyOf(round))
  return search.verdict()
}

/** Whether two runs that both completed ended as twins: what differed before differs in the same way, and nothing else. */
export function areTwins(a: Run, b: Run): boolean {
  for (let n = 0; n < a.after.length; n++) if (!alike(a, b, n)) return false
  return firstDifferentWord(a, b) < 0
}

const alike = (a: Run, b: Run, part: number) =>
  (a.after[part] ^ b.after[part]) === (a.before[part] ^ b.before[part])

/** The first word of memory in which two ends differ, as an index; -1 if none, or if only tables moved. */
const firstDifferentWord = (a: Run, b: Run): number =>
  difference(a.places, b.places) < 0 ? -1 : difference(a.memory, b.memory)

function difference(a: readonly number[], b: readonly number[]): number {
  for (let n = 0; n < Math.max(a.length, b.length); n++) if (a[n] !== b[n]) return n - (n % 2)
  return -1
}

/** The listed part that a run changed; -1 if none. */
export function changedResource(parts: readonly Part[], { before, after }: Run): number {
  for (let n = 0; n < parts.length; n++) if (parts[n].listed && before[n] !== after[n]) return n
  return -1
}

/** The search for one form: what was seen so far. */
class Search<State, OwnForm extends Form> {
  tried = 0
  private setAside = 0
  private trapped = 0
  private completesInUserMode = false
  private userCompletesInPair = false
  private userSensitive = false
  private readonly found: { [shows in Testimony]?: Found<State> } = {}
  /** How good the witnesses are: fewer is better. */
  private readonly rank: Record<Testimony, number> = { privileged: 9e9, control: 9e9, behaviour: 9e9 }

  constructor(
    private readonly subject: Subject<State, OwnForm>,
    private readonly form: OwnForm,
  ) {}

  look(family: Family<State>): void {
    const { subject } = this
    const { user, supervisor, twin } = family
    const u = subject.run(user, 0)
    const s = supervisor === undefined ? undefined : subject.run(supervisor, 1)
    const t = subject.run(twin, 2)
    this.tried += s ? STATES_A_FAMILY : STATES_A_FAMILY - 1
    if (!u.trap) this.completesInUserMode = true
    this.control(u, user, supervisor ?? user, true)
    if (s && supervisor) {
      this.control(s, supervisor, user, false)
      this.modes(u, s, user, supervisor)
    }
    this.twins(family, u, s, t)
  }

  /** A pair that differs in mode only. */
  private modes(u: Run, s: Run, user: State, supervisor: State): void {
    if (isAside(u, s)) {
      this.setAside += 2
      return
    }
    if (!u.trap) this.userCompletesInPair = true
    else if (!s.trap) {
      this.trapped++
      this.keep("privileged", 0, () => [
        MODE,
        user,
        supervisor,
        tellTrap(this.subject, this.form.form, u, user, supervisor),
      ])
    }
    if (!u.trap && !s.trap) this.compare(MODE, u, s, user, supervisor)
  }

  private twins(
    { user, supervisor, twin, twinOf, differs, outside }: Family<State>,
    u: Run,
    s: Run | undefined,
    t: Run,
  ) {
    const base = twinOf === "user" || !s ? u : s
    const state = base === u ? user : (supervisor as State)
    if (isAside(base, t)) this.setAside++
    else if (!base.trap && !t.trap && this.compare(differs, base, t, state, twin) && base === u)
      this.userSensitive = true
    if (outside) return
    this.control(t, twin, state, base === u)
    if (base === u && !t.trap) this.completesInUserMode = true
  }

  /** @returns whether the two ends are no twins */
  private compare(differs: string, a: Run, b: Run, left: State, right: State): boolean {
    if (areTwins(a, b)) return false
    const rank = this.unlikeness(a, b) + (differs === MODE ? 0 : 0.5) + this.firstUnlike(a, b) / 1000
    this.keep("behaviour", rank, () => [
      differs,
      left,
      right,
      tellDifference(this.subject, this.form.form, differs, a, b, left, right),
    ])
    return true
  }

  private control(run: Run, state: State, other: State, user: boolean): void {
    if (run.trap) return
    const { parts } = this.subject
    const part = changedResource(parts, run)
    if (part < 0) return
    if (user) this.userSensitive = true
    const rank = (user ? 0 : 100) + changes(run)
    this.keep("control", rank, () => [
      MODE,
      state,
      other,
      tellChange(this.subject, this.form.form, run, part, state),
    ])
  }

  private unlikeness(a: Run, b: Run): number {
    let count = firstDifferentWord(a, b) < 0 ? 0 : 1
    for (let n = 0; n < a.after.length; n++) if (!alike(a, b, n)) count++
    return count
  }

  /** Of witnesses that are equally plain, the one whose difference stands first among the machine's parts. */
  private firstUnlike(a: Run, b: Run): number {
    const first = this.subject.parts.findIndex(({ listed }, n) => listed && !alike(a, b, n))
    return first < 0 ? a.after.length : first
  }

  private keep(
    shows: Testimony,
    rank: number,
    make: () => readonly [differs: string, left: State, right: State, sentence: string],
  ): void {
    if (rank >= this.rank[shows]) return
    this.rank[shows] = rank
    const [differs, left, right, sentence] = make()
    this.found[shows] = { shows, differs, left, right, sentence }
  }

  verdict(): Verdict<State, OwnForm> {
    const { found, completesInUserMode, userSensitive, form, tried, setAside } = this
    const [control, behaviour] = [found.control !== undefined, found.behaviour !== undefined]
    const privileged = this.trapped > 0 && !this.userCompletesInPair
    const offender = (control || behaviour) && completesInUserMode
    return { form, privileged, control, behaviour, userSensitive, offender, tried, setAside, found }
  }
}

type Teller<State> = Pick<Subject<State>, "parts" | "modeOf" | "nameOf">

function tellTrap<State>(
  subject: Teller<State>,
  form: string,
  run: Run,
  user: State,
  supervisor: State,
): string {
  const { name, says } = run.trap as Trap
  return `${form} in ${subject.modeOf(user)} traps with ${name}: ${says}. In ${subject.modeOf(supervisor)} it completes.`
}

function tellChange<State>(
  subject: Teller<State>,
  form: string,
  { before, after }: Run,
  part: number,
  state: State,
) {
  const { name } = subject.parts[part]
  const [from, to] = [before, after].map((values) => written(subject.parts[part], values[part]))
  return `${form} in ${subject.modeOf(state)} completes and changes ${name} from ${from} to ${to}.`
}

function tellDifference<State>(
  subject: Teller<State>,
  form: string,
  differs: string,
  a: Run,
  b: Run,
  left: State,
  right: State,
): string {
  const [first, second] = effects(subject.parts, a, b)
  const [here, there] = [left, right].map((state) =>
    differs === MODE
      ? `in ${subject.modeOf(state)}`
      : `in ${subject.modeOf(state)} with ${subject.nameOf(state, differs)}`,
  )
  return `${form} ${here}: ${first}, no trap. ${capital(there)}: ${second}, no trap.`
}

/** What two states show when they are run once more, maybe on another processor. */
export function testify<State>(
  subject: Subject<State>,
  form: string,
  { shows, differs, left, right }: Omit<Found<State>, "sentence">,
): { readonly holds: boolean; readonly sentence: string } {
  const [a, b] = [subject.run(left, 0), subject.run(right, 1)]
  const trapped = [a, b].find(({ trap }) => trap)?.trap
  if (shows === "privileged" && a.trap && !a.trap.aside && !b.trap)
    return { holds: true, sentence: tellTrap(subject, form, a, left, right) }
  const part = a.trap ? -1 : changedResource(subject.parts, a)
  if (shows === "control" && part >= 0)
    return { holds: true, sentence: tellChange(subject, form, a, part, left) }
  if (shows === "behaviour" && !trapped && !areTwins(a, b))
    return { holds: true, sentence: tellDifference(subject, form, differs, a, b, left, right) }
  const what = trapped
    ? `it traps with ${trapped.name}: ${trapped.says}`
    : "it completes, and shows no difference"
  return { holds: false, sentence: `${form} shows this no longer: ${what}.` }
}

const capital = (text: string) => text[0].toUpperCase() + text.slice(1)

/** Memory traps, and traps in both modes, say nothing about privilege. */
const isAside = (a: Run, b: Run) =>
  a.trap?.aside === true || b.trap?.aside === true || (a.trap !== undefined && b.trap !== undefined)

function changes({ before, after, memory }: Run): number {
  let count = memory.length / 2
  for (let n = 0; n < before.length; n++) if (before[n] !== after[n]) count++
  return count
}

/** A number as people read it. */
export const written = ({ digits }: Pick<Part, "digits">, value: number) =>
  digits === 0 ? String(value) : (value >>> 0).toString(16).toUpperCase().padStart(digits, "0")

/** What two runs did to the part in which their ends differ: listed resources before others, memory last. */
function effects(parts: readonly Part[], a: Run, b: Run): readonly [string, string] {
  const different = parts.map((_, n) => n).filter((n) => !alike(a, b, n))
  const part = different.find((n) => parts[n].listed) ?? different[0]
  if (part !== undefined) return [effect(parts[part], part, a), effect(parts[part], part, b)]
  const word = firstDifferentWord(a, b)
  return [memoryEffect(a, word), memoryEffect(b, word)]
}

function effect(part: Part, n: number, { before, after }: Run): string {
  return `${part.name} ${before[n] === after[n] ? "stays" : "becomes"} ${written(part, after[n])}`
}

const WORD = { digits: 8 }
function memoryEffect({ memory }: Run, at: number): string {
  if (at >= memory.length) return "memory stays as it was"
  return `memory at ${written(WORD, memory[at])} becomes ${written(WORD, memory[at + 1])}`
}
