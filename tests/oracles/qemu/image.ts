/** Boot images of the QEMU comparison: a multiboot kernel each, made from one source by whichever assembler. */
import { readFileSync } from "node:fs"
import { type Case, caseText } from "./case"
import { names, world } from "./world"

const MONITOR = readFileSync(new URL("monitor.asm", import.meta.url), "utf8")

/** The source of an image that runs these cases. @throws RangeError if two have the same name */
export function imageSource(cases: readonly Case[]): string {
  const seen = new Set<string>()
  for (const { name } of cases) {
    if (seen.has(name) || /[^ -&(-{}-~]/.test(name)) throw new RangeError(`cannot name a case "${name}"`)
    seen.add(name)
  }
  return [
    "bits 32",
    names(),
    MONITOR,
    world(),
    "cases:",
    ...cases.map(caseText),
    "  db 0",
    "image_end:\n",
  ].join("\n")
}
