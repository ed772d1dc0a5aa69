/** The panel of the code around the instruction that ran. */
import type { CodeLine, Frame } from "../view"
import { type Panel, panel, ROW, type Row } from "./panel"
import { box, clip, fitted, hex, MONO, pill, text } from "./svg"

/** Room for a line. Where two listings stand side by side, each leaves room for lines that only the other one has. */
export interface CodePlace {
  readonly line: CodeLine | undefined
  /** Whether there is room for a label above it, and for a gap above that. */
  readonly hasLabel: boolean
  readonly hasGap: boolean
}

const placeOf = (line: CodeLine): CodePlace => ({
  line,
  hasLabel: line.label !== undefined,
  hasGap: line.gapBefore === true,
})

/**
 * The listing around EIP: labels on lines of their own, what ran and what is next in the margin.
 * @param places lines to leave room for; the frame's own if not said
 */
export function drawCode(
  frame: Frame,
  width: number,
  places: readonly CodePlace[] = frame.code.map(placeOf),
): Panel {
  const commented = frame.code.filter(({ comment }) => comment)
  const longest = Math.max(12, ...commented.map(({ text }) => Math.min(28, text.length)))
  const digits = frame.code.some(({ address }) => address > 0xff_ffff) ? 8 : 6
  const rows = places.flatMap(({ line: code, hasLabel, hasGap }) => {
    const gap = hasGap ? [text(60, 0, "⋮", "rl-dim")] : []
    const name = hasLabel ? [code?.label ? labelRow(code.label) : ""] : []
    const row = code ? codeRow(code, { longest, digits, width }, frame.fault ? "tried" : "ran") : ""
    return [...gap, ...name, row]
  })
  return panel("Code", codeNote(frame), width, rows, places.length + 2)
}

function codeNote({ step, code, fault }: Frame): string {
  const next = "“next” is where EIP points now"
  const ran = code.find((line) => line.ran)
  if (!ran) return step === 0 ? next : `no instruction ran, ${next}`
  if (ran.next && !fault) return "“again”: EIP still points at this step's instruction"
  return `“${fault ? "tried" : "ran"}” is this step, ${next}`
}

function labelRow(label: string): Row {
  return text(60, 0, `${clip(label, 40)}:`, "rl-strong")
}

interface Columns {
  /** Characters of the longest instruction with a comment, and of an address. */
  readonly longest: number
  readonly digits: number
  /** Of the panel, in pixels. */
  readonly width: number
}

/** Comments stand below one another; one that would not end in time begins sooner. */
function codeRow(code: CodeLine, { longest, digits, width }: Columns, deed: string): Row {
  const textAt = 60 + (digits + 2) * MONO
  const comment = code.comment ? `; ${code.comment}` : ""
  const inTime = Math.floor((width - textAt) / MONO) - comment.length
  const commentAt = textAt + Math.max(Math.min(longest + 2, inTime), code.text.length + 1) * MONO
  const drawn =
    (code.ran || code.next ? box(0, -12.5, width, ROW, "rl-row", 3) : "") +
    margin(code, deed) +
    text(60, 0, hex(code.address, digits), "rl-name") +
    fitted(textAt, 0, code.text, code.ran ? "rl-strong" : "rl-mono", width - textAt) +
    fitted(commentAt, 0, comment, "rl-dim", width - commentAt)
  const name = code.ran ? "ran" : code.next ? "next" : ""
  return `<g data-code="${code.address >>> 0}"${name ? ` data-part="${name}"` : ""}><rect y="-12.5" width="${Math.round(width)}" height="${ROW}" class="rl-hit"/>${drawn}</g>`
}

/** "ran" or, when it faulted, "tried" is filled, "next" is an outline; if EIP stays, both stand on one line. */
function margin(code: CodeLine, deed: string): string {
  if (code.ran && code.next && deed === "ran") return pill(0, 0, "again", "rl-ran")
  if (code.ran) return pill(deed.length > 3 ? 2 : 8, 0, deed, "rl-ran")
  return code.next ? pill(4, 0, "next", "rl-next") : ""
}
