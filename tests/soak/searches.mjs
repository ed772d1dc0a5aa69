// What Popek and Goldberg's search meets rarely, from many seeds.
import { CONDITIONS, classify } from "ringlab"

/** Instructions whose offending states are few. */
const RARE = ["JMP far", "RETF", "VERW"]
const forms = ({ mnemonic }) => RARE.includes(mnemonic)

/**
 * Searches from one seed after the other, in both rings that are a guest kernel's.
 * @param {number} [tries] how many seeds
 */
export async function searches(tries = 20) {
  const seeds = Array.from({ length: tries }, (_, n) => n + 2)
  return [1, 3].map((ring) => {
    const missed = seeds.filter((seed) => missedFrom({ ...CONDITIONS, ring, seed }))
    const result =
      missed.length === 0 ? `found from ${tries} seeds` : `missed from the seeds ${missed.join(", ")}`
    return { what: `what is rarely met, in ring ${ring}`, result, good: missed.length === 0 }
  })
}

const missedFrom = (conditions) => classify(conditions, { forms }).forms.some(({ offender }) => !offender)
