/**
 * Two moments to be looked at side by side: only what is not the same in both is marked. What the step changed, which a picture of one
 * recording marks, is not: two kinds of marks would hide each other.
 */
import { hex } from "../numbers/int"
import { type Difference, differences } from "./difference"
import type { Cell, Frame, StackSlot } from "./view"

/** Two frames as a picture of both shows them. */
export interface Compared {
  /** The left frame; what differs in it is marked. */
  readonly left: Frame
  /** The right frame; what differs in it is marked. */
  readonly right: Frame
  /** What differs, in the order of the picture. */
  readonly differences: readonly Difference[]
}

/** Mark what differs between two frames. @param found what counts as a difference; all that `differences` finds if not said */
export function compared(
  left: Frame,
  right: Frame,
  found: readonly Difference[] = differences(left, right),
): Compared {
  const names = new Set(found.map(({ name }) => name))
  return { left: marked(left, names), right: marked(right, names), differences: found }
}

type Names = ReadonlySet<string>

function marked(frame: Frame, names: Names): Frame {
  const cells = (all: readonly Cell[]) => all.map((cell) => markedCell(cell, names))
  return {
    ...frame,
    registers: cells(frame.registers),
    flags: cells(frame.flags),
    segments: cells(frame.segments),
    control: cells(frame.control),
    stack: frame.stack.map((slot) => markedSlot(slot, names)),
  }
}

const markedCell = ({ old: _, ...cell }: Cell, names: Names): Cell =>
  names.has(cell.name) ? { ...cell, differs: true } : cell

function markedSlot({ old: _, written: __, ...slot }: StackSlot, names: Names): StackSlot {
  return names.has(`[${hex(slot.address)}]`) ? { ...slot, differs: true } : slot
}

/** What differs, in words: "IF 1 ≠ 0, ESP 0000D7FCh ≠ 0000D800h". At most so many values are named. */
export function differencesInWords(found: readonly Difference[], most: number): string {
  if (found.length === 0) return "Nothing differs after this step."
  const named = found.slice(0, most).map(({ name, left, right }) => `${name} ${left} ≠ ${right}`)
  const more = found.length > most ? ` and ${found.length - most} more` : ""
  return `What differs after this step: ${named.join(", ")}${more}.`
}
