/**
 * Ways through gates, and back by IRETD, that were checked before. What the checks decide follows from the ring, the tables'
 * registers, and some doublewords of memory: a gate, descriptors, a stack's place in the TSS. While all of them are as they
 * were, the checks need not be made again. `interrupts.ts` makes them and tells of each way here; one that is gone often
 * becomes a function (`passage-text.ts`). Where no code may be generated, and on unusual ways (16-bit gates and stacks,
 * tasks, virtual-8086 mode, segments that are not flat), every check is made every time, with the same outcome.
 */
import { NT, VM } from "../../isa/eflags"
import { ESP, SS, TR } from "../../isa/registers"
import { mayGenerate } from "../../numbers/may-generate"
import type { Memory } from "../board/memory"
import type { Cpu } from "../cpu"
import {
  BIG,
  type Cache,
  type Descriptor,
  TYPE,
  TYPE_ACCESSED,
  TYPE_TSS_BUSY,
} from "../processor/descriptors"
import { flatness, inSummary, WIDE_STACK, WRITE_FLAT } from "../processor/segments"
import { dropPrivilegedSegments } from "../protection/segmentation"
import type { Delivery } from "./interrupts"
import {
  type Entry,
  ERROR_CODE,
  entryText,
  FRAME,
  type Goal,
  type Grounds,
  type Looked,
  returnText,
} from "./passage-text"

/** Goes to a handler; see `entryText`. */
interface WayIn {
  readonly go: (errorCode: number | null, resume: boolean) => boolean
  /** An instruction may ask for it: CPL ≤ the gate's DPL. */
  readonly open: boolean
  /** Bits of `Segments.summary` that must be set: it goes on with the stack that there is. */
  readonly assumes: number
}
/** Comes back from a handler; see `returnText`. */
interface WayBack {
  readonly go: (frame: number, eip: number, flags: number, mask: number) => boolean
  readonly selector: number
}

/** A way in that was checked. */
export interface CheckedEntry extends Omit<Entry, "code" | "stack" | "top" | "marks"> {
  readonly gate: Descriptor
  readonly code: Descriptor
  readonly stack: CheckedStack | undefined
  readonly open: boolean
}
/** A way back that was checked. */
export interface CheckedGoal extends Goal {
  readonly code: Descriptor
  readonly stack: CheckedStack | undefined
}
interface CheckedStack {
  readonly selector: number
  readonly segment: Descriptor
}

const VECTORS = 256
const RINGS = 4
/** Ways back are kept by the low bits of the code selector's index. */
const RETURNS = 64
/** In a descriptor's upper half. */
const ACCESSED = TYPE_ACCESSED << 8
const FLAT_STACK = inSummary(SS, WRITE_FLAT) | WIDE_STACK

export class Passages {
  /** Whether ways become functions. */
  enabled = mayGenerate()
  /** A way that was checked so often becomes a function; another one in its place must be checked twice as often as the last. */
  threshold = 200
  /** Functions made so far. */
  made = 0
  private readonly entries: (WayIn | undefined)[] = new Array(VECTORS * RINGS).fill(undefined)
  private readonly returns: (WayBack | undefined)[] = new Array(RETURNS).fill(undefined)
  private readonly checked = new Float64Array(VECTORS * RINGS + RETURNS)
  private readonly wanted = new Float64Array(VECTORS * RINGS + RETURNS)

  constructor(
    private readonly cpu: Cpu,
    private readonly memory: Memory,
  ) {}

  /** Go to a handler the way that is known. Returns false, with nothing done, if none is or it may not be taken. */
  enter({ vector, errorCode, software, resume }: Delivery): boolean {
    const { cpu } = this
    const way = this.entries[vector * RINGS + cpu.cpl]
    if (
      way === undefined ||
      cpu.detailed ||
      (cpu.segments.summary & way.assumes) !== way.assumes ||
      (way.open ? false : software !== undefined && software !== "INT1")
    )
      return false
    return way.go(errorCode, resume)
  }

  /** Come back from a handler by IRETD the way that is known. Returns false, with nothing done, if none is. */
  comeBack(flagMask: number): boolean {
    const { cpu } = this
    if (cpu.detailed || cpu.flags.has(NT) || !this.onFlatStack) return false
    const frame = cpu.linear.frameAt(cpu.cpl === 3, cpu.reg[ESP], FRAME, false)
    if (frame < 0) return false
    const { view } = this.memory
    const selector = view.getUint16(frame + 4, true)
    const flags = view.getInt32(frame + 8, true)
    const way = this.returns[(selector >> 3) % RETURNS]
    if (way === undefined || way.selector !== selector || flags & VM) return false
    return way.go(frame, view.getInt32(frame, true), flags, flagMask)
  }

  private get onFlatStack(): boolean {
    return (this.cpu.segments.summary & FLAT_STACK) === FLAT_STACK
  }

  /** A way through a gate of 32 bits was checked. */
  checkedEntry(vector: number, cpl: number, entry: CheckedEntry): void {
    const number = vector * RINGS + cpl
    if (!this.isHot(number)) return
    const { base, access } = this.cpu.segments
    const isTss = (access[TR] & TYPE) === TYPE_TSS_BUSY
    if (entry.stack ? !isTss : !this.onFlatStack) return
    const inTss = entry.stack ? [this.stackInTss(base[TR] + 4 + entry.ring * 8, entry)] : []
    const grounds = this.groundsOf(cpl, [this.looked(entry.gate, 0), ...inTss], entry)
    const top = entry.stack ? this.topOf(entry) : 0
    if (!grounds || top < 0) return
    const text = entryText({ ...entry, top, marks: this.memory.marks }, grounds)
    const assumes = entry.stack ? 0 : FLAT_STACK
    this.entries[number] = { go: this.compile(text), open: entry.open, assumes }
  }

  /** A way back by IRETD was checked. */
  checkedReturn(cpl: number, goal: CheckedGoal): void {
    const place = (goal.selector >> 3) % RETURNS
    if (!this.isHot(VECTORS * RINGS + place)) return
    const grounds = this.groundsOf(cpl, [], goal)
    if (grounds)
      this.returns[place] = { go: this.compile(returnText(goal, grounds)), selector: goal.selector }
  }

  private isHot(number: number): boolean {
    if (!this.enabled || this.cpu.detailed) return false
    const checked = ++this.checked[number]
    if (checked < Math.max(this.threshold, this.wanted[number])) return false
    this.wanted[number] = 2 * checked
    return true
  }

  /** Physical address of the TSS's ESP, if the largest frame can be written below it at once; else -1. */
  private topOf({ ring, esp }: { ring: number; esp: number }): number {
    const most = FRAME + ERROR_CODE
    const frame = this.cpu.linear.frameAt(ring === 3, (esp - most) | 0, most, true)
    return frame < 0 ? -1 : frame + most
  }

  /** Undefined if the way is not an ordinary one. */
  private groundsOf(
    cpl: number,
    places: readonly (Looked | undefined)[],
    { selector, code, stack }: CheckedGoal,
  ): Grounds | undefined {
    const ordinary = !(selector & 4) && (!stack || (!(stack.selector & 4) && isWideFlat(stack.segment)))
    if (!ordinary) return undefined
    const { gdtr, idtr, segments, linear } = this.cpu
    const descriptors = stack ? [code, stack.segment] : [code]
    const looked = [...places, ...descriptors.map((each) => this.looked(each, ACCESSED))]
    if (!looked.every(isFound)) return undefined
    const { translations } = linear.tlb
    return { cpl, gdtr: { ...gdtr }, idtr: { ...idtr }, task: segments.cache(TR), looked, translations }
  }

  /** A descriptor as it was checked, with what loading it set; memory may hold another by now, for a frame was pushed. */
  private looked({ at, low, high }: Descriptor, sets: number): Looked {
    return { linear: at | 0, physical: this.cpu.linear.frameAt(false, at, 8, false), low, high: high | sets }
  }

  /** A stack's place in the TSS; undefined if memory holds another stack by now. */
  private stackInTss(address: number, { esp, stack }: CheckedEntry): Looked | undefined {
    const physical = this.cpu.linear.frameAt(false, address | 0, 8, false)
    if (physical < 0) return undefined
    const [low, high] = [0, 4].map((n) => this.memory.view.getInt32(physical + n, true))
    const same = low === esp && (high & 0xffff) === stack?.selector
    return same ? { linear: address | 0, physical, low, high } : undefined
  }

  private compile(text: string) {
    this.made++
    return new Function(text)()(this.cpu, this.memory, dropPrivilegedSegments)
  }
}

const isFound = (looked: Looked | undefined): looked is Looked => looked !== undefined && looked.physical >= 0
const isWideFlat = (segment: Cache) => (flatness(segment) & WRITE_FLAT) !== 0 && (segment.access & BIG) !== 0
