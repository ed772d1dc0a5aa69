/** What an error code says, bit by bit. */
import { VECTORS } from "../machine/events/fault"
import { hex } from "../numbers/int"

/** Bits of a page fault's error code: what a 1 means, and a 0. @see SDM Vol. 3A §4.7 Figure 4-12 "Page-Fault Error Code" */
const PAGE_FAULT_BITS: readonly (readonly [bit: number, one: string, zero: string])[] = [
  [1, "a right is missing", "not present"],
  [2, "a write", "a read"],
  [4, "from ring 3", "from ring 0, 1 or 2"],
  [8, "a reserved bit is 1", ""],
  [16, "an instruction fetch", ""],
]

/**
 * The error code of a fault in words.
 * @see SDM Vol. 3A §6.13 Figure 6-7 "Error Code"
 */
export function errorCodeWords(vector: number, code: number): string {
  if (vector === VECTORS["#PF"]) return pageFaultWords(code)
  if (vector === VECTORS["#DF"] || vector === VECTORS["#AC"]) return "always 0"
  const [external, gate, local, index] = [code & 1, code & 2, code & 4, (code & 0xfff8) >>> 3]
  const during = external ? ", while an event was being delivered (bit 0)" : ""
  if (gate) return `gate ${hex(index, 2)} of the IDT (bit 1)${during}`
  if (index === 0 && !local) return `no selector${during}`
  const table = local ? "the LDT (bit 2)" : "the GDT"
  return `selector ${hex(code & 0xfff8, 4)} of ${table}; the RPL is left out${during}`
}

function pageFaultWords(code: number): string {
  return PAGE_FAULT_BITS.map(([bit, one, zero]) => (code & bit ? one : zero))
    .filter(Boolean)
    .join(", ")
}
