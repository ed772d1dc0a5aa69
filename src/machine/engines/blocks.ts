/**
 * Decoded code, kept by physical page. A block is a run of instructions that ends where control, mode or interrupts may
 * change, or at the end of its page. Pages with code are marked in memory, so that writes to them come by here.
 */
import { decode, type Invalid, isInstruction } from "../../isa/decode"
import type { Does } from "../../isa/processor"
import type { Bus } from "../bus"
import type { Cpu } from "../cpu"
import { type CodeWatcher, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from "../memory"
import { compile, type Run } from "./compile"

/** A run of instructions that can be executed one after the other. */
export interface Block {
  readonly runs: readonly Run[]
  /** Length of each instruction in bytes. */
  readonly lengths: readonly number[]
  /** Of all of them. */
  readonly bytes: number
}

/** The longest block, in instructions. */
const MAXIMUM = 64
/** 16-bit code is decoded differently, so it has the second half of a page's table. */
const SLOTS = 2 * PAGE_SIZE

/** Decoded code of one physical page: blocks by their offset, those of 16-bit code in the second half. */
export interface CodePage {
  readonly blocks: (Block | undefined)[]
  /** 1 for each byte that some block covers. */
  readonly covered: Uint8Array
}

/** Where in its page's table a block stands. */
export const slotOf = (address: number, codeSize: 16 | 32) =>
  (address & PAGE_MASK) + (codeSize === 32 ? 0 : PAGE_SIZE)

const END_OF_PAGE = Symbol("the instruction goes on in the next page")

export class Blocks implements CodeWatcher {
  private readonly pages: (CodePage | undefined)[] = []

  constructor(
    private readonly bus: Bus,
    /** Told that a block was dropped: the engine may be in it. */
    private readonly onDrop: () => void,
    /** Told that a page now holds code. */
    private readonly onPage: (frame: number) => void,
  ) {
    bus.memory.watcher = this
  }

  /** The decoded code of the page that a physical address lies in; undefined if that is not plain memory. */
  pageAt(physical: number): CodePage | undefined {
    return (
      this.pages[physical >>> PAGE_SHIFT] ??
      (this.bus.isPlainMemory(physical) ? this.makePage(physical) : undefined)
    )
  }

  /** Decode the block at a physical address into its page; undefined if its first instruction crosses the page's end. */
  decodeInto(page: CodePage, physical: number, codeSize: 16 | 32): Block | undefined {
    const block = this.decodeBlock(physical, codeSize)
    if (!block) return undefined
    page.blocks[slotOf(physical, codeSize)] = block
    page.covered.fill(1, physical & PAGE_MASK, (physical & PAGE_MASK) + Math.max(1, block.bytes))
    return block
  }

  private makePage(physical: number): CodePage {
    const number = physical >>> PAGE_SHIFT
    const page = {
      blocks: new Array<Block | undefined>(SLOTS).fill(undefined),
      covered: new Uint8Array(PAGE_SIZE),
    }
    this.pages[number] = page
    this.bus.memory.code[number] = 1
    this.onPage((number << PAGE_SHIFT) >>> 0)
    return page
  }

  private decodeBlock(physical: number, codeSize: 16 | 32): Block | undefined {
    const runs: Run[] = []
    const lengths: number[] = []
    let at = physical
    for (let ends = false; !ends && runs.length < MAXIMUM; ) {
      const decoded = this.decodeWithinPage(at, physical, codeSize)
      if (decoded === END_OF_PAGE) break
      ends = !isInstruction(decoded) || endsBlock(decoded.row.does)
      const length = isInstruction(decoded) ? decoded.length : 0
      runs.push(isInstruction(decoded) ? compile(decoded) : refusal(decoded))
      lengths.push(length)
      at += length
    }
    return runs.length > 0 ? { runs, lengths, bytes: at - physical } : undefined
  }

  private decodeWithinPage(at: number, start: number, codeSize: 16 | 32) {
    let next = at
    const fetch = () => {
      if (next >>> PAGE_SHIFT !== start >>> PAGE_SHIFT) throw END_OF_PAGE
      return this.bus.memory.bytes[next++]
    }
    try {
      return decode(fetch, codeSize)
    } catch (reason) {
      if (reason === END_OF_PAGE) return END_OF_PAGE
      throw reason
    }
  }

  /** Bytes in a page with code changed: if blocks covered them, all blocks of the page are dropped. */
  written(physical: number, bytes: number): void {
    const page = this.pages[physical >>> PAGE_SHIFT]
    const first = physical & PAGE_MASK
    if (!page?.covered.subarray(first, first + bytes).includes(1)) return
    this.dropPage(physical >>> PAGE_SHIFT)
    this.onDrop()
  }

  private dropPage(number: number): void {
    this.pages[number] = undefined
    this.bus.memory.code[number] = 0
  }

  /** Forget all decoded code: memory was replaced. */
  clear(): void {
    this.pages.forEach((page, number) => {
      if (page) this.dropPage(number)
    })
  }
}

/** Whether the next instruction in memory may not be the next to run. */
const endsBlock = (does: Does) => does.kind === "branch" || (does.kind === "perform" && does.ends)

const UNDEFINED_SEE = 'SDM Vol. 3A §6.15 "Interrupt 6—Invalid Opcode Exception (#UD)"'
const LENGTH_SEE = 'SDM Vol. 3A §6.15 "Interrupt 13—General Protection Exception (#GP)"'

/** What bytes that are no instruction do when they are executed. */
export function refusal(what: Invalid): Run {
  const bytes = what.bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ")
  return (cpu: Cpu) => {
    if (what.invalid === "too long")
      cpu.raise("#GP", 0, `an instruction has at most 15 bytes: ${bytes} …`, LENGTH_SEE)
    if (what.invalid === "lock")
      cpu.raise("#UD", null, `LOCK is not allowed with this instruction: ${bytes}`, UNDEFINED_SEE)
    cpu.raise("#UD", null, `the bytes ${bytes} are no instruction of this machine`, UNDEFINED_SEE)
  }
}
