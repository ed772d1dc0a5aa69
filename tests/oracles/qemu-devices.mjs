/*
 * Ask QEMU what its devices answer: tests/oracles/qemu-devices makes a ROM of each case in tests/vectors/qemu-devices, which
 * starts in the BIOS's place and sends what it reads to port E9h. QEMU's time is counted in instructions.
 *
 *   node tests/oracles/qemu-devices.mjs          writes the answers into tests/vectors/qemu-devices/*.txt
 *   node tests/oracles/qemu-devices.mjs --check  asks the QEMU at hand again, prints what differs; fails if it is the same version
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { register } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"

register("../soak/read-typescript.mjs", import.meta.url)
const { answersOf, readCases, withAnswers } = await import("./qemu-devices/cases.ts")
const { imageOf } = await import("./qemu-devices/image.ts")
const { CHIPS, fileOf } = await import("./qemu-devices/files.ts")

const folder = mkdtempSync(join(tmpdir(), "qemu-"))
const QEMU = "qemu-system-i386"
const version = spawnSync(QEMU, ["--version"]).stdout?.toString().split("\n")[0] ?? ""
const BOARD = "-M isapc"
const TIME_LIMIT = 10_000

const image = join(folder, "image.bin")
const sent = join(folder, "sent.bin")
const OPTIONS = [
  ...BOARD.split(" "),
  ..."-nodefaults -display none -no-reboot -m 16 -accel tcg -icount shift=10,sleep=off".split(" "),
  ..."-rtc base=2000-01-01T00:00:00,clock=vm -serial null".split(" "),
  ...["-chardev", `file,id=sent,path=${sent}`, "-device", "isa-debugcon,iobase=0xe9,chardev=sent"],
  ...["-device", "isa-debug-exit,iobase=0xf4,iosize=1", "-bios", image],
]

/** QEMU's answers to a case. */
function ask(each) {
  writeFileSync(image, imageOf(each))
  const { error, stderr } = spawnSync(QEMU, OPTIONS, { timeout: TIME_LIMIT })
  if (error) throw new Error(`QEMU did not come to the end of "${each.name}": ${error.message} ${stderr}`)
  return answersOf(each, readFileSync(sent))
}

const VERSION_LINE = /^# QEMU\b.*$/m
const versionLine = `# ${version}, ${BOARD}`

function write(chip) {
  const file = readFileSync(fileOf(chip), "utf8")
  const cases = readCases(file)
  const answers = new Map(cases.map((each) => [each.name, ask(each)]))
  writeFileSync(fileOf(chip), withAnswers(file, answers).replace(VERSION_LINE, versionLine))
  console.log(`${chip}: ${cases.length}`)
}

/** The same version must agree with what is kept; another one may differ, and says where. */
function check(chip) {
  const file = readFileSync(fileOf(chip), "utf8")
  const differing = readCases(file).flatMap((each) => {
    const now = ask(each)
    return now === each.answers ? [] : [`${chip}: ${each.name}: now ${now}, kept ${each.answers}`]
  })
  for (const line of differing) console.log(line)
  if (differing.length > 0 && file.includes(versionLine)) process.exitCode = 1
}

try {
  const named = process.argv.slice(2).filter((word) => !word.startsWith("-"))
  for (const chip of named.length > 0 ? named : CHIPS)
    process.argv.includes("--check") ? check(chip) : write(chip)
  console.log(version)
} finally {
  rmSync(folder, { recursive: true })
}
