/** Dates as the real-time clock's registers hold them: eight fields, in binary or decimal digits, hours of 24 or 12. */

/** Bits of register B: binary numbers, not decimal digits; hours of 24. */
const BINARY = 0x04
export const HOURS_24 = 0x02
const PM = 0x80

const DAY = 86_400
const DAYS_OF_A_YEAR = 365.2425
/** Seconds from 1970 to the first of a month; months count from 0, and may go on into the next year. */
const monthStart = (year: number, month: number) => Date.UTC(year, month, 1) / 1000

/** Second, minute, hour, weekday, day, month, year, century of a time, in seconds since 1970. */
export function fieldsOf(seconds: number): number[] {
  const days = Math.floor(seconds / DAY)
  // At most a year too early.
  let year = 1969 + Math.floor(days / DAYS_OF_A_YEAR)
  while (monthStart(year, 12) <= seconds) year++
  let month = 0
  while (monthStart(year, month + 1) <= seconds) month++
  const day = Math.floor((seconds - monthStart(year, month)) / DAY) + 1
  return [...timeOfDay(seconds), weekday(days), day, month + 1, year % 100, Math.floor(year / 100)]
}

/** Second, minute, hour. */
export function timeOfDay(seconds: number): number[] {
  const rest = seconds - Math.floor(seconds / DAY) * DAY
  return [rest % 60, Math.floor(rest / 60) % 60, Math.floor(rest / 3600)]
}

/** 1 is Sunday; the first day of 1970 was a Thursday. */
const weekday = (days: number) => ((((days + 4) % 7) + 7) % 7) + 1

/** Seconds since 1970 of such fields. */
export function secondsOf([second, minute, hour, , day, month, year, century]: readonly number[]): number {
  return Date.UTC(century * 100 + year, month - 1, day, hour, minute, second) / 1000
}

const toBcd = (value: number) => Math.floor(value / 10) * 16 + (value % 10)
const fromBcd = (value: number) => (value >> 4) * 10 + (value & 15)
const isHour = (field: number) => field === 2

/** A field, by its place among them, as register B wants it. */
export function encoded(value: number, field: number, b: number): number {
  const digits = (number: number) => (b & BINARY ? number : toBcd(number))
  if (!isHour(field) || b & HOURS_24) return digits(value)
  return digits(value % 12 || 12) | (value >= 12 ? PM : 0)
}

/** A field from its register, as register B says. */
export function decoded(value: number, field: number, b: number): number {
  const number = (cell: number) => (b & BINARY ? cell : fromBcd(cell))
  if (!isHour(field) || b & HOURS_24) return number(value)
  return (number(value & ~PM) % 12) + (value & PM ? 12 : 0)
}
