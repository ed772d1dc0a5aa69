/**
 * Instructions that came to the monitor, decoded once: a guest's kernel executes the same few again and again. They are read where the
 * processor fetched them, by the tables that it has: the guest's own may say something else by now. What was decoded is right as long as
 * the same bytes are there.
 */
import { type decode, isInstruction } from "../../isa/decode"
import type { Instruction } from "../../isa/operand"
import type { Ring0 } from "../../machine/board/device"
import { PAGE_MASK } from "../../machine/board/memory"
import { READ } from "../../machine/board/physical-space"

/** An instruction with its bytes. */
interface Kept {
  readonly instruction: Instruction
  readonly bytes: readonly number[]
}

/** More than a guest's kernel has that trap. */
const MOST_KEPT = 4096

export class DecodedInstructions {
  /** By physical address in the machine, and by the size of its code. */
  private readonly kept = new Map<number, Kept>()

  constructor(private readonly decoder: typeof decode) {}

  /** The instruction at a linear address; undefined: it cannot be read, or is none. */
  at(ring0: Ring0, linear: number, codeSize: 16 | 32): Instruction | undefined {
    const physical = ring0.translate(linear, READ, false)
    if (physical === undefined) return undefined
    const key = codeSize === 32 ? physical : -1 - physical
    const kept = this.kept.get(key)
    if (kept && isAt(ring0, physical, kept)) return kept.instruction
    return this.decode(ring0, linear, codeSize, key)
  }

  private decode(ring0: Ring0, linear: number, codeSize: 16 | 32, key: number): Instruction | undefined {
    const bytes: number[] = []
    let missing = false
    const decoded = this.decoder(() => {
      const physical = ring0.translate((linear + bytes.length) | 0, READ, false)
      missing ||= physical === undefined
      bytes.push(physical === undefined ? 0 : ring0.readPhysical(physical, 8) & 0xff)
      return bytes[bytes.length - 1]
    }, codeSize)
    if (!isInstruction(decoded) || missing) return undefined
    if ((linear & PAGE_MASK) + bytes.length <= PAGE_MASK + 1) this.keep(key, { instruction: decoded, bytes })
    return decoded
  }

  /** Only what lies in one page is kept. */
  private keep(key: number, kept: Kept): void {
    if (this.kept.size === MOST_KEPT) this.kept.clear()
    this.kept.set(key, kept)
  }
}

function isAt(ring0: Ring0, physical: number, { bytes }: Kept): boolean {
  return bytes.every((byte, n) => (ring0.readPhysical(physical + n, 8) & 0xff) === byte)
}
