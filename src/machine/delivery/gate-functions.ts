/**
 * Gates, and returns by IRETD, that were checked before. What the checks decide follows from the ring, the tables' registers,
 * and some doublewords of memory: a gate, descriptors, a stack's place in the TSS. While all of them are as they were, the
 * checks need not be made again. `interrupts.ts` and `transfers.ts` make them and tell of each here; a gate that is used often
 * becomes a function (`gate-text.ts`). Where no code may be generated, and for unusual gates (16-bit gates and stacks, tasks,
 * virtual-8086 mode, segments that are not flat), every check is made every time, with the same outcome.
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
import { flatness, inSummary, WIDE_STACK, WRITE_FLAT } from "../processor/segments"
import { dropPrivilegedSegments } from "../protection/segmentation"
import { type Basis, ERROR_CODE, entryText, FRAME, type ReadWords, returnText } from "./gate-text"

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
const FLAT_STACK = inSummary(SS, WRITE_FLAT) | WIDE_STACK

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
    if (cpu.detailed || cpu.flags.has(NT) || !this.onFlatStack) return false
    const frame = cpu.linear.frameAt(cpu.cpl === 3, cpu.reg[ESP], FRAME, false)
    if (frame < 0) return false
    const { view } = this.memory
    const selector = view.getUint16(frame + 4, true)
    const flags = view.getInt32(frame + 8, true)
    const known = this.returns[(selector >> 3) % RETURNS]
    if (known === undefined || known.selector !== selector || flags & VM) return false
    return known.go(frame, view.getInt32(frame, true), flags, flagMask)
  }

  private get onFlatStack(): boolean {
    return (this.cpu.segments.summary & FLAT_STACK) === FLAT_STACK
  }

  checkedEntry(vector: number, cpl: number, entry: CheckedEntry): void {
    const number = vector * RINGS + cpl
    if (!this.isHot(number)) return
    const { base, access } = this.cpu.segments
    const isTss = (access[TR] & TYPE) === TYPE_TSS_BUSY
    if (entry.stack ? !isTss : !this.onFlatStack) return
    const inTss = entry.stack ? [this.stackInTss(base[TR] + 4 + entry.ring * 8, entry)] : []
    const basis = this.basisOf(cpl, [this.readWords(entry.gate, 0), ...inTss], entry)
    const top = entry.stack ? this.topOf(entry) : 0
    if (!basis || top < 0) return
    const text = entryText(entry, { top, marks: this.memory.marks }, basis)
    const assumes = entry.stack ? 0 : FLAT_STACK
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

  /** Physical address of the TSS's ESP, if the largest frame can be written below it at once; else -1. */
  private topOf({ ring, esp }: { ring: number; esp: number }): number {
    const most = FRAME + ERROR_CODE
    const frame = this.cpu.linear.frameAt(ring === 3, (esp - most) | 0, most, true)
    return frame < 0 ? -1 : frame + most
  }

  /** Undefined if the target is not an ordinary one. */
  private basisOf(
    cpl: number,
    words: readonly (ReadWords | undefined)[],
    { selector, code, stack }: Target<Descriptor>,
  ): Basis | undefined {
    const ordinary = !(selector & 4) && (!stack || (!(stack.selector & 4) && isWideFlat(stack.segment)))
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
    return new Function(text)()(this.cpu, this.memory, dropPrivilegedSegments)
  }
}

const isFound = (words: ReadWords | undefined): words is ReadWords =>
  words !== undefined && words.physical >= 0
const isWideFlat = (segment: Cache) => (flatness(segment) & WRITE_FLAT) !== 0 && (segment.access & BIG) !== 0
