import type { MimeBundle } from "../protocol"

const MAX_ROWS = 200
const MAX_COLUMNS = 30

type Row = Readonly<Record<string, unknown>>

/** An array of plain objects with plain values, as a table: aligned text, and HTML. Undefined for anything else. */
export function tableBundle(value: unknown, inspect: (value: unknown) => string): MimeBundle | undefined {
  if (!isTable(value)) return undefined
  const rows = value.slice(0, MAX_ROWS)
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (columns.length === 0 || columns.length > MAX_COLUMNS) return undefined
  const cells = rows.map((row) =>
    columns.map((column) => (column in row ? cellText(row[column], inspect) : "")),
  )
  const more = value.length > MAX_ROWS ? `… ${value.length - MAX_ROWS} more rows` : ""
  return { "text/plain": asText(columns, cells, more), "text/html": asHtml(columns, cells, rows, more) }
}

function isTable(value: unknown): value is readonly Row[] {
  return Array.isArray(value) && value.length > 0 && value.slice(0, MAX_ROWS).every(isPlainRow)
}

function isPlainRow(row: unknown): row is Row {
  if (typeof row !== "object" || row === null || Object.getPrototypeOf(row) !== Object.prototype) return false
  const fields = Object.values(Object.getOwnPropertyDescriptors(row))
  return fields.length > 0 && fields.every((field) => "value" in field && !isNested(field.value))
}

const isNested = (value: unknown): boolean =>
  (typeof value === "object" && value !== null) || typeof value === "function"

const cellText = (value: unknown, inspect: (value: unknown) => string): string =>
  typeof value === "string" ? value : inspect(value)

function asText(columns: readonly string[], cells: readonly (readonly string[])[], more: string): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index].length)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((text, index) => text.padEnd(widths[index]))
      .join("  ")
      .trimEnd()
  const rule = widths.map((width) => "-".repeat(width)).join("  ")
  return [line(columns), rule, ...cells.map(line), ...(more ? [more] : [])].join("\n")
}

function asHtml(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  rows: readonly Row[],
  more: string,
): string {
  const head = columns.map((column) => `<th${alignment(rows[0], column)}>${escapeHtml(column)}</th>`).join("")
  const body = cells.map((row, index) => htmlRow(row, columns, rows[index])).join("")
  const caption = more ? `<caption>${escapeHtml(more)}</caption>` : ""
  return `<table>${caption}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`
}

function htmlRow(texts: readonly string[], columns: readonly string[], row: Row): string {
  const cell = (text: string, index: number): string =>
    `<td${alignment(row, columns[index])}>${escapeHtml(text)}</td>`
  return `<tr>${texts.map(cell).join("")}</tr>`
}

/** JupyterLab puts numbers and all else to the right. */
const alignment = (row: Row, column: string): string =>
  typeof row[column] === "string" ? ' style="text-align:left"' : ""

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
