/** The few SVG shapes that all pictures are made of, and how numbers look in them. Strings in, strings out. */

/** Width in pixels of a character of the code font at its size in `draw-style.ts`. */
export const MONO = 7.55
/** Average width in pixels of a character of the text font. */
export const SANS = 7.1

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Make text safe inside SVG, as content or as an attribute; characters that XML forbids become U+FFFD. */
export function escapeText(text: string): string {
  const legal = text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
  return legal.replace(/[&<>"']/g, (character) => ESCAPES[character])
}

/** An unsigned number in upper-case hexadecimal with leading zeros, without prefix. */
export function hex(value: number, digits = 8): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(digits, "0")
}

/** A whole number as sentences have it: 10,000. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en")
}

/** Cut a text to so many characters, the last one an ellipsis; to nothing where there is no room at all. */
export function clip(text: string, characters: number): string {
  if (characters < 1) return ""
  return text.length <= characters ? text : `${text.slice(0, characters - 1)}…`
}

/** Break a text into lines of at most so many characters, at spaces where there are any. */
export function wrap(text: string, characters: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/).flatMap((long) => pieces(long, Math.max(1, characters)))) {
    const last = lines.length - 1
    if (last >= 0 && lines[last].length + 1 + word.length <= characters) lines[last] += ` ${word}`
    else lines.push(word)
  }
  return lines
}

function pieces(word: string, characters: number): string[] {
  if (word.length <= characters) return word === "" ? [] : [word]
  return [word.slice(0, characters), ...pieces(word.slice(characters), characters)]
}

/** Text with its baseline at `y`. `anchor` says which end stands at `x`. */
export function text(
  x: number,
  y: number,
  content: string,
  className: string,
  anchor?: "middle" | "end",
): string {
  const where = anchor ? ` text-anchor="${anchor}"` : ""
  return `<text x="${round(x)}" y="${round(y)}" class="${className}"${where}>${escapeText(content)}</text>`
}

/** Texts one after the other on a line, each in its style, with a little space between. Empty ones are left out. */
export function texts(
  x: number,
  y: number,
  runs: readonly (readonly [content: string, className: string])[],
): string {
  const full = runs.filter(([content]) => content !== "")
  const spans = full.map(([content, className], i) => {
    const space = i > 0 ? ` dx="8"` : ""
    return `<tspan class="${className}"${space}>${escapeText(content)}</tspan>`
  })
  return `<text x="${round(x)}" y="${round(y)}">${spans.join("")}</text>`
}

/** Text cut to a width in pixels; the whole of it is its tooltip. */
export function fitted(
  x: number,
  y: number,
  content: string,
  className: string,
  width: number,
  character = MONO,
): string {
  const short = clip(content, Math.floor(width / character))
  if (short === content) return text(x, y, content, className)
  return `<g><title>${escapeText(content)}</title>${text(x, y, short, className)}</g>`
}

/** A rectangle; `radius` rounds its corners. */
export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  className: string,
  radius = 0,
): string {
  const corner = radius ? ` rx="${radius}"` : ""
  const size = `width="${round(Math.max(0, width))}" height="${round(height)}"`
  return `<rect x="${round(x)}" y="${round(y)}" ${size}${corner} class="${className}"/>`
}

/** A straight line. */
export function line(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${className}"/>`
}

/** Move a drawing. */
export function at(x: number, y: number, drawing: string): string {
  return `<g transform="translate(${round(x)} ${round(y)})">${drawing}</g>`
}

/** A drawing that texts refer to, by a name such as "stack CS" or "gate". */
export function part(name: string, drawing: string): string {
  return `<g data-part="${escapeText(name)}">${drawing}</g>`
}

/** A label in a filled, rounded box, as wide as its text; its baseline is at `y`. */
export function pill(x: number, y: number, content: string, className: string): string {
  const width = pillWidth(content)
  return `<g class="${className}">${box(x, y - 12, width, 17, "rl-pill", 8)}${text(x + width / 2, y, content, "rl-pill-text", "middle")}</g>`
}

/** Width in pixels of `pill` with this content. */
export function pillWidth(content: string): number {
  return content.length * SANS + 14
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
