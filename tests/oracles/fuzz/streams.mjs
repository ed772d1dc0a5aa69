/** Random instruction streams on the processor of this computer and on our machine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { randomSource } from "../random.mjs"
import { Stage } from "../replay/stage.ts"
import { openProcessor, processorName } from "../silicon/ask.mjs"
import { divergence } from "./play.ts"
import { shrink } from "./shrink.ts"
import { lineOf, stream } from "./stream.ts"

const BATCH = 10_000
/** More divergences than anybody reads. */
const MOST_SHOWN = 50
const KEPT = fileURLToPath(new URL("../../vectors/fuzz/streams.txt", import.meta.url))

const stage = new Stage()
const differs = (answer) => divergence(stage, answer)

function run(ask, count, seed, isKept) {
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
    if (isKept) kept.push(...answers)
    done += streams.length
    console.log(`${done} done, ${diverged} diverged`)
  }
  if (kept.length) keep(kept, seed)
  return diverged
}

function show(number, { answer, how }) {
  console.log(`stream ${number} diverges, at its smallest:\n  processor ${answer}\n  ours      ${how}`)
}

function keep(answers, seed) {
  const header = [
    "# random instruction streams; ../silicon/FORMAT.md says how to read them, with several instructions in the first column",
    `# answered by: ${processorName()}`,
    `# ${answers.length} streams, seed ${seed}`,
  ]
  writeFileSync(KEPT, `${[...header, ...answers].join("\n")}\n`)
}

/** @returns how many streams diverged */
export function fuzzStreams(count, seed, isKept) {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"))
  try {
    return run(openProcessor(folder), count, seed, isKept)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
