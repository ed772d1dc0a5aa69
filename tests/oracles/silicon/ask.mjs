/** Asks the processor of this computer, in a 32-bit process: needs an x86 Linux with gcc -m32. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))

/** Builds the runner and gives a function that completes lines on this machine's processor. */
export function openProcessor(folder) {
  const runner = join(folder, "processor")
  execFileSync("gcc", ["-m32", "-O1", "-fno-stack-protector", "-o", runner, join(here, "processor.c")])
  return (lines) => {
    if (lines.length === 0) return []
    const input = lines.map((line) => `${line}\n`).join("")
    const answers = execFileSync(runner, { input, maxBuffer: 2 ** 28 })
      .toString()
      .trimEnd()
      .split("\n")
    if (answers.length !== lines.length)
      throw new Error(`${lines.length} cases, but ${answers.length} answers`)
    return answers
  }
}

/** The processor, as a file of vectors names it. */
export function processorName() {
  const text = readFileSync("/proc/cpuinfo", "utf8")
  const field = (name) => text.match(new RegExp(`^${name}\\s*: (.*)$`, "m"))[1]
  return `${field("model name")}, family ${field("cpu family")} model ${field("model")} stepping ${field("stepping")}`
}
