/**
 * The processor's registers by name: what changes, pictures, traces and tries tell of a saved state, and the search looks at.
 * A register that `CpuState` gets is a line here, and all of them tell of it.
 */
import { FLAG_BITS, field } from "../../isa/eflags"
import { NAMES32, SEGMENT_NAMES } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { PLAIN } from "./model-specific"
import type { CpuState } from "./state"

/** Registers of a kind. "segments" are selectors, "descriptors" what the segment registers hold beside them. */
export type Group =
  | "general"
  | "flags"
  | "segments"
  | "descriptors"
  | "control"
  | "tables"
  | "debug"
  | "model-specific"

/** A register, or a named field of one: what it is called, how it is written, and where a saved state holds it. */
export interface Named {
  readonly group: Group
  /** "EAX", "IF", "CS", "CS.base", "GDTR.limit" … */
  readonly name: string
  /** So many hexadecimal digits or more; 0: in decimal. */
  readonly digits: number
  /** Undefined where the state has no such register, as that of another release or of a processor without it. */
  readonly of: (state: CpuState) => number | undefined
}

/** Numbers of the control registers that there are. */
export const CONTROL = [0, 2, 3, 4] as const
/** Numbers of the debug registers that there are. */
export const DEBUG = [0, 1, 2, 3, 6, 7] as const

/** Every register, in the order in which they are told. */
export const REGISTERS: readonly Named[] = [
  ...NAMES32.map((name, n) => named("general", name, 8, ({ reg }) => reg[n])),
  named("general", "EIP", 8, ({ eip }) => eip),
  ...FLAG_BITS.map(([name, mask]) => named("flags", name, 0, ({ flags }) => field(flags, mask))),
  ...SEGMENT_NAMES.map((name, n) => named("segments", name, 4, ({ segments }) => segments[n][0])),
  ...SEGMENT_NAMES.flatMap((name, n) => [
    named("descriptors", `${name}.base`, 8, ({ segments }) => segments[n][1]),
    named("descriptors", `${name}.limit`, 8, ({ segments }) => segments[n][2]),
    named("descriptors", `${name}.access`, 4, ({ segments }) => segments[n][3]),
  ]),
  ...CONTROL.map((n) => named("control", `CR${n}`, 8, ({ control }) => control[n])),
  named("tables", "GDTR.base", 8, ({ gdtr }) => gdtr.base),
  named("tables", "GDTR.limit", 4, ({ gdtr }) => gdtr.limit),
  named("tables", "IDTR.base", 8, ({ idtr }) => idtr.base),
  named("tables", "IDTR.limit", 4, ({ idtr }) => idtr.limit),
  ...DEBUG.map((n) => named("debug", `DR${n}`, 8, ({ debug }) => debug[n])),
  ...Object.keys(PLAIN).map((name, n) =>
    named("model-specific", name, 8, ({ modelSpecific }) => modelSpecific.values[n]),
  ),
]

function named(group: Group, name: string, digits: number, of: Named["of"]): Named {
  return { group, name, digits, of }
}

/** The registers of some groups. */
export const registersIn = (...groups: readonly Group[]): readonly Named[] =>
  REGISTERS.filter(({ group }) => groups.includes(group))

/** A register with what it held and what it holds. */
export interface Changed extends Named {
  readonly old: number | undefined
  readonly value: number | undefined
}

/** Those of some registers that differ between two states. */
export const changedIn = (registers: readonly Named[], before: CpuState, after: CpuState): Changed[] =>
  registers
    .filter(({ of }) => of(before) !== of(after))
    .map((register) => ({ ...register, old: register.of(before), value: register.of(after) }))

/** A register's value as text. */
export function written(value: number | undefined, digits: number): string {
  if (value === undefined) return "absent"
  return digits === 0 ? String(value) : hex(value, digits)
}
