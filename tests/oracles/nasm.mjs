/*
 * Make the NASM corpus: what NASM assembles, line by line and program by program.
 *
 *   node tests/oracles/nasm.mjs          writes tests/vectors/nasm/*.txt
 *   node tests/oracles/nasm.mjs --check  asks the NASM at hand again, prints what differs; fails if it is the same version
 *
 * A line of a file is `source | bytes`; in a source, ⏎ stands for a line's end, and "90x126" for 126 bytes 90.
 * Sources are 32-bit code unless the file's header says `bits 16`. Single instructions come from templates.mjs.
 * Whole sources are written by hand, in their files: to add one, add its line and run this.
 * errors.txt holds `source | what is wrong`: NASM refuses or warns about each. In unnoticed.txt it says nothing.
 * stricter.txt holds what is right for NASM, and refused by our assembler on purpose.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
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
  const { status, stderr } = spawnSync("nasm", [
    "-f",
    "bin",
    "-w+all",
    "-w-unknown-warning",
    "-w-reloc",
    "-o",
    output,
    source,
  ])
  const complaints = stderr.toString().trim()
  return status === 0 && !complaints
    ? { bytes: readFileSync(output) }
    : { complaints: complaints.replaceAll(source, "line") || `exit ${status}` }
}

/** Assembles lines that do not depend on where they stand, all at once: a table of their lengths ends the output. */
function assembleLines(lines, bits) {
  const labelled = lines.map((line, index) => `line_${index}: ${line.trim()}`).join("\n")
  const lengths = lines.map((_, index) => `dw line_${index + 1}-line_${index}`).join("\n")
  const { bytes, complaints } = nasm(`bits ${bits}\n${labelled}\nline_${lines.length}:\n${lengths}`)
  if (complaints) return lines.map((line) => assembleSource(line, bits))
  let at = 0
  const table = bytes.length - 2 * lines.length
  return lines.map((line, index) => {
    const length = bytes.readUInt16LE(table + 2 * index)
    at += length
    return `${line} | ${hex(bytes.subarray(at - length, at))}`
  })
}

/** Marks an answer that no file may keep: NASM complains of what should be right, or takes what should be wrong. */
const UNEXPECTED = "| unexpected:"

function assembleSource(source, bits) {
  const { bytes, complaints } = nasm(`bits ${bits}\n${source}`)
  return complaints
    ? `${source} ${UNEXPECTED} ${complaints.replaceAll("\n", " ")}`
    : `${source} | ${hex(bytes)}`
}

/** Bytes; a run of 16 or more equal ones is written once, with its length: 90x126. */
function hex(bytes) {
  const words = bytes.toString("hex").toUpperCase().match(/../g) ?? []
  return words.join(" ").replace(/\b(..)(?: \1){15,}\b/g, (run, byte) => `${byte}x${(run.length + 1) / 3}`)
}

function refusal(source, wrong) {
  const { bytes } = nasm(`bits 32\n${source}`)
  return bytes ? `${source} ${UNEXPECTED} ${hex(bytes)}` : `${source} | ${wrong}`
}

/** The hand-written lines of a file, as [source, the rest]. A source may hold " | " itself. */
function handWritten(name) {
  const lines = readFileSync(join(vectors, `${name}.txt`), "utf8")
    .trimEnd()
    .split("\n")
  return lines
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.match(/^(.*?)(?: \| ([^|]*))?$/).slice(1))
}

/** Every file of the corpus: its lines, and the size of its code. */
function* files() {
  for (const [name, templates] of Object.entries(TEMPLATES)) yield single(name, templates, 32)
  yield single("code16", TEMPLATES16, 16)
  for (const name of ["expressions", "directives", "programs"])
    yield {
      name,
      says: "whole sources, bits 32",
      lines: handWritten(name).map(([source]) => assembleSource(source, 32)),
    }
  const errors = handWritten("errors").map(([source, wrong]) => refusal(source, wrong))
  yield {
    name: "errors",
    says: "wrong sources | what is wrong; NASM refuses or warns about each",
    lines: errors,
  }
}

function single(name, templates, bits) {
  const lines = [...new Set(templates.flatMap((template) => expand(template, MOST_LINES[bits])))]
  return { name, says: `single instructions, bits ${bits}`, lines: assembleLines(lines, bits) }
}

function write() {
  let total = 0
  for (const { name, says, lines } of files()) {
    const unexpected = lines.filter((line) => line.includes(UNEXPECTED))
    if (unexpected.length) throw new Error(unexpected.join("\n"))
    const header = [`# ${says}`, `# ${version}`, `# ${lines.length} lines`]
    writeFileSync(join(vectors, `${name}.txt`), `${[...header, ...lines].join("\n")}\n`)
    console.log(`${name}: ${lines.length}`)
    total += lines.length
  }
  console.log(`total: ${total}`)
}

/** The same version must agree with what is kept; another one may differ, and says where. */
function check() {
  const differing = [...files()].flatMap(({ name, lines }) => {
    const kept = readFileSync(join(vectors, `${name}.txt`), "utf8").split("\n")
    return lines.filter((line) => !kept.includes(line)).map((line) => ({ name, line, keptVersion: kept[1] }))
  })
  for (const { name, line } of differing) console.log(`${name}: now ${line}`)
  console.log(`${differing.length} lines differ with ${version}`)
  process.exitCode = differing.some(({ keptVersion }) => keptVersion === `# ${version}`) ? 1 : 0
}

try {
  process.argv.includes("--check") ? check() : write()
} finally {
  rmSync(folder, { recursive: true })
}
