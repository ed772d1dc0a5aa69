/** Decoded code of one physical page, and which of the page's bytes it depends on. */
import { CODE, PAGE_MASK, PAGE_SIZE } from "../board/memory"
import type { Block } from "./block"

/** 16-bit code is decoded differently, so it has the second half of a page's table. */
const SLOTS = 2 * PAGE_SIZE
/** Mark of a byte that was written when code depended on it. */
const REWRITTEN = 2

/** Decoded code of one physical page. */
export class CodePage {
  /** Changes when decoded bytes are written. */
  version = 0
  /** So many of its bytes were written when a block depended on them. */
  rewritten = 0
  /** Number of the block at each offset, those of 16-bit code in the second half; 0: there is none. */
  readonly numbers: Uint16Array = new Uint16Array(SLOTS)
  readonly blocks: (Block | undefined)[] = [undefined]
  /** For each byte, whether some block depends on it (`CODE`), and whether it was written when one did. */
  readonly marks: Uint8Array = new Uint8Array(PAGE_SIZE)

  /** The newest block at an address; memory may have changed since. */
  newest(physical: number, codeSize: 16 | 32): Block | undefined {
    return this.blocks[this.numbers[slotOf(physical, codeSize)]]
  }

  /** Put a block at its address, before those that were there. */
  put(block: Block): void {
    const slot = slotOf(block.physical, block.codeSize)
    if (this.numbers[slot] === 0) this.numbers[slot] = this.blocks.push(undefined) - 1
    this.blocks[this.numbers[slot]] = block
    block.checked = this.version
  }

  /** Mark the bytes that a block depends on. */
  cover({ physical, image, free }: Block): void {
    const first = physical & PAGE_MASK
    image.forEach((_, n) => {
      if (!free[n]) this.marks[first + n] |= CODE
    })
  }

  /**
   * A block reads some of its bytes where they stand: forget those that depend on them, and mark anew what the others need.
   * Generated code may depend on them too.
   */
  release(reader: Block): void {
    this.marks.forEach((mark, n) => {
      this.marks[n] = mark & ~CODE
    })
    for (const [number, newest] of this.blocks.entries()) {
      this.blocks[number] = without(newest, (block) => dependsOnFree(block, reader))
      for (let block = this.blocks[number]; block; block = block.older) {
        block.units = []
        this.cover(block)
      }
    }
  }

  /** Whether any of the bytes from `first` on was rewritten. */
  isRewritten(first: number, bytes: number): boolean {
    for (let n = first; n < first + bytes; n++) if (this.marks[n] & REWRITTEN) return true
    return false
  }

  /** Note a write of bytes, some of which some block depends on. */
  noteWrite(first: number, bytes: number): void {
    for (let n = first; n < Math.min(first + bytes, PAGE_SIZE); n++) {
      if (!(this.marks[n] & CODE)) continue
      if (!(this.marks[n] & REWRITTEN)) this.rewritten++
      this.marks[n] |= REWRITTEN
    }
    this.version++
  }
}

/** A chain of blocks without some of them. */
function without(newest: Block | undefined, unwanted: (block: Block) => boolean): Block | undefined {
  if (!newest) return undefined
  newest.older = without(newest.older, unwanted)
  return unwanted(newest) ? newest.older : newest
}

/** Whether a block depends on bytes that another one reads where they stand. */
function dependsOnFree({ physical, free }: Block, reader: Block): boolean {
  const distance = reader.physical - physical
  return reader.free.some((isFree, n) => isFree === 1 && free[n + distance] === 0)
}

/** Where in its page's table a block stands. */
const slotOf = (physical: number, codeSize: 16 | 32) =>
  (physical & PAGE_MASK) + (codeSize === 32 ? 0 : PAGE_SIZE)
