/**
 * One counter of the 8254: what it counts and what its output is, in each of six modes, follows from the tick at which its
 * count was loaded. @see Intel 8254 Programmable Interval Timer, data sheet, "Mode Definitions"
 */

/** A counter, plain data. */
export interface PitCounter {
  /** 0-5. */
  mode: number
  /** Counts in four decimal digits. */
  bcd: boolean
  /** Which bytes are accessed: 1 low, 2 high, 3 both. */
  access: number
  /** The count written last, as it was written; 0 is the largest. */
  reload: number
  /** The count that is counted down from. */
  length: number
  /** The tick at which it was loaded: one after it was written, or after the gate rose; -1: not yet. */
  since: number
  /** The output until then. */
  before: boolean
  /** Ticks counted when the gate fell; -1: it counts. */
  stopped: number
  /** A new count, and the tick at which it takes the place of the one that is counted; -1: there is none. */
  next: number
  nextAt: number
  /** The gate's level; those of counters 0 and 1 are always high. */
  gate: boolean
  /** A low byte waits for its high byte (writing, reading). */
  writeHalf: number
  readHigh: boolean
  /** A latched count, and a latched status, or -1. */
  latch: number
  status: number
  /** The mode as it was written, if as 6 or 7, which are 2 and 3. */
  written?: number
}

/** A counter as a PC's firmware leaves it. */
export const newCounter = (gate: boolean): PitCounter => ({
  mode: 3,
  bcd: false,
  access: 3,
  reload: 0,
  length: 0x1_0000,
  since: -1,
  before: true,
  stopped: -1,
  next: -1,
  nextAt: -1,
  gate,
  writeHalf: -1,
  readHigh: false,
  latch: -1,
  status: -1,
})

const isPeriodic = ({ mode }: PitCounter) => mode === 2 || mode === 3
/** Counting begins when the gate rises. */
const isTriggered = ({ mode }: PitCounter) => mode === 1 || mode === 5
/** The largest count: 10000h, or ten thousand. */
const most = (c: PitCounter) => (c.bcd ? 10_000 : 0x1_0000)

/** Four decimal digits as a number, and back. */
const fromDigits = (digits: number) => Number.parseInt(digits.toString(16), 10) || 0
const toDigits = (number: number) => Number.parseInt(`${number}`, 16)

/** A count as it was written, in ticks. */
const inTicks = (c: PitCounter, written: number) => (c.bcd ? fromDigits(written) : written) || most(c)

/** Ticks in which mode 3's output is high. */
const highTicks = (length: number) => Math.ceil(length / 2)

/** Ticks counted since the count was loaded; a new count may have been loaded meanwhile. */
function elapsed(c: PitCounter, now: number): number {
  if (c.stopped >= 0) return c.stopped
  if (c.next >= 0 && now >= c.nextAt) takeNext(c)
  return Math.max(0, now - c.since)
}

/** A new count takes over; in mode 3 perhaps for the low half of its period. */
function takeNext(c: PitCounter): void {
  const inHighHalf = c.mode === 3 && (c.nextAt - c.since) % c.length !== 0
  c.length = c.next
  c.since = c.nextAt - (inHighHalf ? highTicks(c.next) : 0)
  c.next = -1
}

/** The current count, as it is read. */
function count(c: PitCounter, now: number): number {
  const ticks = elapsed(c, now)
  const value = c.since < 0 ? c.length : countAfter(c, ticks)
  const wrapped = ((value % most(c)) + most(c)) % most(c)
  return c.bcd ? toDigits(wrapped) : wrapped
}

/** Below 0 it goes on from the largest count. */
function countAfter({ mode, length }: PitCounter, ticks: number): number {
  if (mode === 2) return length - (ticks % length)
  if (mode !== 3) return length - ticks
  const inPeriod = ticks % length
  const high = highTicks(length)
  // It counts by two, from an even number.
  return (length & ~1) - 2 * (inPeriod < high ? inPeriod : inPeriod - high)
}

/** The output pin. */
export function output(c: PitCounter, now: number): boolean {
  const ticks = elapsed(c, now)
  if (isPeriodic(c) && !c.gate) return true
  if (now < c.since || c.since < 0) return c.before
  if (c.mode === 3) return ticks % c.length < highTicks(c.length)
  if (c.mode === 2) return ticks % c.length !== c.length - 1
  // The strobe of modes 4 and 5 lasts a tick.
  return c.mode >= 4 ? ticks !== c.length : ticks >= c.length
}

/** The next tick at which counter 0's output rises or a new count takes over; -1: it does neither. */
export function nextChange(c: PitCounter, now: number): number {
  if (c.since < 0 || c.stopped >= 0 || isTriggered(c)) return -1
  const ticks = elapsed(c, now)
  if (!isPeriodic(c)) {
    const at = c.since + c.length + (c.mode === 4 ? 1 : 0)
    return at > now ? at : -1
  }
  const end = c.since + (Math.floor((now < c.since ? 0 : ticks) / c.length) + 1) * c.length
  return c.next >= 0 ? Math.min(end, c.nextAt) : end
}

/** Whether counter 0's output rises at its next change. */
export const risesAt = (c: PitCounter, at: number): boolean =>
  !isPeriodic(c) || (at - c.since) % c.length === 0

/**
 * A control word for this counter: it stops, and waits for a count. SC, the counter, was read before. RW: 1
 * low byte, 2 high byte, 3 low, then high. Modes 6 and 7 are 2 and 3.
 *
 *      7 6 5 4 3   1   0
 *     ┌───┬───┬─────┬───┐
 *     │ SC│ RW│ mode│BCD│
 *     └───┴───┴─────┴───┘
 *
 * @see Intel 8254 Programmable Interval Timer, data sheet, "Control Word Format"
 */
export function controlWord({ gate }: PitCounter, value: number): PitCounter {
  const bits = (value >> 1) & 7
  const mode = bits > 5 ? bits - 4 : bits
  return {
    ...newCounter(gate),
    access: (value >> 4) & 3,
    mode,
    before: mode !== 0,
    bcd: (value & 1) !== 0,
    ...(mode === bits ? {} : { written: bits }),
  }
}

/** Write a byte of a count. */
export function writeByte(c: PitCounter, byte: number, now: number): void {
  if (c.access === 1) setCount(c, byte, now)
  else if (c.access === 2) setCount(c, byte << 8, now)
  else if (c.writeHalf < 0) {
    c.writeHalf = byte
    // Half a new count stops mode 0, its output low.
    if (c.mode === 0) c.since = -1
  } else {
    const low = c.writeHalf
    c.writeHalf = -1
    setCount(c, (byte << 8) | low, now)
  }
}

function setCount(c: PitCounter, written: number, now: number): void {
  c.reload = written
  if (isTriggered(c)) return
  const length = inTicks(c, written)
  if (isPeriodic(c) && c.since >= 0 && c.gate) replace(c, length, now)
  else load(c, length, now)
}

function load(c: PitCounter, length: number, now: number): void {
  // A one-shot that is triggered again stays low.
  if (c.mode === 1) c.before = output(c, now)
  c.length = length
  c.since = now + 1
  c.next = -1
  c.stopped = c.gate ? -1 : 0
}

/** A periodic counter ends its period first; in mode 3, half of it. */
function replace(c: PitCounter, length: number, now: number): void {
  const inPeriod = elapsed(c, now) % c.length
  const high = highTicks(c.length)
  const left = c.mode === 3 && inPeriod < high ? high - inPeriod : c.length - inPeriod
  c.next = length
  c.nextAt = now + left
}

/** The gate rises or falls. */
export function gated(c: PitCounter, gate: boolean, now: number): void {
  const ticks = elapsed(c, now)
  c.gate = gate
  if (isTriggered(c)) {
    if (gate) load(c, inTicks(c, c.reload), now)
  } else if (c.since >= 0) {
    if (!gate) c.stopped = ticks
    else if (isPeriodic(c)) load(c, inTicks(c, c.reload), now)
    else {
      c.since = now - ticks
      c.stopped = -1
    }
  }
}

/** Latch the count; a latched one stays until it is read. */
export function latchCount(c: PitCounter, now: number): void {
  if (c.latch < 0) c.latch = count(c, now)
}

/**
 * Latch the status: output, whether a written count waits to be loaded, access, mode, BCD.
 *
 *        7          6 5 4 3   1   0
 *     ┌───┬──────────┬───┬─────┬───┐
 *     │OUT│null count│ RW│ mode│BCD│
 *     └───┴──────────┴───┴─────┴───┘
 */
export function latchStatus(c: PitCounter, now: number): void {
  if (c.status >= 0) return
  const out = output(c, now)
  const waits = c.since < 0 || now < c.since || c.next >= 0
  const mode = c.written ?? c.mode
  c.status = (out ? 0x80 : 0) | (waits ? 0x40 : 0) | (c.access << 4) | (mode << 1) | (c.bcd ? 1 : 0)
}

/** Read a byte: of a latched status, a latched count, or the current count. */
export function readByte(c: PitCounter, now: number): number {
  if (c.status >= 0) {
    const { status } = c
    c.status = -1
    return status
  }
  const value = c.latch >= 0 ? c.latch : count(c, now)
  const high = c.access === 2 || (c.access === 3 && c.readHigh)
  if (c.access === 3) c.readHigh = !c.readHigh
  if (c.access !== 3 || high) c.latch = -1
  return high ? value >> 8 : value & 0xff
}
