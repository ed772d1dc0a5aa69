/** Law: a condition's text says what the flags say, for every kind of operation, width, and edge of its operands. */
import { expect, test } from "vitest"
import { CF } from "../../src/isa/eflags"
import type { Plain, Processor } from "../../src/isa/processor"
import { add, and, dec, inc, sub } from "../../src/isa/semantics/alu"
import { CONDITIONS, TESTS } from "../../src/isa/semantics/flow"
import { conditionText } from "../../src/machine/engines/conditions"
import { Flags } from "../../src/machine/processor/flags"

const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, -0x8000_0000, -2, -1]
const OPERATIONS = { add, sub, and, inc, dec }

type Holds = (fa: number, fb: number, fr: number) => boolean
const compiled = (text: string): Holds => new Function("fa", "fb", "fr", `return ${text}`) as Holds

function disagreements(plain: Plain, code: number, holds: Holds): string[] {
  const found: string[] = []
  for (const a of EDGES)
    for (const second of EDGES)
      for (const unused of [0, 16, 24]) {
        const b = plain.fixed ?? second
        const [fa, fb, fr] = [a, b, plain.value(a, b)].map((value) => value << unused)
        const flags = new Flags()
        flags.value = second & 1 ? CF : 0
        flags.pend(plain.flags, fa, fb, fr, unused)
        const asked = TESTS[code]({ flags } as unknown as Processor)
        if (asked !== holds(fa, fb, fr)) found.push(`${a}, ${b}, ${32 - unused} bits`)
      }
  return found
}

const cases = Object.entries(OPERATIONS).flatMap(([name, { plain }]) =>
  CONDITIONS.flatMap(([condition], code) => {
    const text = plain && conditionText(code, plain.flags)
    return plain && text ? [[name, condition, plain, code, text] as const] : []
  }),
)

test.each(cases)("after %s, %s", (_name, _condition, plain, code, text) =>
  expect(disagreements(plain, code, compiled(text))).toEqual([]),
)

test("only parity, and carry after INC and DEC, must be asked for", () => {
  const missing = Object.entries(OPERATIONS).flatMap(([name, { plain }]) =>
    CONDITIONS.filter((_, code) => plain && !conditionText(code, plain.flags)).map(
      ([condition]) => `${name} ${condition}`,
    ),
  )
  const carry = ["B", "AE", "BE", "A"]
  const parity = Object.keys(OPERATIONS).flatMap((name) =>
    ["P", "NP"].map((condition) => `${name} ${condition}`),
  )
  const counted = ["inc", "dec"].flatMap((name) => carry.map((condition) => `${name} ${condition}`))
  expect(missing.sort()).toEqual([...parity, ...counted].sort())
})
