/**
 * The three theorems of 1974, each with its verdict and why, as they follow from a classification.
 * @see G. J. Popek and R. P. Goldberg, "Formal Requirements for Virtualizable Third Generation Architectures", 1974
 */
import { INSPECT } from "../numbers/host"
import { offendersOf, offendingMnemonics, type Verdicts } from "./classification"

/** A theorem's verdict, and why. */
export class Judgement {
  constructor(
    /** Whether the theorem's condition holds for the machine. */
    readonly holds: boolean,
    /** One sentence. */
    readonly reason: string,
  ) {}

  /** "Yes." or "No.", and why. */
  [INSPECT](): string {
    return `${this.holds ? "Yes" : "No"}. ${this.reason}`
  }
}

/** The three theorems of 1974. */
export class Theorems {
  constructor(
    /** Theorem 1: a monitor can be built, for every sensitive instruction is privileged. */
    readonly virtualizable: Judgement,
    /**
     * Theorem 2: a monitor can run under itself, for the machine is virtualizable and a monitor without timing
     * dependences can be built.
     */
    readonly recursive: Judgement,
    /**
     * Theorem 3: a hybrid monitor can be built, which interprets supervisor mode, for every instruction that is
     * sensitive in user mode is privileged.
     */
    readonly hybrid: Judgement,
  ) {}

  /** A line a theorem. */
  [INSPECT](): string {
    const { virtualizable, hybrid, recursive } = this
    const lines = { Virtualizable: virtualizable, "By a hybrid monitor": hybrid, Recursively: recursive }
    return Object.entries(lines)
      .map(([what, { holds, reason }]) => `${what}: ${holds ? "yes" : "no"}. ${reason}`)
      .join("\n")
  }
}

/** What follows from a classification. @see Popek and Goldberg 1974, Theorems 1, 2 and 3 */
export function theorem(classification: Verdicts<unknown>): Theorems {
  const virtualizable = firstTheorem(classification)
  return new Theorems(virtualizable, secondTheorem(virtualizable), thirdTheorem(classification))
}

function firstTheorem(classification: Verdicts<unknown>): Judgement {
  const offenders = offendersOf(classification)
  const holds = offenders.length === 0
  if (holds)
    return new Judgement(
      holds,
      "Every sensitive instruction traps in user mode, so a monitor sees all that concerns it.",
    )
  const names = listed(offendingMnemonics(classification))
  const said =
    offenders.length === 1
      ? "1 form is sensitive and completes"
      : `${offenders.length} forms are sensitive and complete`
  return new Judgement(holds, `${said} in user mode: ${names}.`)
}

/** The clock of the machine is no listed resource, and a trap-and-emulate monitor needs none: what remains is the first theorem. */
function secondTheorem(first: Judgement): Judgement {
  const reason = first.holds
    ? "The machine is virtualizable, and a monitor that depends on no timing can be built, so it runs under itself."
    : "A machine that is not virtualizable is not recursively virtualizable either."
  return new Judgement(first.holds, reason)
}

function thirdTheorem({ forms }: Verdicts<unknown>): Judgement {
  const missed = forms.filter(({ userSensitive, offender }) => userSensitive && offender)
  const holds = missed.length === 0
  if (holds)
    return new Judgement(
      holds,
      "Every instruction that is sensitive in user mode traps there, so a monitor need only interpret supervisor mode.",
    )
  const names = listed([...new Set(missed.map(({ mnemonic }) => mnemonic))])
  const said =
    missed.length === 1
      ? "1 form is sensitive in user mode itself, and completes"
      : `${missed.length} forms are sensitive in user mode itself, and complete`
  return new Judgement(holds, `${said} there: ${names}.`)
}

/** "A, B and C". */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`
}
