/**
 * Gates, and returns by IRETD, that were checked before. What the checks decide follows from the ring, the tables' registers,
 * and some doublewords of memory: a gate, descriptors, a stack's place in the TSS. While all of them are as they were, the
 * checks need not be made again. `interrupts.ts` and `returns.ts` make them and tell of each here; a gate that is used often
 * becomes a function (`gate-text.ts`). Where no code may be generated, and for unusual gates (16-bit gates and stacks, tasks,
 * virtual-8086 mode, frames on stacks that expand down), every check is made every time, with the same outcome.
 */
import { NT, VM } from "../../isa/eflags"
import { ESP, SS, TR } from "../../isa/registers"
import { mayGenerate } from "../../numbers/may-generate"
import type { Memory } from "../board/memory"
import type { CheckedEntry, CheckedGates, Delivery, Target } from "../processor/checked-gates"
import type { Core } from "../processor/core"
import {
  BIG,
  type Cache,
  type Descriptor,
  TYPE,
  TYPE_ACCESSED,
  TYPE_TSS_BUSY,
} from "../processor/descriptors"
import { flatness, inSummary, WIDE_STACK, WRITE_BOUNDED } from "../processor/segments"
import { dropPrivilegedSegments } from "../protection/segmentation"
import {
  type Basis,
  ERROR_CODE,
  entryText,
  FRAME,
  type ReadWords,
  returnText,
  type StackTop,
} from "./gate-text"

/** Goes to a handler; see `entryText`. */
interface EntryFunction {
  readonly go: (errorCode: number | null, resume: boolean) => boolean
  /** An instruction may ask for it: CPL ≤ the gate's DPL. */
  readonly open: boolean
  /** Bits of `Segments.summary` that must be set: it goes on with the stack that there is. */
  readonly assumes: number
}
/** Comes back from a handler; see `returnText`. */
interface ReturnFunction {
  readonly go: (frame: number, eip: number, flags: number, mask: number) => boolean
  readonly selector: number
}

const VECTORS = 256
const RINGS = 4
/** Returns are kept by the low bits of the code selector's index. */
const RETURNS = 64
/** In a descriptor's upper half. */
const ACCESSED = TYPE_ACCESSED << 8
/** The stack that there is has room from 0 to its limit, and all of ESP counts. */
const ORDINARY_STACK = inSummary(SS, WRITE_BOUNDED) | WIDE_STACK

/** Gates that were checked often, as functions. */
export class GateFunctions implements CheckedGates {
  /** Whether checked gates become functions. */
  enabled = mayGenerate()
  /** A gate that was checked so often becomes a function; another one in its place must be checked twice as often as the last. */
  threshold = 200
  /** Functions made so far. */
  made = 0
  private readonly entries: (EntryFunction | undefined)[] = new Array(VECTORS * RINGS).fill(undefined)
  private readonly returns: (ReturnFunction | undefined)[] = new Array(RETURNS).fill(undefined)
  private readonly checked = new Float64Array(VECTORS * RINGS + RETURNS)
  private readonly wanted = new Float64Array(VECTORS * RINGS + RETURNS)

  constructor(
    private readonly cpu: Core,
    private readonly memory: Memory,
  ) {}

  enter({ vector, errorCode, software, resume }: Delivery): boolean {
    const { cpu } = this
    const entry = this.entries[vector * RINGS + cpu.cpl]
    if (
      entry === undefined ||
      cpu.detailed ||
      (cpu.segments.summary & entry.assumes) !== entry.assumes ||
      (entry.open ? false : software !== undefined && software !== "INT1")
    )
      return false
    return entry.go(errorCode, resume)
  }

  comeBack(flagMask: number): boolean {
    const { cpu } = this
    if (cpu.detailed || cpu.flags.has(NT) || !this.onOrdinaryStack) return false
    const frame = frameOnStack(cpu, cpu.reg[ESP], FRAME, false)
    if (frame < 0) return false
    const { view } = this.memory
    const selector = view.getUint16(frame + 4, true)
    const flags = view.getInt32(frame + 8, true)
    const known = this.returns[(selector >> 3) % RETURNS]
    if (known === undefined || known.selector !== selector || flags & VM) return false
    return known.go(frame, view.getInt32(frame, true), flags, flagMask)
  }

  private get onOrdinaryStack(): boolean {
    return (this.cpu.segments.summary & ORDINARY_STACK) === ORDINARY_STACK
  }

  checkedEntry(vector: number, cpl: number, entry: CheckedEntry): void {
    const number = vector * RINGS + cpl
    if (!this.isHot(number)) return
    const { base, access } = this.cpu.segments
    const isTss = (access[TR] & TYPE) === TYPE_TSS_BUSY
    if (entry.stack ? !isTss : !this.onOrdinaryStack) return
    const inTss = entry.stack ? [this.stackInTss(base[TR] + 4 + entry.ring * 8, entry)] : []
    const basis = this.basisOf(cpl, [this.readWords(entry.gate, 0), ...inTss], entry)
    const top = entry.stack && this.topOf(entry.stack.segment, entry)
    if (!basis || (entry.stack && !top)) return
    const text = entryText(entry, top, basis)
    const assumes = entry.stack ? 0 : ORDINARY_STACK
    this.entries[number] = { go: this.compile(text), open: entry.open, assumes }
  }

  checkedReturn(cpl: number, target: Target<Descriptor>): void {
    const slot = (target.selector >> 3) % RETURNS
    if (!this.isHot(VECTORS * RINGS + slot)) return
    const basis = this.basisOf(cpl, [], target)
    if (basis) this.returns[slot] = { go: this.compile(returnText(target, basis)), selector: target.selector }
  }

  private isHot(number: number): boolean {
    if (!this.enabled || this.cpu.detailed) return false
    const checked = ++this.checked[number]
    if (checked < Math.max(this.threshold, this.wanted[number])) return false
    this.wanted[number] = 2 * checked
    return true
  }

  /** Where the TSS's ESP is, if the largest frame lies in the segment and can be written below it at once. */
  private topOf(segment: Cache, { esp }: CheckedEntry): StackTop | undefined {
    const most = FRAME + ERROR_CODE
    const first = (esp - most) | 0
    if (!(flatness(segment) & WRITE_BOUNDED) || !isInside(first, most, segment.limit)) return undefined
    const frame = this.cpu.linear.frameAt(false, (segment.base + first) | 0, most, true)
    if (frame < 0) return undefined
    return { linear: segment.base + esp, physical: frame + most, marks: this.memory.marks }
  }

  /** Undefined if the target is not an ordinary one. */
  private basisOf(
    cpl: number,
    words: readonly (ReadWords | undefined)[],
    { selector, code, stack }: Target<Descriptor>,
  ): Basis | undefined {
    const ordinary =
      !(selector & 4) && (!stack || (!(stack.selector & 4) && (stack.segment.access & BIG) !== 0))
    if (!ordinary) return undefined
    const { gdtr, idtr, segments, linear } = this.cpu
    const descriptors = stack ? [code, stack.segment] : [code]
    const all = [...words, ...descriptors.map((each) => this.readWords(each, ACCESSED))]
    if (!all.every(isFound)) return undefined
    const { translations } = linear.tlb
    return { cpl, gdtr: { ...gdtr }, idtr: { ...idtr }, task: segments.cache(TR), words: all, translations }
  }

  /** A descriptor as it was checked, with what loading it set; memory may hold another by now, for a frame was pushed. */
  private readWords({ at, low, high }: Descriptor, sets: number): ReadWords {
    return { linear: at | 0, physical: this.cpu.linear.frameAt(false, at, 8, false), low, high: high | sets }
  }

  /** A stack's place in the TSS; undefined if memory holds another stack by now. */
  private stackInTss(address: number, { esp, stack }: CheckedEntry): ReadWords | undefined {
    const physical = this.cpu.linear.frameAt(false, address | 0, 8, false)
    if (physical < 0) return undefined
    const [low, high] = [0, 4].map((n) => this.memory.view.getInt32(physical + n, true))
    const same = low === esp && (high & 0xffff) === stack?.selector
    return same ? { linear: address | 0, physical, low, high } : undefined
  }

  private compile(text: string) {
    this.made++
    return new Function(text)()(this.cpu, this.memory, dropPrivilegedSegments, frameOnStack)
  }
}

const isFound = (words: ReadWords | undefined): words is ReadWords =>
  words !== undefined && words.physical >= 0
/** Whether some bytes at an offset lie below a limit, and not around the end of 4 GiB. */
const isInside = (offset: number, bytes: number, limit: number) => (offset >>> 0) + bytes - 1 <= limit

/** Physical address of bytes on the stack that there is, an ordinary one, if they can be read or written at once; else -1. */
function frameOnStack({ cpl, linear, segments }: Core, offset: number, bytes: number, write: boolean) {
  if (!isInside(offset, bytes, segments.limit[SS])) return -1
  return linear.frameAt(cpl === 3, (segments.base[SS] + offset) | 0, bytes, write)
}
