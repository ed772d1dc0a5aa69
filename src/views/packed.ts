/**
 * The long parts of a recording as text. A notebook's file has each number of a list on a line of its own, indented, which
 * would make a run of ten thousand steps a megabyte; a text stays one line.
 */
import { compress, expand, expandedLength } from "../numbers/compress"
import { LIMITS, TooLarge } from "./limits"
import type { PairOutput, RecordingOutput } from "./output"
import type { Timeline } from "./view"

const pack = (value: unknown) => compress(JSON.stringify(value))

/** A part of an output that may be packed. */
type Part = "timeline" | "recording"

/**
 * Look how large a part is once it is unpacked, before memory or time is spent on it. What is no text is as large as it is.
 * @throws TooLarge
 */
export function checkSize(part: unknown, name: Part): void {
  const would = typeof part === "string" ? expandedLength(part) : 0
  if (would > LIMITS[name]) throw new TooLarge(name, would, "characters", LIMITS[name])
}

/**
 * A part as it was before it was packed; anything but a text is such a part already.
 * @throws TooLarge; RangeError if the text is damaged
 */
export function unpacked(part: unknown, name: Part): unknown {
  if (typeof part !== "string") return part
  checkSize(part, name)
  const json = expand(part)
  const lists = listsIn(json)
  if (lists > LIMITS.lists) throw new TooLarge(name, lists, "lists", LIMITS.lists)
  try {
    return JSON.parse(json)
  } catch {
    throw new RangeError("the packed text is damaged")
  }
}

/** How many lists and objects a JSON text has, or a few more: each takes many times the two characters that it is written with. */
function listsIn(json: string): number {
  let lists = 0
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at)
    if (unit === LIST || unit === OBJECT) lists++
  }
  return lists
}

const [LIST, OBJECT] = [0x5b, 0x7b]

type Steps = readonly (readonly [step: number, ...rest: number[]])[]

/** Steps told by their distance from the one before: what comes again and again looks the same then. */
const distances = (items: Steps) =>
  items.map(([step, ...rest], n) => [step - (items[n - 1]?.[0] ?? 0), ...rest])

/** An output as a notebook keeps it. `unpackedTimeline` and `checkCarried` undo it. */
export function packed(output: RecordingOutput): unknown {
  const { timeline, recording } = output
  const { marks, rings } = timeline
  return {
    ...output,
    recording: pack(recording),
    timeline: pack({ ...timeline, marks: distances(marks), rings: distances(rings) }),
  }
}

/** A pair's output as a notebook keeps it. */
export const packedPair = (output: PairOutput): unknown => ({
  ...output,
  left: packed(output.left),
  right: packed(output.right),
})

/**
 * The timeline of an output, as `Timeline` has it if the output is sound: nothing of it was looked at.
 * @throws TooLarge; RangeError if it is a text that is damaged
 */
export function unpackedTimeline(part: unknown): unknown {
  if (typeof part !== "string") return part
  const timeline = unpacked(part, "timeline") as Partial<Record<keyof Timeline, unknown>> | null
  return { ...timeline, marks: added(timeline?.marks), rings: added(timeline?.rings) }
}

/** Undo `distances`; what is no list of lists, or too long a one, stays, to be found by who looks at it. */
function added(items: unknown): unknown {
  if (!Array.isArray(items) || items.length > LIMITS.marks) return items
  let step = 0
  return items.map((item) => {
    if (!Array.isArray(item)) return item
    step += item[0]
    return [step, ...item.slice(1)]
  })
}
