/**
 * Decoded code, kept by physical page. A block is a run of instructions that ends where control, mode or interrupts may
 * change, or at the end of its page. Pages with code are marked in memory, so that writes to them come by here.
 *
 * A write to decoded bytes throws nothing away: from then on each block of the page is compared with memory before it runs
 * again. So code that is rewritten and put back is decoded once; what programs rewrite most, an immediate, is not even
 * compared, for it is read where it stands.
 */
import { decode, type Invalid, isInstruction } from "../../isa/decode"
import type { Instruction } from "../../isa/operand"
import type { Does } from "../../isa/processor"
import type { Bus } from "../board/bus"
import { type CodeWatcher, PAGE_MASK, PAGE_SHIFT } from "../board/memory"
import type { Block } from "./block"
import { CodePage } from "./code-page"
import { compile, refusal } from "./compile"
import { immediateBytes, immediateReader, rewrittenImmediates } from "./immediates"

/** The longest block, in instructions. */
const MAXIMUM = 64
/** So many decodings are kept of one address. */
const VARIANTS = 8
/** When more bytes of a page have been rewritten, it holds another program. */
const REWRITTEN_BYTES = 64
/** So many instructions are kept, at less than a KiB each. */
const MOST_DECODED = 40_000
const END_OF_PAGE = Symbol("the instruction goes on in the next page")

export class Blocks implements CodeWatcher {
  /** How bytes become instructions; a repaired processor reads them otherwise. */
  decoder: typeof decode = decode
  /** Instructions that were decoded since all were forgotten. */
  decoded = 0
  private readonly pages: (CodePage | undefined)[] = []

  constructor(
    private readonly bus: Bus,
    /** Told that decoded bytes changed: the engine may be in that block. */
    private readonly onChange: () => void,
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

  /** The block at an address, as memory is now; undefined if its first instruction crosses the page's end. */
  find(page: CodePage, physical: number, codeSize: 16 | 32): Block | undefined {
    const newest = page.newest(physical, codeSize)
    if (newest !== undefined && newest.checked === page.version) return newest
    return this.recall(page, newest) ?? this.decodeInto(page, physical, codeSize)
  }

  /** Of the blocks that an address has had, the one that memory holds again. */
  private recall(page: CodePage, newest: Block | undefined): Block | undefined {
    let before: Block | undefined
    for (let block = newest; block; before = block, block = block.older) {
      if (!this.isCurrent(block)) continue
      if (before) {
        before.older = block.older
        block.older = newest
      }
      page.put(block)
      return block
    }
    return undefined
  }

  /** Whether memory holds what a block was decoded from. */
  isCurrent({ physical, image, free }: Block): boolean {
    const { bytes } = this.bus.memory
    for (let n = 0; n < image.length; n++) if (image[n] !== bytes[physical + n] && !free[n]) return false
    return true
  }

  private makePage(physical: number): CodePage {
    const number = physical >>> PAGE_SHIFT
    const page = new CodePage()
    this.pages[number] = page
    this.bus.memory.code[number] = new DataView(page.marks.buffer)
    this.onPage((number << PAGE_SHIFT) >>> 0)
    return page
  }

  private decodeInto(page: CodePage, physical: number, codeSize: 16 | 32): Block | undefined {
    const decoded = this.decodeRun(page, physical, codeSize)
    if (decoded.length === 0) return undefined
    this.makeRoom(decoded.length)
    const before = page.newest(physical, codeSize)
    const live = before ? rewrittenImmediates(decoded, before, this.bus.memory) : NONE_LIVE
    const block = this.makeBlock(decoded, physical, codeSize, live)
    block.older = live.size > 0 ? before?.older : keep(before, VARIANTS - 1)
    page.put(block)
    if (live.size > 0) {
      page.release(block)
      this.onChange()
    } else page.cover(block)
    this.bus.memory.marks++
    return block
  }

  /** Forget everything rather than keep too much; the engine runs one step of the block that is being made. */
  private makeRoom(instructions: number): void {
    if (this.decoded + instructions > MOST_DECODED) this.clear()
    this.decoded += instructions
  }

  /** Instructions up to one that ends the block. One that was rewritten before stands alone. */
  private decodeRun(page: CodePage, physical: number, codeSize: 16 | 32): (Instruction | Invalid)[] {
    const run: (Instruction | Invalid)[] = []
    for (let at = physical; run.length < MAXIMUM; ) {
      const decoded = this.decodeWithinPage(at, physical, codeSize)
      if (decoded === END_OF_PAGE) break
      const rewritten = page.isRewritten(at & PAGE_MASK, imageLength(decoded))
      if (rewritten && run.length > 0) break
      run.push(decoded)
      if (rewritten || !isInstruction(decoded) || endsBlock(decoded.row.does)) break
      at += decoded.length
    }
    return run
  }

  private decodeWithinPage(at: number, start: number, codeSize: 16 | 32) {
    let next = at
    const fetch = () => {
      if (next >>> PAGE_SHIFT !== start >>> PAGE_SHIFT) throw END_OF_PAGE
      return this.bus.memory.bytes[next++]
    }
    try {
      return this.decoder(fetch, codeSize)
    } catch (reason) {
      if (reason === END_OF_PAGE) return END_OF_PAGE
      throw reason
    }
  }

  private makeBlock(
    decoded: readonly (Instruction | Invalid)[],
    physical: number,
    codeSize: 16 | 32,
    live: ReadonlySet<number>,
  ): Block {
    const { memory } = this.bus
    const length = decoded.reduce((sum, each) => sum + imageLength(each), 0)
    const free = new Uint8Array(length)
    let at = 0
    const runs = decoded.map((each, n) => {
      const start = at
      at += imageLength(each)
      if (!isInstruction(each)) return refusal(each)
      if (!live.has(n)) return compile(each)
      free.fill(1, at - immediateBytes(each), at)
      return compile(each, immediateReader(each, physical + start, memory))
    })
    const lengths = decoded.map((each) => (isInstruction(each) ? each.length : 0))
    const bytes = lengths.reduce((a, b) => a + b)
    const image = memory.bytes.slice(physical, physical + length)
    return { physical, codeSize, decoded, runs, lengths, bytes, image, live, free, ...FRESH }
  }

  written(physical: number, bytes: number): void {
    const number = physical >>> PAGE_SHIFT
    const page = this.pages[number] as CodePage
    page.noteWrite(physical & PAGE_MASK, bytes)
    if (page.rewritten > REWRITTEN_BYTES) this.dropPage(number)
    this.onChange()
  }

  private dropPage(number: number): void {
    this.pages[number] = undefined
    this.bus.memory.code[number] = undefined
  }

  /** Forget what was decoded in a page, by its number, as when the page was replaced. */
  forget(number: number): void {
    if (!this.pages[number]) return
    this.dropPage(number)
    this.onChange()
  }

  /** Forget all decoded code, as when memory was replaced. */
  clear(): void {
    this.decoded = 0
    this.pages.forEach((page, number) => {
      if (page) this.dropPage(number)
    })
    this.onChange()
  }
}

const NONE_LIVE: ReadonlySet<number> = new Set()
/** What a block has not had yet. */
const FRESH = { checked: 0, older: undefined, heat: 0, units: [] }

/** The newest blocks of a chain. */
function keep(newest: Block | undefined, count: number): Block | undefined {
  let last = newest
  for (let n = 1; last && n < count; n++) last = last.older
  if (last) last.older = undefined
  return newest
}

/** So many bytes decide what it is. */
const imageLength = (decoded: Instruction | Invalid) =>
  isInstruction(decoded) ? decoded.length : decoded.bytes.length

/** Whether the next instruction in memory may not be the next to run. */
const endsBlock = (does: Does) =>
  does.kind === "branch" || (does.kind === "perform" && (does.ends || does.needs.length > 0))
