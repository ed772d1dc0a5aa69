/**
 * The 16550 serial port, COM1: what a guest sends is kept as text, what is typed waits in its FIFO. Bytes leave at once;
 * the line's speed is not simulated. @see National Semiconductor PC16550D, data sheet
 */
import type { Device, DeviceHost } from "../machine/bus"

/** Plain data. */
export interface UartState {
  /** Everything sent so far, a character a byte. */
  sent: string
  /** Bytes that wait to be read. */
  received: string
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

function pendingIir(s: UartState): number {
  if (s.ier & ON_DATA && s.received.length > 0) return IIR_DATA
  if (s.ier & ON_EMPTY && s.emptied) return IIR_EMPTY
  return IIR_NONE
}

function update(s: UartState, host: DeviceHost): void {
  host.interrupt(LINE, (s.mcr & OUT2) !== 0 && pendingIir(s) !== IIR_NONE)
}

function transmit(s: UartState, byte: number): void {
  if (s.mcr & LOOP) s.received += String.fromCharCode(byte)
  else s.sent += String.fromCharCode(byte)
  s.emptied = true
}

function receive(s: UartState): number {
  const byte = s.received.length > 0 ? s.received.charCodeAt(0) : 0
  s.received = s.received.slice(1)
  return byte
}

function readRegister(s: UartState, register: number): number {
  const divisorLatch = (s.lcr & DLAB) !== 0
  switch (register) {
    case 0:
      return divisorLatch ? s.divisor & 0xff : receive(s)
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
      // Carrier detect, data set ready, clear to send: a cable is there.
      return 0xb0
    default:
      return s.scratch
  }
}

function writeRegister(s: UartState, register: number, value: number): void {
  const divisorLatch = (s.lcr & DLAB) !== 0
  if (register === 0 && divisorLatch) s.divisor = (s.divisor & 0xff00) | value
  else if (register === 0) transmit(s, value)
  else if (register === 1 && divisorLatch) s.divisor = (s.divisor & 0xff) | (value << 8)
  else if (register === 1) {
    if (value & ON_EMPTY && !(s.ier & ON_EMPTY)) s.emptied = true
    s.ier = value & 0x0f
  } else if (register === 2) s.fifo = (value & 1) !== 0
  else if (register === 3) s.lcr = value
  else if (register === 4) s.mcr = value & 0x1f
  else if (register === 7) s.scratch = value
}

/** COM1 at ports 3F8h-3FFh, interrupt line 4. */
export function uart(): Device {
  const state = (device: Device) => device.state as UartState
  return {
    name: "uart",
    kind: "uart",
    state: {
      sent: "",
      received: "",
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
      const value = readRegister(state(this), port - BASE)
      update(state(this), host)
      return value
    },
    out(port, _size, value, host) {
      writeRegister(state(this), port - BASE, value & 0xff)
      update(state(this), host)
    },
    /** Somebody typed: see `Machine.type`. */
    tick(_tag, host) {
      update(state(this), host)
    },
  }
}
