/**
 * The 8254 timer: three counters at 1.193182 MHz, in binary: the BCD bit is ignored. Counter 0's output is interrupt
 * line 0; counter 2 can be read through port 61h. @see Intel 8254 Programmable Interval Timer, data sheet
 */
import type { Device, DeviceHost } from "../machine/bus"

/** Ticks of the timer's own clock in a second. */
export const PIT_HERTZ = 1_193_182

/** One counter, plain data. */
export interface PitCounter {
  /** 0-5. */
  mode: number
  /** Which bytes are accessed: 1 low, 2 high, 3 both. */
  access: number
  /** The count written last; 0 means 65536. */
  reload: number
  /** Timer ticks, since the machine started, when counting began; -1: not counting. */
  since: number
  /** A low byte waits for its high byte (writing, reading). */
  writeHalf: number
  readHigh: boolean
  /** A latched count, or -1. */
  latch: number
}

interface PitState {
  counters: PitCounter[]
  /** Port 61h: bit 0 gates counter 2, bit 1 the speaker. */
  gate: number
}

const counter = (): PitCounter => ({
  mode: 3,
  access: 3,
  reload: 0,
  since: -1,
  writeHalf: -1,
  readHigh: false,
  latch: -1,
})

const BASE = 0x40
const CONTROL = 0x43
const GATE_PORT = 0x61

const length = (c: PitCounter) => c.reload || 0x10000
const ticksNow = (host: DeviceHost) => Math.floor((host.now * PIT_HERTZ) / host.hertz)
const isPeriodic = (c: PitCounter) => c.mode === 2 || c.mode === 3

/** The current count. */
function count(c: PitCounter, host: DeviceHost): number {
  if (c.since < 0) return c.reload
  const elapsed = ticksNow(host) - c.since
  const full = length(c)
  if (isPeriodic(c)) {
    const step = c.mode === 3 ? 2 : 1
    return full - ((elapsed * step) % full)
  }
  return (full - elapsed) & 0xffff
}

/** The output pin. */
function output(c: PitCounter, host: DeviceHost): boolean {
  if (c.since < 0) return c.mode !== 0
  const elapsed = ticksNow(host) - c.since
  if (c.mode === 3) return elapsed % length(c) < length(c) / 2
  if (c.mode === 2) return elapsed % length(c) !== length(c) - 1
  return elapsed >= length(c)
}

/** Cycles until the end of the period that runs now; counter 0 interrupts then. */
function cyclesToEnd(c: PitCounter, host: DeviceHost): number {
  const elapsed = ticksNow(host) - c.since
  const periods = Math.floor(elapsed / length(c)) + 1
  const end = c.since + periods * length(c)
  return Math.ceil((end * host.hertz) / PIT_HERTZ) - host.now
}

function schedule(state: PitState, host: DeviceHost): void {
  host.cancel(0)
  const first = state.counters[0]
  if (first.since >= 0) host.after(cyclesToEnd(first, host), 0)
}

function writeCounter(c: PitCounter, value: number): boolean {
  if (c.access === 1) c.reload = value
  else if (c.access === 2) c.reload = value << 8
  else if (c.writeHalf < 0) {
    c.writeHalf = value
    return false
  } else {
    c.reload = (value << 8) | c.writeHalf
    c.writeHalf = -1
  }
  return true
}

function readCounter(c: PitCounter, host: DeviceHost): number {
  const value = c.latch >= 0 ? c.latch : count(c, host) & 0xffff
  const high = c.access === 2 || (c.access === 3 && c.readHigh)
  if (c.access === 3) c.readHigh = !c.readHigh
  if (c.access !== 3 || high) c.latch = -1
  return high ? value >> 8 : value & 0xff
}

/** The control word: selects counter, access and mode, or latches a count. */
function control(state: PitState, value: number, host: DeviceHost): void {
  const number = value >> 6
  if (number === 3) return
  const c = state.counters[number]
  const access = (value >> 4) & 3
  if (access === 0) {
    if (c.latch < 0) c.latch = count(c, host) & 0xffff
    return
  }
  const mode = (value >> 1) & 7
  state.counters[number] = { ...counter(), access, mode: mode > 5 ? mode - 4 : mode }
  if (number !== 0) return
  host.cancel(0)
  host.interrupt(0, mode !== 0)
}

/** Counter 1 asks for a refresh of memory every 18 ticks; bit 4 of port 61h changes each time, and software waits by it. */
const REFRESH_TICKS = 18
const refresh = (host: DeviceHost) => (Math.floor(ticksNow(host) / REFRESH_TICKS) & 1) << 4

/** A rising gate of counter 2 has it count from the beginning. */
function setGate(s: PitState, gate: number, host: DeviceHost): void {
  const counter = s.counters[2]
  if (gate & ~s.gate & 1 && counter.since >= 0) counter.since = ticksNow(host)
  s.gate = gate
}

/** The timer at ports 40h-43h and its gate at 61h. Counting starts when a count is written. */
export function pit(): Device {
  const state = (device: Device) => device.state as PitState
  return {
    name: "pit",
    kind: "pit",
    state: { counters: [counter(), counter(), counter()], gate: 0 } satisfies PitState,
    ports: [
      [BASE, CONTROL],
      [GATE_PORT, GATE_PORT],
    ],
    in(port, _size, host) {
      const s = state(this)
      if (port === GATE_PORT) return s.gate | refresh(host) | (output(s.counters[2], host) ? 0x20 : 0)
      return port === CONTROL ? 0xff : readCounter(s.counters[port - BASE], host)
    },
    out(port, _size, value, host) {
      const s = state(this)
      const byte = value & 0xff
      if (port === GATE_PORT) setGate(s, byte & 3, host)
      else if (port === CONTROL) control(s, byte, host)
      else if (writeCounter(s.counters[port - BASE], byte)) start(s, port - BASE, host)
    },
    tick(_tag, host) {
      const s = state(this)
      // A rising edge: the interrupt controller looks at edges.
      host.interrupt(0, false)
      host.interrupt(0, true)
      if (isPeriodic(s.counters[0])) schedule(s, host)
    },
  }
}

function start(s: PitState, number: number, host: DeviceHost): void {
  const c = s.counters[number]
  c.since = ticksNow(host)
  if (number !== 0) return
  if (c.mode === 0) host.interrupt(0, false)
  schedule(s, host)
}
