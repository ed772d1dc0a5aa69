/** Imaginary processors: the same instruction set, but some instructions are refused outside ring 0. */
import { decode, isInstruction } from "../../isa/decode"
import { TABLE } from "../../isa/isa"
import { mnemonicOf } from "../../isa/mnemonic"
import type { Row } from "../../isa/notation"
import type { Need } from "../../isa/processor"

const SIZES = [16, 32] as const

/** The instructions that can be repaired: those whose semantics are a routine of the processor's own. */
const repairable = (name: string) => (row: Row) =>
  SIZES.some((size) => mnemonicOf(row, size) === name) && row.does.kind === "perform"

/**
 * A decoder for which the named instructions raise #GP(0) outside ring 0. What they do is looked up when they are
 * decoded, so that all others run as ever.
 * @param names as `mnemonicOf` gives them: "POPF", "PUSH CS"
 * @throws RangeError if there is no such instruction
 */
export function repairing(names: readonly string[]): typeof decode {
  const unknown = names.find((name) => !TABLE.some(repairable(name)))
  if (unknown !== undefined)
    throw new RangeError(
      `"${unknown}" cannot be repaired: name an instruction such as POPF, PUSH CS or MOV Sreg`,
    )
  const refused = new Map<Row, Row>()
  return (fetch, codeSize) => {
    const decoded = decode(fetch, codeSize)
    if (!isInstruction(decoded) || !names.includes(mnemonicOf(decoded.row, decoded.operandSize)))
      return decoded
    const row = refused.get(decoded.row) ?? refusing(decoded.row)
    refused.set(decoded.row, row)
    return { ...decoded, row }
  }
}

/** The row as the repaired processor has it. */
function refusing(row: Row): Row {
  const { does } = row
  if (does.kind !== "perform") return row
  const inRing0: Need = (p, i) => p.requireRing0(mnemonicOf(row, i.operandSize))
  return { ...row, does: { ...does, needs: [inRing0, ...does.needs] } }
}
