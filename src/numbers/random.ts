/** Seeded choices: the same seed gives the same choices, everywhere and always. For questions, not for secrets. */

/** A source of choices. Each call moves it on. */
export interface Random {
  /** A whole number from 0 to `count - 1`. @throws RangeError unless `count` is from 1 to 2^32 */
  below(count: number): number
  /** One of the items, all equally likely. @throws RangeError if there is none */
  pick<Item>(items: readonly Item[]): Item
  /** The same items in another order; the given list stays. */
  shuffled<Item>(items: readonly Item[]): Item[]
}

const TWO_TO_32 = 0x1_0000_0000

/**
 * Choices that follow from a seed.
 * @param seed a whole number from 0 to 2^32-1
 */
export function random(seed: number): Random {
  const next = mixer(seed)
  const below = (count: number) => {
    if (!(count >= 1 && count <= TWO_TO_32)) throw new RangeError(`cannot choose among ${count} things`)
    return Math.floor((next() / TWO_TO_32) * count)
  }
  return {
    below,
    pick: (items) => items[below(items.length)],
    shuffled: (items) => shuffle([...items], below),
  }
}

/** A counter that strides through all 32-bit numbers, and is then mixed: neighbouring seeds give unlike choices. */
function mixer(seed: number): () => number {
  const STRIDE = 0x9e37_79b9
  let counter = seed | 0
  return () => {
    counter = (counter + STRIDE) | 0
    return mix(counter) >>> 0
  }
}

/** Spread every bit of a number over all 32; one to one. The multipliers are odd, so nothing is lost. */
function mix(number: number): number {
  let mixed = Math.imul(number ^ (number >>> 16), 0x21f0_aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
  return mixed ^ (mixed >>> 15)
}

/** Each item changes places with one at or before its own. */
function shuffle<Item>(items: Item[], below: (count: number) => number): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = below(last + 1)
    ;[items[last], items[other]] = [items[other], items[last]]
  }
  return items
}
