/**
 * What the machine itself pushed, as long as it is still there: a reader in the middle of a handler sees which slot of
 * the stack holds the EIP to return to.
 */
import { SS } from "../isa/registers"
import type { Event } from "../machine/events/events"
import { MARK_KINDS, type Mark } from "../machine/events/marks"
import type { Machine } from "../machine/machine"
import { peek32 } from "../machine/time/peek"
import type { Replay } from "../machine/time/replay"
import type { Work } from "../numbers/slices"

/** One value that a delivery or a far transfer pushed. */
export interface Pushed {
  /** Linear address. */
  readonly linear: number
  readonly value: number
  /** "EIP", "CS (ring 3)", "error code" … */
  readonly what: string
}

/** Steps with these happenings may push something. */
const PUSHING = new Set(
  ["trap", "interrupt", "fault", "ring"].map((kind) => MARK_KINDS.indexOf(kind as never)),
)
/** So many of them are looked at, the latest: a handler that is itself interrupted has two frames on its stack. */
const MOST = 3

/**
 * What the last pushing steps before `step` pushed, the latest last. Moves the replay.
 * @param step the step that will be shown; its own pushes are not among them
 */
export function* pushedBefore(replay: Replay, step: number): Work<readonly (readonly Pushed[])[]> {
  const pushed: (readonly Pushed[])[] = []
  for (const earlier of pushingSteps(replay.marks, step)) {
    const events = yield* replay.eventsOf(earlier)
    pushed.push(pushedIn(events, replay.machine.cpu.segments.base[SS]))
  }
  return pushed
}

/** What a step pushed that led to a stack segment with this base. */
export function pushedIn(events: readonly Event[], base: number): readonly Pushed[] {
  return events.flatMap((event) =>
    event.is === "push"
      ? [{ linear: (base + event.address) >>> 0, value: event.value, what: event.what }]
      : [],
  )
}

/** Names by linear address, of those frames of which every value is still in memory. */
export function stillThere(machine: Machine, frames: readonly (readonly Pushed[])[]): Map<number, string> {
  const whole = frames.filter((frame) =>
    frame.every(({ linear, value }) => peek32(machine, linear) === value),
  )
  return new Map(whole.flat().map(({ linear, what }) => [linear, what]))
}

function pushingSteps(marks: readonly Mark[], before: number): number[] {
  const steps: number[] = []
  for (let n = firstAt(marks, before) - 1; n >= 0 && steps.length < MOST; n--) {
    const [step, kind] = marks[n]
    if (PUSHING.has(kind) && steps[0] !== step) steps.unshift(step)
  }
  return steps
}

/** Index of the first mark at `step` or later. */
function firstAt(marks: readonly Mark[], step: number): number {
  let [low, high] = [0, marks.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (marks[middle][0] < step) low = middle + 1
    else high = middle
  }
  return low
}
