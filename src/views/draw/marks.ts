/** The signs of happenings: a shape and a word for each kind, so that nothing is told by colour alone. */

import { MARK_KINDS, type Mark, type MarkKind } from "../view"
import { box, hex } from "./svg"

/** What a kind is called, and its shape around the origin, about 12 pixels across. */
export const SIGNS: Readonly<Record<MarkKind, { readonly word: string; readonly shape: string }>> = {
  trap: { word: "trap", shape: `<path d="M0 -6L6 5H-6Z" class="rl-glyph"/>` },
  interrupt: { word: "interrupt", shape: `<circle r="5.5" class="rl-glyph"/>` },
  fault: { word: "fault", shape: `<path d="M-5 -5L5 5M5 -5L-5 5" class="rl-fault-line"/>` },
  ring: {
    word: "ring change",
    shape: `<path d="M-3 6V-5M-6 -2L-3 -5L0 -2M3 -6V5M0 2L3 5L6 2" class="rl-glyph-line"/>`,
  },
  port: { word: "port access", shape: box(-5, -5, 10, 10, "rl-glyph") },
  cr3: { word: "CR3 write", shape: `<path d="M0 -6L6 0L0 6L-6 0Z" class="rl-glyph"/>` },
}

/** Exception names by vector, as the Intel manual abbreviates them. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  0: "#DE",
  1: "#DB",
  2: "NMI",
  3: "#BP",
  4: "#OF",
  5: "#BR",
  6: "#UD",
  7: "#NM",
  8: "#DF",
  10: "#TS",
  11: "#NP",
  12: "#SS",
  13: "#GP",
  14: "#PF",
  16: "#MF",
  17: "#AC",
  18: "#MC",
}

/** Vectors that instructions of their own trap to: INT1, INT3, INTO. INT 13 is no general protection. */
const TRAPS = [1, 3, 4]

const LABELS: Readonly<Record<MarkKind, (value: number) => string>> = {
  trap: (vector) => (TRAPS.includes(vector) ? EXCEPTIONS[vector] : `int ${hex(vector, 2)}h`),
  interrupt: (vector) => (vector === 2 ? "NMI" : `vector ${hex(vector, 2)}h`),
  fault: (vector) => EXCEPTIONS[vector] ?? `vector ${hex(vector, 2)}h`,
  ring: (ring) => `ring ${ring}`,
  port: (port) => `port ${hex(port, 2)}h`,
  cr3: (value) => `CR3 ${hex(value)}`,
}

/** The kind of a mark. */
export function kindOf(mark: Mark): MarkKind {
  return MARK_KINDS[mark[1]]
}

/** A mark in a word or two: "#GP", "int 80h", "port 20h". */
export function markLabel(mark: Mark): string {
  return LABELS[kindOf(mark)](mark[2])
}

/** Exceptions that the manual calls aborts: no program goes on behind them. */
const ABORTS = [8, 18]

/** "Fault", or "Abort" for #DF and #MC; by a name such as "#GP(0)". */
export function faultWord(name: string): "Fault" | "Abort" {
  return ABORTS.some((vector) => name.startsWith(EXCEPTIONS[vector])) ? "Abort" : "Fault"
}

/** What the marks of a kind are called: aborts stand among the faults. */
export function kindWord(kind: MarkKind, marks: readonly Mark[]): string {
  const aborts = kind === "fault" && marks.some((mark) => kindOf(mark) === kind && ABORTS.includes(mark[2]))
  return aborts ? "fault or abort" : SIGNS[kind].word
}

/** How many marks of each kind there are. */
export function countMarks(marks: readonly Mark[]): Record<MarkKind, number> {
  const counts = { trap: 0, interrupt: 0, fault: 0, ring: 0, port: 0, cr3: 0 }
  for (const mark of marks) counts[kindOf(mark)]++
  return counts
}
