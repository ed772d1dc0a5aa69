/**
 * The MC146818 real-time clock with its 64 bytes of battery-backed memory, behind ports 70h and 71h. Its time follows the
 * machine's cycles from a date that is given, so that each run sees the same.
 * @see Motorola MC146818 Real-Time Clock Plus RAM, data sheet
 */
import type { Device, DeviceHost } from "../machine/board/device"
import { decoded, encoded, fieldsOf, HOURS_24, secondsOf, timeOfDay } from "./rtc-time"

/** Plain data. */
interface RtcState {
  /** The 64 registers, two hexadecimal digits each; those of the time are written into them when they are read. */
  cells: string
  index: number
  /** Seconds since 1970 that the clock showed when the machine started. */
  start: number
  /** Cycle up to which is known what set flags of C: it told of one then, or A or B changed what sets them. */
  seen?: number
}

/** What the clock shows at the machine's start unless said otherwise: 1 January 2000, midnight. */
const START = Date.UTC(2000, 0, 1) / 1000

const INDEX_PORT = 0x70
const DATA_PORT = 0x71
const LINE = 8
/** Registers. */
const SECONDS = 0
const WEEKDAY = 6
const YEAR = 9
const A = 0x0a
const B = 0x0b
const C = 0x0c
const D = 0x0d
const CENTURY = 0x32
const CELLS = 64
/** Which registers hold the time, in the order of `fieldsOf`. */
const TIME = [SECONDS, 2, 4, WEEKDAY, 7, 8, YEAR, CENTURY]

/** Registers of the alarm: second, minute, hour. */
const ALARM_TIME = [1, 3, 5]
/** Such a register is met by any time if it has both of these bits. */
const ANY_TIME = 0xc0

/**
 * Registers A to D. UIP: an update is near; the time cannot be read.
 *
 *          7 6      4 3   0
 *       ┌───┬────────┬─────┐
 *     A │UIP│ divider│ rate│
 *       └───┴────────┴─────┘
 *
 *          7   6   5   4    3  2     1   0
 *       ┌───┬───┬───┬───┬────┬──┬─────┬───┐
 *     B │SET│PIE│AIE│UIE│SQWE│DM│24/12│DSE│
 *       └───┴───┴───┴───┴────┴──┴─────┴───┘
 *
 *           7  6  5  4 3 0
 *       ┌────┬──┬──┬──┬───┐
 *     C │IRQF│PF│AF│UF│ 0 │
 *       └────┴──┴──┴──┴───┘
 *
 *          7 6 0
 *       ┌───┬───┐
 *     D │VRT│ 0 │
 *       └───┴───┘
 */

/** A: an update is near, the time cannot be read; the divider, which is held in reset when both bits are set. */
const UPDATING = 0x80
const DIVIDER_RESET = 0x60
/** How long before its end a second counts as being updated, in seconds: an update takes 1984 µs, and is told 244 before. */
const UPDATE_TIME = 2228e-6
/** B: the time stands, to be set; which flags of C interrupt. */
const SET = 0x80
const PERIODIC = 0x40
const ALARM = 0x20
const UPDATE_ENDED = 0x10
const FLAGS = [PERIODIC, ALARM, UPDATE_ENDED]
const ALL_FLAGS = PERIODIC | ALARM | UPDATE_ENDED
/** C: an interrupt is asked for; the others are those of B. */
const ASKED = 0x80
/** D: the battery is good. */
const VALID = 0x80
const OSCILLATOR = 32_768

/** Where the size of memory stands: KiB below 640, KiB from 1 MiB on (twice), 64 KiB from 16 MiB on. */
const sizeCells = (mebibytes: number): readonly (readonly [cell: number, value: number])[] => {
  const extended = Math.min(0xffff, (mebibytes - 1) * 1024)
  return [
    [0x15, 640],
    [0x17, extended],
    [0x30, extended],
    [0x34, Math.max(0, mebibytes - 16) * 16],
  ]
}

function initialState(mebibytes: number, start: number): RtcState {
  const s = { cells: "00".repeat(CELLS), index: 0, start }
  for (const [cell, value] of sizeCells(mebibytes)) {
    put(s, cell, value & 0xff)
    put(s, cell + 1, value >> 8)
  }
  // A divider for the usual crystal, and 1024 Hz.
  put(s, A, 0x26)
  put(s, B, HOURS_24)
  put(s, D, VALID)
  return s
}

const get = ({ cells }: RtcState, cell: number) => Number.parseInt(cells.slice(2 * cell, 2 * cell + 2), 16)

function put(s: RtcState, cell: number, value: number): void {
  const digits = (value & 0xff).toString(16).padStart(2, "0")
  s.cells = s.cells.slice(0, 2 * cell) + digits + s.cells.slice(2 * cell + 2)
}

const secondsNow = (s: RtcState, host: DeviceHost) => s.start + Math.floor(host.now / host.hertz)

const isDividerReset = (s: RtcState) => (get(s, A) & DIVIDER_RESET) === DIVIDER_RESET
/** The time does not go on: software sets it, or the divider is held. */
const stands = (s: RtcState) => (get(s, B) & SET) !== 0 || isDividerReset(s)

/** Write the present time into its cells. While it stands, software has them. */
function showTime(s: RtcState, host: DeviceHost): void {
  if (stands(s)) return
  fieldsOf(secondsNow(s, host)).forEach((value, field) => {
    put(s, TIME[field], encoded(value, field, get(s, B)))
  })
}

/** Take the time from its cells. */
function takeTime(s: RtcState, host: DeviceHost): void {
  const fields = TIME.map((cell, field) => decoded(get(s, cell), field, get(s, B)))
  s.start = secondsOf(fields) - Math.floor(host.now / host.hertz)
}

/** Cycles from one time to the next at which a flag may be set; undefined: it is not. */
function periodOf(s: RtcState, host: DeviceHost, flag: number): number | undefined {
  if (flag !== PERIODIC) return stands(s) ? undefined : host.hertz
  const rate = get(s, A) & 15
  return rate === 0 || isDividerReset(s) ? undefined : (host.hertz * periodTicks(rate)) / OSCILLATOR
}

/** Periods since the machine's start: counted from there, so that rounding to whole cycles never adds up. */
const periods = (cycle: number, period: number) => Math.floor((cycle + 0.5) / period)

/**
 * Whether what sets a flag has happened since register C was asked last. A flag that interrupts is set when it happens, by a
 * tick; one that does not is looked for when somebody asks.
 */
function happened(s: RtcState, host: DeviceHost, flag: number): boolean {
  const period = periodOf(s, host, flag)
  if (period === undefined || get(s, B) & flag) return false
  const [first, last] = [s.seen ?? 0, host.now].map((cycle) => periods(cycle, period))
  return last > first && (flag !== ALARM || meetsAlarm(s, first + 1, last))
}

const DAY = 86_400

/** Whether the alarm is met in one of these seconds, counted from the machine's start. */
function meetsAlarm(s: RtcState, first: number, last: number): boolean {
  const wanted = ALARM_TIME.map((cell) => get(s, cell))
  for (let second = Math.max(first, last - DAY); second <= last; second++) {
    const time = timeOfDay(s.start + second).map((value, field) => encoded(value, field, get(s, B)))
    if (wanted.every((cell, field) => cell >= ANY_TIME || cell === time[field])) return true
  }
  return false
}

/** Set the flags of C for what happened, and the interrupt line by those that B lets interrupt. */
function update(s: RtcState, host: DeviceHost): void {
  const news = FLAGS.filter((flag) => happened(s, host, flag)).reduce((sum, flag) => sum | flag, 0)
  if (news) s.seen = host.now
  ask(s, host, (get(s, C) | news) & ALL_FLAGS)
}

/** A time has come at which a flag that interrupts is set; the alarm's only if it is met. */
function strike(s: RtcState, host: DeviceHost, flag: number): void {
  const second = periods(host.now, host.hertz)
  if (flag === ALARM && !meetsAlarm(s, second, second)) return
  ask(s, host, (get(s, C) & ALL_FLAGS) | flag)
}

function ask(s: RtcState, host: DeviceHost, flags: number): void {
  const asked = (flags & get(s, B)) !== 0
  put(s, C, flags | (asked ? ASKED : 0))
  host.interrupt(LINE, asked)
}

/** Cycles until the next time at which a flag that B lets interrupt may be set. */
function nextCycles(s: RtcState, host: DeviceHost, flag: number): number | undefined {
  const period = periodOf(s, host, flag)
  if (!(get(s, B) & flag) || period === undefined) return undefined
  return (periods(host.now, period) + 1) * period - host.now
}

/** Rates 1 and 2 are as slow as 8 and 9. */
const periodTicks = (rate: number) => 1 << ((rate < 3 ? rate + 7 : rate) - 1)

function schedule(s: RtcState, host: DeviceHost): void {
  for (const flag of FLAGS) {
    host.cancel(flag)
    const cycles = nextCycles(s, host, flag)
    if (cycles !== undefined) host.after(cycles, flag)
  }
}

function read(s: RtcState, host: DeviceHost): number {
  const { index } = s
  if (index >= CELLS) return 0xff
  if (TIME.includes(index)) showTime(s, host)
  if (index === C) return readFlags(s, host)
  return get(s, index) | (index === A && isUpdating(s, host) ? UPDATING : 0)
}

/** Reading C clears it, and lowers the interrupt line. */
function readFlags(s: RtcState, host: DeviceHost): number {
  update(s, host)
  const value = get(s, C)
  ask(s, host, 0)
  return value
}

/** The present second is about to end. */
function isUpdating(s: RtcState, host: DeviceHost): boolean {
  const rest = 1 - ((host.now / host.hertz) % 1)
  return rest <= UPDATE_TIME && !stands(s)
}

function write(s: RtcState, value: number, host: DeviceHost): void {
  const { index } = s
  if (index === C || index === D || index >= CELLS) return
  showTime(s, host)
  const stood = stands(s)
  if (index === A || index === B) control(s, index, value, host)
  else writeCell(s, index, value, host)
  if (stood ? !stands(s) : TIME.includes(index)) takeTime(s, host)
}

/** Write a cell. What happened before is not measured by a new alarm. */
function writeCell(s: RtcState, index: number, value: number, host: DeviceHost): void {
  if (ALARM_TIME.includes(index) && value !== get(s, index)) update(s, host)
  put(s, index, value)
}

/**
 * Write A or B. What happened before is not measured by new periods, and a flag that no longer interrupts is looked for from
 * now on.
 */
function control(s: RtcState, index: number, value: number, host: DeviceHost): void {
  const written = index === A ? value & ~UPDATING : writtenB(value)
  const old = get(s, index)
  const begins =
    index === A ? written !== old : ((written ^ old) & SET) !== 0 || (old & ~written & ALL_FLAGS) !== 0
  if (begins || (index === B && written & ALL_FLAGS)) update(s, host)
  if (begins) s.seen = host.now
  put(s, index, written)
  ask(s, host, get(s, C) & ALL_FLAGS)
  schedule(s, host)
}

/** SET forbids the interrupt of updates. */
const writtenB = (value: number) => (value & SET ? value & ~UPDATE_ENDED : value)

/**
 * The clock for a machine with so many MiB of memory. `start` is what it shows when the machine starts, in seconds since
 * 1970.
 */
export function rtc(mebibytes = 16, start = START): Device {
  const state = (device: Device) => device.state as RtcState
  return {
    name: "rtc",
    kind: "rtc",
    ...(start === START ? {} : { options: { start } }),
    byteWide: true,
    state: initialState(mebibytes, start),
    ports: [[INDEX_PORT, DATA_PORT]],
    in(port, _size, host) {
      return port === INDEX_PORT ? 0xff : read(state(this), host)
    },
    out(port, _size, value, host) {
      // Bit 7 of the index keeps NMIs away on a real board; here nothing raises them.
      if (port === INDEX_PORT) state(this).index = value & 0x7f
      else write(state(this), value & 0xff, host)
    },
    tick(flag, host) {
      const s = state(this)
      strike(s, host, flag)
      const cycles = nextCycles(s, host, flag)
      if (cycles !== undefined) host.after(cycles, flag)
    },
  }
}
