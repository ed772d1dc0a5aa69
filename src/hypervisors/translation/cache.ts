/**
 * The translation cache: units in the order in which they were made, behind the look-up that computed jumps go through. When it is full it
 * is emptied, and fills anew: most of what a kernel once ran it does not run again soon.
 *
 *     0           look-up
 *     …           unit, unit, unit, …     each with its map before it (map.ts)
 *     used        nothing yet
 *
 * A unit whose way in is cut stays where it is until the cache is emptied: it may be where the processor is.
 */
import { CELL, REMEMBERED } from "./cells"
import { bytesOf, disuse, type Placed, read, type Words, write } from "./map"
import { ASKS_AT, LOOK_UP } from "./sequences"
import type { Exit, Piece, Unit } from "./translate"

/** An instruction of the guest's. */
interface AtInstruction {
  readonly eip: number
  /** Its bytes as they were translated, and those behind it; empty: the unit ends before it. */
  readonly source: readonly number[]
}

/** What a place in the cache is for the guest. */
export type Position =
  /** Between two instructions of the guest's: before the one at this address. After STI interrupts wait for one more. */
  | (AtInstruction & { readonly is: "boundary"; readonly afterSti: boolean })
  /** In the sequence of one. */
  | (AtInstruction & { readonly is: "within"; readonly spills: Piece["spills"] })
  /** At a call-out that stands for a way to a known address, or for one that was computed and is not remembered. */
  | { readonly is: "exit"; readonly eip: number; readonly unit: Placed; readonly exit: Exit }
  | { readonly is: "computed" }
  /** On the way to another instruction: nothing of the guest's is half done, but where it goes on is not known here. */
  | { readonly is: "on the way" }

/** What is kept beside memory, plain data. */
export interface CacheState {
  readonly used: number
  /** Where the hidden units begin. */
  readonly hidden: readonly number[]
  /** Units translated, dropped since the guest wrote their code, times that the cache was full, and jumps that were chained. */
  readonly counts: Readonly<Record<"units" | "dropped" | "flushes" | "chains", number>>
}

const START = (LOOK_UP.length + 3) & ~3

export class TranslationCache {
  private counts = { units: 0, dropped: 0, flushes: 0, chains: 0 }
  /** Bytes in use. */
  private used = START
  private known: Placed[] = []
  private ready = true
  private unreadHidden: readonly number[] = []
  private readonly byStart = new Map<number, Placed[]>()
  /** Units that another address space has at their addresses. */
  private readonly hidden = new Set<Placed>()

  /**
   * @param words the cache's memory, by offset
   * @param cells the cells' memory
   * @param base linear address of the cache
   * @param size in bytes
   */
  constructor(
    private readonly words: Words,
    private readonly cells: Words,
    private readonly base: number,
    private readonly size: number,
  ) {}

  /** All units that are used. */
  get all(): readonly Placed[] {
    return this.units
  }

  /** Linear address of a unit's code. */
  addressOf = ({ code }: Placed): number => (this.base + code) | 0

  /** Put the look-up where it belongs, and have nothing else. */
  empty(): void {
    for (let n = 0; n < START; n += 4) this.words.set(n, word(LOOK_UP, n))
    for (let n = 0; n < REMEMBERED; n++) this.forget(n)
    this.used = START
    this.ready = true
    this.known = []
    this.byStart.clear()
    this.hidden.clear()
  }

  /** The unit that begins at a guest's address in the present address space. */
  find(start: number): Placed | undefined {
    return this.starts.get(start >>> 0)?.find((unit) => !this.hidden.has(unit))
  }

  /** Units that began at a guest's address in other address spaces. */
  hiddenAt(start: number): readonly Placed[] {
    return (this.starts.get(start >>> 0) ?? []).filter((unit) => this.hidden.has(unit))
  }

  /** A unit lies in the present address space after all. */
  show(unit: Placed): Placed {
    this.hidden.delete(unit)
    return unit
  }

  /** The unit that begins at an offset of the cache, if it is still used. */
  unitFrom(at: number): Placed | undefined {
    return this.units.find((unit) => unit.at === at)
  }

  /** Give a unit its place. */
  place(unit: Unit, pages: Placed["pages"], source: readonly number[]): Placed {
    if (this.used + bytesOf(unit) > this.size) {
      this.counts.flushes++
      this.empty()
    }
    const at = this.used
    write(this.words, at, unit, pages, source)
    const placed = read(this.words, at)
    for (const distance of unit.lookUps) this.lead(placed, distance, 0)
    this.counts.units++
    return this.enter(placed)
  }

  private enter(placed: Placed): Placed {
    this.used = placed.at + placed.bytes
    this.units.push(placed)
    this.byStart.set(placed.start, [...(this.byStart.get(placed.start) ?? []), placed])
    return placed
  }

  /** Have the jump whose distance stands at an offset of a unit's code lead to an offset of the cache. */
  private lead({ code }: Placed, distance: number, to: number): void {
    this.setUnaligned(code + distance, to - (code + distance + 4))
  }

  private setUnaligned(at: number, value: number): void {
    const shift = 8 * (at & 3)
    const low = at & ~3
    if (shift === 0) this.words.set(low, value)
    else {
      const kept = 2 ** shift - 1
      this.words.set(low, (this.words.get(low) & kept) | (value << shift))
      this.words.set(low + 4, (this.words.get(low + 4) & ~kept) | (value >>> (32 - shift)))
    }
  }

  private getUnaligned(at: number): number {
    const shift = 8 * (at & 3)
    const low = this.words.get(at & ~3)
    return shift === 0 ? low : (low >>> shift) | (this.words.get((at & ~3) + 4) << (32 - shift))
  }

  // Ways from unit to unit

  /** Have a way out of a unit lead straight to another one. */
  chain(from: Placed, exit: Exit, to: Placed): void {
    this.lead(from, exit.distance, to.code)
    this.counts.chains++
  }

  /** Have computed jumps to a unit find it. */
  remember(unit: Placed): void {
    const n = unit.start & (REMEMBERED - 1)
    this.cells.set(CELL.keys + 4 * n, -unit.start)
    this.cells.set(CELL.codes + 4 * n, this.addressOf(unit))
  }

  /** A key that no address looked for at its place matches: 0 is looked for at place 0, and 1 is not. */
  private forget(n: number): void {
    this.cells.set(CELL.keys + 4 * n, n === 0 ? -1 : 0)
  }

  /** Cut all ways to a unit. */
  private cut(unit: Placed): void {
    for (const from of this.units)
      for (const exit of from.exits)
        if (this.leadsTo(from, exit, unit)) this.lead(from, exit.distance, from.code + exit.stub)
    const n = unit.start & (REMEMBERED - 1)
    if (this.cells.get(CELL.codes + 4 * n) === this.addressOf(unit)) this.forget(n)
  }

  private leadsTo(from: Placed, { distance, target }: Exit, unit: Placed): boolean {
    const at = from.code + distance
    return target === unit.start && at + 4 + this.getUnaligned(at) === unit.code
  }

  /** A unit's code is no longer the guest's. */
  drop(unit: Placed): void {
    this.cut(unit)
    disuse(this.words, unit.at)
    this.known = this.units.filter((other) => other !== unit)
    this.byStart.set(
      unit.start,
      (this.byStart.get(unit.start) ?? []).filter((other) => other !== unit),
    )
    this.hidden.delete(unit)
    this.counts.dropped++
  }

  /** Say of each unit whether it lies in the guest's present address space. */
  see(isHere: (unit: Placed) => boolean): void {
    for (const unit of this.units) {
      const here = isHere(unit)
      if (here) this.hidden.delete(unit)
      else if (!this.hidden.has(unit)) {
        this.hidden.add(unit)
        this.cut(unit)
      }
    }
  }

  // What a place means

  /** Whether a linear address lies in the cache. */
  holds(linear: number): boolean {
    return (linear - this.base) >>> 0 < this.size
  }

  /** What a linear address in the cache means; of a call-out that was just made the address before it. */
  positionOf(linear: number): Position {
    const offset = (linear - this.base) >>> 0
    if (offset < START) return { is: offset === ASKS_AT ? "computed" : "on the way" }
    const unit = this.unitAt(offset)
    return unit ? position(unit, offset - unit.code) : { is: "on the way" }
  }

  /** Also one that is no longer used: the processor may be in it. */
  private unitAt(offset: number): Placed | undefined {
    const found = this.units.find(({ code, codeLength }) => offset >= code && offset < code + codeLength)
    return found ?? this.read().find(({ code, codeLength }) => offset >= code && offset < code + codeLength)
  }

  // Snapshots

  save(): CacheState {
    const { used, counts } = this
    return { used, counts: { ...counts }, hidden: this.ready ? this.offsetsOfHidden : this.unreadHidden }
  }

  private get offsetsOfHidden(): readonly number[] {
    return [...this.hidden].map(({ at }) => at).sort((a, b) => a - b)
  }

  /** Memory is what it was when this was saved. The units in it are read when they are next needed. */
  restore({ used, hidden, counts }: CacheState): void {
    this.used = used
    this.unreadHidden = hidden
    this.counts = { ...counts }
    this.ready = false
  }

  private get starts(): ReadonlyMap<number, Placed[]> {
    if (!this.ready) this.derive()
    return this.byStart
  }

  private get units(): Placed[] {
    if (!this.ready) this.derive()
    return this.known
  }

  private derive(): void {
    this.ready = true
    this.known = []
    this.byStart.clear()
    this.hidden.clear()
    const { used } = this
    for (const unit of this.read(used)) if (unit.isUsed) this.enter(unit)
    this.used = used
    for (const unit of this.known) if (this.unreadHidden.includes(unit.at)) this.hidden.add(unit)
  }

  private read(end = this.used): Placed[] {
    const units: Placed[] = []
    for (let at = START; at < end; at += units[units.length - 1].bytes) units.push(read(this.words, at))
    return units
  }
}

function position(unit: Placed, offset: number): Position {
  const { start, length, pieces, exits, tail, codeLength } = unit
  const exit = exits.find(({ stub }) => stub === offset)
  if (exit) return { is: "exit", eip: exit.target, unit, exit }
  if (offset === tail && tail < codeLength) return boundary(unit, length)
  const piece = pieces.findLast(({ at }) => at <= offset)
  if (!piece || offset > tail) return { is: "on the way" }
  if (piece.at === offset) return boundary(unit, piece.guest)
  const source = unit.source.slice(piece.guest)
  return { is: "within", eip: (start + piece.guest) | 0, source, spills: piece.spills }
}

const STI = 0xfb

/** @param guest offset of the instruction that comes next, from the unit's first byte */
function boundary({ start, pieces, source }: Placed, guest: number): Position {
  const before = pieces.find((piece) => piece.guest + piece.length === guest)
  const afterSti = before?.length === 1 && source[before.guest] === STI
  return { is: "boundary", eip: (start + guest) | 0, source: source.slice(guest), afterSti }
}

const word = (bytes: readonly number[], n: number) =>
  (bytes[n] ?? 0) | ((bytes[n + 1] ?? 0) << 8) | ((bytes[n + 2] ?? 0) << 16) | ((bytes[n + 3] ?? 0) << 24)
