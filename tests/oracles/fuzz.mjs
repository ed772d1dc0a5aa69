/*
 * npm run fuzz: random programs, and what else runs them beside our machine.
 *
 *   npm run fuzz                    a million instruction streams on this computer's processor, with a seed of the day
 *   npm run fuzz -- 5000 1234       so many streams, with this seed
 *   npm run fuzz -- 1000 1 --keep   writes them with the processor's answers to tests/vectors/fuzz/streams.txt
 *   npm run fuzz -- hypervisors     100,000 kernels under trap-and-emulate and on a bare machine; a number and a seed as above
 *
 * Each divergence is made as small as it can be, and printed. Streams need an x86 Linux with gcc -m32.
 */
import { register } from "node:module"

register("../soak/read-typescript.mjs", import.meta.url)

/** What is tried: how many if nobody says, and how. It gives the number of divergences. */
const FUZZERS = {
  streams: { most: 1_000_000, run: async () => (await import("./fuzz/streams.mjs")).fuzzStreams },
  hypervisors: { most: 100_000, run: async () => (await import("./fuzz/kernels.ts")).fuzzKernels },
}

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"))
const name = Object.hasOwn(FUZZERS, words[0]) ? words.shift() : "streams"
const { most, run } = FUZZERS[name]
const [count, seed] = [words[0] ?? most, words[1] ?? Math.floor(Date.now() / 86_400_000)].map(Number)
if (!(Number.isInteger(count) && count > 0 && Number.isInteger(seed))) {
  console.error(`fuzz: give the number of ${name} and a seed, both whole numbers: npm run fuzz -- 5000 1234`)
  process.exit(2)
}
const fuzz = await run()
process.exitCode = fuzz(count, seed, process.argv.includes("--keep")) === 0 ? 0 : 1
