/** What an instruction leaves undefined: flags as its row says, flags that depend on a shift's count, bits of LAR. */
import { decode, isInstruction } from "../../../src/isa/decode"
import type { Instruction } from "../../../src/isa/operand"
import { FLAGS, GENERAL, type Start } from "./stage"

const LETTERS: Readonly<Record<string, string>> = { o: "of", s: "sf", z: "zf", a: "af", p: "pf", c: "cf" }
const COUNT_MASK = 31

/** Bits of the result that the manual leaves undefined. */
export interface Undefined {
  /** Bits of EFLAGS. */
  readonly flags: number
  /** Bits of a register, by name. */
  readonly bits: ReadonlyMap<string, number>
}

/** LAR gives bits 19:16 of the descriptor's second word, or something else. @see SDM Vol. 2A "LAR—Load Access Rights Byte" */
const LAR_UNDEFINED = 0x000f0000

/** What the instruction at the start of `bytes` leaves undefined. */
export function undefinedBy(bytes: readonly number[], { numbers }: Start): Undefined {
  const feed = [...bytes]
  const decoded = decode(() => feed.shift() ?? 0, numbers.get("cs") === 0x47 ? 16 : 32)
  if (!isInstruction(decoded)) return { flags: 0, bits: new Map() }
  const fromRow = [...decoded.row.flags.undefined].reduce(
    (bits, letter) => bits | (FLAGS[LETTERS[letter]] ?? 0),
    0,
  )
  const flags = isShift(decoded) ? byCount(decoded, numbers, fromRow) : fromRow
  const lar = decoded.row.name === "LAR" && decoded.operandSize === 32
  return { flags, bits: new Map(lar ? [[GENERAL[decoded.operands[0].register], LAR_UNDEFINED]] : []) }
}

const SHIFTS = /^(ROL|ROR|RCL|RCR|SHL|SHR|SAR|SHLD|SHRD)$/
/** Whether flags depend on a count. */
export const isShift = ({ row }: Pick<Instruction, "row">) => SHIFTS.test(row.name)

/**
 * A count of 0 changes no flag. OF is defined for a count of 1 only, and CF of SHL and SHR only for counts up to the width.
 * @see SDM Vol. 2B "SAL/SAR/SHL/SHR—Shift", "RCL/RCR/ROL/ROR—Rotate"
 */
function byCount({ row, operands }: Instruction, numbers: Start["numbers"], fromRow: number): number {
  const last = operands.at(-1)
  const count = (last?.kind === "register" ? (numbers.get("ecx") as number) : (last?.value ?? 0)) & COUNT_MASK
  if (count === 0) return 0
  const beyondWidth = /^SH[LR]$/.test(row.name) && count > operands[0].size ? FLAGS.cf : 0
  const overflow = count === 1 ? 0 : FLAGS.of
  return (fromRow & ~FLAGS.of) | overflow | beyondWidth
}
