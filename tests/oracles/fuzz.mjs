/*
 * npm run fuzz: random instruction streams on the processor of this computer and on our machine.
 *
 *   npm run fuzz                    a million streams, with a seed of the day
 *   npm run fuzz -- 5000 1234       so many streams, with this seed
 *   npm run fuzz -- 1000 1 --keep   writes them with the processor's answers to tests/vectors/fuzz/streams.txt
 *
 * Each divergence is made as small as it can be, and printed. Needs an x86 Linux with gcc -m32.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { register } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { randomSource } from "./random.mjs"
import { openProcessor, processorName } from "./silicon/ask.mjs"

register("../soak/read-typescript.mjs", import.meta.url)
const { lineOf, stream } = await import("./fuzz/stream.ts")
const { divergence } = await import("./fuzz/play.ts")
const { shrink } = await import("./fuzz/shrink.ts")
const { Stage } = await import("./replay/stage.ts")

const BATCH = 10_000
/** More divergences than anybody reads. */
const MOST_SHOWN = 50
const KEPT = fileURLToPath(new URL("../vectors/fuzz/streams.txt", import.meta.url))

const [countText = "1000000", seedText = `${Math.floor(Date.now() / 86_400_000)}`] = process.argv
  .slice(2)
  .filter((word) => !word.startsWith("--"))
const [count, seed] = [Number(countText), Number(seedText)]
if (!(Number.isInteger(count) && count > 0 && Number.isInteger(seed))) {
  console.error("fuzz: give the number of streams and a seed, both whole numbers: npm run fuzz -- 5000 1234")
  process.exit(2)
}

const stage = new Stage()
const differs = (answer) => divergence(stage, answer)

function run(ask) {
  const random = randomSource(seed)
  const kept = []
  let diverged = 0
  console.log(`${count} streams with seed ${seed} on ${processorName()}`)
  for (let done = 0; done < count; ) {
    const streams = Array.from({ length: Math.min(BATCH, count - done) }, () => stream(random))
    const answers = ask(streams.map(lineOf))
    for (const [n, answer] of answers.entries()) {
      // What differs once and not again was a signal that came between.
      if (differs(answer) === "" || differs(ask([lineOf(streams[n])])[0]) === "") continue
      if (diverged++ < MOST_SHOWN) show(done + n, shrink(streams[n], ask, differs))
    }
    if (process.argv.includes("--keep")) kept.push(...answers)
    done += streams.length
    console.log(`${done} done, ${diverged} diverged`)
  }
  if (kept.length) keep(kept)
  return diverged
}

function show(number, { answer, how }) {
  console.log(`stream ${number} diverges, at its smallest:\n  processor ${answer}\n  ours      ${how}`)
}

function keep(answers) {
  const header = [
    "# random instruction streams; ../silicon/FORMAT.md says how to read them, with several instructions in the first column",
    `# answered by: ${processorName()}`,
    `# ${answers.length} streams, seed ${seed}`,
  ]
  writeFileSync(KEPT, `${[...header, ...answers].join("\n")}\n`)
}

const folder = mkdtempSync(join(tmpdir(), "fuzz-"))
try {
  process.exitCode = run(openProcessor(folder)) === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
