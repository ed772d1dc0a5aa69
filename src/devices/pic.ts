/**
 * The pair of 8259A interrupt controllers: fifteen request lines, priorities, masks, end of interrupt. Line 2 of the
 * first leads to the second. @see Intel 8259A Programmable Interrupt Controller, data sheet
 */
import type { InterruptController } from "../machine/bus"

/** One of the two chips, plain data. */
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
  /** The even port reads ISR instead of IRR. */
  readIsr: boolean
  /** Line with the lowest priority; 7 in the usual order. */
  lowest: number
}

const chip = (base: number): PicChip => ({
  irr: 0,
  isr: 0,
  imr: 0xff,
  lines: 0,
  base,
  expects: 0,
  fourth: false,
  autoEoi: false,
  readIsr: false,
  lowest: 7,
})

const FIRST_PORT = 0x20
const SECOND_PORT = 0xa0
const CASCADE = 2

/** The line of highest priority among some, a bit a line; -1 if there is none. */
function highest({ lowest }: PicChip, lines: number): number {
  for (let n = 1; n <= 8; n++) {
    const line = (lowest + n) & 7
    if (lines & (1 << line)) return line
  }
  return -1
}

/** The line that may interrupt now, or -1: requested, not masked, of higher priority than any in service. */
function winner(c: PicChip): number {
  const line = highest(c, (c.irr & ~c.imr) | c.isr)
  return c.isr & (1 << line) ? -1 : line
}

/** What keeps a requested line from the output, if anything does. `name` tells the number of a line. */
function holding(c: PicChip, line: number, name: (line: number) => number): string | undefined {
  if (!(c.irr & (1 << line)) || winner(c) === line) return undefined
  if (c.imr & (1 << line)) return `line ${name(line)} is masked in the interrupt controller`
  const first = highest(c, (c.irr & ~c.imr) | c.isr)
  if (c.isr & (1 << first))
    return `line ${name(first)} is in service until the handler sends an end of interrupt (EOI)`
  return `line ${name(first)} goes first`
}

/** A rising edge sets the request bit; it falls with the line if nobody took it. */
function setLine(c: PicChip, line: number, level: boolean): void {
  const bit = 1 << line
  if (level && !(c.lines & bit)) c.irr |= bit
  if (!level) c.irr &= ~bit
  c.lines = level ? c.lines | bit : c.lines & ~bit
}

function take(c: PicChip, line: number): void {
  c.irr &= ~(1 << line)
  if (!c.autoEoi) c.isr |= 1 << line
}

/** Initialization: ICW1 resets, then ICW2 (vector base), ICW3 (cascade) and ICW4 follow on the odd port. */
function initialize(c: PicChip, icw1: number): void {
  Object.assign(c, { irr: 0, isr: 0, imr: 0, lines: 0, readIsr: false, autoEoi: false, lowest: 7 })
  c.expects = 2
  c.fourth = (icw1 & 1) !== 0
}

function initializationWord(c: PicChip, value: number): void {
  if (c.expects === 2) c.base = value & 0xf8
  if (c.expects === 4) c.autoEoi = (value & 2) !== 0
  const next = c.expects + 1
  c.expects = next > 4 || (next === 4 && !c.fourth) ? 0 : next
}

/** OCW2: end of interrupt, specific or not, with or without rotation. */
function endOfInterrupt(c: PicChip, value: number): void {
  const specific = (value & 0x40) !== 0
  const line = specific ? value & 7 : highest(c, c.isr)
  if (value & 0x20 && line >= 0) c.isr &= ~(1 << line)
  if (value & 0x80 && line >= 0) c.lowest = line
}

function command(c: PicChip, value: number): void {
  if (value & 0x10) initialize(c, value)
  else if (value & 0x08) {
    if (value & 2) c.readIsr = (value & 1) !== 0
  } else endOfInterrupt(c, value)
}

function write(c: PicChip, odd: boolean, value: number): void {
  if (!odd) command(c, value)
  else if (c.expects) initializationWord(c, value)
  else c.imr = value
}

function read(c: PicChip, odd: boolean): number {
  if (odd) return c.imr
  return c.readIsr ? c.isr : c.irr
}

/** Both chips at ports 20h-21h and A0h-A1h, vectors 08h and 70h until software says otherwise, all lines masked. */
export function pic(): InterruptController {
  const chips = (device: InterruptController) => device.state as { first: PicChip; second: PicChip }
  const chipAt = (device: InterruptController, port: number) =>
    port >= SECOND_PORT ? chips(device).second : chips(device).first
  /** The second chip's output is line 2 of the first. */
  const cascade = (device: InterruptController) => {
    const { first, second } = chips(device)
    setLine(first, CASCADE, winner(second) >= 0)
  }
  return {
    name: "pic",
    kind: "pic",
    state: { first: chip(0x08), second: chip(0x70) },
    ports: [
      [FIRST_PORT, FIRST_PORT + 1],
      [SECOND_PORT, SECOND_PORT + 1],
    ],
    in(port) {
      return read(chipAt(this, port), (port & 1) === 1)
    },
    out(port, _size, value) {
      write(chipAt(this, port), (port & 1) === 1, value & 0xff)
      cascade(this)
    },
    request(line, level) {
      const { first, second } = chips(this)
      if (line < 8) setLine(first, line, level)
      else setLine(second, line - 8, level)
      cascade(this)
    },
    look(line) {
      const { first, second } = chips(this)
      if (line < 8) return { high: (first.lines & (1 << line)) !== 0, held: holding(first, line, (n) => n) }
      const inner = holding(second, line - 8, (n) => n + 8)
      const outer = second.irr & (1 << (line - 8)) ? holding(first, CASCADE, (n) => n) : undefined
      return { high: (second.lines & (1 << (line - 8))) !== 0, held: inner ?? outer }
    },
    pending() {
      return winner(chips(this).first) >= 0
    },
    acknowledge() {
      const { first, second } = chips(this)
      const line = winner(first)
      // A request that went away before it was acknowledged ends as the spurious line 7.
      if (line < 0) return first.base + 7
      take(first, line)
      if (line !== CASCADE) return first.base + line
      const inner = winner(second)
      if (inner < 0) return second.base + 7
      take(second, inner)
      cascade(this)
      return second.base + inner
    },
  }
}
