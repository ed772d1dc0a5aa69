/** From values to pixels along one axis of a chart. */

/** A mark on an axis. */
interface Tick {
  readonly at: number
  readonly text: string
}

/** One axis: where values stand, and where its marks are. Pixels. */
export interface Scale {
  /** Undefined for a value that has no place, such as a text on an axis of numbers. */
  place(value: unknown): number | undefined
  readonly ticks: readonly Tick[]
  /** Room that each value has to itself. */
  readonly room: number
}

/** How many marks an axis of numbers should have, about. */
const TICKS = 5

/** Names side by side, each with the same room. */
export function nameScale(names: readonly string[], from: number, to: number): Scale {
  const room = Math.abs(to - from) / Math.max(1, names.length)
  const at = (n: number) => from + (n + 0.5) * ((to - from) / Math.max(1, names.length))
  const place = (value: unknown) => {
    const n = names.indexOf(String(value))
    return n < 0 ? undefined : at(n)
  }
  return { place, ticks: names.map((text, n) => ({ at: at(n), text })), room }
}

/**
 * Numbers at even distances.
 * @param tight the ends are the least and the greatest value; else they are moved out to the next marks
 */
export function numberScale(values: readonly number[], from: number, to: number, tight = false): Scale {
  const [least, most] = ends(values)
  const step = niceStep((most - least) / TICKS)
  const outward = [Math.floor(least / step) * step, Math.ceil(most / step) * step]
  const [low, high] = tight ? [least, most] : outward
  const place = (value: unknown) => placed(value, low, high, from, to)
  const first = Math.ceil(low / step)
  const count = Math.floor(high / step) - first
  const marks = Array.from({ length: count + 1 }, (_, n) => (first + n) * step)
  const ticks = marks.map((mark) => ({ at: place(mark) ?? from, text: numberText(mark) }))
  return { place, ticks, room: roomOf(values, Math.abs(to - from)) }
}

/** Positive numbers by their powers of ten. */
export function powerScale(values: readonly number[], from: number, to: number): Scale {
  const [least, most] = ends(values.filter((value) => value > 0).map(Math.log10))
  const [low, high] = [Math.floor(least), Math.ceil(most)]
  const place = (value: unknown) => placed(Math.log10(Number(value)), low, high, from, to)
  const marks = Array.from({ length: high - low + 1 }, (_, n) => 10 ** (low + n))
  const ticks = marks.map((mark) => ({ at: place(mark) ?? from, text: numberText(mark) }))
  return { place, ticks, room: roomOf(values, Math.abs(to - from)) }
}

function placed(value: unknown, low: number, high: number, from: number, to: number): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined
  return from + ((value - low) / (high - low)) * (to - from)
}

/** Two ends that differ, whatever the values are. */
function ends(values: readonly number[]): readonly [number, number] {
  const finite = values.filter(Number.isFinite)
  const least = finite.reduce((all, value) => Math.min(all, value), Number.POSITIVE_INFINITY)
  const most = finite.reduce((all, value) => Math.max(all, value), Number.NEGATIVE_INFINITY)
  if (least > most) return [0, 1]
  return least === most ? [least - 0.5, most + 0.5] : [least, most]
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((factor) => factor * power >= least * 0.999) ?? 10)
}

function roomOf(values: readonly number[], length: number): number {
  return length / Math.max(1, new Set(values).size + 1)
}

/** Short: no more digits than floating point can vouch for. */
export function numberText(value: number): string {
  const short = Number(value.toPrecision(6))
  return Math.abs(short) >= 1e7 ? short.toExponential() : String(short)
}
