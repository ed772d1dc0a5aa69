/**
 * Registers as answers: `machine.eax`, `run.at(25).cs`, `run.at(25).flags.IF`. Names and values are those of the list of
 * registers; nothing here is on a path that instructions take.
 */

import type { FLAG_BITS } from "../../isa/eflags"
import type { NAMES32, SEGMENT_NAMES } from "../../isa/registers"
import { withCard } from "../../numbers/card"
import { flagsLine } from "./cards"
import { type CONTROL, type DEBUG, registersIn } from "./registers"
import type { CpuState } from "./state"

/** "eax" … "edi", "eip", "es" … "gs", "ldtr", "tr", "cr0" …, "dr0" …: as assembly writes them. */
export type RegisterName =
  | Lowercase<(typeof NAMES32)[number] | "EIP" | (typeof SEGMENT_NAMES)[number]>
  | `cr${(typeof CONTROL)[number]}`
  | `dr${(typeof DEBUG)[number]}`

/** "CF", "ZF", "IF", "IOPL" … */
export type FlagName = (typeof FLAG_BITS)[number][0]

/** The flags by name: 0 or 1, and IOPL 0 to 3. */
export type Flags = { readonly [Name in FlagName]: number }

/** Registers by name, as unsigned numbers; of segment registers, LDTR and TR the selector. */
export type Registers = { readonly [Name in RegisterName]: number }

/** What answers with registers and flags by name. */
export interface AnswersByName extends Registers {
  /** The flags by name: `flags.IF` is 0 or 1, `flags.IOPL` 0 to 3. */
  readonly flags: Flags
}

const NAMED = registersIn("general", "segments", "control", "debug")
const FLAGS = registersIn("flags")

/** The flags of a saved state. */
export const flagsOf = (state: CpuState) =>
  withCard(Object.fromEntries(FLAGS.map(({ name, of }) => [name, of(state)])) as Flags, () => ({
    title: flagsLine(state),
  }))

/**
 * Let all objects of a class answer. The class says so beside itself: `interface Machine extends AnswersByName {}`.
 * @param stateOf the state that is asked
 */
export function answerByName<T extends AnswersByName>(prototype: T, stateOf: (subject: T) => CpuState): void {
  const answer = (name: string, of: (state: CpuState) => unknown) =>
    Object.defineProperty(prototype, name, {
      get(this: T) {
        return of(stateOf(this))
      },
      configurable: true,
    })
  for (const { name, of } of NAMED) answer(name.toLowerCase(), (state) => (of(state) ?? 0) >>> 0)
  answer("flags", flagsOf)
}
