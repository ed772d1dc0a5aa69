/**
 * A machine whose instructions are to be classified, as the search sees it. The search knows no machine: whoever brings a
 * `Subject` has its instructions judged, be it a processor, a processor under a monitor, or a toy.
 */
import type { Random } from "../numbers/random"

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
  /** What its values are called, if they have names. */
  readonly words?: readonly string[]
  /** What a value means, as the end of "believes that …": "interrupts are off". If not said, that the part is the value. */
  readonly means?: (value: number) => string
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
  /**
   * Changes that may be made to both states of a witness alike, so that fewer bits change in its runs. They leave the instruction, and
   * what differs, as they are.
   */
  readonly plainer?: readonly ((state: State) => State)[]
  inUserMode(state: State): boolean
  /** The instruction of a state with its operands, as a program would write it. */
  writtenIn?(state: State): string | undefined
  /** How to call the mode of a state: "ring 3". */
  modeOf(state: State): string
  /** What else decides what user mode may do: "IOPL 0"; undefined if nothing does. */
  fixedIn(state: State): string | undefined
  /** A resource's value in a state, for people: "GDTR at 00005000". */
  nameOf(state: State, differs: string): string
}

/** What differs by nothing but the mode. */
export const MODE = "mode"
