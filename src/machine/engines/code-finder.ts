/**
 * What is to run at CS:EIP: a block, or generated code that ran here before. Both are kept with what must not have changed for
 * them to be right still, so that most of the time one look finds them.
 */
import { CS } from "../../isa/registers"
import { PAGE_MASK } from "../board/memory"
import type { Cpu } from "../cpu"
import { BIG } from "../processor/descriptors"
import { USER_CODE, WIDE_CODE } from "../processor/segments"
import type { Block, Unit } from "./block"
import type { Blocks } from "./blocks"
import type { CodePage } from "./code-page"
import type { Units } from "./units"

/** A page of code that was found, and what must not have changed for it to be right still. */
interface FoundPage {
  /** Linear page number. */
  number: number
  physical: number
  page: CodePage | undefined
  /** The TLB's. */
  version: number
}
const NOWHERE: FoundPage = { number: 0, physical: 0, page: undefined, version: -1 }
/** So many are kept: a power of two, half of them for CPL 3. */
const FOUND = 64

/** Generated code that runs at an EIP, and on what that depends. */
export interface UnitEntry {
  readonly eip: number
  /** Of CS; the limit as a signed number. */
  readonly codeBase: number
  readonly codeLimit: number
  /** The TLB's, which changes with decoded code, too. */
  readonly version: number
  /** Bits of `Segments.summary`, and what they must be. */
  readonly assumes: number
  readonly state: number
  /** It needs so many. */
  readonly steps: number
  readonly run: Unit["run"]
  readonly member: number
  readonly base: number
}
const UNKNOWN: UnitEntry = {
  eip: 0,
  codeBase: 0,
  codeLimit: 0,
  version: -1,
  assumes: 0,
  state: 0,
  steps: 0,
  run: () => {},
  member: 0,
  base: 0,
}
/** So many are kept: a power of two. */
const ENTRIES = 256

/** Limit of a segment without one. */
const FOUR_GIBIBYTES = 0xffff_ffff

export class CodeFinder {
  /** Generated code by the low bits of EIP. */
  private readonly entries: UnitEntry[] = new Array(ENTRIES).fill(UNKNOWN)
  /** Where code was found lately, by page and by who runs it. */
  private readonly pages: readonly FoundPage[] = Array.from({ length: FOUND }, () => ({ ...NOWHERE }))
  private found: FoundPage = this.pages[0]
  /** CS when it was looked at. */
  private base = 0
  private limit = 0
  private size: 16 | 32 = 32
  private user = 0
  private version = -1

  constructor(
    private readonly cpu: Cpu,
    private readonly blocks: Blocks,
    private readonly units: Units,
  ) {}

  /** The page that the last block was found in. */
  get page(): CodePage {
    return this.found.page as CodePage
  }

  /** Whether what stands at EIP is no plain memory. */
  get isForeign(): boolean {
    return this.found.page === undefined
  }

  /** Physical address of EIP. */
  get physical(): number {
    return this.found.physical + ((this.base + this.cpu.eip) & PAGE_MASK)
  }

  /** The generated code that ran at EIP the last time, if nothing changed that it depends on and it needs at most so many steps. */
  lastEntry(steps: number): UnitEntry | undefined {
    const { eip, segments, linear } = this.cpu
    const entry = this.entries[eip & (ENTRIES - 1)]
    if (entry.eip !== eip || entry.version !== linear.tlb.version || steps < entry.steps) return undefined
    if ((segments.summary & entry.assumes) !== entry.state) return undefined
    const { base, limit } = segments
    return base[CS] === entry.codeBase && (limit[CS] | 0) === entry.codeLimit ? entry : undefined
  }

  /** The block at CS:EIP; undefined if it must be decoded with care: at a page's end, or near the segment's limit. */
  find(): Block | undefined {
    const { cpu } = this
    if (cpu.segments.codeVersion !== this.version) this.lookAtCode()
    const linear = (this.base + cpu.eip) | 0
    const found = this.pages[((linear >>> 11) & (FOUND - 2)) | this.user]
    if (found.number !== linear >>> 12 || found.version !== cpu.linear.tlb.version) this.look(found, linear)
    this.found = found
    const { page } = found
    if (page === undefined) return undefined
    const block = this.blocks.find(page, found.physical + (linear & PAGE_MASK), this.size)
    if (this.limit === FOUR_GIBIBYTES || block === undefined) return block
    return (cpu.eip >>> 0) + block.image.length - 1 > this.limit ? undefined : block
  }

  private lookAtCode(): void {
    const { base, limit, access, codeVersion, cpl } = this.cpu.segments
    this.base = base[CS]
    this.limit = limit[CS]
    this.size = access[CS] & BIG ? 32 : 16
    this.user = cpl === 3 ? 1 : 0
    this.version = codeVersion
  }

  /** Look up the page of a linear address. @faults #PF */
  private look(found: FoundPage, linear: number): void {
    const { tlb } = this.cpu.linear
    found.version = -1
    const physical = this.cpu.linear.fetch(linear)
    found.page = this.blocks.pageAt(physical)
    found.physical = (physical & ~PAGE_MASK) >>> 0
    found.number = linear >>> 12
    found.version = tlb.version
  }

  /** Whether all of the page at EIP lies within the limit of CS: only then code that was generated may run, or is worth it. */
  isWithinLimit(): boolean {
    const { eip } = this.cpu
    if (this.limit === FOUR_GIBIBYTES) return true
    const first = (eip >>> 0) - ((this.base + eip) & PAGE_MASK)
    return first >= 0 && first + PAGE_MASK <= this.limit
  }

  /** Generated code for the block that was found, if there is some and it may run: the steps suffice, and all of its page is code. */
  entryOf(block: Block, steps: number): UnitEntry | undefined {
    if (steps < block.runs.length || !this.isWithinLimit()) return undefined
    const unit = this.units.find(this.page, block)
    if (!unit) return undefined
    const entry = this.entryAt(block.physical & PAGE_MASK, unit)
    this.entries[this.cpu.eip & (ENTRIES - 1)] = entry
    return entry
  }

  private entryAt(offset: number, { assumes, state, members, entries, run }: Unit): UnitEntry {
    const { eip, segments, linear } = this.cpu
    const member = entries[offset] - 1
    return {
      eip,
      codeBase: this.base,
      codeLimit: this.limit | 0,
      version: linear.tlb.version,
      assumes: assumes | WIDE_CODE | USER_CODE,
      state: state | WIDE_CODE | (segments.summary & USER_CODE),
      steps: members[member].runs.length,
      run,
      member,
      base: (eip - offset) | 0,
    }
  }
}
