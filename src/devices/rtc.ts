/**
 * The MC146818 real-time clock with its 64 bytes of battery-backed memory, behind ports 70h and 71h. Its time follows the
 * machine's cycles from a date that is given, so that each run sees the same. Alarms are not simulated.
 * @see Motorola MC146818 Real-Time Clock Plus RAM, data sheet
 */
import type { Device, DeviceHost } from "../machine/board/bus"

/** Plain data. */
export interface RtcState {
  /** The 64 registers, two hexadecimal digits each; those of the time are written into them when they are read. */
  cells: string
  index: number
  /** Seconds since 1970 that the clock showed when the machine started. */
  start: number
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

/** A: an update is near; the time cannot be read. */
const UPDATING = 0x80
/** How long before its end a second counts as being updated, in seconds. */
const UPDATE_TIME = 244e-6
/** B. */
const SET = 0x80
const PERIODIC = 0x40
const UPDATE_ENDED = 0x10
const BINARY = 0x04
const HOURS_24 = 0x02
/** C: an interrupt was asked for; the others are those of B. */
const ASKED = 0x80
/** D: the battery is good. */
const VALID = 0x80
const PM = 0x80
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

const DAY = 86_400
const DAYS_OF_A_YEAR = 365.2425
/** Seconds from 1970 to the first of a month; months count from 0, and may go on into the next year. */
const monthStart = (year: number, month: number) => Date.UTC(year, month, 1) / 1000

/** Second, minute, hour, weekday, day, month, year, century. */
function fieldsOf(seconds: number): number[] {
  const days = Math.floor(seconds / DAY)
  // At most a year too early.
  let year = 1969 + Math.floor(days / DAYS_OF_A_YEAR)
  while (monthStart(year, 12) <= seconds) year++
  let month = 0
  while (monthStart(year, month + 1) <= seconds) month++
  const day = Math.floor((seconds - monthStart(year, month)) / DAY) + 1
  const rest = seconds - days * DAY
  const time = [rest % 60, Math.floor(rest / 60) % 60, Math.floor(rest / 3600)]
  return [...time, weekday(days), day, month + 1, year % 100, Math.floor(year / 100)]
}

/** 1 is Sunday; the first day of 1970 was a Thursday. */
const weekday = (days: number) => ((((days + 4) % 7) + 7) % 7) + 1

function secondsOf([second, minute, hour, , day, month, year, century]: readonly number[]): number {
  return Date.UTC(century * 100 + year, month - 1, day, hour, minute, second) / 1000
}

const toBcd = (value: number) => Math.floor(value / 10) * 16 + (value % 10)
const fromBcd = (value: number) => (value >> 4) * 10 + (value & 15)
const isHour = (field: number) => field === 2

/** A field as register B wants it: binary or decimal digits, hours of 24 or 12. */
function encoded(value: number, field: number, b: number): number {
  const digits = (number: number) => (b & BINARY ? number : toBcd(number))
  if (!isHour(field) || b & HOURS_24) return digits(value)
  return digits(value % 12 || 12) | (value >= 12 ? PM : 0)
}

function decoded(value: number, field: number, b: number): number {
  const number = (cell: number) => (b & BINARY ? cell : fromBcd(cell))
  if (!isHour(field) || b & HOURS_24) return number(value)
  return (number(value & ~PM) % 12) + (value & PM ? 12 : 0)
}

/** Write the present time into its cells. While SET holds, software has them. */
function showTime(s: RtcState, host: DeviceHost): void {
  if (get(s, B) & SET) return
  fieldsOf(secondsNow(s, host)).forEach((value, field) => {
    put(s, TIME[field], encoded(value, field, get(s, B)))
  })
}

/** Take the time from its cells. */
function takeTime(s: RtcState, host: DeviceHost): void {
  const fields = TIME.map((cell, field) => decoded(get(s, cell), field, get(s, B)))
  s.start = secondsOf(fields) - Math.floor(host.now / host.hertz)
}

/** Cycles until the next interrupt of a kind that B enables. */
function nextCycles(s: RtcState, host: DeviceHost, kind: number): number | undefined {
  const rate = get(s, A) & 15
  if (!(get(s, B) & kind) || (kind === PERIODIC && rate === 0)) return undefined
  const period = kind === PERIODIC ? (host.hertz * periodTicks(rate)) / OSCILLATOR : host.hertz
  // Counted from the machine's start, so that rounding to whole cycles never adds up.
  const periods = Math.floor((host.now + 0.5) / period) + 1
  return periods * period - host.now
}

/** Rates 1 and 2 are as slow as 8 and 9. */
const periodTicks = (rate: number) => 1 << ((rate < 3 ? rate + 7 : rate) - 1)

function schedule(s: RtcState, host: DeviceHost): void {
  for (const kind of [PERIODIC, UPDATE_ENDED]) {
    host.cancel(kind)
    const cycles = nextCycles(s, host, kind)
    if (cycles !== undefined) host.after(cycles, kind)
  }
}

function read(s: RtcState, host: DeviceHost): number {
  const { index } = s
  if (index >= CELLS) return 0xff
  if (TIME.includes(index)) showTime(s, host)
  const value = get(s, index)
  if (index === A) return value | (isUpdating(s, host) ? UPDATING : 0)
  if (index === C) {
    put(s, C, 0)
    host.interrupt(LINE, false)
  }
  return value
}

/** The present second is about to end. */
function isUpdating(s: RtcState, host: DeviceHost): boolean {
  const rest = 1 - ((host.now / host.hertz) % 1)
  return rest <= UPDATE_TIME && !(get(s, B) & SET)
}

function write(s: RtcState, value: number, host: DeviceHost): void {
  const { index } = s
  if (index === C || index === D || index >= CELLS) return
  showTime(s, host)
  const wasSet = (get(s, B) & SET) !== 0
  put(s, index, index === A ? value & ~UPDATING : value)
  if (index === A || index === B) schedule(s, host)
  const ends = index === B && wasSet && !(value & SET)
  if (ends || (TIME.includes(index) && !wasSet)) takeTime(s, host)
}

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
    tick(kind, host) {
      const s = state(this)
      put(s, C, get(s, C) | ASKED | kind)
      host.interrupt(LINE, false)
      host.interrupt(LINE, true)
      const cycles = nextCycles(s, host, kind)
      if (cycles !== undefined) host.after(cycles, kind)
    },
  }
}
