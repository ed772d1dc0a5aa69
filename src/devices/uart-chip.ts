/**
 * The 16550 itself: receiver, FIFO, line and modem status, and which interrupt is identified. Bytes leave at once.
 * @see National Semiconductor PC16550D, data sheet
 */
import { keep } from "./keep"

/** Plain data. What is optional is kept only while it is not as usual. */
export interface UartState {
  /** Everything sent so far, a character a byte. */
  sent: string
  /** Bytes that wait to be read: one, or with the FIFO sixteen. */
  received: string
  /** What was typed and has not arrived, a character a byte. */
  input: string
  ier: number
  lcr: number
  mcr: number
  scratch: number
  divisor: number
  fifo: boolean
  /** The "transmitter empty" interrupt waits to be seen. */
  emptied: boolean
  /** A byte was lost since the line status was read. */
  overrun?: boolean
  /** Bits 3-0 of the modem status: inputs that changed since it was read. */
  changed?: number
  /** Bytes in the FIFO that make an interrupt, if not one. */
  trigger?: number
  /** Bytes wait in the FIFO, fewer than that, and none came or was read for a while. */
  timedOut?: boolean
  [key: string]: string | number | boolean | undefined
}

/**
 * Modem control, MCR: OUT2 connects the interrupt line of a PC.
 *
 *      7 5    4    3    2   1   0
 *     ┌───┬────┬────┬────┬───┬───┐
 *     │ 0 │loop│OUT2│OUT1│RTS│DTR│
 *     └───┴────┴────┴────┴───┴───┘
 */
const OUT2 = 8
const LOOP = 0x10
/**
 * Line status, LSR: data ready; overrun; transmitter holding register and transmitter empty.
 *
 *      7    6    5  4  3  2  1  0
 *     ┌─┬────┬────┬──┬──┬──┬──┬──┐
 *     │0│TEMT│THRE│BI│FE│PE│OE│DR│
 *     └─┴────┴────┴──┴──┴──┴──┴──┘
 */
const DATA_READY = 1
const OVERRUN = 2
const EMPTY = 0x60
/**
 * Interrupt enable, IER.
 *
 *      7 4     3           2         1    0
 *     ┌───┬─────┬───────────┬─────────┬────┐
 *     │ 0 │modem│line status│THR empty│data│
 *     └───┴─────┴───────────┴─────────┴────┘
 */
export const ON_DATA = 1
export const ON_EMPTY = 2
const ON_LINE = 4
const ON_MODEM = 8
/**
 * Interrupt identification, IIR: no interrupt, and both bits that tell of a FIFO.
 *
 *      7   6 5 4 3    1    0
 *     ┌─────┬───┬──────┬────┐
 *     │ FIFO│ 0 │ which│none│
 *     └─────┴───┴──────┴────┘
 */
const NONE = 1
const WITH_FIFO = 0xc0
const CAUSE_EMPTY = 2

/**
 * FIFO control, FCR.
 *
 *      7            6 5 4   3        2        1      0
 *     ┌──────────────┬───┬───┬────────┬────────┬──────┐
 *     │ trigger level│ 0 │DMA│clear TX│clear RX│enable│
 *     └──────────────┴───┴───┴────────┴────────┴──────┘
 */
const FIFO_ENABLE = 1
const CLEAR_RECEIVER = 2
const TRIGGERS = [1, 4, 8, 14]
const FIFO_SIZE = 16

export const isLooped = ({ mcr }: UartState): boolean => (mcr & LOOP) !== 0
/** The interrupt line is connected by OUT2; a loop takes it off, as it takes off all outputs. */
export const isConnected = ({ mcr }: UartState): boolean => (mcr & (OUT2 | LOOP)) === OUT2

export const hasRoom = (s: UartState): boolean => s.received.length < (s.fifo ? FIFO_SIZE : 1)

/** Fewer bytes wait than the FIFO's trigger: they interrupt after a time-out. */
export function isBelowTrigger({ fifo, received, trigger = 1 }: UartState): boolean {
  return fifo && received.length > 0 && received.length < trigger
}

/** A byte comes. Where there is no room it takes the last one's place, or is lost itself behind a full FIFO. */
export function put(s: UartState, byte: number): void {
  const room = hasRoom(s)
  if (!room) keep(s, "overrun", true, false)
  if (room) s.received += String.fromCharCode(byte)
  else if (!s.fifo) s.received = String.fromCharCode(byte)
}

/** Read the receiver. */
export function take(s: UartState): number {
  const byte = s.received.length > 0 ? s.received.charCodeAt(0) : 0
  s.received = s.received.slice(1)
  keep(s, "timedOut", false, false)
  return byte
}

/** Bits of LCR: the length of a word less five. */
const WORD_LENGTH = 3
/** What is left of a byte on the line. LCR 0 is a port that nobody set up: firmware would have left it at eight bits. */
const asWord = ({ lcr }: UartState, byte: number) =>
  lcr === 0 ? byte : byte & ((1 << (5 + (lcr & WORD_LENGTH))) - 1)

/** Send a byte. */
export function transmit(s: UartState, byte: number): void {
  if (isLooped(s)) put(s, asWord(s, byte))
  else s.sent += String.fromCharCode(byte)
  s.emptied = true
}

/** Read the line status; it tells of an overrun once. */
export function readLineStatus(s: UartState): number {
  const value = EMPTY | (s.received.length > 0 ? DATA_READY : 0) | (s.overrun ? OVERRUN : 0)
  keep(s, "overrun", false, false)
  return value
}

/**
 * Modem status, MSR: carrier detect, data set ready, clear to send: a cable is there.
 *
 *        7  6   5   4 3               0
 *     ┌───┬──┬───┬───┬─────────────────┐
 *     │DCD│RI│DSR│CTS│ changes of these│
 *     └───┴──┴───┴───┴─────────────────┘
 */
const CABLE = 0xb0
/** A loop leads the four outputs of MCR, DTR RTS OUT1 OUT2, to the inputs DSR CTS RI DCD. */
const loopedInputs = (mcr: number) => ((mcr & 1) << 5) | ((mcr & 2) << 3) | ((mcr & 0xc) << 4)
const inputs = (s: UartState) => (isLooped(s) ? loopedInputs(s.mcr) : CABLE)

/** Ring indicator; its change counts when it falls. */
const RING = 0x40

export function writeModemControl(s: UartState, value: number): void {
  const before = inputs(s)
  s.mcr = value & 0x1f
  const after = inputs(s)
  const changes = ((before ^ after) & ~(after & RING)) >> 4
  keep(s, "changed", (s.changed ?? 0) | changes, 0)
}

/** Read the modem status; it tells of a change once. */
export function readModemStatus(s: UartState): number {
  const value = inputs(s) | (s.changed ?? 0)
  keep(s, "changed", 0, 0)
  return value
}

/** Write FCR. Its other bits count only beside the one that enables the FIFO; turning that on or off empties it, too. */
export function writeFifoControl(s: UartState, value: number): void {
  const on = (value & FIFO_ENABLE) !== 0
  if (on !== s.fifo || (on && value & CLEAR_RECEIVER)) clearReceiver(s)
  s.fifo = on
  if (on) keep(s, "trigger", TRIGGERS[value >> 6], 1)
}

function clearReceiver(s: UartState): void {
  s.received = ""
  keep(s, "timedOut", false, false)
}

/** Interrupts in the order of their priority: what enables each, whether it waits, and how IIR names it. */
const CAUSES: readonly (readonly [enabled: number, waits: (s: UartState) => boolean, name: number])[] = [
  [ON_LINE, ({ overrun }) => overrun === true, 6],
  [ON_DATA, (s) => s.received.length > 0 && !isBelowTrigger(s), 4],
  [ON_DATA, ({ timedOut }) => timedOut === true, 0xc],
  [ON_EMPTY, ({ emptied }) => emptied, CAUSE_EMPTY],
  [ON_MODEM, ({ changed = 0 }) => changed !== 0, 0],
]

/** The interrupt that is identified, as IIR names it. */
function cause(s: UartState): number {
  return CAUSES.find(([enabled, waits]) => s.ier & enabled && waits(s))?.[2] ?? NONE
}

export const interrupts = (s: UartState): boolean => cause(s) !== NONE

/** Read IIR, which ends the transmitter's interrupt if it is the one that is identified. */
export function readIdentification(s: UartState): number {
  const name = cause(s)
  if (name === CAUSE_EMPTY) s.emptied = false
  return name | (s.fifo ? WITH_FIFO : 0)
}
