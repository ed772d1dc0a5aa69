/**
 * What a cell shows of a value that is no picture: a title, some lines and a table, as plain text and as HTML in the colours of
 * JupyterLab's theme. Short, since nobody reads a dump.
 */
import { DISPLAY, INSPECT } from "./host"

/** A card's content, as text. */
export interface Card {
  /** What it is, in a line. */
  readonly title: string
  /** Sentences below the title. */
  readonly says?: readonly string[]
  /** Rows of cells; each column is as wide as it must be. */
  readonly rows?: readonly (readonly string[])[]
  /** A line at the end: what was left out. */
  readonly more?: string | undefined
}

/** A card as text, columns aligned. */
export function cardText({ title, says = [], rows = [], more }: Card): string {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, n) => Math.max(known[n] ?? 0, cell.length)),
    [],
  )
  const lines = rows.map((row) => `  ${row.map((cell, n) => cell.padEnd(widths[n])).join("  ")}`.trimEnd())
  return [title, ...says, ...lines, ...(more ? [`  ${more}`] : [])].join("\n")
}

const BLOCK = "font-size:var(--jp-code-font-size,13px);color:var(--jp-content-font-color1,inherit)"
const QUIET = "color:var(--jp-content-font-color2,inherit)"
const CELL =
  "text-align:left;white-space:pre;border:none;background:none;padding:1px 16px 1px 0;font-family:var(--jp-code-font-family,monospace)"

/** A card as HTML: no scripts, and no colours but the theme's. */
export function cardHtml({ title, says = [], rows = [], more }: Card): string {
  const cell = (text: string) => `<td style="${CELL}">${escaped(text)}</td>`
  const row = (cells: readonly string[]) => `<tr style="background:none">${cells.map(cell).join("")}</tr>`
  const table =
    rows.length > 0
      ? [`<table style="margin:4px 0;border:none"><tbody>${rows.map(row).join("")}</tbody></table>`]
      : []
  const quiet = (text: string) => `<div style="${QUIET}">${escaped(text)}</div>`
  return [
    `<div style="${BLOCK}"><div><b>${escaped(title)}</b></div>`,
    ...says.map(quiet),
    ...table,
    ...(more ? [quiet(more)] : []),
    "</div>",
  ].join("")
}

/** Node tells how deep inside another value it is: there, the title is enough. */
export const inspected = (card: Card, ...[depth, options]: At): string =>
  depth !== undefined && depth < (options?.depth ?? depth) ? card.title : cardText(card)

/** What a cell shows for a card, by MIME type. */
export const cardBundle = (card: Card) => ({ "text/html": cardHtml(card), "text/plain": cardText(card) })

/** How deep inside another value Node looks at this one, and how deep it looks at all. */
export type At = [depth?: number, options?: { readonly depth?: number | null }]

/**
 * Give an object of plain data a card. It stays plain data: the card is in no copy, no comparison and no JSON.
 * @param cardOf makes the card when a cell shows the object
 */
export function withCard<T extends object>(subject: T, cardOf: (subject: T) => Card): T {
  return Object.defineProperties(subject, {
    [DISPLAY]: { value: () => cardBundle(cardOf(subject)), configurable: true },
    [INSPECT]: { value: (...at: At) => inspected(cardOf(subject), ...at), configurable: true },
  })
}

/** A table's columns filled from the top: `count` of them. */
export function inColumns(cells: readonly string[], count: number): string[][] {
  const height = Math.ceil(cells.length / count)
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: count }, (_, column) => cells[row + column * height] ?? ""),
  )
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
