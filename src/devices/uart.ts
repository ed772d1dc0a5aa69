/**
 * The 16550 serial port, COM1, with a terminal at the other end: what a guest sends is kept as text, and what is typed
 * arrives byte by byte. Bytes leave at once, but arrive at the line's speed; the terminal waits while the receiver is full,
 * so nothing is overrun. @see National Semiconductor PC16550D, data sheet
 */
import type { Device, DeviceHost } from "../machine/board/bus"
import type { Machine } from "../machine/machine"

/** Plain data. */
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
  [key: string]: string | number | boolean
}

const BASE = 0x3f8
const LINE = 4
const DLAB = 0x80
/** Line status: data ready; transmitter holding register and transmitter empty. */
const DATA_READY = 1
const EMPTY = 0x60
/** MCR: OUT2 connects the interrupt line. */
const OUT2 = 8
const LOOP = 0x10
/** IER and IIR. */
const ON_DATA = 1
const ON_EMPTY = 2
const IIR_NONE = 1
const IIR_EMPTY = 2
const IIR_DATA = 4
/** Bits of FCR. */
const FIFO_ENABLE = 1
const CLEAR_RECEIVER = 2
/** Modem status: carrier detect, data set ready, clear to send: a cable is there. */
const CONNECTED = 0xb0

/** Bits a second with a divisor of 1, and bits that a byte takes with its start and stop. */
const HIGHEST_SPEED = 115_200
const BITS = 10
const FIFO_SIZE = 16
/**
 * Seconds from a set-up of the port, or from typing, to the next byte: as of somebody who waits to see that the guest is
 * ready. A driver throws away what it finds in the receiver while it sets the port up.
 */
const PAUSE = 0.01
/** Tags of events: a byte arrives; somebody typed. */
const ARRIVES = 0
const TYPED = 1

const hasRoom = (s: UartState) => s.received.length < (s.fifo ? FIFO_SIZE : 1)
const byteTime = (s: UartState) => (BITS * (s.divisor || 0x1_0000)) / HIGHEST_SPEED

/** The next byte comes in so many seconds, and not before. */
function expectByte(s: UartState, host: DeviceHost, seconds: number): void {
  host.cancel(ARRIVES)
  if (s.input.length > 0 && hasRoom(s)) host.after(seconds * host.hertz, ARRIVES)
}

function arrive(s: UartState, host: DeviceHost): void {
  s.received += s.input.slice(0, 1)
  s.input = s.input.slice(1)
  expectByte(s, host, byteTime(s))
}

function pendingIir(s: UartState): number {
  if (s.ier & ON_DATA && s.received.length > 0) return IIR_DATA
  if (s.ier & ON_EMPTY && s.emptied) return IIR_EMPTY
  return IIR_NONE
}

/** The line is connected by OUT2; a loop takes it off, as it takes off all outputs. */
const isConnected = ({ mcr }: UartState) => (mcr & (OUT2 | LOOP)) === OUT2

function update(s: UartState, host: DeviceHost): void {
  host.interrupt(LINE, isConnected(s) && pendingIir(s) !== IIR_NONE)
}

function transmit(s: UartState, byte: number): void {
  if (s.mcr & LOOP) s.received += String.fromCharCode(byte)
  else s.sent += String.fromCharCode(byte)
  s.emptied = true
}

function receive(s: UartState, host: DeviceHost): number {
  const wasFull = !hasRoom(s)
  const byte = s.received.length > 0 ? s.received.charCodeAt(0) : 0
  s.received = s.received.slice(1)
  if (wasFull) expectByte(s, host, byteTime(s))
  return byte
}

/** A loop leads the four outputs of MCR, DTR RTS OUT1 OUT2, to the inputs DSR CTS RI DCD. */
const loopedStatus = (mcr: number) => ((mcr & 1) << 5) | ((mcr & 2) << 3) | ((mcr & 0xc) << 4)

function readRegister(s: UartState, register: number, host: DeviceHost): number {
  const divisorLatch = (s.lcr & DLAB) !== 0
  switch (register) {
    case 0:
      return divisorLatch ? s.divisor & 0xff : receive(s, host)
    case 1:
      return divisorLatch ? s.divisor >> 8 : s.ier
    case 2: {
      const iir = pendingIir(s)
      if (iir === IIR_EMPTY) s.emptied = false
      return iir | (s.fifo ? 0xc0 : 0)
    }
    case 3:
      return s.lcr
    case 4:
      return s.mcr
    case 5:
      return EMPTY | (s.received.length > 0 ? DATA_READY : 0)
    case 6:
      return s.mcr & LOOP ? loopedStatus(s.mcr) : CONNECTED
    default:
      return s.scratch
  }
}

function writeRegister(s: UartState, register: number, value: number, host: DeviceHost): void {
  const divisorLatch = (s.lcr & DLAB) !== 0
  if (register === 0 && divisorLatch) s.divisor = (s.divisor & 0xff00) | value
  else if (register === 0) transmit(s, value)
  else if (register === 1 && divisorLatch) s.divisor = (s.divisor & 0xff) | (value << 8)
  else if (register === 1) enableInterrupts(s, value, host)
  else if (register === 7) s.scratch = value
  else setUp(s, register, value, host)
}

function enableInterrupts(s: UartState, value: number, host: DeviceHost): void {
  if (value & ON_EMPTY && !(s.ier & ON_EMPTY)) s.emptied = true
  if (value & ON_DATA && !(s.ier & ON_DATA)) expectByte(s, host, PAUSE)
  s.ier = value & 0x0f
}

/** FCR, LCR and MCR. */
function setUp(s: UartState, register: number, value: number, host: DeviceHost): void {
  if (register === 2) controlFifo(s, value)
  else if (register === 3) s.lcr = value
  else if (register === 4) s.mcr = value & 0x1f
  expectByte(s, host, PAUSE)
}

/** Turning the FIFO on or off empties it, too. */
function controlFifo(s: UartState, value: number): void {
  const on = (value & FIFO_ENABLE) !== 0
  if (on !== s.fifo || value & CLEAR_RECEIVER) s.received = ""
  s.fifo = on
}

/**
 * Whether what is typed now would wake the processor, as far as the port decides it: it waits or runs with interrupts
 * allowed, and the guest asked to hear of bytes.
 */
export function awaitsInput({ bus, cpu }: Machine): boolean {
  const s = bus.devices.find(({ kind }) => kind === "uart")?.state as UartState | undefined
  return s !== undefined && cpu.canBeWoken() && isConnected(s) && (s.ier & ON_DATA) !== 0
}

/** COM1 at ports 3F8h-3FFh, interrupt line 4. */
export function uart(): Device {
  const state = (device: Device) => device.state as UartState
  return {
    name: "uart",
    kind: "uart",
    byteWide: true,
    state: {
      sent: "",
      received: "",
      input: "",
      ier: 0,
      lcr: 0,
      mcr: 0,
      scratch: 0,
      divisor: 1,
      fifo: false,
      emptied: false,
    } satisfies UartState,
    ports: [[BASE, BASE + 7]],
    in(port, _size, host) {
      const value = readRegister(state(this), port - BASE, host)
      update(state(this), host)
      return value
    },
    out(port, _size, value, host) {
      writeRegister(state(this), port - BASE, value & 0xff, host)
      update(state(this), host)
    },
    tick(tag, host) {
      if (tag === TYPED) expectByte(state(this), host, PAUSE)
      else arrive(state(this), host)
      update(state(this), host)
    },
  }
}
