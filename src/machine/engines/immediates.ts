/**
 * Immediates that programs rewrite. Such an immediate is read where it stands, in memory behind its instruction, each
 * time the instruction runs; so rewriting it once more changes no decoded code.
 */
import { type Invalid, isInstruction } from "../../isa/decode"
import type { Tail } from "../../isa/notation"
import type { Instruction } from "../../isa/operand"
import type { Memory } from "../board/memory"
import type { Block } from "./block"

/** Kinds of semantics that take an immediate as a number. */
const KINDS: readonly string[] = ["modify", "inspect", "assign"]

/** How many bytes at an instruction's end are an immediate that can be read where it stands; 0: there is none. */
export function immediateBytes({ row, operands, operandSize }: Instruction): number {
  const { tail } = row.encoding
  if (tail.length !== 1 || operands.length !== 2 || !KINDS.includes(row.does.kind)) return 0
  return operands[1].kind === "immediate" ? bytesOf(tail[0], operandSize) : 0
}

function bytesOf(tail: Tail, operandSize: 16 | 32): number {
  if (tail === "ib") return 1
  if (tail === "iw") return 2
  return tail === "id" ? operandSize / 8 : 0
}

/** Where an immediate stands, in how many bytes, and which bits of the sign-extended number count. */
export function immediateAccess(
  i: Instruction,
  physical: number,
): { at: number; bytes: number; mask: number } {
  const bytes = immediateBytes(i)
  const type = i.row.operands[1]
  const unsigned = type === "imm8" ? 0xff : type === "imm16" ? 0xffff : -1
  return { at: physical + i.length - bytes, bytes, mask: unsigned }
}

/** Reads the immediate of an instruction that stands at `physical`. */
export function immediateReader(i: Instruction, physical: number, { view }: Memory): () => number {
  const { at, bytes, mask } = immediateAccess(i, physical)
  if (bytes === 4) return () => view.getInt32(at, true)
  if (bytes === 2) return () => view.getInt16(at, true) & mask
  return () => view.getInt8(at) & mask
}

/**
 * The numbers of the instructions in which memory differs from what was decoded at this place before, if immediates are
 * all that differs; those that were read where they stand stay so. Empty if it is other code.
 * @param now what memory holds there now
 */
export function rewrittenImmediates(
  now: readonly (Instruction | Invalid)[],
  { physical, decoded, image, live }: Block,
  { bytes }: Memory,
): ReadonlySet<number> {
  const rewritten = new Set(live)
  const differ = (from: number, to: number) =>
    image.subarray(from, to).some((byte, n) => byte !== bytes[physical + from + n])
  let at = 0
  for (const [n, old] of decoded.entries()) {
    if (!isInstruction(old)) return new Set()
    const immediate = at + old.length - immediateBytes(old)
    if (differ(at, immediate)) return new Set()
    at += old.length
    if (differ(immediate, at)) rewritten.add(n)
  }
  return now.length === decoded.length ? rewritten : new Set()
}
