import { expect, test } from "vitest"
import { compress, expand } from "../../src/numbers/compress"
import { random } from "../../src/numbers/random"

/** A text of pieces that come again, near and far, and of odd characters between them. */
function textFrom(seed: number): string {
  const chance = random(seed)
  const pieces = ["[1,0,128],", '"state":', "~~~", "~AAB", "é€😀", "\\u0000", "0", "x".repeat(9000)]
  const length = chance.below(200)
  return Array.from({ length }, () => pieces[chance.below(chance.below(20) === 0 ? 8 : 7)]).join("")
}

test("a text is the same after it was compressed", () => {
  for (let seed = 0; seed < 300; seed++) {
    const text = textFrom(seed)
    expect(expand(compress(text)) === text, `seed ${seed}`).toBe(true)
  }
})

test("what repeats becomes short, what does not stays as it is but for its tildes", () => {
  const marks = "[1,3,0],[1,3,3],".repeat(10_000)
  expect(compress(marks).length).toBeLessThan(marks.length / 15)
  expect(compress("abcdefg~")).toBe("abcdefg~~")
})

test("a short text cannot stand for a very long one: a letter for at most 18", () => {
  expect(compress("x".repeat(100_000)).length * 18).toBeGreaterThan(100_000)
})

test.each(["~", "abc~AA", "~AA~~A", "abc~AAE", "~AAA", "abc~AAA", "abc~A!B"])(
  "a text that is damaged is refused: %s",
  (text) => {
    expect(() => expand(text)).toThrow(/^the compressed text is damaged/)
  },
)
