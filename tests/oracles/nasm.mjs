/*
 * Make the NASM corpus: what NASM assembles, line by line and program by program.
 *
 *   node tests/oracles/nasm.mjs          writes tests/vectors/nasm/*.txt
 *   node tests/oracles/nasm.mjs --check  asks the NASM at hand again and prints what differs
 *
 * A line of a file is `source | bytes`; in a source, ⏎ stands for a line's end. Sources are 32-bit code unless the
 * file's header says `bits 16`. errors.txt holds `source | what is wrong`, and NASM refuses or warns about each;
 * unnoticed.txt likewise, though NASM says nothing there. "90x126" stands for 126 bytes 90.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { DIRECTIVES, ERRORS, EXPRESSIONS, PROGRAMS, UNNOTICED } from "./nasm/programs.mjs"
import { expand, TEMPLATES, TEMPLATES16 } from "./nasm/templates.mjs"

const vectors = fileURLToPath(new URL("../vectors/nasm", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "nasm-corpus-"))
const version = spawnSync("nasm", ["-v"]).stdout?.toString().trim() ?? ""
const MOST_LINES = { 32: 12, 16: 4 }

/** Assembles a text; gives its bytes, or NASM's complaints (warnings count as complaints). */
function nasm(text) {
  const source = join(folder, "source.asm")
  const output = join(folder, "output.bin")
  writeFileSync(source, `${text.replaceAll(" ⏎ ", "\n").replaceAll("⏎", "\n")}\n`)
  const { status, stderr } = spawnSync("nasm", ["-f", "bin", "-w+all", "-w-unknown-warning", "-w-reloc", "-o", output, source])
  const complaints = stderr.toString().trim()
  return status === 0 && !complaints ? { bytes: readFileSync(output) } : { complaints: complaints.replaceAll(source, "line") || `exit ${status}` }
}

/** Assembles lines that do not depend on where they stand, all at once: a table of their lengths ends the output. */
function assembleLines(lines, bits) {
  const labelled = lines.map((line, index) => `line_${index}: ${line.trim()}`).join("\n")
  const lengths = lines.map((_, index) => `dw line_${index + 1}-line_${index}`).join("\n")
  const { bytes, complaints } = nasm(`bits ${bits}\n${labelled}\nline_${lines.length}:\n${lengths}`)
  if (complaints) throw new Error(explain(complaints, lines))
  let at = 0
  const table = bytes.length - 2 * lines.length
  return lines.map((line, index) => {
    const length = bytes.readUInt16LE(table + 2 * index)
    at += length
    return `${line} | ${hex(bytes.subarray(at - length, at))}`
  })
}

function explain(complaints, lines) {
  return complaints.split("\n").map((complaint) => `${lines[complaint.match(/^line:(\d+)/)?.[1] - 2]}: ${complaint}`).join("\n")
}

function assembleSource(source, bits) {
  const { bytes, complaints } = nasm(`bits ${bits}\n${source}`)
  if (complaints) throw new Error(`${source}: ${complaints}`)
  return `${source} | ${hex(bytes)}`
}

/** Bytes; a run of 16 or more equal ones is written once, with its length: 90x126. */
function hex(bytes) {
  const words = bytes.toString("hex").toUpperCase().match(/../g) ?? []
  return words.join(" ").replace(/\b(..)(?: \1){15,}\b/g, (run, byte) => `${byte}x${(run.length + 1) / 3}`)
}

function refusal([source, wrong]) {
  const { bytes } = nasm(`bits 32\n${source}`)
  if (bytes) throw new Error(`NASM accepts ${source} (${wrong}): ${hex(bytes)}`)
  return `${source} | ${wrong}`
}

const unique = (lines) => [...new Set(lines)]

/** Every file of the corpus: its lines, and the size of its code. */
function* files() {
  for (const [name, templates] of Object.entries(TEMPLATES)) {
    const lines = unique(templates.flatMap((template) => expand(template, MOST_LINES[32])))
    yield { name, says: "single instructions", bits: 32, lines: assembleLines(lines, 32) }
  }
  const lines16 = unique(TEMPLATES16.flatMap((template) => expand(template, MOST_LINES[16])))
  yield { name: "code16", says: "single instructions in 16-bit code", bits: 16, lines: assembleLines(lines16, 16) }
  const whole = { expressions: EXPRESSIONS, directives: DIRECTIVES, programs: PROGRAMS }
  for (const [name, sources] of Object.entries(whole)) yield { name, says: "whole sources", bits: 32, lines: sources.map((source) => assembleSource(source, 32)) }
  yield { name: "errors", says: "wrong sources | what is wrong; NASM refuses or warns about each", bits: 32, lines: ERRORS.map(refusal) }
  const unnoticed = UNNOTICED.map(([source, wrong]) => `${source} | ${wrong}`)
  yield { name: "unnoticed", says: "wrong sources | what is wrong; NASM says nothing and stores another value", bits: 32, lines: unnoticed }
}

function write() {
  let total = 0
  for (const { name, says, bits, lines } of files()) {
    writeFileSync(join(vectors, `${name}.txt`), `# ${says}, bits ${bits}\n# ${version}\n# ${lines.length} lines\n${lines.join("\n")}\n`)
    console.log(`${name}: ${lines.length}`)
    total += lines.length
  }
  console.log(`total: ${total}`)
}

function check() {
  let differing = 0
  for (const { name, lines } of files()) {
    const kept = new Set(readFileSync(join(vectors, `${name}.txt`), "utf8").split("\n"))
    for (const line of lines.filter((line) => !kept.has(line))) {
      differing++
      console.log(`${name}: now ${line}`)
    }
  }
  console.log(`${differing} lines of ${readdirSync(vectors).length} files differ with ${version}`)
  process.exitCode = differing ? 1 : 0
}

try {
  process.argv.includes("--check") ? check() : write()
} finally {
  rmSync(folder, { recursive: true })
}
