/**
 * The 16550 serial port, COM1, with a terminal at the other end: what a guest sends is kept as text, and what is typed
 * arrives byte by byte at the line's speed; the terminal waits while the receiver is full or looped, so nothing of it is
 * overrun. @see National Semiconductor PC16550D, data sheet
 */
import type { Device, DeviceHost } from "../machine/board/device"
import type { Machine } from "../machine/machine"
import { needCharacters } from "./typing"
import {
  hasRoom,
  interrupts,
  isBelowTrigger,
  isConnected,
  isLooped,
  ON_DATA,
  ON_EMPTY,
  put,
  readIdentification,
  readLineStatus,
  readModemStatus,
  take,
  transmit,
  type UartState,
  writeFifoControl,
  writeModemControl,
} from "./uart-chip"

export type { UartState } from "./uart-chip"

const BASE = 0x3f8
const LINE = 4
/**
 * Line control. DLAB puts the divisor in the place of the first two registers.
 *
 *         7     6     5    4      3    2 1          0
 *     ┌────┬─────┬─────┬────┬──────┬────┬────────────┐
 *     │DLAB│break│stick│even│parity│stop│ word length│
 *     └────┴─────┴─────┴────┴──────┴────┴────────────┘
 */
const DLAB = 0x80

/** Bits a second with a divisor of 1, and bits that a byte takes with its start and stop. */
const HIGHEST_SPEED = 115_200
const BITS = 10
/**
 * Seconds from a set-up of the port, or from typing, to the next byte: as of somebody who waits to see that the guest is
 * ready. A driver throws away what it finds in the receiver while it sets the port up.
 */
const PAUSE = 0.01
/** Bytes in the FIFO below its trigger interrupt when for the time of so many no byte came or was read. */
const TIMEOUT_BYTES = 4
/** Tags of events: a byte arrives; somebody typed; bytes have waited long enough. */
const ARRIVES = 0
const TYPED = 1
const TIMEOUT = 2

const byteTime = (s: UartState) => (BITS * (s.divisor || 0x1_0000)) / HIGHEST_SPEED

/** The next byte comes in so many seconds, and not before. */
function expectByte(s: UartState, host: DeviceHost, seconds: number): void {
  host.cancel(ARRIVES)
  if (s.input.length > 0 && hasRoom(s) && !isLooped(s)) host.after(seconds * host.hertz, ARRIVES)
}

/** A byte came or was read, so the time-out begins anew. */
function expectTimeout(s: UartState, host: DeviceHost): void {
  host.cancel(TIMEOUT)
  if (isBelowTrigger(s)) host.after(TIMEOUT_BYTES * byteTime(s) * host.hertz, TIMEOUT)
}

function arrive(s: UartState, host: DeviceHost): void {
  put(s, s.input.charCodeAt(0))
  s.input = s.input.slice(1)
  expectByte(s, host, byteTime(s))
  expectTimeout(s, host)
}

function update(s: UartState, host: DeviceHost): void {
  host.interrupt(LINE, isConnected(s) && interrupts(s))
}

function receive(s: UartState, host: DeviceHost): number {
  const wasFull = !hasRoom(s)
  const byte = take(s)
  if (wasFull) expectByte(s, host, byteTime(s))
  expectTimeout(s, host)
  return byte
}

function readRegister(s: UartState, register: number, host: DeviceHost): number {
  const divisorLatch = (s.lcr & DLAB) !== 0
  switch (register) {
    case 0:
      return divisorLatch ? s.divisor & 0xff : receive(s, host)
    case 1:
      return divisorLatch ? s.divisor >> 8 : s.ier
    case 2:
      return readIdentification(s)
    case 3:
      return s.lcr
    case 4:
      return s.mcr
    case 5:
      return readLineStatus(s)
    case 6:
      return readModemStatus(s)
    default:
      return s.scratch
  }
}

function writeRegister(s: UartState, register: number, value: number, host: DeviceHost): void {
  const divisorLatch = (s.lcr & DLAB) !== 0
  if (register === 0 && divisorLatch) s.divisor = (s.divisor & 0xff00) | value
  else if (register === 0) send(s, value, host)
  else if (register === 1 && divisorLatch) s.divisor = (s.divisor & 0xff) | (value << 8)
  else if (register === 1) enableInterrupts(s, value, host)
  else if (register === 7) s.scratch = value
  else setUp(s, register, value, host)
}

function send(s: UartState, byte: number, host: DeviceHost): void {
  transmit(s, byte)
  if (isLooped(s)) expectTimeout(s, host)
}

function enableInterrupts(s: UartState, value: number, host: DeviceHost): void {
  if (value & ON_EMPTY && !(s.ier & ON_EMPTY)) s.emptied = true
  if (value & ON_DATA && !(s.ier & ON_DATA)) expectByte(s, host, PAUSE)
  s.ier = value & 0x0f
}

/** FCR, LCR and MCR. */
function setUp(s: UartState, register: number, value: number, host: DeviceHost): void {
  if (register === 2) {
    writeFifoControl(s, value)
    expectTimeout(s, host)
  } else if (register === 3) s.lcr = value
  else if (register === 4) writeModemControl(s, value)
  expectByte(s, host, PAUSE)
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
    type(text, host) {
      needCharacters(text, 0xff)
      state(this).input += text
      host.after(1, TYPED)
    },
    tick(tag, host) {
      const s = state(this)
      if (tag === TYPED) expectByte(s, host, PAUSE)
      else if (tag === TIMEOUT) s.timedOut = true
      else arrive(s, host)
      update(s, host)
    },
  }
}
