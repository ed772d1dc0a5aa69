/**
 * One 8259A: eight request lines, their order, masks, and ends of interrupts.
 * @see Intel 8259A Programmable Interrupt Controller, data sheet
 */
import { keep } from "./keep"

/** A chip, plain data. */
export interface PicChip {
  /** Interrupt request, in-service and mask registers, a bit a line. */
  irr: number
  isr: number
  imr: number
  /** Levels of the lines, to see rising edges. */
  lines: number
  /** Vector of line 0. */
  base: number
  /** Which initialization command word comes next on the odd port: 2, 3 or 4; 0: none. */
  expects: number
  /** ICW4 follows. */
  fourth: boolean
  autoEoi: boolean
  /** A line's automatic end of interrupt makes it the last in the order. */
  rotates: boolean
  /** In special mask mode a masked line in service holds nothing back. */
  specialMask: boolean
  /** In special fully nested mode the second chip may interrupt while it is in service. */
  fullyNested: boolean
  /** The next read is a poll. */
  polled: boolean
  /** The even port reads ISR instead of IRR. */
  readIsr: boolean
  /** Line with the lowest priority; 7 in the usual order. */
  lowest: number
  /** There is no second chip. This and the next are kept only while they are true. */
  single?: boolean
  /** A line requests as long as it is high, not when it rises. */
  level?: boolean
}

/** A chip before software sets it up: all lines masked. */
export const chip = (base: number): PicChip => ({
  irr: 0,
  isr: 0,
  imr: 0xff,
  lines: 0,
  base,
  expects: 0,
  fourth: false,
  autoEoi: false,
  rotates: false,
  specialMask: false,
  fullyNested: false,
  polled: false,
  readIsr: false,
  lowest: 7,
})

/** The line of the first chip that the second leads to. */
export const CASCADE = 2

/** The line of highest priority among some, a bit a line; -1 if there is none. */
function highest({ lowest }: PicChip, lines: number): number {
  for (let n = 1; n <= 8; n++) {
    const line = (lowest + n) & 7
    if (lines & (1 << line)) return line
  }
  return -1
}

/** Lines in service that hold back those behind them. */
const serving = (c: PicChip) => (c.specialMask ? c.isr & ~c.imr : c.isr)

/** The line that may interrupt now, or -1: requested, not masked, of higher priority than any in service. */
export function winner(c: PicChip): number {
  const requested = c.irr & ~c.imr
  const line = highest(c, requested | serving(c))
  if (!(serving(c) & (1 << line))) return line
  return c.fullyNested && line === CASCADE && requested & (1 << CASCADE) ? CASCADE : -1
}

/** What keeps a requested line from the output, if anything does. `name` tells the number of a line. */
export function holding(c: PicChip, line: number, name: (line: number) => number): string | undefined {
  if (!(c.irr & (1 << line)) || winner(c) === line) return undefined
  if (c.imr & (1 << line)) return `line ${name(line)} is masked in the interrupt controller`
  const first = highest(c, (c.irr & ~c.imr) | serving(c))
  if (c.isr & (1 << first))
    return `line ${name(first)} is in service until the handler sends an end of interrupt (EOI)`
  return `line ${name(first)} goes first`
}

/** A rising edge sets the request bit, a high level if the chip looks at levels; it falls with the line if nobody took it. */
export function setLine(c: PicChip, line: number, level: boolean): void {
  const bit = 1 << line
  if (level && (c.level || !(c.lines & bit))) c.irr |= bit
  if (!level) c.irr &= ~bit
  c.lines = level ? c.lines | bit : c.lines & ~bit
}

export function take(c: PicChip, line: number): void {
  if (!c.level) c.irr &= ~(1 << line)
  if (!c.autoEoi) c.isr |= 1 << line
  else if (c.rotates) c.lowest = line
}

/** Bits of ICW1, drawn below: ICW4 follows; no second chip, so ICW3 does not; the lines' levels count. */
const FOURTH = 1
const SINGLE = 2
const LEVEL = 8

/**
 * Initialization: ICW1, at the even port, resets; then ICW2 (vector base), ICW3 (cascade) and ICW4 follow on
 * the odd port. A line that is high must fall before it rises.
 *
 * ICW1; IC4: ICW4 follows.
 *
 *      7 5 4    3   2    1   0
 *     ┌───┬─┬────┬───┬────┬───┐
 *     │ 0 │1│LTIM│ADI│SNGL│IC4│
 *     └───┴─┴────┴───┴────┴───┘
 *
 * ICW2: the vector of line 0.
 *
 *      7         3 2 0
 *     ┌───────────┬───┐
 *     │ vector 7:3│ 0 │
 *     └───────────┴───┘
 *
 * ICW4; SFNM: special fully nested mode, AEOI: automatic end of interrupt.
 *
 *      7 5    4   3   2    1    0
 *     ┌───┬────┬───┬───┬────┬────┐
 *     │ 0 │SFNM│BUF│M/S│AEOI│8086│
 *     └───┴────┴───┴───┴────┴────┘
 */
function initialize(c: PicChip, icw1: number): void {
  const fourth = (icw1 & FOURTH) !== 0
  Object.assign(c, chip(c.base), { imr: 0, lines: c.lines, expects: 2, fourth })
  keep(c, "single", (icw1 & SINGLE) !== 0, false)
  keep(c, "level", (icw1 & LEVEL) !== 0, false)
  if (c.level) c.irr = c.lines
}

function initializationWord(c: PicChip, value: number): void {
  if (c.expects === 2) c.base = value & 0xf8
  if (c.expects === 4) {
    c.autoEoi = (value & 2) !== 0
    c.fullyNested = (value & 0x10) !== 0
  }
  c.expects = wordAfter(c)
}

/** Which initialization command word comes next; 0: none. */
function wordAfter({ expects, single, fourth }: PicChip): number {
  if (expects === 2 && !single) return 3
  return expects < 4 && fourth ? 4 : 0
}

/**
 * OCW2, at the even port. R asks for a rotation, SL names the line, EOI ends an interrupt.
 *
 *      7  6   5 4 3 2   0
 *     ┌─┬──┬───┬───┬─────┐
 *     │R│SL│EOI│ 0 │ line│
 *     └─┴──┴───┴───┴─────┘
 */
const ROTATE = 0x80
const SPECIFIC = 0x40
const END = 0x20

/** OCW2: end of interrupt, rotation, or both; of a named line or of the first in service. */
function endOfInterrupt(c: PicChip, value: number): void {
  if (!(value & (SPECIFIC | END))) c.rotates = (value & ROTATE) !== 0
  else if (value & SPECIFIC) endLine(c, value & 7, value)
  else endLine(c, highest(c, serving(c)), value)
}

function endLine(c: PicChip, line: number, value: number): void {
  if (line < 0) return
  if (value & END) c.isr &= ~(1 << line)
  if (value & ROTATE) c.lowest = line
}

/**
 * OCW3, at the even port: which register it reads (RIS, if RR is 1), a poll, special mask mode (SMM, if ESMM
 * is 1).
 *
 *      7    6   5 4 3 2  1   0
 *     ┌─┬────┬───┬───┬─┬──┬───┐
 *     │0│ESMM│SMM│ 01│P│RR│RIS│
 *     └─┴────┴───┴───┴─┴──┴───┘
 */
function readCommand(c: PicChip, value: number): void {
  if (value & 2) c.readIsr = (value & 1) !== 0
  if (value & 0x40) c.specialMask = (value & 0x20) !== 0
  c.polled = (value & 4) !== 0
}

function command(c: PicChip, value: number): void {
  if (value & 0x10) initialize(c, value)
  else if (value & 0x08) readCommand(c, value)
  else endOfInterrupt(c, value)
}

export function write(c: PicChip, odd: boolean, value: number): void {
  if (!odd) command(c, value)
  else if (c.expects) initializationWord(c, value)
  else c.imr = value
}

/** Acknowledge by reading: the line in bits 2-0, and bit 7 if there is one. */
function poll(c: PicChip): number {
  c.polled = false
  const line = winner(c)
  if (line < 0) return 0
  take(c, line)
  return 0x80 | line
}

export function read(c: PicChip, odd: boolean): number {
  if (c.polled) return poll(c)
  if (odd) return c.imr
  return c.readIsr ? c.isr : c.irr
}
