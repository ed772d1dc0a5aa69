/** What a reader watches, above the panels: single values side by side, several on lines of their own. */
import { check } from "../check"
import type { Watch } from "../view"
import type { Panel } from "./panel"
import { at, box, clip, hex, MONO, part, text } from "./svg"

const { list, number, object, oneOf, orNothing, text: texts, whole } = check
const value = number(0, 2 ** 32)
const MOST_VALUES = 64

/** What a watch looks like as data. */
export const checkWatch = object({
  title: texts(200),
  "wrong?": texts(),
  bits: (bits, where) => oneOf("8", "16", "32")(String(bits), where),
  "address?": value,
  values: list(orNothing(value), MOST_VALUES),
  changed: list(whole(0, MOST_VALUES - 1), MOST_VALUES),
  "old?": value,
})

const HEIGHT = 24
const GAP = 10

/** Draw what is watched. `width` in pixels. */
export function drawWatches(watches: readonly Watch[], width: number): Panel {
  let [x, y] = [0, 0]
  const parts: string[] = []
  const put = (drawn: string, wide: number) => {
    if (x > 0 && x + wide > width) [x, y] = [0, y + HEIGHT]
    parts.push(at(x, y, drawn))
    x += wide + GAP
  }
  for (const watch of watches) {
    if (watch.wrong !== undefined) put(text(8, 14.5, watch.wrong, "rl-note"), width)
    else if (watch.values.length === 1) put(...single(watch))
    else for (const line of several(watch, width)) put(line, width)
  }
  return { svg: parts.join(""), height: parts.length === 0 ? 0 : y + HEIGHT + 6 }
}

const show = (value: number | null, bits: number) =>
  value === null ? "·".repeat(bits / 4) : hex(value, bits / 4)

function single({ title, bits, values: [value], changed, old }: Watch): [drawn: string, width: number] {
  const name = clip(title, 30)
  const shown = show(value, bits)
  const small = value !== null && value > 9 && value < 1e6 ? `= ${value}` : ""
  const was = old === undefined ? "" : `was ${hex(old, bits / 4)}`
  const after = [small, was].filter((part) => part !== "").join(", ")
  const valueAt = 8 + (name.length + 1) * MONO
  const afterAt = valueAt + (shown.length + 1) * MONO
  const width = afterAt + (after === "" ? 0 : after.length * MONO)
  const drawn =
    box(0, 0, width, 20, changed.length > 0 ? "rl-changed" : "rl-lane", 3) +
    (changed.length > 0 ? box(0, 0, 3, 20, "rl-edge") : "") +
    text(8, 14.5, name, "rl-name") +
    text(valueAt, 14.5, shown, "rl-strong") +
    text(afterAt, 14.5, after, "rl-dim")
  return [part(`watch ${title}`, drawn), width]
}

/** Lines of as many values as fit, each with its address. */
function several({ title, bits, address = 0, values, changed }: Watch, width: number): string[] {
  const digits = bits / 4
  const name = clip(title, 24)
  const addressAt = 8 + (name.length + 1) * MONO
  const valuesAt = addressAt + 9.5 * MONO
  const fits = Math.max(1, Math.floor((width - valuesAt) / ((digits + 1) * MONO)))
  const perLine = 2 ** Math.min(4, Math.floor(Math.log2(fits)))
  return Array.from({ length: Math.ceil(values.length / perLine) }, (_, line) => {
    const first = line * perLine
    const each = values.slice(first, first + perLine).map((value, n) => {
      const x = valuesAt + n * (digits + 1) * MONO
      const isChanged = changed.includes(first + n)
      const back = isChanged ? box(x - 2, 2, digits * MONO + 4, 17, "rl-changed", 2) : ""
      return back + text(x, 14.5, show(value, bits), isChanged ? "rl-strong" : value ? "rl-mono" : "rl-dim")
    })
    const head = line === 0 ? text(8, 14.5, name, "rl-name") : ""
    return head + text(addressAt, 14.5, hex(address + (first * bits) / 8), "rl-name") + each.join("")
  })
}
