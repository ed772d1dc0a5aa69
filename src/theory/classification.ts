/**
 * What a classification of instructions says, as plain data, and the sets of Popek and Goldberg.
 * @see G. J. Popek and R. P. Goldberg, "Formal Requirements for Virtualizable Third Generation Architectures", 1974
 */

/** What stays fixed while one classification is made. Plain data. */
export interface Conditions {
  /** The ring that stands for user mode: 3, or 1, where a deprivileged kernel runs. */
  readonly ring: 1 | 3
  /** I/O privilege level in EFLAGS: CLI, STI, IN and OUT go by it. */
  readonly iopl: 0 | 1 | 2 | 3
  /** CR4.UMIP: SGDT, SIDT, SLDT, SMSW and STR trap outside ring 0. */
  readonly umip: boolean
  /** Mnemonics, as in `FormVerdict.mnemonic`, that raise #GP(0) outside ring 0 in this imaginary processor. */
  readonly repaired: readonly string[]
  /** Chooses the states that are tried: a whole number. The same one tries the same states. */
  readonly seed: number
}

/** As a processor without UMIP runs a program of ring 3. */
export const CONDITIONS: Conditions = { ring: 3, iopl: 0, umip: false, repaired: [], seed: 1 }

/** The rings of a situation: user mode's, or the supervisor's. */
type SituationRing = 0 | 1 | 3

/** Which of two equal copies the processor uses. */
export type Copy = 0 | 1

/**
 * Where one instruction begins: what differs from situation to situation. Everything else is the same small world.
 * Plain data; `situate` puts a machine into it.
 */
export interface Situation {
  /** CPL. */
  readonly ring: SituationRing
  /** An 8086 program: EFLAGS.VM is set. */
  readonly virtual: boolean
  /** The bytes of the instruction. */
  readonly bytes: readonly number[]
  /** EAX ECX EDX EBX ESP EBP ESI EDI, signed. */
  readonly registers: readonly number[]
  /** EFLAGS. */
  readonly flags: number
  /** CR0, signed. */
  readonly cr0: number
  /** CR4, signed. */
  readonly cr4: number
  /** Each table stands in memory twice, with the same contents; these are in use. */
  readonly places: {
    readonly gdt: Copy
    readonly idt: Copy
    readonly ldt: Copy
    readonly task: Copy
    readonly pages: Copy
  }
  /** Doublewords on top of the stack, and where the addresses in registers point. */
  readonly stack: readonly number[]
  /** Doublewords where the addresses in registers point, lowest first. */
  readonly data: readonly number[]
  /** Mnemonics that trap outside ring 0. */
  readonly repaired: readonly string[]
}

/** What a witness testifies; `reversed`: it completes in user mode and traps in supervisor mode. */
export type Testimony = "privileged" | "control" | "behaviour" | "reversed"

/** Two situations that differ in one named thing, and what the instruction did in each. */
export interface Witness {
  /** The instruction's form, as in `FormVerdict.form`. */
  readonly form: string
  /** What the two together prove. */
  readonly shows: Testimony
  /** The instruction. */
  readonly bytes: readonly number[]
  /** The one thing: "mode", "GDTR", "IF" … */
  readonly differs: string
  /** The first of the two. */
  readonly left: Situation
  /** The second, which differs from the first in `differs` alone. */
  readonly right: Situation
  /** What the instruction did in each, in a sentence for people. */
  readonly sentence: string
  /** In how many bits of the processor the two differ. Witnesses of releases 0.1.0 do not say it. */
  readonly bits?: BitsApart
}

/** In how many bits of the processor two states differ. */
export interface BitsApart {
  /** Before the instruction: what the search set otherwise, in all registers that hold it. */
  readonly before: number
  /** After it. */
  readonly after: number
}

/** "2 bits before the instruction and 3 after it". */
export function bitsInWords({ before, after }: BitsApart): string {
  return `${before} bit${before === 1 ? "" : "s"} before the instruction and ${after === before ? "as many" : after} after it`
}

/** How the pairs of states ended that differ in mode only; those that were set aside are not among them. */
export interface Pairs {
  /** In both modes it completed. */
  readonly completed: number
  /** In user mode it trapped, and in supervisor mode it completed. */
  readonly trapped: number
  /**
   * In user mode it completed, and in supervisor mode it trapped. A behaviour-sensitive form must complete in both, so this
   * makes none; but a guest's kernel misses a trap, and whoever compares traps, too, calls it sensitive.
   */
  readonly reversed: number
}

/** What a search found out about a form of an instruction. */
export interface Findings {
  /** In all pairs that differ in mode only it traps in user mode and completes in supervisor mode. */
  readonly privileged: boolean
  /** From some state it completes and changes a listed resource. */
  readonly control: boolean
  /** From some twin states it completes, and the ends are not twins. */
  readonly behaviour: boolean
  /** Sensitive already when only states of user mode are looked at. */
  readonly userSensitive: boolean
  /** Sensitive, and completes in user mode. */
  readonly offender: boolean
  /** States that it was run from. */
  readonly tried: number
  /** Of these, states of pairs that were set aside: a memory trap, or a trap in both modes. */
  readonly setAside: number
  /** How those of its pairs that differ in mode only ended. */
  readonly pairs: Pairs
}

/** What was found out about one form of an instruction: a row of the table, an operand size, memory or register. */
export interface FormVerdict<Shown = Witness> extends Findings {
  /** Unique: "POPFW", "MOV r32/m16, Sreg · memory". */
  readonly form: string
  /** Its name without operands, as `Conditions.repaired` has it: "POPF", "MOV Sreg". */
  readonly mnemonic: string
  /** One of `GROUPS`. */
  readonly group: string
  /** For each thing that was found true of it, two states that show it. */
  readonly witnesses: { readonly [shows in Testimony]?: Shown }
  /** What the instruction table claims; compared in tests only. */
  readonly claim?: string
}

/** One complete search. */
export interface Classification<Given = Conditions, Shown = Witness> {
  /** What was fixed. */
  readonly conditions: Given
  /** A verdict for each form that exists under these conditions, in the table's order. */
  readonly forms: readonly FormVerdict<Shown>[]
  /** States tried in all. */
  readonly tried: number
}

/** Verdicts about the instructions of any machine. */
export interface Verdicts<Shown> {
  readonly forms: readonly FormVerdict<Shown>[]
}

/** Privileged or sensitive, both, or neither. */
type Kind = "privileged" | "sensitive" | "both" | "neither"

/** Whether a form is sensitive in one way or the other. */
export const isSensitive = ({ control, behaviour }: FormVerdict<unknown>) => control || behaviour

/** Which of the two sets a form lies in. */
export function kindOf(form: FormVerdict<unknown>): Kind {
  if (isSensitive(form)) return form.privileged ? "both" : "sensitive"
  return form.privileged ? "privileged" : "neither"
}

/** Forms that keep the theorem from holding. */
export const offendersOf = <Shown>({ forms }: Verdicts<Shown>) => forms.filter(({ offender }) => offender)

/** Mnemonics of the offenders, each once, in the table's order. */
export const offendingMnemonics = (classification: Verdicts<unknown>) => [
  ...new Set(offendersOf(classification).map(({ mnemonic }) => mnemonic)),
]

/** Forms that are no offenders, and yet complete in user mode where supervisor mode traps. @see Pairs.reversed */
export const reversedOnly = <Shown>({ forms }: Verdicts<Shown>) =>
  forms.filter(({ offender, pairs }) => !offender && pairs.reversed > 0)
