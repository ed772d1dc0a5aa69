/**
 * Ways through gates, and back by IRET, that were checked before. What the checks decide follows from the ring, the tables'
 * registers, and some doublewords of memory: a gate, descriptors, a stack's place in the TSS. While all of them are as they
 * were, the checks need not be made again. `interrupts.ts` makes them, has ways learned here, and is the only one that goes
 * unusual ways: 16-bit gates and stacks, tasks, virtual-8086 mode, segments that are not flat, frames across two pages.
 */
import { IF, NT, RF, TF, VM } from "../isa/eflags"
import { CS, ESP, SS, TR } from "../isa/registers"
import type { Cpu } from "./cpu"
import type { Delivery } from "./interrupts"
import type { Memory } from "./memory"
import {
  BIG,
  type Descriptor,
  dropPrivilegedSegments,
  flatness,
  imageOf,
  inSummary,
  TYPE,
  TYPE_ACCESSED,
  TYPE_TSS_BUSY,
  WIDE_STACK,
  WRITE_FLAT,
} from "./segmentation"

/** What a way was decided by. */
interface Grounds {
  readonly cpl: number
  /** Base and limit of GDTR, IDTR and TR, and TR's rights. */
  readonly registers: Int32Array
  /** Physical addresses of eight bytes, each with the two doublewords that they held. */
  readonly words: Int32Array
  /** The TLB's, by which the addresses were found. */
  readonly translations: number
}

/** Code that control goes to, and the stack it has there; undefined: the one it had. */
interface Goal {
  readonly selector: number
  readonly code: Descriptor
  readonly ring: number
  readonly stack: { readonly selector: number; readonly segment: Descriptor } | undefined
}
/** With what is loaded into CS and SS. */
type Learned<What> = What & {
  readonly grounds: Grounds
  readonly cs: Int32Array
  readonly ss: Int32Array | undefined
}

/** To a handler. */
export interface Entry extends Goal {
  /** An instruction may ask for it: CPL ≤ the gate's DPL. */
  readonly open: boolean
  readonly offset: number
  /** EFLAGS bits that the gate clears. */
  readonly clears: number
  /** ESP from the TSS. */
  readonly esp: number
  /** Physical address that this ESP is, if a frame can be written below it at once; else -1. */
  readonly top: number
  /** `Memory.marks` when that was found. */
  readonly marks: number
}

/** Of the ways that had to be checked, every so manieth is learned: learning costs more than checking, and not all come again. */
const LEARNED = 4
/** As many ways back are kept as there are low bits of a code selector's index here. */
const RETURNS = 64
const VECTORS = 256
const RINGS = 4
const FRAME = 20
const FLAT_STACK = inSummary(SS, WRITE_FLAT) | WIDE_STACK
const ERROR_CODE = 4

const isWideFlat = (segment: Descriptor) =>
  (flatness(segment) & WRITE_FLAT) !== 0 && (segment.access & BIG) !== 0

export class Passages {
  private readonly entries: (Learned<Entry> | undefined)[] = new Array(VECTORS * RINGS).fill(undefined)
  private readonly returns: (Learned<Goal> | undefined)[] = new Array(RETURNS).fill(undefined)
  /** Ways that had to be checked. */
  private checked = 0

  constructor(
    private readonly cpu: Cpu,
    private readonly memory: Memory,
  ) {}

  /** Go to a handler the way that is known. Returns false, with nothing done, if none is or it may not be taken. */
  enter({ vector, errorCode, software, resume }: Delivery): boolean {
    const { cpu } = this
    const entry = this.entries[vector * RINGS + cpu.cpl]
    if (entry === undefined || cpu.detailed || cpu.flags.has(VM) || !this.holds(entry.grounds)) return false
    if (software !== undefined && software !== "INT1" && !entry.open) return false
    if (entry.ss === undefined && !this.onFlatStack) return false
    const bytes = (entry.ss ? FRAME : FRAME - 8) + (errorCode === null ? 0 : ERROR_CODE)
    const esp = ((entry.ss ? entry.esp : cpu.reg[ESP]) - bytes) | 0
    const frame = this.frameOf(entry, esp, bytes)
    if (frame < 0) return false
    this.write(frame, errorCode, resume, entry.ss !== undefined)
    this.goTo(entry, entry.offset, esp)
    cpu.clearFlags(entry.clears)
    return true
  }

  /** Physical address of a frame; -1: it cannot be written at once. */
  private frameOf({ top, marks, ring }: Learned<Entry>, esp: number, bytes: number): number {
    if (top >= 0 && marks === this.memory.marks) return top - bytes
    return this.cpu.linear.frameAt(ring === 3, esp, bytes, true)
  }

  private get onFlatStack(): boolean {
    return (this.cpu.segments.summary & FLAT_STACK) === FLAT_STACK
  }

  private write(frame: number, errorCode: number | null, resume: boolean, outer: boolean): void {
    const { cpu } = this
    const { view } = this.memory
    let at = frame
    if (errorCode !== null) {
      view.setInt32(at, errorCode, true)
      at += ERROR_CODE
    }
    view.setInt32(at, cpu.eip, true)
    view.setInt32(at + 4, cpu.segments.selector[CS], true)
    view.setInt32(at + 8, resume ? cpu.flags.value | RF : cpu.flags.value, true)
    if (!outer) return
    view.setInt32(at + 12, cpu.reg[ESP], true)
    view.setInt32(at + 16, cpu.segments.selector[SS], true)
  }

  /** Come back from a handler by IRETD the way that is known. Returns false, with nothing done, if none is. */
  comeBack(flagMask: number): boolean {
    const { cpu } = this
    if (cpu.detailed || cpu.flags.has(NT) || !this.onFlatStack) return false
    const frame = cpu.linear.frameAt(cpu.cpl === 3, cpu.reg[ESP], FRAME, false)
    if (frame < 0) return false
    const { view } = this.memory
    const back = this.returns[view.getUint16(frame + 4, true) % RETURNS]
    if (back === undefined || back.selector !== view.getUint16(frame + 4, true)) return false
    const flags = view.getInt32(frame + 8, true)
    const eip = view.getInt32(frame, true)
    if (flags & VM || eip >>> 0 > back.code.limit || !this.holds(back.grounds)) return false
    if (back.stack !== undefined && back.stack.selector !== view.getUint16(frame + 16, true)) return false
    const esp = back.ss ? view.getInt32(frame + 12, true) : (cpu.reg[ESP] + FRAME - 8) | 0
    cpu.popFlags(flagMask, flags)
    this.goTo(back, eip, esp)
    if (back.ss !== undefined) dropPrivilegedSegments(cpu)
    return true
  }

  private goTo({ ring, cs, ss }: Learned<Goal>, eip: number, esp: number): void {
    const { cpu } = this
    const { segments } = cpu
    const from = segments.cpl
    if (ss !== undefined) {
      cpu.spend(cpu.prices.stackSwitch)
      segments.load(SS, ss)
    }
    segments.load(CS, cs)
    segments.enterRing(ring)
    cpu.reg[ESP] = esp
    cpu.eip = eip
    cpu.ringChanged(from)
  }

  private holds({ cpl, registers, words, translations }: Grounds): boolean {
    const { gdtr, idtr, segments, linear } = this.cpu
    if (cpl !== segments.cpl || translations !== linear.tlb.translations) return false
    if (registers[0] !== gdtr.base || registers[1] !== gdtr.limit) return false
    if (registers[2] !== idtr.base || registers[3] !== idtr.limit) return false
    const { base, limit, access } = segments
    if (registers[4] !== base[TR] || registers[5] !== (limit[TR] | 0) || registers[6] !== access[TR])
      return false
    const { view } = this.memory
    // Two doublewords a turn: descriptors and gates have two.
    for (let n = 0; n < words.length; n += 3) {
      const at = words[n]
      if (view.getInt32(at, true) !== words[n + 1] || view.getInt32(at + 4, true) !== words[n + 2])
        return false
    }
    return true
  }

  /** A way through a gate of 32 bits was checked: keep it, if it is an ordinary one. */
  learnEntry(vector: number, cpl: number, way: Omit<Entry, "top" | "marks">, gate: Descriptor): void {
    const { base, access } = this.cpu.segments
    if (++this.checked % LEARNED !== 0) return
    if (!isOrdinary(way) || (way.stack && (access[TR] & TYPE) !== TYPE_TSS_BUSY)) return
    const inTss = way.stack ? [base[TR] + 4 + way.ring * 8] : []
    const grounds = this.groundsOf(cpl, [gate.at, ...inTss, ...descriptorsOf(way)])
    const entry = { ...way, top: way.stack ? this.topOf(way) : -1, marks: this.memory.marks }
    if (grounds) this.entries[vector * RINGS + cpl] = learned(entry, grounds)
  }

  private topOf({ ring, esp }: { ring: number; esp: number }): number {
    const most = FRAME + ERROR_CODE
    const frame = this.cpu.linear.frameAt(ring === 3, (esp - most) | 0, most, true)
    return frame < 0 ? -1 : frame + most
  }

  /** As `learnEntry`, for a way back. */
  learnReturn(cpl: number, goal: Goal): void {
    if (++this.checked % LEARNED !== 0 || this.cpu.detailed || !isOrdinary(goal)) return
    const grounds = this.groundsOf(cpl, descriptorsOf(goal))
    if (grounds) this.returns[goal.selector % RETURNS] = learned(goal, grounds)
  }

  /** `looked` are linear addresses of 8 bytes each. */
  private groundsOf(cpl: number, looked: readonly number[]): Grounds | undefined {
    const { linear } = this.cpu
    const first = looked.map((address) => linear.frameAt(false, address, 8, false))
    if (first.some((place) => place < 0)) return undefined
    const { view } = this.memory
    const words = first.flatMap((at) => [at, view.getInt32(at, true), view.getInt32(at + 4, true)])
    const { translations } = linear.tlb
    return { cpl, registers: this.registers, words: Int32Array.from(words), translations }
  }

  private get registers(): Int32Array {
    const { gdtr, idtr, segments } = this.cpu
    const { base, limit, access } = segments.cache(TR)
    return Int32Array.of(gdtr.base, gdtr.limit, idtr.base, idtr.limit, base, limit, access)
  }
}

function learned<What extends Goal>(goal: What, grounds: Grounds): Learned<What> {
  const { selector, code, stack } = goal
  const cs = imageOf(CS, selector, code, code.access | TYPE_ACCESSED)
  const ss = stack && imageOf(SS, stack.selector, stack.segment, stack.segment.access | TYPE_ACCESSED)
  return { ...goal, grounds, cs, ss }
}

/** The descriptors are in the GDT, and the stack needs no checks. */
const isOrdinary = ({ selector, stack }: Goal) =>
  (selector & 4) === 0 && (stack === undefined || ((stack.selector & 4) === 0 && isWideFlat(stack.segment)))

/** Where the descriptors stand. */
const descriptorsOf = ({ code, stack }: Goal) => (stack ? [code.at, stack.segment.at] : [code.at])

/** EFLAGS bits that an interrupt gate clears, and a trap gate. */
export const clearedBy = (interruptGate: boolean): number =>
  interruptGate ? IF | TF | NT | RF | VM : TF | NT | RF | VM
