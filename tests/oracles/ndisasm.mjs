/*
 * Random bytes through NASM's disassembler, which shares nothing with ours.
 *
 *   node tests/oracles/ndisasm.mjs          writes tests/vectors/ndisasm/*.txt
 *   node tests/oracles/ndisasm.mjs --check  asks the ndisasm at hand again, prints what differs; fails if it is the same version
 *
 * A line is `bytes | length | text`. The bytes are random but for the beginning: each prefix at most once, each opcode
 * equally often. They are followed by NOPs, so that every case begins where the sweep comes by.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { randomSource } from "./random.mjs"

const vectors = fileURLToPath(new URL("../vectors/ndisasm", import.meta.url))
const { stdout, stderr } = spawnSync("ndisasm", ["-v"], { encoding: "utf8" })
/** ndisasm tells its version where others tell mistakes. */
const version = `${stdout ?? ""}${stderr ?? ""}`.trim()
/** Random bytes of a case, and bytes from one to the next. */
const LENGTH = 16
const STRIDE = 32
const NOP = 0x90
/** Cases for each opcode, of one byte and of two. */
const EACH = 10
const SIZES = [32, 16]

const PREFIXES = [[0x66], [0x67], [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65], [0xf0, 0xf2, 0xf3]]
const isPrefix = (byte) => PREFIXES.flat().includes(byte)

/** Bytes of a case: sometimes prefixes, then an opcode, then anything. */
function bytesOf(random, opcode) {
  const prefixes = PREFIXES.filter(() => random.once(6)).map((group) => random.pick(group))
  const bytes = [...prefixes, ...opcode]
  while (bytes.length < LENGTH) bytes.push(random.below(256))
  return bytes
}

function casesFor(bits) {
  const random = randomSource(bits)
  const all = Array.from({ length: 256 }, (_, byte) => byte)
  const opcodes = [
    ...all.filter((byte) => byte !== 0x0f && !isPrefix(byte)).map((byte) => [byte]),
    ...all.map((byte) => [0x0f, byte]),
  ]
  return opcodes.flatMap((opcode) => Array.from({ length: EACH }, () => bytesOf(random, opcode)))
}

/** Lines `bytes | length | text`. */
function disassembled(cases, bits, folder) {
  const image = new Uint8Array(cases.length * STRIDE).fill(NOP)
  for (const [n, bytes] of cases.entries()) image.set(bytes, n * STRIDE)
  const file = join(folder, "bytes.bin")
  writeFileSync(file, image)
  const { stdout } = spawnSync("ndisasm", ["-b", `${bits}`, file], { maxBuffer: 2 ** 28 })
  const found = new Map(stdout.toString().split("\n").flatMap(readLine))
  return cases.map((bytes, n) => {
    const { length, text } = found.get(n * STRIDE)
    return `${hex(bytes)} | ${length} | ${text}`
  })
}

/** `00000020  8B03  mov eax,[ebx]`; a long instruction goes on in a line that begins with a hyphen. */
function readLine(line, index, lines) {
  const match = line.match(/^([0-9A-F]{8}) {2}([0-9A-F]+) +(.*)$/)
  if (!match) return []
  const more = lines[index + 1]?.match(/^ +-([0-9A-F]+)/)?.[1] ?? ""
  const evenMore = more && (lines[index + 2]?.match(/^ +-([0-9A-F]+)/)?.[1] ?? "")
  const length = (match[2].length + more.length + evenMore.length) / 2
  return [[Number.parseInt(match[1], 16), { length, text: match[3] }]]
}

const hex = (bytes) => bytes.map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ")
const fileOf = (bits) => join(vectors, `bits${bits}.txt`)

function write(folder) {
  for (const bits of SIZES) {
    const lines = disassembled(casesFor(bits), bits, folder)
    const header = [
      `# random bytes in ${bits}-bit code | length | text`,
      `# ${version}`,
      `# ${lines.length} cases`,
    ]
    writeFileSync(fileOf(bits), `${[...header, ...lines].join("\n")}\n`)
    console.log(`${bits} bits: ${lines.length}`)
  }
}

/** The same version must agree with what is kept; another one may differ, and says where. */
function check(folder) {
  let sameVersion = false
  for (const bits of SIZES) {
    const kept = readFileSync(fileOf(bits), "utf8").trimEnd().split("\n")
    const now = disassembled(casesFor(bits), bits, folder).filter((line) => !kept.includes(line))
    for (const line of now) console.log(`${bits} bits: now ${line}`)
    sameVersion ||= now.length > 0 && kept[1] === `# ${version}`
    console.log(`${now.length} answers differ with ${version}`)
  }
  process.exitCode = sameVersion ? 1 : 0
}

const folder = mkdtempSync(join(tmpdir(), "ndisasm-"))
try {
  process.argv.includes("--check") ? check(folder) : write(folder)
} finally {
  rmSync(folder, { recursive: true })
}
