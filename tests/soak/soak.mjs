/**
 * `npm run soak`: what must hold every time is tried many times over. `npm run soak -- interrupts` does one of the soaks,
 * `npm run soak -- interrupts 10` with so many tries. Takes minutes; wants a machine that does nothing else.
 */

import { register } from "node:module"

register("./read-typescript.mjs", import.meta.url)

/**
 * A soak takes the number of tries that somebody asked for, or undefined, and says on the way how it goes. What it gives
 * are the rows of its table; a row with `good: false` makes the soak fail.
 * @type {Record<string, () => Promise<(tries?: number) => Promise<{ what: string, result: string, good: boolean }[]>>>}
 */
const SOAKS = {
  interrupts: async () => (await import("./interrupts.mjs")).interrupts,
  clone: async () => (await import("./clone.mjs")).clone,
  attacks: async () => (await import("./attacks.mjs")).attacks,
  autograde: async () => (await import("./autograde.mjs")).autograde,
  nodes: async () => (await import("./nodes.mjs")).nodes,
  exercises: async () => (await import("./exercises.mjs")).exercises,
  hostile: async () => (await import("./hostile.mjs")).hostile,
  searches: async () => (await import("./searches.mjs")).searches,
  wheel: async () => (await import("./wheel.mjs")).wheel,
}

const [chosen, tries] = process.argv.slice(2)
if (chosen !== undefined && !(chosen in SOAKS)) {
  console.error(`There is no soak "${chosen}": choose one of ${Object.keys(SOAKS).join(", ")}.`)
  process.exit(2)
}

let failed = 0
for (const name of chosen === undefined ? Object.keys(SOAKS) : [chosen]) {
  console.log(`Soak ${name} …`)
  const soak = await SOAKS[name]()
  const rows = await soak(tries === undefined ? undefined : Number(tries))
  console.log(`\n${name}`)
  for (const { what, result, good } of rows)
    console.log(`  ${good ? "good  " : "FAILED"}  ${what.padEnd(52)} ${result}`)
  failed += rows.filter(({ good }) => !good).length
}
console.log(failed === 0 ? "\nAll held." : `\n${failed} did not hold.`)
process.exit(failed === 0 ? 0 : 1)
