/**
 * How diagrams look. Each colour is a variable of ours or of JupyterLab, with a value behind it for pages that have neither; ours come
 * first, for they are right in both themes. Where ours are missing, words take JupyterLab's own colour for words, and lines one that can
 * be seen on white and on black.
 */
import type { BoxLook, LineLook, TextLook } from "./scene"

const PAPER = "var(--jp-layout-color0,#fff)"
const TINT = "var(--jp-layout-color2,#eef1f5)"
const INK = "var(--jp-ui-font-color0,#111827)"
const QUIET = "var(--ringlab-quiet,var(--jp-ui-font-color0,#566070))"
const HOT = "var(--ringlab-change,var(--jp-layout-color2,#fff0bf))"
const HOT_EDGE = "var(--ringlab-change-edge,#b7791f)"
const WRONG = "var(--ringlab-fault,#d9453a)"
const RINGS = ["#d9453a", "#b7791f", "#8b6ce0", "#3b82f6"].map(
  (value, n) => `var(--ringlab-ring${n},${value})`,
)

const SANS = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
const MONO = "ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace"

/** A font, and how wide its letters are beside their height. */
interface TextStyle {
  readonly size: number
  readonly mono: boolean
  readonly bold: boolean
  readonly colour: string
}

const sans = (size: number, bold: boolean, colour = INK): TextStyle => ({ size, mono: false, bold, colour })
const mono = (size: number, bold: boolean, colour = INK): TextStyle => ({ size, mono: true, bold, colour })

const TEXTS: Readonly<Record<TextLook, TextStyle>> = {
  title: sans(17, true),
  head: sans(14, true),
  text: sans(13.5, false),
  note: sans(12.5, false, QUIET),
  mono: mono(13.5, false),
  strong: mono(13.5, true),
  bits: mono(12, false, QUIET),
}

const edge = (fill: string, stroke: string, width: number, more = "") =>
  `fill:${fill};stroke:${stroke};stroke-width:${width}${more}`

const BOXES: Readonly<Record<BoxLook, string>> = {
  plain: edge(PAPER, QUIET, 1.2),
  tint: edge(TINT, QUIET, 1.2),
  hot: edge(HOT, HOT_EDGE, 2.6),
  wrong: edge(PAPER, WRONG, 2.6, ";stroke-dasharray:7 4"),
  ring0: edge(PAPER, RINGS[0], 2.6),
  ring1: edge(PAPER, RINGS[1], 2.6),
  ring2: edge(PAPER, RINGS[2], 2.6),
  ring3: edge(PAPER, RINGS[3], 2.6),
}

const line = (colour: string, width: number, more = "") =>
  `fill:none;stroke:${colour};stroke-width:${width}${more}`
const LINES: Readonly<Record<LineLook, string>> = {
  plain: line(QUIET, 1.5),
  hot: line(HOT_EDGE, 2.4),
  wrong: line(WRONG, 2.4, ";stroke-dasharray:7 4"),
}
const HEADS: Readonly<Record<LineLook, string>> = { plain: QUIET, hot: HOT_EDGE, wrong: WRONG }

const font = ({ size, mono, bold, colour }: TextStyle) =>
  `font:${bold ? 600 : 400} ${size}px ${mono ? MONO : SANS};fill:${colour}${mono ? ";white-space:pre" : ""}`

const rules = <Name extends string>(prefix: string, looks: Readonly<Record<Name, string>>) =>
  Object.entries<string>(looks).map(([name, look]) => `.rl-diagram .${prefix}-${name}{${look}}`)

/** The style sheet of a diagram. */
export const DIAGRAM_STYLE: string = [
  `.rl-diagram .d-paper{fill:${PAPER}}`,
  ...rules("d-box", BOXES),
  ...rules("d-text", Object.fromEntries(Object.entries(TEXTS).map(([name, style]) => [name, font(style)]))),
  ...rules("d-line", LINES),
  ...rules("d-head", Object.fromEntries(Object.entries(HEADS).map(([name, fill]) => [name, `fill:${fill}`]))),
].join("\n")

/** How high letters of a look are, in units of the diagram. */
export const sizeOf = (look: TextLook): number => TEXTS[look].size

/** Widths of letters beside their height, for fonts that are rather wide. */
const NARROW = /[iljtfrI.,:;'’|()[\] !-]/
const WIDE = /[mwMW@%→≤≥–…]/
const CAPITAL = /[A-Z0-9=+<>]/
const letter = (character: string): number =>
  NARROW.test(character) ? 0.37 : WIDE.test(character) ? 0.95 : CAPITAL.test(character) ? 0.68 : 0.58

/** How wide a text is at most: an estimate, since nothing here has fonts to measure. */
export function widthOf(text: string, look: TextLook): number {
  const { size, mono, bold } = TEXTS[look]
  if (mono) return text.length * size * 0.605
  const sum = [...text].reduce((all, character) => all + letter(character), 0)
  return sum * size * (bold ? 1.19 : 1.06)
}
