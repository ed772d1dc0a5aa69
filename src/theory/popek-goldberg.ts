/**
 * Which instructions are privileged, which are sensitive, and which are neither: found out by running them. Nothing here
 * knows a machine; a `Subject` brings its instructions, its states and a way to run one in the other.
 * @see G. J. Popek and R. P. Goldberg, "Formal Requirements for Virtualizable Third Generation Architectures", 1974
 */
import { stopRequested } from "../numbers/host"
import { type Random, random } from "../numbers/random"
import type { BitsApart, Findings, Testimony } from "./classification"
import {
  bitsBetween,
  IN_SUPERVISOR_MODE,
  isPlainer,
  OF_RESOURCE,
  type Plainness,
  plainnessOf,
} from "./plainness"
import { type Family, type Form, MODE, type Run, type Subject } from "./subject"
import { type Pair, tellChange, tellDifference, tellReversed, tellTrap } from "./tell"
import { areTwins, changedResource } from "./twins"

/** Two states and what they show. */
export interface Found<State> {
  /** What the two together prove. */
  readonly shows: Testimony
  /** The one thing that differs: "mode", or a resource's name. */
  readonly differs: string
  /** The first of the two. */
  readonly left: State
  /** The second, which differs from the first in `differs` alone. */
  readonly right: State
  /** What the instruction did in each, in a sentence for people. */
  readonly sentence: string
  /** In how many bits of the processor the two differ, before the instruction and after it. */
  readonly bits: BitsApart
}

/** What the search found out about a form, with the states that show it. */
export interface Verdict<State, OwnForm extends Form = Form> extends Findings {
  readonly form: OwnForm
  readonly found: { readonly [shows in Testimony]?: Found<State> }
}

const STATES_A_FAMILY = 3

/** Choices for one form: they depend on the seed and the form's name, and not on what was tried before. */
const choicesFor = (seed: number, { form }: Form): Random =>
  random([...form].reduce((mixed, letter) => (Math.imul(mixed, 31) + letter.charCodeAt(0)) | 0, seed))

/**
 * Classify one form by at least `states` states; undefined if it does not exist.
 * @throws Error if the notebook's host asks to stop
 */
export function classifyForm<State, OwnForm extends Form>(
  subject: Subject<State, OwnForm>,
  form: OwnForm,
  states: number,
  seed: number,
): Verdict<State, OwnForm> | undefined {
  const familyOf = subject.begin(form, choicesFor(seed, form))
  if (!familyOf) return undefined
  const search = new Search(subject, form)
  for (let round = 0; search.tried < states; round++) {
    if (stopRequested()) throw new Error("the search was interrupted before it had a result")
    search.look(familyOf(round))
  }
  return search.verdict()
}

/** The search for one form: what was seen so far. */
class Search<State, OwnForm extends Form> {
  tried = 0
  private setAside = 0
  private readonly pairs = { completed: 0, trapped: 0, reversed: 0 }
  private completesInUserMode = false
  private userSensitive = false
  private readonly found: { [shows in Testimony]?: Found<State> } = {}
  /** What was added to their ranks. */
  private readonly worse: { [shows in Testimony]?: number } = {}
  private readonly plainness: { [shows in Testimony]?: Plainness } = {}

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
    if (s && supervisor !== undefined) {
      this.control([u, s], this.pair(MODE, user, supervisor), true)
      this.control([s, u], this.pair(MODE, supervisor, user), false)
      this.modes(u, s, this.pair(MODE, user, supervisor))
    } else this.control([u, t], this.pair(family.differs, user, twin), true)
    this.twins(family, u, s, t)
  }

  private pair(differs: string, left: State, right: State): Pair<State> {
    return { form: this.form.form, differs, left, right }
  }

  /** A pair that differs in mode only. */
  private modes(u: Run, s: Run, pair: Pair<State>): void {
    const { pairs } = this
    if (isAside(u, s)) this.setAside += 2
    else if (u.trap) {
      pairs.trapped++
      this.keep("privileged", pair, [u, s], 0)
    } else if (s.trap) {
      pairs.reversed++
      this.keep("reversed", pair, [u, s], 0)
    } else {
      pairs.completed++
      this.compare(u, s, pair, 0)
    }
  }

  /** A pair that differs in a resource only. */
  private twins(family: Family<State>, u: Run, s: Run | undefined, t: Run): void {
    const { user, supervisor, twin, differs, outside } = family
    const inUserMode = family.twinOf === "user" || !s || supervisor === undefined
    const [run, state] = inUserMode ? [u, user] : [s, supervisor]
    if (isAside(run, t)) this.setAside++
    else if (!run.trap && !t.trap) {
      const worse = OF_RESOURCE + (inUserMode ? 0 : IN_SUPERVISOR_MODE)
      const unlike = this.compare(run, t, this.pair(differs, state, twin), worse)
      if (unlike && inUserMode) this.userSensitive = true
    }
    if (!outside) this.control([t, run], this.pair(differs, twin, state), inUserMode)
  }

  /** @returns whether the two ends are no twins */
  private compare(a: Run, b: Run, pair: Pair<State>, worse: number): boolean {
    if (areTwins(a, b)) return false
    this.keep("behaviour", pair, [a, b], worse)
    return true
  }

  private control(runs: readonly [Run, Run], pair: Pair<State>, inUserMode: boolean): void {
    const [run] = runs
    if (run.trap) return
    if (inUserMode) this.completesInUserMode = true
    if (changedResource(this.subject.parts, run) < 0) return
    if (inUserMode) this.userSensitive = true
    this.keep("control", pair, runs, inUserMode ? 0 : IN_SUPERVISOR_MODE)
  }

  /** Keep a pair if it is plainer than the one before. @returns whether it is */
  private keep(shows: Testimony, pair: Pair<State>, runs: readonly [Run, Run], worse: number): boolean {
    const plainness = plainnessOf(shows, this.subject.parts, runs, worse)
    if (!plainness || !isPlainer(plainness, this.plainness[shows])) return false
    const { differs, left, right } = pair
    const sentence = TESTIMONIES[shows](this.subject, pair, ...runs) ?? ""
    const bits = bitsApart(...runs)
    this.plainness[shows] = plainness
    this.worse[shows] = worse
    this.found[shows] = { shows, differs, left, right, sentence, bits }
    return true
  }

  /** Make both states of each witness otherwise, alike, as long as it gets plainer. */
  private makePlainer(): void {
    const { subject, form } = this
    for (const found of Object.values(this.found)) {
      let pair: Pair<State> = { form: form.form, ...found }
      for (const change of subject.plainer ?? []) {
        const changed = { ...pair, left: change(pair.left), right: change(pair.right) }
        const runs = [subject.run(changed.left, 0), subject.run(changed.right, 1)] as const
        if (this.keep(found.shows, changed, runs, this.worse[found.shows] ?? 0)) pair = changed
      }
    }
  }

  verdict(): Verdict<State, OwnForm> {
    this.makePlainer()
    const { found, completesInUserMode, userSensitive, form, tried, setAside, pairs } = this
    const [control, behaviour] = [found.control !== undefined, found.behaviour !== undefined]
    const privileged = pairs.trapped > 0 && pairs.completed + pairs.reversed === 0
    const offender = (control || behaviour) && completesInUserMode
    return { form, privileged, control, behaviour, userSensitive, offender, tried, setAside, pairs, found }
  }
}

/** Memory traps, and traps in both modes, say nothing about privilege. */
const isAside = (a: Run, b: Run) =>
  a.trap?.aside === true || b.trap?.aside === true || (a.trap !== undefined && b.trap !== undefined)

const bitsApart = (a: Run, b: Run): BitsApart => ({
  before: bitsBetween(a.before, b.before),
  after: bitsBetween(a.after, b.after),
})

/** What two states show when they are run once more, maybe on another processor. */
export function testify<State>(
  subject: Subject<State>,
  form: string,
  { shows, differs, left, right }: Omit<Found<State>, "sentence" | "bits">,
): { readonly holds: boolean; readonly sentence: string } {
  const pair = { form, differs, left, right }
  const [a, b] = [subject.run(left, 0), subject.run(right, 1)]
  const sentence = TESTIMONIES[shows](subject, pair, a, b)
  return sentence === undefined ? showsNoLonger(form, a, b) : { holds: true, sentence }
}

/** What two runs must show for each testimony, and the sentence that tells it; undefined if they do not. */
const TESTIMONIES: Readonly<
  Record<Testimony, <State>(subject: Subject<State>, pair: Pair<State>, a: Run, b: Run) => string | undefined>
> = {
  privileged: (subject, pair, { trap }, b) =>
    trap && !trap.aside && !b.trap ? tellTrap(subject, pair, trap) : undefined,
  reversed: (subject, pair, a, { trap }) =>
    trap && !trap.aside && !a.trap ? tellReversed(subject, pair, trap) : undefined,
  control: (subject, pair, a) => {
    const part = a.trap ? -1 : changedResource(subject.parts, a)
    return part < 0 ? undefined : tellChange(subject, pair, a, part)
  },
  behaviour: (subject, pair, a, b) =>
    a.trap || b.trap || areTwins(a, b) ? undefined : tellDifference(subject, pair, a, b),
}

function showsNoLonger(form: string, a: Run, b: Run) {
  const trap = a.trap ?? b.trap
  const what = trap ? `it traps with ${trap.name}: ${trap.says}` : "it completes, and shows no difference"
  return { holds: false, sentence: `${form} shows this no longer: ${what}.` }
}
