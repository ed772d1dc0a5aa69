/** Two moments side by side: every value that is not the same in both, as text. */
import { hex } from "../numbers/int"
import type { Cell, Frame } from "./view"

/** A value that differs. */
export interface Difference {
  /** "ring", "IF", "EAX", "CS", "GDTR.base", "[00007FFCh]" … */
  readonly name: string
  /** Its value in the left frame, as text, in hexadecimal but for flags and ring; – if it is not there. */
  readonly left: string
  /** Its value in the right frame. */
  readonly right: string
}

/** Stands for a value that is not there. */
export const NONE = "–"

type Values = ReadonlyMap<string, string>

/** What differs between two frames: ring, registers, flags, segments, control registers, stack, and memory that the step wrote. */
export function differences(left: Frame, right: Frame): Difference[] {
  const [one, other] = [valuesOf(left), valuesOf(right)]
  const names = [...new Set([...one.keys(), ...other.keys()])]
  return names
    .filter((name) => one.get(name) !== other.get(name))
    .map((name) => ({ name, left: one.get(name) ?? NONE, right: other.get(name) ?? NONE }))
}

function valuesOf(frame: Frame): Values {
  const written = frame.changes.filter(({ what }) => what === "memory")
  return new Map<string, string>([
    ["ring", String(frame.ring)],
    ...cells(frame.flags, String),
    ...cells(frame.segments, (value) => hex(value, 4)),
    ...cells(frame.registers, hex),
    ...cells(frame.control, hex),
    ...frame.stack.map(({ address, value }) => [`[${hex(address)}]`, hex(value)] as const),
    ...written.map(({ name, value }) => [name, value] as const),
  ])
}

const cells = (all: readonly Cell[], write: (value: number) => string) =>
  all.map(({ name, value }) => [name, write(value)] as const)
