/** A seeded source of numbers (mulberry32): the same seed always gives the same cases. */
export function randomSource(seed) {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit) => Math.floor((next() / 2 ** 32) * limit)
  const pick = (list) => list[below(list.length)]
  /** True once in `times`. */
  const once = (times) => below(times) === 0
  return { next, below, pick, once }
}

/** A seed of its own for each name, so that adding a form does not change the cases of the others. */
export function seedOf(name) {
  let hash = 0x811c9dc5
  for (const letter of name) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193)
  return hash
}

const EDGES = {
  8: [0, 1, 2, 0x7f, 0x80, 0x81, 0xfe, 0xff, 0x0f, 0x10, 0x55, 0xaa],
  16: [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, 0x5555],
  32: [
    0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001,
    0xfffffffe, 0xffffffff,
  ],
}

/** A value of 8, 16 or 32 bits, pulled to the edges two times in three. */
export function value(random, size) {
  return random.below(3) ? random.pick(EDGES[size]) : random.next() >>> (32 - size)
}
