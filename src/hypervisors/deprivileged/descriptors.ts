/**
 * Shadow descriptor tables: the real processor's GDT and LDT hold the guest's segments as a guest outside of ring 0 may have them.
 *
 *     guest's descriptor          shadow
 *     DPL 0                       DPL 1
 *     DPL 3                       DPL 3; code of it only while the guest's processes run, so that an IRET to them comes to the monitor
 *     ends at 4 GiB               ends at FFBFFFFFh: above it the monitor lives
 *
 * An entry is made when the guest first loads its selector, and forgotten when the guest writes its own table.
 * Left out: segments that expand down, those of rings 1 and 2, and those that begin in the monitor's area; code that needs one is
 * interpreted.
 */
import { CS, DS, ES, FS, GS, LDTR, SS } from "../../isa/registers"
import type { Cpu } from "../../machine/cpu"
import {
  type Cache,
  type Descriptor,
  dpl,
  GRANULAR,
  isCode,
  isConforming,
  isPresent,
  isWritableData,
  NOT_SYSTEM,
  readDescriptor,
  TYPE_ACCESSED,
  TYPE_DOWN_CONFORMING,
  UNUSABLE,
} from "../../machine/processor/descriptors"
import type { MachineMemory } from "../guest-memory"
import { look32 } from "../mmu/look"
import type { VirtualMachine } from "../virtual-machine"
import { GUEST_SELECTORS, LDT_ENTRIES, TOP } from "./house"

const DATA_SEGMENTS = [DS, ES, FS, GS]
const LOCAL = 4
const DPL_1 = 1 << 5
const ONE_MIB = 1 << 20
const NO_ENTRY = { low: 0, high: 0 } as const

/** A segment as the guest may have it outside of ring 0; undefined: it cannot. */
export function deprivileged({ base, limit, access }: Cache): Cache | undefined {
  const start = base >>> 0
  const down = !isCode(access) && (access & TYPE_DOWN_CONFORMING) !== 0
  const middle = dpl(access) === 1 || dpl(access) === 2
  if (!(access & NOT_SYSTEM) || !isPresent(access) || down || middle || start > TOP) return undefined
  const last = Math.min(limit, TOP - start)
  const whole = last < ONE_MIB ? last : ((last - 0xfff) & ~0xfff) + 0xfff
  const ring = dpl(access) === 0 ? DPL_1 : 0
  return { base, limit: whole >>> 0, access: access | ring | TYPE_ACCESSED }
}

/** The two doublewords of a descriptor. */
function encode({ base, limit, access }: Cache): { readonly low: number; readonly high: number } {
  const pages = limit >= ONE_MIB
  const count = pages ? limit >>> 12 : limit
  const rights = (access & ~GRANULAR & 0xf0ff) | (pages ? GRANULAR : 0)
  return {
    low: (count & 0xffff) | ((base & 0xffff) << 16),
    high: ((base >>> 16) & 0xff) | (rights << 8) | (count & 0xf_0000) | (base & 0xff00_0000),
  }
}

/** Notices writes to the guest's tables, by linear address of a descriptor. */
export interface TableChanges {
  /** Have the next write to its page noticed. */
  watch(linear: number): void
  /** Whether a write would be. */
  isWatched(linear: number): boolean
}

/** So many entries are thrown away again before a table is watched: a guest may write other things beside its table all the time. */
const PATIENCE = 16

/** Selectors that have entries, and those of them that are code of the guest's processes. Plain data. */
export interface DescriptorState {
  readonly present: readonly number[]
  readonly userCode: readonly number[]
  /** Entries that were thrown away since the guest's table was last written. */
  readonly thrownAway: number
}

export class ShadowDescriptors {
  /** Selectors that have an entry, and those among them that are code of the guest's processes. */
  private present = new Set<number>()
  private userCode = new Set<number>()
  /** Entries that could have stayed, had their table been watched, since it was last written. */
  private thrownAway = 0
  /** Descriptors of the guest's tables that were read, and are watched since. */
  private readonly known = new Map<number, Descriptor>()
  /** What was found to last: it need not be looked up again. */
  private readonly lasting = new Map<number, Cache>()

  constructor(
    private readonly vm: VirtualMachine,
    /** Physical addresses of the GDT's two pages, and of the LDT's. */
    private readonly tables: { readonly gdt: readonly [number, number]; readonly ldt: number },
    private readonly memory: MachineMemory,
    /** Tells when the guest writes one of its tables. */
    private readonly changes: TableChanges,
  ) {}

  /** Physical address of a selector's shadow; undefined: there is no room for one. */
  private at(selector: number): number | undefined {
    const index = selector >>> 3
    if (selector & LOCAL) return index < LDT_ENTRIES ? this.tables.ldt + 8 * index : undefined
    return index > 0 && index < GUEST_SELECTORS
      ? this.tables.gdt[index >>> 9] + 8 * (index & 0x1ff)
      : undefined
  }

  /** Whether a segment can be loaded outside of ring 0. What real-address mode left in a register may be anything. */
  isExpressible(selector: number, cache: Cache): boolean {
    if (cache.access & UNUSABLE) return (selector & ~3) === 0
    const shadow = deprivileged(cache)
    return this.at(selector) !== undefined && shadow !== undefined && (selector & 3) <= dpl(shadow.access)
  }

  /** Whether IRET can load a processor's CS, EIP and SS outside of ring 0. Both segments need an entry of their own. */
  canReturn({ segments, eip, cpl }: Cpu): boolean {
    const [code, stack] = [CS, SS].map((register) => segments.cache(register))
    const [codeSelector, stackSelector] = [segments.selector[CS], segments.selector[SS]]
    const fits = (selector: number, cache: Cache) =>
      (selector & 3) === cpl && dpl(cache.access) === cpl && this.isExpressible(selector, cache)
    return (
      isCode(code.access) &&
      !isConforming(code.access) &&
      isWritableData(stack.access) &&
      fits(codeSelector, code) &&
      fits(stackSelector, stack) &&
      codeSelector >>> 2 !== stackSelector >>> 2 &&
      eip >>> 0 <= (deprivileged(code) as Cache).limit
    )
  }

  /**
   * Make the entry of a selector that the guest tries to load, from its own table, and have the next write to that noticed. The first
   * load, which marks the guest's descriptor accessed, is left to the guest's processor: the real one would mark the shadow only.
   */
  fill(selector: number): void {
    const own = this.own(selector)
    const shadow = own && deprivileged(own)
    if (!own || !shadow || !this.mayStay(selector, own)) return
    this.put(selector, shadow)
    this.watch(selector, own)
    this.note(selector, own)
  }

  /** What a segment register of the guest's holds after it loaded a selector by itself. */
  segmentOf(selector: number): Cache {
    const own = (selector & ~3) === 0 ? undefined : this.own(selector)
    return own ? { ...own, access: own.access | TYPE_ACCESSED } : { base: 0, limit: 0, access: UNUSABLE }
  }

  /**
   * Have a selector's entry be what a segment register of the guest's holds.
   * @returns whether the entry may stay: the guest's table says the same, and will not change unnoticed
   */
  putRegister(selector: number, cache: Cache): boolean {
    const known = this.lasting.get(selector & ~3)
    if (known && isSame(known, cache)) return true
    this.put(selector, deprivileged(cache) as Cache)
    const lasts = this.lasts(selector, cache)
    if (lasts) this.lasting.set(selector & ~3, cache)
    return lasts
  }

  private lasts(selector: number, cache: Cache): boolean {
    const own = this.own(selector)
    if (!own || !sameSegment(own, cache) || !this.mayStay(selector, own)) return false
    if (!this.isWatched(own) && ++this.thrownAway < PATIENCE) return false
    this.watch(selector, own)
    this.note(selector, own)
    return true
  }

  private watch(selector: number, own: Descriptor): void {
    this.changes.watch(own.at)
    this.changes.watch((own.at + 7) | 0)
    this.known.set(selector & ~3, own)
  }

  private note(selector: number, own: Cache): void {
    if (isUserCode(own)) this.userCode.add(selector & ~3)
  }

  /** While the guest's kernel runs, no code of its processes is there: an IRET to it comes to the monitor. */
  hideUserCode(): void {
    if (this.userCode.size === 0) return
    for (const selector of this.userCode) this.forget(selector)
    this.userCode.clear()
  }

  /** Whether the guest may load a segment unnoticed: it is marked as accessed, no way to its processes, and a change where it is loaded. */
  private mayStay(selector: number, own: Cache): boolean {
    const { cpl, segments } = this.vm.machine.cpu
    if (!(own.access & TYPE_ACCESSED) || (isUserCode(own) && cpl !== 3)) return false
    return DATA_SEGMENTS.every(
      (register) =>
        (segments.selector[register] ^ selector) & ~3 || sameSegment(own, segments.cache(register)),
    )
  }

  private isWatched({ at }: Descriptor): boolean {
    return this.changes.isWatched(at) && this.changes.isWatched((at + 7) | 0)
  }

  private put(selector: number, cache: Cache): void {
    this.write(selector, encode(cache))
  }

  forget(selector: number): void {
    this.write(selector, NO_ENTRY)
  }

  private write(selector: number, { low, high }: { readonly low: number; readonly high: number }): void {
    const at = this.at(selector)
    if (at === undefined) return
    const { memory, present } = this
    this.lasting.delete(selector & ~3)
    if (high) present.add(selector & ~3)
    else present.delete(selector & ~3)
    if (memory.get(at, 32) === (low | 0) && memory.get(at + 4, 32) === (high | 0)) return
    memory.set(at, 32, low)
    memory.set(at + 4, 32, high)
  }

  /** The guest wrote its tables, or loaded other ones. */
  forgetAll(): void {
    for (const selector of [...this.present]) this.forget(selector)
    this.known.clear()
    this.thrownAway = 0
  }

  save(): DescriptorState {
    return { present: [...this.present], userCode: [...this.userCode], thrownAway: this.thrownAway }
  }

  restore({ present, userCode, thrownAway }: DescriptorState): void {
    this.thrownAway = thrownAway
    this.known.clear()
    this.present = new Set(present)
    this.userCode = new Set(userCode)
    this.lasting.clear()
  }

  /** The descriptor in the guest's own table; undefined: there is none, or its page is not there. A table that is watched is read once. */
  private own(selector: number): Descriptor | undefined {
    const known = this.known.get(selector & ~3)
    return known && this.isWatched(known) ? known : this.readOwn(selector)
  }

  private readOwn(selector: number): Descriptor | undefined {
    const { cpu } = this.vm.machine
    const local = (selector & LOCAL) !== 0
    if (local && cpu.segments.access[LDTR] & UNUSABLE) return undefined
    const [base, limit] = local
      ? [cpu.segments.base[LDTR], cpu.segments.limit[LDTR]]
      : [cpu.gdtr.base, cpu.gdtr.limit]
    if ((selector | 7) > limit) return undefined
    const at = (base + (selector & 0xfff8)) | 0
    const [low, high] = [look32(this.vm.machine, at), look32(this.vm.machine, at + 4)]
    return low === undefined || high === undefined ? undefined : readDescriptor(low, high, at)
  }
}

const isSame = (a: Cache, b: Cache) => a.base === b.base && a.limit === b.limit && a.access === b.access

/** Code that ring 3 may run. */
const isUserCode = ({ access }: Cache) => isCode(access) && (dpl(access) === 3 || isConforming(access))

const sameSegment = (own: Cache, held: Cache) =>
  own.base === held.base && own.limit === held.limit && own.access === (held.access | TYPE_ACCESSED)
