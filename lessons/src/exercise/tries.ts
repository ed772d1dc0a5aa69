/** How often somebody has honestly tried one question, and what that earns: hints that say more, then the solution. */
import type { Feedback } from "ringlab"

/** Milliseconds: nobody reads a question or a hint sooner. What is answered before is guessed. */
const READING = 2000

/** So many misses earn the rule, the run and the offer of the solution. */
const ENOUGH = 2

export class Tries {
  /** @param now a clock in milliseconds */
  constructor(private readonly now: () => number) {}

  /** Honest misses. */
  misses = 0
  /** Whether the solution was looked at: what is answered afterwards is not the student's own. */
  solutionSeen = false

  /** A question was shown. @param misses of earlier visits to it */
  begin(misses = 0): void {
    this.misses = misses
    this.solutionSeen = false
    this.wrong.clear()
    this.shown = this.now()
  }

  /** An answer was checked, and what was said is shown now. */
  told({ right, counts }: Feedback, answer: string): void {
    const guessed = counts === false || this.now() - this.shown < READING || this.wrong.has(answer)
    this.shown = this.now()
    if (right) return
    this.wrong.add(answer)
    if (!guessed) this.misses += 1
  }

  /** Whether there were honest tries enough for more than a hint. */
  get areEnough(): boolean {
    return this.misses >= ENOUGH
  }

  private readonly wrong = new Set<string>()
  private shown = 0
}
