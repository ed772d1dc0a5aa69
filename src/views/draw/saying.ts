/** A step in words: where it stands, in which ring, its cost, the sentence, and why it faulted if it did. */
import { inRing } from "../lanes"
import type { Frame, Timeline } from "../view"
import { faultWord } from "./marks"
import { at, box, count, part, pill, pillWidth, SANS, text, texts, wrap } from "./svg"
import type { Drawing } from "./timeline"

/** Width in pixels of a character of the sentence. */
const SAY = 8
/** Width in pixels from which step, ring and cycles stand in one line. */
const ONE_HEAD = 700
const LINE = 20

/** Draw the words for a frame. */
export function drawSaying(timeline: Timeline, frame: Frame, width: number): Drawing {
  const head = drawHead(timeline, frame, width)
  const lines = wrap(frame.sentence, Math.floor(width / SAY)).map((part) => [part, "rl-say"])
  // A reader at the start may like to know how far it goes; the end has come when it is there.
  if (frame.step === 0 || frame.step === timeline.steps)
    lines.push(...wrap(timeline.end, Math.floor(width / SANS)).map((part) => [part, "rl-note"]))
  const said = lines.map(([part, look], i) => text(0, head.height + 17 + i * LINE, part, look))
  // With room for two lines, so that what is below stays where it is.
  const top = head.height + Math.max(frame.fault ? 1 : 2, said.length) * LINE + 6
  const fault = drawFault(frame, width)
  return {
    svg: head.svg + part("sentence", said.join("")) + at(0, top, fault.svg),
    height: top + fault.height,
  }
}

function drawHead(timeline: Timeline, frame: Frame, width: number): Drawing {
  const step = `Step ${count(frame.step)} of ${count(timeline.steps)}`
  const ringAt = step.length * 7.8 + 14
  const ring = nowIn(timeline, frame.ring)
  const cycles = drawCycles(cycleWords(frame), ringAt + pillWidth(ring) + 12, width)
  const head = text(0, 15, step, "rl-step") + pill(ringAt, 15, ring, `rl-ring${frame.ring & 3}`)
  return { svg: head + cycles.svg, height: 22 + cycles.height }
}

function nowIn(timeline: Timeline, ring: number): string {
  if (timeline.lanes || (ring !== 0 && ring !== 3)) return `now ${inRing(timeline, ring)}`
  return ring === 0 ? "now ring 0, kernel" : "now ring 3, application"
}

/** Beside the ring where there is room for most of what is said of cycles, else on lines of its own. */
function drawCycles(words: string, x: number, width: number): Drawing {
  if (width >= ONE_HEAD) return { svg: text(x, 15, words, "rl-note"), height: 0 }
  const lines = wrap(words, Math.floor(width / SANS))
  return {
    svg: lines.map((part, i) => text(0, 36 + i * 17, part, "rl-note")).join(""),
    height: lines.length * 17 + 2,
  }
}

function cycleWords(frame: Frame): string {
  const parts = frame.cycles.step.map(([cause, cycles]) => `${cause} ${count(cycles)}`)
  const sum = frame.cycles.step.reduce((all, [, cycles]) => all + cycles, 0)
  const cycles = sum === 1 ? "1 cycle" : `${count(sum)} cycles`
  const here = parts.length > 1 ? `${cycles} (${parts.join(", ")})` : cycles
  return frame.step === 0 ? "before the first step" : `${here}, ${count(frame.cycles.total)} so far`
}

/** Width in pixels of a character of a note, and of a fault's name. */
const NOTE = 6.7
const NAME = 8.6
const FAULT_LINE = 18

/** The check that failed, in a box that does not rely on its colour. */
function drawFault(frame: Frame, width: number): Drawing {
  if (!frame.fault) return { svg: "", height: 0 }
  const name = `${faultWord(frame.fault.name)} ${frame.fault.name}: why`
  const [first, ...others] = wrapBehind(name.length * NAME + 10, frame.fault.says, width - 52)
  const see = wrap(`Manual: ${frame.fault.see}`, Math.floor((width - 52) / NOTE))
  const rest = [...others.map((part) => [part, "rl-text"]), ...see.map((part) => [part, "rl-note"])]
  const height = 13 + (1 + rest.length) * FAULT_LINE
  const svg =
    box(0.75, 0.75, width - 1.5, height - 1.5, "rl-fault-box", 4) +
    box(0, 0, 6, height, "rl-fault-bar", 3) +
    at(22, 17, `<path d="M-5 -5L5 5M5 -5L-5 5" class="rl-fault-line"/>`) +
    texts(36, 21, [
      [name, "rl-fault-name"],
      [first, "rl-text"],
    ]) +
    rest.map(([part, look], i) => text(36, 21 + (i + 1) * FAULT_LINE, part, look)).join("")
  return { svg: part("why", svg), height: height + 8 }
}

/** Lines of a text whose first one begins so many pixels further right. */
function wrapBehind(pixels: number, content: string, width: number): string[] {
  const before = "_".repeat(Math.ceil(pixels / SANS))
  const [first, ...rest] = wrap(`${before} ${content}`, Math.floor(width / SANS))
  return [first.slice(before.length + 1), ...rest]
}
