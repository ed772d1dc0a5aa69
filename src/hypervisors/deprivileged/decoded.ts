/**
 * Instructions that came to the monitor, decoded once: a guest's kernel executes the same few again and again. What was decoded is right
 * as long as the same bytes are there.
 */
import { isInstruction } from "../../isa/decode"
import type { Instruction } from "../../isa/operand"
import { PAGE_MASK } from "../../machine/board/memory"
import type { Machine } from "../../machine/machine"
import { look8, lookUp } from "../mmu/look"

/** An instruction with its bytes. */
interface Kept {
  readonly instruction: Instruction
  readonly bytes: readonly number[]
}

/** More than a guest's kernel has that trap. */
const MOST_KEPT = 4096

export class DecodedInstructions {
  /** By physical address in the guest, and by the size of its code. */
  private readonly kept = new Map<number, Kept>()

  constructor(private readonly machine: Machine) {}

  /** The instruction at a linear address; undefined: it cannot be read, or is none. */
  at(linear: number, codeSize: 16 | 32): Instruction | undefined {
    const physical = lookUp(this.machine, linear)
    if (physical === undefined) return undefined
    const key = codeSize === 32 ? physical : -1 - physical
    const kept = this.kept.get(key)
    if (kept && this.isAt(kept, physical)) return kept.instruction
    return this.decode(linear, codeSize, key)
  }

  /** Only what lies in one page is kept. */
  private isAt({ bytes }: Kept, physical: number): boolean {
    const { memory } = this.machine
    return bytes.every((byte, n) => (memory.get(physical + n, 8) & 0xff) === byte)
  }

  private decode(linear: number, codeSize: 16 | 32, key: number): Instruction | undefined {
    const bytes: number[] = []
    let missing = false
    const decoded = this.machine.engine.blocks.decoder(() => {
      const byte = look8(this.machine, linear + bytes.length)
      missing ||= byte === undefined
      bytes.push(byte ?? 0)
      return byte ?? 0
    }, codeSize)
    if (!isInstruction(decoded) || missing) return undefined
    if ((linear & PAGE_MASK) + bytes.length <= PAGE_MASK + 1) this.keep(key, { instruction: decoded, bytes })
    return decoded
  }

  private keep(key: number, kept: Kept): void {
    if (this.kept.size === MOST_KEPT) this.kept.clear()
    this.kept.set(key, kept)
  }
}
