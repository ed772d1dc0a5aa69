/** The panels of what the step did: what changed, and what happened inside, in order. */
import { FLAG_WORDS } from "../flags"
import type { Frame } from "../view"
import { finish, MOST, NOT_YET, NOTE, type Panel, panel, type Row } from "./panel"
import { clip, fitted, MONO, SANS, text, wrap } from "./svg"

/** Where the names of changes stand, in pixels: behind the longest kind. */
const NAME_AT = 66

/** Everything that changed, old → new. */
export function drawChanges(frame: Frame, width: number): Panel {
  const rows = frame.changes.slice(0, MOST).flatMap((change) => changeRows(change, width))
  return panel(
    "What changed",
    "old → new, but for EIP",
    width,
    finish(rows, frame.changes.length, unchanged(frame)),
  )
}

/** What is said where nothing changed. */
export function unchanged({ step, registers }: Frame): string {
  if (step === 0) return NOT_YET
  const moved = registers.some(({ name, old }) => name === "EIP" && old !== undefined)
  return moved ? "Nothing but EIP and the time." : "Nothing but the time."
}

/** One line where it fits, else the new value on a line of its own. Memory may be written with what it held already. */
function changeRows({ what, name, old, value }: Frame["changes"][number], width: number): Row[] {
  const [style, letter] = what === "descriptor" ? ["rl-text", NOTE] : ["rl-strong", MONO]
  const valueAt = NAME_AT + Math.max(8, name.length + 0.6) * MONO
  const put = (x: number, said: string) => fitted(x, 0, said, style, width - x, letter)
  const head = text(0, 0, what, "rl-note") + text(NAME_AT, 0, clip(name, 20), "rl-mono")
  const all = old === value ? `${value} again` : `${old} → ${value}`
  if (all.length * letter > width - valueAt)
    return old === value
      ? [head + put(valueAt, value)]
      : [head + put(valueAt, old), put(NAME_AT, `→ ${value}`)]
  const wordAt = valueAt + (all.length + 2) * MONO
  const word =
    what === "flag" ? fitted(wordAt, 0, FLAG_WORDS[name] ?? "", "rl-note", width - wordAt, NOTE) : ""
  return [head + put(valueAt, all) + word]
}

/** What happened inside the step, numbered in order. */
export function drawEvents(frame: Frame, width: number): Panel {
  const lines = frame.events
    .slice(0, MOST)
    .flatMap((event, i) =>
      wrap(event, Math.floor((width - 22) / SANS)).map(
        (part, row): Row =>
          (row === 0 ? text(0, 0, `${i + 1}.`, "rl-note") : "") + text(22, 0, part, "rl-text"),
      ),
    )
  const rows = finish(
    lines,
    frame.events.length,
    frame.step === 0 ? NOT_YET : "No check, gate or stack switch to tell of.",
  )
  return panel("Inside the step", "in order", width, rows)
}
