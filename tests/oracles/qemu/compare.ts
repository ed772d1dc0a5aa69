/** Compares two reports of the same image, line by line. */
import { type Difference, RULES } from "./known"

/** A line of a report: the case, and what became of it, item by item. */
interface Report {
  readonly name: string
  readonly text: string
  readonly vector: number
  readonly items: ReadonlyMap<string, number>
}

/** Reports by the name of the case. Comments and the "end" line are left out. */
export function readReports(text: string): ReadonlyMap<string, Report> {
  const lines = text.split("\n").filter((line) => line.includes(" |") && !line.startsWith("#"))
  return new Map(lines.map(readReport).map((report) => [report.name, report]))
}

function readReport(line: string): Report {
  const at = line.indexOf(" |")
  const words = line
    .slice(at + 2)
    .trim()
    .split(" ")
  const items = words.filter((word) => word.includes("=")).map((word) => word.split("="))
  const vector = words.find((word) => /^v[0-9a-f]{2}$/.test(word))
  return {
    name: line.slice(0, at),
    text: words.join(" "),
    vector: vector === undefined ? -1 : Number.parseInt(vector.slice(1), 16),
    items: new Map(items.map(([name, value]) => [name, Number.parseInt(value, 16)])),
  }
}

/** Whether two reports say the same, but for what QEMU is known to do otherwise. */
export function agree(ours: Report, qemu: Report): boolean {
  if (ours.vector !== qemu.vector) return false
  const items = new Set([...ours.items.keys(), ...qemu.items.keys()])
  return [...items].every((item) => {
    const [a, b] = [ours.items.get(item), qemu.items.get(item)]
    if (a === b) return true
    const esp = ours.items.get("esp") ?? -1
    const difference: Difference = { item, ours: a, qemu: b, name: ours.name, vector: ours.vector, esp }
    return RULES.some((rule) => rule.allows(difference))
  })
}
