/*
 * Make the gcc corpus: small C programs compiled for an i486 without a floating-point unit, and what they
 * compute on a real processor.
 *
 *   node tests/oracles/gcc.mjs          writes tests/vectors/gcc/<program>.txt and index.txt
 *   node tests/oracles/gcc.mjs --check  runs the kept images on this machine's processor and prints what differs
 *
 * Needs an x86 Linux with gcc -m32 and objdump.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"

const FLAGS = (
  "-m32 -march=i486 -mno-80387 -mno-sse -ffreestanding -fno-pic -fno-pie -fno-stack-protector " +
  "-fno-asynchronous-unwind-tables -fcf-protection=none -fno-tree-loop-distribute-patterns -fno-strict-aliasing -fwrapv -w"
).split(" ")
/** -O2 as the corpus is named, and -Os for the older instructions that it prefers. */
const LEVELS = ["-O2", "-Os"]
const LINK =
  "-m32 -static -nostdlib -no-pie -Wl,--build-id=none -Wl,--gc-sections -Wl,--no-warn-rwx-segments".split(" ")
const SEEDS = ["1", "2a", "deadbeef", "fffffffe"]
const SUPPORT = ["support.c"]
const BYTES_IN_LINE = 64

const here = fileURLToPath(new URL(".", import.meta.url))
const sources = join(here, "c")
const vectors = fileURLToPath(new URL("../vectors/gcc", import.meta.url))
const run = (program, ...words) => execFileSync(program, words, { maxBuffer: 2 ** 26 }).toString()

function processorName() {
  return readFileSync("/proc/cpuinfo", "utf8").match(/^model name\s*: (.*)$/m)[1]
}

function buildNative(folder) {
  const native = join(folder, "native")
  run("gcc", "-m32", "-O1", "-o", native, join(here, "native.c"))
  return native
}

/** Compiles one program with its support into a flat image; gives the image and the mnemonics in it. */
function compile(folder, program, level) {
  const objects = [program, ...SUPPORT, "start.S"].map((source) => {
    const object = join(folder, `${source}.o`)
    run("gcc", ...FLAGS, level, "-ffunction-sections", "-c", join(sources, source), "-o", object)
    return object
  })
  const elf = join(folder, "image.elf")
  const flat = join(folder, "image.bin")
  run("gcc", ...LINK, "-T", join(sources, "image.ld"), ...objects, "-o", elf)
  run("objcopy", "-O", "binary", "--set-section-flags", ".image=alloc,load,contents", elf, flat)
  return { flat, mnemonics: mnemonicsOf(objects) }
}

/** Mnemonics as objdump writes them; LOCK and REP stay with the instruction they belong to. */
function mnemonicsOf(objects) {
  const lines = run("objdump", "-d", "-M", "intel", "--no-show-raw-insn", ...objects).split("\n")
  const instructions = lines.map((line) => line.match(/^\s*[0-9a-f]+:\s+(.*)$/)?.[1]).filter(Boolean)
  return [...new Set(instructions.map(mnemonicOf))].sort()
}

function mnemonicOf(instruction) {
  const [first, second] = instruction.split(/\s+/)
  return /^(lock|rep.*)$/.test(first) ? `${first} ${second}` : first
}

function hexLines(bytes) {
  const lines = []
  for (let at = 0; at < bytes.length; at += BYTES_IN_LINE)
    lines.push(bytes.subarray(at, at + BYTES_IN_LINE).toString("hex"))
  return lines
}

/** The text of one program's file. */
function vectorText({ program, level, compiler, flat, answers }) {
  const summary = readFileSync(join(sources, program), "utf8")
    .split("\n")[0]
    .replace(/^\/\* | \*\/$/g, "")
  const text = [
    `# ${summary}`,
    `# compiled by: ${compiler}`,
    `# flags: ${level} ${FLAGS.join(" ")}`,
    `# answered by: ${processorName()}`,
    "# image: bytes at 100000, which is the entry too; EAX = seed, EDX = address of out, ESP a stack; ends with HLT",
    "# run: seed, EAX at the end, the 256 bytes of out",
    ...hexLines(readFileSync(flat)).map((line) => `image ${line}`),
    ...SEEDS.map((seed, index) => `run ${seed} ${answers[index]}`),
  ]
  return `${text.join("\n")}\n`
}

function indexText(compiler, users) {
  const lines = [...users].sort().map(([mnemonic, names]) => `${mnemonic} | ${names.join(" ")}`)
  return `# mnemonics in the corpus, as objdump writes them | programs that hold them\n# compiled by: ${compiler}\n${lines.join("\n")}\n`
}

function write(folder, native) {
  const compiler = run("gcc", "--version").split("\n")[0]
  const users = new Map()
  const programs = readdirSync(sources).filter((name) => name.endsWith(".c") && !SUPPORT.includes(name))
  for (const program of programs)
    for (const level of LEVELS) {
      const name = `${basename(program, ".c")}${level}`
      const { flat, mnemonics } = compile(folder, program, level)
      for (const mnemonic of mnemonics) users.set(mnemonic, [...(users.get(mnemonic) ?? []), name])
      const answers = run(native, flat, ...SEEDS)
        .trimEnd()
        .split("\n")
      writeFileSync(join(vectors, `${name}.txt`), vectorText({ program, level, compiler, flat, answers }))
    }
  writeFileSync(join(vectors, "index.txt"), indexText(compiler, users))
  console.log(`${programs.length} programs at ${LEVELS.length} levels, ${users.size} mnemonics`)
}

function check(folder, native) {
  let differing = 0
  for (const name of readdirSync(vectors).filter((name) => name !== "index.txt")) {
    const lines = readFileSync(join(vectors, name), "utf8").split("\n")
    const image = lines
      .filter((line) => line.startsWith("image "))
      .map((line) => line.slice(6))
      .join("")
    const kept = lines.filter((line) => line.startsWith("run ")).map((line) => line.split(" "))
    const flat = join(folder, "image.bin")
    writeFileSync(flat, Buffer.from(image, "hex"))
    const now = run(native, flat, ...kept.map(([, seed]) => seed))
      .trimEnd()
      .split("\n")
    for (const [index, [, seed, ...answer]] of kept.entries()) {
      if (answer.join(" ") === now[index]) continue
      differing++
      console.log(`${name} seed ${seed}: kept ${answer[0]}, now ${now[index].slice(0, 8)}`)
    }
  }
  console.log(`${differing} answers differ on ${processorName()}`)
  process.exitCode = differing ? 1 : 0
}

const folder = mkdtempSync(join(tmpdir(), "gcc-corpus-"))
try {
  mkdirSync(vectors, { recursive: true })
  const native = buildNative(folder)
  process.argv.includes("--check") ? check(folder, native) : write(folder, native)
} finally {
  rmSync(folder, { recursive: true })
}
