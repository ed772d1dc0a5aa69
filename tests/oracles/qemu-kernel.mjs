/*
 * Ask QEMU to boot the guest kernel with each command line: what it sends through the serial port is kept, but for times.
 *
 *   node tests/oracles/qemu-kernel.mjs          writes tests/vectors/qemu-kernel/*.txt
 *   node tests/oracles/qemu-kernel.mjs --check  asks the QEMU at hand again, prints what differs; fails if it is the same version
 */
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { register } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"

register("../soak/read-typescript.mjs", import.meta.url)
const { kernelProgram } = await import("../../src/guests/kernel/index.ts")
const { END, LINES, LINES_OF_BOTH, fileOf, withoutTimes } = await import("./qemu-kernel/lines.ts")

const folder = mkdtempSync(join(tmpdir(), "qemu-"))
const QEMU = "qemu-system-i386"
const version = spawnSync(QEMU, ["--version"]).stdout?.toString().split("\n")[0] ?? ""
const OPTIONS = "-nodefaults -display none -no-reboot -m 16 -accel tcg -serial stdio".split(" ")
const TIME_LIMIT = 60_000

/** Boots a build; the kernel's last line ends QEMU. */
function boot(build, line) {
  const image = join(folder, build)
  writeFileSync(image, kernelProgram(build).bytes)
  const qemu = spawn(QEMU, [...OPTIONS, "-kernel", image, "-append", line], { timeout: TIME_LIMIT })
  let sent = ""
  qemu.stdout.setEncoding("latin1").on("data", (text) => {
    sent += text
    if (sent.endsWith(END)) qemu.kill()
  })
  return new Promise((done) => qemu.on("close", () => done(sent)))
}

/** QEMU's text for a command line. */
async function ask(line) {
  const full = withoutTimes(await boot("kernel", line))
  if (!full.endsWith(END)) throw new Error(`"${line}" did not come to its end: ${full}`)
  if (!LINES_OF_BOTH.includes(line)) return full
  const wellBehaved = withoutTimes(await boot("kernel-well-behaved", line))
  if (wellBehaved !== full) throw new Error(`"${line}": the builds differ: ${full}${wellBehaved}`)
  return full
}

const versionLine = `# ${version}\n`

try {
  for (const line of LINES) {
    const text = await ask(line)
    if (process.argv.includes("--check")) {
      const kept = readFileSync(fileOf(line), "utf8")
      if (kept.endsWith(`\n${text}`)) continue
      console.log(`"${line}": now\n${text}kept\n${kept}`)
      if (kept.startsWith(versionLine)) process.exitCode = 1
    } else writeFileSync(fileOf(line), versionLine + text)
  }
  console.log(version)
} finally {
  rmSync(folder, { recursive: true })
}
