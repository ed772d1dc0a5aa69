/** A case of the QEMU comparison: how it differs from the usual world, and what it runs. */
import { AT, FIELD, type Field, inRing, type Poke } from "./world"

/** A case as the tables of `groups` write it. */
export interface Case {
  readonly name: string
  /** The ring that it runs in; 0 if not said. */
  readonly ring?: number
  /** Fields of its task state that are not usual. */
  readonly state?: Partial<Record<Field, number>>
  /** More that is not usual. */
  readonly pokes?: readonly Poke[]
  /** Assembly, at linear 20000h. Labels begin with a dot. */
  readonly code: string
  /** Size of its code; 32 if not said. */
  readonly bits?: 16 | 32
}

const hex = (value: number) => `0x${(value >>> 0).toString(16)}`

function pokesOf({ ring = 0, state = {}, pokes = [] }: Case): Poke[] {
  const fields = { ...(ring === 0 ? {} : inRing(ring)), ...state }
  const poked = Object.entries(fields).map(([name, value]): Poke => [AT.taskA + FIELD[name as Field], value])
  return [...poked, ...pokes]
}

/** The case as data of the image. */
export function caseText(each: Case, n: number): string {
  const pokes = pokesOf(each).flatMap(([address, value]) => [hex(address), hex(value)])
  return [
    `case_${n}: db '${each.name}', 0`,
    `  dd ${[hex(pokes.length / 2), ...pokes].join(", ")}`,
    "  dd .end_of_case - .begin_of_case",
    `bits ${each.bits ?? 32}`,
    ".begin_of_case:",
    each.code,
    ".end_of_case:",
    "bits 32",
  ].join("\n")
}
