/** Random kernels under trap-and-emulate and on a bare machine. */
import { divergence, shrink } from "../../hypervisors/beside-bare"
import { randomKernel } from "../../hypervisors/random-kernel"

/** How often somebody is told how far it got. */
const TOLD_EVERY = 1000

/**
 * Try so many kernels, from a seed on.
 * @returns how many diverged
 */
export function fuzzKernels(count: number, seed: number): number {
  console.log(`${count} kernels from seed ${seed} on, under trap-and-emulate`)
  const seen: Record<string, number> = {}
  let diverged = 0
  for (let n = 0; n < count; n++) {
    const kernel = randomKernel(seed + n)
    if (divergence(kernel, seen) !== "") {
      diverged++
      show(seed + n)
    }
    if ((n + 1) % TOLD_EVERY === 0) console.log(`${n + 1} done, ${diverged} diverged`)
  }
  console.log(`exits: ${JSON.stringify(seen)}`)
  return diverged
}

function show(seed: number): void {
  const smallest = shrink(randomKernel(seed))
  const lines = smallest.lines.map(({ text }) => `  ${text.replaceAll("\n", ";")}`)
  console.log(`kernel ${seed} diverges: ${divergence(smallest)}`)
  console.log(`at its smallest, with a timer of ${smallest.divisor}:\n${lines.join("\n")}`)
}
