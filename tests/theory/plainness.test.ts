/** Of the witnesses that a search finds, the one is kept in which fewest bits differ or change. */
import { describe, expect, test } from "vitest"
import { bitsInWords, CONDITIONS, type Witness } from "../../src/theory/classification"
import { classify } from "../../src/theory/ia32/classify"
import { Ia32 } from "../../src/theory/ia32/subject"
import { bitsBetween, isPlainer } from "../../src/theory/plainness"

test.each([
  [[0, 7], [0, 7], 0],
  [[0, 3], [0, 0], 2],
  [[-1, 1], [0, 0], 33],
])("the bits between %j and %j are %i", (one, other, bits) => {
  expect(bitsBetween(Int32Array.from(one), Int32Array.from(other))).toBe(bits)
})

test("bits decide between what ranks the same, and nothing else", () => {
  expect(isPlainer({ rank: 1, bits: 3 }, { rank: 1, bits: 4 })).toBe(true)
  expect(isPlainer({ rank: 1, bits: 4 }, { rank: 1, bits: 4 })).toBe(false)
  expect(isPlainer({ rank: 2, bits: 0 }, { rank: 1, bits: 9 })).toBe(false)
  expect(isPlainer({ rank: 2, bits: 0 }, undefined)).toBe(true)
})

test.each([
  [{ before: 2, after: 3 }, "2 bits before the instruction and 3 after it"],
  [{ before: 1, after: 1 }, "1 bit before the instruction and as many after it"],
])("%j is told as “%s”", (bits, words) => {
  expect(bitsInWords(bits)).toBe(words)
})

describe("a witness of IA-32", () => {
  const { forms } = classify(CONDITIONS, {
    states: 400,
    forms: ({ mnemonic }) => ["POPF", "SGDT", "STR", "SMSW", "PUSHF", "CLI", "LAR"].includes(mnemonic),
  })
  const witnesses = forms.flatMap(({ witnesses }) => Object.values(witnesses))
  const parts = new Ia32(CONDITIONS, [])
  const runs = ({ left, right }: Witness) => [parts.run(left, 0), parts.run(right, 1)] as const

  test("of POPF differs in the mode, and afterwards in IF, too; no other flag that it pops is another one than before", () => {
    const popf = forms.find(({ form }) => form === "POPFD")?.witnesses.behaviour as Witness
    expect(popf.differs).toBe("mode")
    expect(popf.bits).toEqual({ before: 2, after: 3 })
    const [user, supervisor] = runs(popf)
    const named = (from: Int32Array, to: Int32Array) =>
      parts.parts.flatMap(({ name }, n) => (from[n] === to[n] ? [] : [name]))
    expect(named(user.before, user.after)).toEqual(["ESP", "EIP"])
    expect(named(supervisor.before, supervisor.after)).toEqual(["IF", "ESP", "EIP"])
  })

  test.each(witnesses.map((witness) => [witness.form, witness.shows, witness] as const))(
    "of %s (%s) says in how many bits its states differ",
    (_, __, witness) => {
      const [a, b] = runs(witness)
      expect(witness.bits).toEqual({
        before: bitsBetween(a.before, b.before),
        after: bitsBetween(a.after, b.after),
      })
      expect(witness.bits?.before).toBeGreaterThan(0)
    },
  )
})
