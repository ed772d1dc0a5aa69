/**
 * Bit tests. A register bit offset can lie outside the operand: then memory beyond it is meant.
 * @see SDM Vol. 1 §7.3.7 "Bit and Byte Instructions"
 */
import { signed } from "../../numbers/int"
import { CF } from "../eflags"
import { type Operand, operand, wrapped } from "../operand"
import { type Processor, perform } from "../processor"

/** The word that a memory bit string's bit lies in, as an operand. */
function wordOf(p: Processor, base: Operand, bits: Operand): Operand {
  if (base.kind !== "memory" || bits.kind !== "register") return base
  const { size } = base
  const words = signed(p.get(bits), size) >> (size === 32 ? 5 : 4)
  const offset = p.offset(base) + words * (size / 8)
  const value = wrapped(offset, base.addressSize)
  return operand({ kind: "memory", size, segment: base.segment, addressSize: base.addressSize, value })
}

function bitTest(change: ((value: number, mask: number) => number) | undefined) {
  return perform((p, i) => {
    const [base, bits] = i.operands
    const word = wordOf(p, base, bits)
    const value = change ? p.getForWrite(word) : p.get(word)
    const mask = 1 << (p.get(bits) & (base.size - 1))
    if (change) p.set(word, change(value, mask))
    p.flags.put(CF, value & mask ? CF : 0)
  })
}

export const bt = bitTest(undefined)
export const bts = bitTest((value, mask) => value | mask)
export const btr = bitTest((value, mask) => value & ~mask)
export const btc = bitTest((value, mask) => value ^ mask)
