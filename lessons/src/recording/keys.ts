/** What the keyboard does in a recording: one table for the keys and for the help that lists them. */
import type { Target } from "./jump"
import type { RecordingModel } from "./model"

/** A key, by `KeyboardEvent.key`, and what it does. */
interface KeyHelp {
  readonly keys: readonly string[]
  readonly does: string
}

interface KeyRow extends KeyHelp {
  readonly run: (model: RecordingModel, run: () => void) => void
}

function jumpRows(key: string, target: Target, what: string): KeyRow[] {
  return [
    { keys: [key], does: `next ${what}`, run: (model) => model.jump(target, 1) },
    { keys: [key.toUpperCase()], does: `previous ${what}`, run: (model) => model.jump(target, -1) },
  ]
}

export const KEYS: readonly KeyRow[] = [
  { keys: ["ArrowRight", "ArrowDown"], does: "step", run: (model) => model.goTo(model.step + 1) },
  { keys: ["ArrowLeft", "ArrowUp"], does: "step back", run: (model) => model.goTo(model.step - 1) },
  { keys: ["PageDown"], does: "ten steps on", run: (model) => model.goTo(model.step + 10) },
  { keys: ["PageUp"], does: "ten steps back", run: (model) => model.goTo(model.step - 10) },
  { keys: [" "], does: "run, or pause", run: (_, run) => run() },
  { keys: ["Home"], does: "before the first step", run: (model) => model.goTo(0) },
  { keys: ["End"], does: "the last step", run: (model) => model.goTo(model.timeline.steps) },
  { keys: ["n"], does: "next event of any kind", run: (model) => model.jump("any", 1) },
  { keys: ["p"], does: "previous event of any kind", run: (model) => model.jump("any", -1) },
  { keys: ["l"], does: "next step that runs this line", run: (model) => model.runAgain(1) },
  { keys: ["L"], does: "last step that ran this line", run: (model) => model.runAgain(-1) },
  ...jumpRows("t", "trap", "trap"),
  ...jumpRows("i", "interrupt", "interrupt"),
  ...jumpRows("f", "fault", "fault"),
  ...jumpRows("r", "ring", "change of ring"),
  ...jumpRows("o", "port", "port access"),
  ...jumpRows("c", "cr3", "CR3 write"),
]

/** What every output of ours does at Escape: see `keepKeys`. */
export const ESCAPE: KeyHelp = { keys: ["Escape"], does: "close this help, then back to the cell" }

/** The row for a key press, unless it is meant for a field, a list or another program. */
export function keyRow(event: KeyboardEvent): KeyRow | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined
  const target = event.target as HTMLElement
  // Space and Enter press what they are on.
  if (event.key === " " && target.closest("button, [role=button]")) return undefined
  if (target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== "range"))
    return undefined
  return KEYS.find(({ keys }) => keys.includes(event.key))
}
