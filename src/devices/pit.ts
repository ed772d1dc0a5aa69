/**
 * The 8254 timer: three counters at 1.193182 MHz. Counter 0's output is interrupt line 0; counter 2 has a gate, and its
 * output can be read, at port 61h. @see Intel 8254 Programmable Interval Timer, data sheet
 */
import type { Device, DeviceHost } from "../machine/board/device"
import {
  controlWord,
  gated,
  latchCount,
  latchStatus,
  newCounter,
  nextChange,
  output,
  type PitCounter,
  readByte,
  risesAt,
  writeByte,
} from "./pit-counter"

/** Ticks of the timer's own clock in a second. */
export const PIT_HERTZ = 1_193_182

interface PitState {
  counters: PitCounter[]
  /** Port 61h: bit 0 gates counter 2, bit 1 the speaker. */
  gate: number
}

const BASE = 0x40
const CONTROL = 0x43
const GATE_PORT = 0x61
/** In place of a counter's number: the read-back command. */
const READ_BACK = 3

const ticksNow = (host: DeviceHost) => Math.floor((host.now * PIT_HERTZ) / host.hertz)

/** Tags of the posted events. */
const CHANGE = 0
const RISE = 1

/** Have counter 0 interrupt when its output rises. */
function schedule({ counters: [first] }: PitState, host: DeviceHost): void {
  for (const tag of [CHANGE, RISE]) host.cancel(tag)
  const at = nextChange(first, ticksNow(host))
  if (at < 0) return
  const cycles = Math.ceil((at * host.hertz) / PIT_HERTZ) - host.now
  host.after(cycles, risesAt(first, at) ? RISE : CHANGE)
}

/** The control word: selects counter, access and mode, or latches a count. */
function control(state: PitState, value: number, host: DeviceHost): void {
  const number = value >> 6
  const now = ticksNow(host)
  if (number === READ_BACK) readBack(state, value, now)
  else if (((value >> 4) & 3) === 0) latchCount(state.counters[number], now)
  else program(state, number, value, host)
}

/**
 * The read-back command: latch counts and statuses of the counters whose bits are 1; a 0 in bit 5 asks for
 * the counts, in bit 4 for the statuses.
 *
 *      7 6        5         4         3         2         1 0
 *     ┌───┬────────┬─────────┬─────────┬─────────┬─────────┬─┐
 *     │ 11│no count│no status│counter 2│counter 1│counter 0│0│
 *     └───┴────────┴─────────┴─────────┴─────────┴─────────┴─┘
 */
function readBack({ counters }: PitState, value: number, now: number): void {
  for (const counter of counters.filter((_, n) => value & (2 << n))) {
    if (!(value & 0x10)) latchStatus(counter, now)
    if (!(value & 0x20)) latchCount(counter, now)
  }
}

function program(state: PitState, number: number, value: number, host: DeviceHost): void {
  const { counters } = state
  counters[number] = controlWord(counters[number], value)
  if (number !== 0) return
  schedule(state, host)
  host.interrupt(0, output(counters[0], ticksNow(host)))
}

function write(state: PitState, number: number, byte: number, host: DeviceHost): void {
  const counter = state.counters[number]
  writeByte(counter, byte, ticksNow(host))
  if (number !== 0) return
  if (counter.mode === 0) host.interrupt(0, false)
  schedule(state, host)
}

/** Counter 1 asks for a refresh of memory every 18 ticks; bit 4 of port 61h changes each time, and software waits by it. */
const REFRESH_TICKS = 18
const refresh = (host: DeviceHost) => (Math.floor(ticksNow(host) / REFRESH_TICKS) & 1) << 4

function setGate(s: PitState, gate: number, host: DeviceHost): void {
  if ((gate ^ s.gate) & 1) gated(s.counters[2], (gate & 1) !== 0, ticksNow(host))
  s.gate = gate
}

/** The timer at ports 40h-43h and its gate at 61h. Counting starts when a count is written. */
export function pit(): Device {
  const state = (device: Device) => device.state as PitState
  return {
    name: "pit",
    kind: "pit",
    byteWide: true,
    state: { counters: [newCounter(true), newCounter(true), newCounter(false)], gate: 0 } satisfies PitState,
    ports: [
      [BASE, CONTROL],
      [GATE_PORT, GATE_PORT],
    ],
    in(port, _size, host) {
      const s = state(this)
      const now = ticksNow(host)
      if (port === GATE_PORT) return s.gate | refresh(host) | (output(s.counters[2], now) ? 0x20 : 0)
      return port === CONTROL ? 0xff : readByte(s.counters[port - BASE], now)
    },
    out(port, _size, value, host) {
      const s = state(this)
      const byte = value & 0xff
      if (port === GATE_PORT) setGate(s, byte & 3, host)
      else if (port === CONTROL) control(s, byte, host)
      else write(s, port - BASE, byte, host)
    },
    tick(tag, host) {
      // The interrupt controller looks at edges.
      if (tag === RISE) for (const level of [false, true]) host.interrupt(0, level)
      schedule(state(this), host)
    },
  }
}
