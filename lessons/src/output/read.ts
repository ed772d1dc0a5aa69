/** Reads what a cell's output carries. Notebooks come from anywhere, so every part that is used is looked at first. */
import {
  type Check,
  check,
  checkScene,
  checkSize,
  checkWatch,
  type Frame,
  LIMITS,
  MARK_KINDS,
  Malformed,
  type Output,
  type PairOutput,
  type RecordingOutput,
  type Timeline,
  unpackedTimeline,
} from "ringlab"

const { dictionary, either, list, number, object, oneOf, orNothing, text, truth, tuple, whole } = check
const MOST_STEPS = 1e9
const step = whole(0, MOST_STEPS)
const word = text(200)
const value = number(-(2 ** 32), 2 ** 32)
const cell = object({ name: word, value, "old?": value, "note?": word })
const most = LIMITS.frame
const cells = list(cell, most.registers)
const ring = whole(0, 3)

/** What can be chosen: numbers, texts, on or off. */
export const parameterValues = dictionary(
  either(number(-Number.MAX_VALUE, Number.MAX_VALUE), either(word, truth)),
  100,
)

const timeline = object({
  steps: step,
  rings: list(tuple(step, ring), LIMITS.marks + 1),
  "lanes?": list(object({ ring, name: word, note: word }), 4),
  marks: list(tuple(step, whole(0, MARK_KINDS.length - 1), value), LIMITS.marks),
  end: text(),
})

const code = object({
  address: value,
  "label?": word,
  text: word,
  "line?": value,
  "comment?": text(),
  "ran?": truth,
  "next?": truth,
})
const slot = object({ address: value, value, "old?": value, "note?": word, "top?": truth })
const tableRow = object({ index: value, name: word, detail: word, dpl: value, "used?": truth })
const change = object({ what: word, name: word, old: text(), value: text() })
const memoryRow = object({
  address: value,
  bytes: list(orNothing(whole(0, 255)), most.bytes),
  changed: list(whole(0, most.bytes - 1), most.bytes),
})

const frame = object({
  step,
  ring,
  sentence: text(),
  "fault?": object({ name: word, says: text(), see: text() }),
  events: list(text(), most.events),
  changes: list(change, most.changes),
  cycles: object({ step: list(tuple(word, number(0)), most.causes), total: number(0) }),
  code: list(code, most.code),
  registers: cells,
  flags: cells,
  segments: cells,
  control: cells,
  stack: list(slot, most.stack),
  idt: list(tableRow, most.table),
  gdt: list(tableRow, most.table),
  memory: list(object({ title: word, rows: list(memoryRow, most.rows) }), most.pins),
  "watches?": list(checkWatch, most.pins),
  devices: list(cell, most.devices),
})

const mnemonics = list(word, 1000)
const conditions = object({
  ring: whole(1, 3),
  iopl: whole(0, 3),
  umip: truth,
  repaired: mnemonics,
  seed: whole(0, 2 ** 32 - 1),
})
const copy = whole(0, 1)
const situation = object({
  ring: whole(0, 3),
  virtual: truth,
  bytes: list(whole(0, 255), 15),
  registers: list(value, 8),
  flags: value,
  cr0: value,
  cr4: value,
  places: object({ gdt: copy, idt: copy, ldt: copy, task: copy, pages: copy }),
  stack: list(value, 100),
  data: list(value, 100),
  repaired: mnemonics,
})
const states = whole(0, 1e9)
const witness = object({
  form: word,
  shows: oneOf("privileged", "control", "behaviour", "reversed"),
  bytes: list(whole(0, 255), 15),
  differs: word,
  left: situation,
  right: situation,
  sentence: text(),
  "bits?": object({ before: states, after: states }),
})
const form = object({
  form: word,
  mnemonic: word,
  group: word,
  privileged: truth,
  control: truth,
  behaviour: truth,
  userSensitive: truth,
  offender: truth,
  tried: whole(0, 1e9),
  setAside: whole(0, 1e9),
  "pairs?": object({ completed: states, trapped: states, reversed: states }),
  witnesses: object({
    "privileged?": witness,
    "control?": witness,
    "behaviour?": witness,
    "reversed?": witness,
  }),
})

/** The player looks at the rest. */
const small: Check = (part) => {
  checkSize(part, "recording")
}

const recording = object({
  core: word,
  title: word,
  recording: small,
  timeline,
  view: frame,
  pins: list(word, most.pins),
  "watches?": list(word, most.pins),
})

const KINDS: Readonly<Record<string, Check>> = {
  recording,
  pair: object({
    core: word,
    title: word,
    left: recording,
    right: recording,
    names: tuple(word, word),
    together: list(tuple(step, step, step), LIMITS.marks),
    "guest?": truth,
    "first?": step,
  }),
  experiment: object({
    core: word,
    experiment: word,
    values: parameterValues,
  }),
  exercise: object({ core: word, exercise: word, seed: whole(0, 2 ** 31 - 1) }),
  classification: object({
    core: word,
    classification: object({ conditions, forms: list(form, LIMITS.forms), tried: whole(0, 1e9) }),
  }),
  witness: object({ core: word, witness }),
  diagram: object({ core: word, scene: checkScene }),
}

/** An output that can be shown, or the sentence that says why it cannot. */
type Reading = { readonly output: Output } | { readonly sentence: string }

/** Look at what an output carries. Never throws. */
export function readOutput(data: unknown): Reading {
  try {
    const output = withTimelines(data)
    checkOutput(output)
    return { output: output as Output }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { sentence: `This output cannot be shown: ${why}. Run the cell again to make it anew.` }
  }
}

/** A pair's recordings are outputs of their own. */
function withTimelines(data: unknown): unknown {
  if (typeof data !== "object" || data === null || !("left" in data && "right" in data))
    return withTimeline(data)
  return { ...data, left: withTimeline(data.left), right: withTimeline(data.right) }
}

/** A recording's timeline is a packed text in a notebook; what is no such output stays as it is. */
function withTimeline(data: unknown): unknown {
  if (typeof data !== "object" || data === null || !("timeline" in data)) return data
  return typeof data.timeline === "string" ? { ...data, timeline: unpackedTimeline(data.timeline) } : data
}

function checkOutput(data: unknown): void {
  object({ kind: oneOf(...Object.keys(KINDS)) })(data, "the output")
  const { kind } = data as Output
  KINDS[kind](data, kind)
  if (kind === "recording") checkOrder(data as RecordingOutput)
  if (kind === "pair") checkPair(data as PairOutput)
}

function checkPair({ left, right, together }: PairOutput): void {
  checkOrder(left)
  checkOrder(right)
  ascending(together, MOST_STEPS, "pair.together")
}

/** Steps must lie in the run and come in order: drawing and jumping rely on it. */
function checkOrder({ timeline, view }: { timeline: Timeline; view: Frame }): void {
  const { steps, rings, marks } = timeline
  if (rings.length === 0 || rings[0][0] !== 0)
    throw new Malformed("recording.timeline.rings", "a list that begins at step 0")
  ascending(rings, steps, "recording.timeline.rings")
  ascending(marks, steps, "recording.timeline.marks")
  whole(0, steps)(view.step, "recording.view.step")
}

function ascending(items: readonly (readonly number[])[], steps: number, where: string): void {
  let last = 0
  for (const [at] of items) {
    if (at < last || at > steps) throw new Malformed(where, "in the order of the steps, and within the run")
    last = at
  }
}
