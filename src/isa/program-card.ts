/** A program as a cell shows it: how large it is, where its labels are, and its first instructions. */
import type { Card } from "../numbers/card"
import { hex } from "../numbers/int"
import type { Program, SourceLine } from "./program"

const LINES = 12
const LABELS = 8
/** Bytes of a line that are shown. */
const BYTES = 8

/** The card of a program. */
export function programCard(program: Program): Card {
  const { bytes, origin, entry, lines } = program
  const listed = lines.filter(({ length }) => length > 0)
  const rest = listed.length - LINES
  return {
    title: `Program of ${count(bytes.length, "byte")} at ${hex(origin)}, starts at ${hex(entry)}`,
    says: labelsOf(program),
    rows: listed
      .slice(0, LINES)
      .map((line) => [hex(line.address), bytesOf(program, line), statement(line.text)]),
    more: rest > 0 ? `… ${count(rest, "more line")}` : undefined,
  }
}

const count = (many: number, what: string) => `${many.toLocaleString("en")} ${what}${many === 1 ? "" : "s"}`

function labelsOf({ labels }: Program): string[] {
  const all = Object.entries(labels)
  if (all.length === 0) return []
  const shown = all.slice(0, LABELS).map(([name, address]) => `${name} ${hex(address)}`)
  return [`Labels: ${shown.join(", ")}${all.length > LABELS ? `, and ${all.length - LABELS} more` : ""}`]
}

function bytesOf({ bytes, origin }: Program, { address, length }: SourceLine): string {
  const shown = bytes.subarray(address - origin, address - origin + Math.min(length, BYTES))
  const text = Array.from(shown, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ")
  return length > BYTES ? `${text} …` : text
}

/** A line without its comment, spaces as one; long ones are cut. */
function statement(text: string): string {
  const MOST = 60
  const plain = text
    .replace(/\s*;.*$/, "")
    .trim()
    .replace(/\s+/g, " ")
  return plain.length > MOST ? `${plain.slice(0, MOST - 1)}…` : plain
}
