/** One name for each instruction that people tell apart, though several share a mnemonic. */
import { BY_CODE_SIZE } from "./isa"
import type { OperandType, Row } from "./notation"

/** PUSHFD is PUSHF, as programmers write it. */
const FAMILY = new Map(
  Object.entries(BY_CODE_SIZE).flatMap(([name, sizes]) => sizes.map((own) => [own, name])),
)
const SPECIAL = new Set<OperandType>(["ES", "CS", "SS", "DS", "FS", "GS", "CR", "DR", "Sreg"])

/** "POPF", "MOV CR", "PUSH CS", "CALL far": the mnemonic of a row under an operand size, with the operand that makes it special. */
export function mnemonicOf({ name, name16, operands }: Row, size: 16 | 32): string {
  const own = size === 16 ? name16 : name
  const special = operands.find((type) => SPECIAL.has(type))
  if (special) return `${own} ${special}`
  const far = operands.some((type) => type === "ptr16:32" || type === "m16:32")
  if (far && (own === "JMP" || own === "CALL")) return `${own} far`
  return FAMILY.get(own) ?? own
}
