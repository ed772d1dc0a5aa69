/** `npm run bench -- memory`: what a machine costs before and beside its guest. */
import { execFileSync } from "node:child_process"

const MEBIBYTES = 64
const RUN = 20_000_000
/** Prints the resident bytes of its process. */
const PRINT = "console.log(process.memoryUsage.rss())"
/** All of the guest's memory is made resident, so that subtracting it hides nothing. */
const MACHINE = `
import { createRequire } from "node:module"
import { programs } from ${JSON.stringify(new URL("programs.mjs", import.meta.url).href)}
const { pc } = createRequire(${JSON.stringify(import.meta.url)})("ringlab")
const machine = pc({ memory: ${MEBIBYTES} })
machine.memory.bytes.fill(1)
machine.load(programs()[0]).run({ steps: ${RUN} })
${PRINT}`

const resident = (source) =>
  Number(execFileSync(process.execPath, ["--input-type=module", "--eval", source])) / 2 ** 20

/** @param median as bench.mjs has it: of the milliseconds of so many calls */
export function memory(report, median, pc) {
  const beside = resident(MACHINE) - resident(PRINT) - MEBIBYTES
  report(
    `memory beside a guest's ${MEBIBYTES} MiB, above an empty Node.js, after 20 million steps`,
    `${beside.toFixed(0)} MiB`,
    "wanted: 64 MiB",
  )
  report(
    `a machine with ${MEBIBYTES} MiB is ready, median`,
    `${median(20, () => pc({ memory: MEBIBYTES })).toFixed(1)} ms`,
    "wanted: 50 ms",
  )
}
