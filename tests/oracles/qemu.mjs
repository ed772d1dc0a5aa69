/*
 * Ask QEMU's software emulation what privileged instructions do: tests/oracles/qemu builds a boot image of each group of
 * cases, and each image tells over the serial port what became of its cases.
 *
 *   node tests/oracles/qemu.mjs          writes tests/vectors/qemu/*.txt
 *   node tests/oracles/qemu.mjs --check  asks the QEMU at hand again, prints what differs; fails if it is the same version
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { register } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

register("../soak/read-typescript.mjs", import.meta.url)
const { imageOf, imageOfCases, lineOfAlone } = await import("./qemu/run.ts")
const { ALONE, GROUPS } = await import("./qemu/groups.ts")

const vectors = fileURLToPath(new URL("../vectors/qemu", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "qemu-"))
const QEMU = "qemu-system-i386"
/** The manual's processor without what this project's has not: virtual-mode extensions. */
const CPU = "pentium3,-vme"
const version = spawnSync(QEMU, ["--version"]).stdout?.toString().split("\n")[0] ?? ""
const TIME_LIMIT = 60_000

/** Boots an image; gives what it sent. */
function boot(program) {
  const image = join(folder, "image.bin")
  const serial = join(folder, "serial.txt")
  writeFileSync(image, program.bytes)
  const quiet = ["-display", "none", "-nodefaults", "-no-reboot", "-m", "16", "-accel", "tcg", "-cpu", CPU]
  const ports = ["-serial", `file:${serial}`, "-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
  spawnSync(QEMU, [...quiet, ...ports, "-kernel", image], { timeout: TIME_LIMIT })
  return readFileSync(serial, "latin1")
}

/** The lines of a group. */
function linesOf(group) {
  if (group === ALONE.name) return ALONE.cases().map((each) => lineOfAlone(boot(imageOfCases([each]))))
  const sent = boot(imageOf(group))
  if (!sent.endsWith("\nend\n"))
    throw new Error(`QEMU did not come to the end of ${group}: ${sent.split("\n").at(-1)}`)
  return sent.split("\n").slice(0, -2)
}

const GROUP_NAMES = [...Object.keys(GROUPS), ALONE.name]

const fileOf = (group) => join(vectors, `${group}.txt`)

function write() {
  let total = 0
  for (const group of GROUP_NAMES) {
    const lines = linesOf(group)
    const header = [
      `# ${group}: FORMAT.md says how to read the lines`,
      `# ${version}, -cpu ${CPU}`,
      `# ${lines.length} cases`,
    ]
    writeFileSync(fileOf(group), `${[...header, ...lines].join("\n")}\n`)
    console.log(`${group}: ${lines.length}`)
    total += lines.length
  }
  console.log(`total: ${total}`)
}

/** The same version must agree with what is kept; another one may differ, and says where. */
function check() {
  let differing = 0
  let sameVersion = false
  for (const group of GROUP_NAMES) {
    const kept = readFileSync(fileOf(group), "utf8").trimEnd().split("\n")
    const now = linesOf(group).filter((line) => !kept.includes(line))
    for (const line of now) console.log(`${group}: now ${line}`)
    differing += now.length
    sameVersion ||= now.length > 0 && kept[1].startsWith(`# ${version},`)
  }
  console.log(`${differing} answers differ with ${version}`)
  process.exitCode = sameVersion ? 1 : 0
}

try {
  process.argv.includes("--check") ? check() : write()
} finally {
  rmSync(folder, { recursive: true })
}
