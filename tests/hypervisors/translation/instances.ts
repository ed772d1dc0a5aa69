/** Instructions of a row of the table: one with a register, one with memory, where ModR/M lets both be. */
import type { Row, Tail } from "../../../src/isa/notation"

/** Bytes behind the opcode and ModR/M. */
const TAIL: Record<Tail, readonly number[]> = {
  ib: [0x10],
  iw: [0x08, 0x00],
  id: [0x78, 0x56, 0x34, 0x12],
  cb: [0x20],
  cd: [0x00, 0x02, 0x00, 0x00],
  cp: [0x00, 0x20, 0x10, 0x00, 0x08, 0x00],
  mo: [0x00, 0x40, 0x10, 0x00],
}

/** ModR/M: [EBX] and ECX for memory, EBX and ECX for registers; or the row's own digit. */
const MEMORY = 0x03
const REGISTER = 0xc3

/** As many instances as differ in the kind of their operands. Some are no instruction: they are translated, too. */
export function instancesOf({
  encoding: { escaped, opcode, modrm, tail },
}: Row): readonly (readonly number[])[] {
  const start = [...(escaped ? [0x0f] : []), opcode]
  const end = tail.flatMap((part) => TAIL[part])
  if (modrm === null) return [[...start, ...end]]
  const reg = (modrm === "r" ? 1 : modrm) << 3
  return [MEMORY, REGISTER].map((mode) => [...start, mode | reg, ...end])
}
