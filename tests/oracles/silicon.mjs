/*
 * Make the silicon vectors: what a real processor does with single instructions.
 *
 *   node tests/oracles/silicon.mjs          writes tests/vectors/silicon/*.txt
 *   node tests/oracles/silicon.mjs --check  asks this machine's processor again and prints what differs
 *
 * Needs an x86 Linux with gcc -m32. FORMAT.md beside the vectors says what the lines mean.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { openProcessor, processorName } from "./silicon/ask.mjs"
import { casesOf } from "./silicon/forms.mjs"
import { arithmetic, bcd, exchanging } from "./silicon/groups/arithmetic.mjs"
import { bits, flagBits } from "./silicon/groups/bits.mjs"
import { code16 } from "./silicon/groups/code16.mjs"
import { conditionalMoves, data } from "./silicon/groups/data.mjs"
import { branches, farBranches, software } from "./silicon/groups/flow.mjs"
import { alignment, limits, pages, sameRegisters, stepping } from "./silicon/groups/memory.mjs"
import { multiplying } from "./silicon/groups/multiply.mjs"
import { refused } from "./silicon/groups/refused.mjs"
import { segmentChecks, segmentLoads } from "./silicon/groups/segments.mjs"
import { doubleShifting, shifting } from "./silicon/groups/shifts.mjs"
import { smallStacks, stack } from "./silicon/groups/stack.mjs"
import { stringOperations } from "./silicon/groups/strings.mjs"
import { undocumented } from "./silicon/groups/undocumented.mjs"

// biome-ignore format: a list is read in lines
const GROUPS = [
  arithmetic, exchanging, bcd, multiplying, shifting, doubleShifting, bits, flagBits, data, conditionalMoves, stack, smallStacks,
  stringOperations, branches, farBranches, software, segmentLoads, segmentChecks, refused, undocumented, sameRegisters, pages, limits, alignment, stepping, code16,
]

const vectors = fileURLToPath(new URL("../vectors/silicon", import.meta.url))

/** The group's lines without answers, each once. */
function linesOf(group) {
  const lines = group.lines ?? group.rows.flatMap((row) => casesOf(row, group.codeSize, group.count))
  return [...new Set(lines.map((line) => line.trimEnd()))]
}

function write(ask) {
  let total = 0
  for (const group of GROUPS) {
    const answers = ask(linesOf(group))
    const header = [
      `# ${group.says}`,
      `# answered by: ${processorName()}`,
      `# ${answers.length} vectors; FORMAT.md says how to read them`,
    ]
    writeFileSync(join(vectors, `${group.name}.txt`), `${[...header, ...answers].join("\n")}\n`)
    console.log(`${group.name}: ${answers.length}`)
    total += answers.length
  }
  console.log(`total: ${total}`)
}

function check(ask) {
  let differing = 0
  for (const name of readdirSync(vectors).filter((name) => name.endsWith(".txt"))) {
    const kept = readFileSync(join(vectors, name), "utf8")
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("#"))
    const now = ask(kept.map((line) => line.split(" |").slice(0, 2).join(" |")))
    for (const [index, line] of kept.entries()) {
      if (line === now[index]) continue
      differing++
      console.log(`${name}: kept ${line}\n${name}: now  ${now[index]}`)
    }
  }
  console.log(`${differing} answers differ on ${processorName()}`)
  process.exitCode = differing ? 1 : 0
}

const folder = mkdtempSync(join(tmpdir(), "silicon-"))
try {
  const ask = openProcessor(folder)
  process.argv.includes("--check") ? check(ask) : write(ask)
} finally {
  rmSync(folder, { recursive: true })
}
