import { describe, expect, test } from "vitest"
import type { Question } from "../../src/exercises/exercise"
import { readNumber } from "../../src/exercises/posed"
import { TRAP_EXERCISES } from "../../src/exercises/traps"
import { asker, describeLaws, rightOnes, SEEDS, SLOW } from "./laws"

/** What each exercise knows of how people think; every one must show up within the seeds. */
const MISCONCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  "traps/saved-eip": ["fault-as-trap", "trap-as-fault", "handler-address", "start-over"],
  "traps/frame": [
    "no-stack-switch",
    "outer-stack-not-saved",
    "always-five",
    "forgotten-error-code",
    "error-code-always",
    "stack-grows-up",
    "first-pushed-on-top",
  ],
  "traps/gate": [
    "gate-dpl-ignored",
    "dpl-checked-for-exceptions",
    "not-present-is-gp",
    "error-code-zero",
    "error-code-is-vector",
    "missing-gate-used",
    "present-gate-missing",
  ],
  "traps/order-of-checks": [
    "later-check-first",
    "two-defects-double-fault",
    "gp-np-mixed-up",
    "error-code-is-vector",
  ],
  "traps/interrupt-flag": [
    "interrupt-gate-keeps-if",
    "trap-gate-clears-if",
    "handler-flag-survives",
    "saved-flags-are-fixed",
    "iret-enables",
  ],
  "traps/device": [
    "mask-ignored",
    "greatest-number-first",
    "if-ignored",
    "in-service-ignored",
    "line-is-vector",
    "handlers-never-nest",
  ],
  "traps/double-fault": [
    "handler-runs-anyway",
    "always-one-after-the-other",
    "always-double-fault",
    "second-fault-kills",
  ],
}

const WITH_ERROR_CODE = /handler of (#GP|#TS|#NP|#SS|#PF) /

/** ESP in the handler, by the manual's rule and the numbers in the question: not by running anything. */
function espByRule({ text }: Question): number {
  const [, ring, esp, esp0] = /ring (\d)\..* ESP is (\w+)h just.* stack 0010h:(\w+)h/.exec(text) ?? []
  const saved = (ring === "0" ? 3 : 5) + (WITH_ERROR_CODE.test(text) ? 1 : 0)
  return Number.parseInt(ring === "0" ? esp : esp0, 16) - 4 * saved
}

/** Answers to try: the options; or numbers around the one that the rule gives. */
function answersTo(question: Question): readonly string[] {
  if (question.form.kind === "choice") return question.form.options
  const right = espByRule(question)
  const [, esp] = /ESP is (\w+)h just/.exec(question.text) ?? []
  const from = Number.parseInt(esp, 16)
  const near = [right, right + 4, right - 4, right + 8, right + 40, right + 48]
  return [...near, from - 12, from - 16, from - 20, from - 24].map((number) => `0x${number.toString(16)}`)
}

const overSeeds = asker(answersTo)

test("there are at least five exercises on traps", () => {
  expect(TRAP_EXERCISES.length).toBeGreaterThanOrEqual(5)
  expect(Object.keys(MISCONCEPTIONS).sort()).toEqual(TRAP_EXERCISES.map(({ name }) => name).sort())
})

for (const [name, misconceptions] of Object.entries(MISCONCEPTIONS))
  describeLaws(name, misconceptions, overSeeds)

describe("the right answer is the manual's", () => {
  /** The different right answers of all questions that say so. */
  const right = (name: string, pattern: RegExp) => {
    const chosen = overSeeds(name).filter(({ question: { text, listing } }) =>
      pattern.test(`${text}\n${listing}`),
    )
    return [...new Set(chosen.flatMap(rightOnes))]
  }

  test.each([
    ["a division by zero saves its own address", "traps/saved-eip", /handler of #DE/, "L3"],
    ["INT 80h saves the address behind it", "traps/saved-eip", /handler of INT 80h/, "L3"],
    [
      "INT 13 from ring 3 through a gate of DPL 0 is #GP(006Ah)",
      "traps/gate",
      /ring 3 the program runs `int 13`(.|\n)*0Dh {5}\w+ +0 /,
      "general_protection, error code 006Ah",
    ],
    [
      "a division by zero in ring 3 may use a gate of DPL 0",
      "traps/gate",
      /ring 3 the program runs `div(.|\n)*00h {5}\w+ +0 /,
      "divide_error, without an error code",
    ],
    [
      "an interrupt gate clears IF, and IRET gives it back",
      "traps/interrupt-flag",
      /IF is 1.*an interrupt gate(.|\n)*instruction\n {2}nop/,
      "A: 0, B: 0, C: 1",
    ],
    [
      "a trap gate leaves IF alone",
      "traps/interrupt-flag",
      /IF is 1.*a trap gate(.|\n)*instruction\n {2}nop/,
      "A: 1, B: 1, C: 1",
    ],
    [
      "#DE whose gate is missing is a double fault",
      "traps/double-fault",
      /into #DE.*its gate is not present\. There are/,
      "#DF",
    ],
    [
      "#UD whose gate is missing is not",
      "traps/double-fault",
      /into #UD.*its gate is not present\. There are/,
      "#NP",
    ],
  ])(
    "%s",
    (_, name, pattern, answer) => {
      expect(right(name, pattern)).toEqual([answer])
    },
    SLOW,
  )
})

test(
  "ESP in a handler is what the manual's rule gives, over all seeds that ask for it",
  () => {
    const numbers = overSeeds("traps/frame").filter(({ question: { form } }) => form.kind === "number")
    expect(numbers.length).toBeGreaterThan(SEEDS.length / 4)
    for (const each of numbers)
      expect(rightOnes(each), `seed ${each.question.seed}`).toEqual([
        `0x${espByRule(each.question).toString(16)}`,
      ])
  },
  SLOW,
)

/** Which interrupt comes, by the rules of the 8259A and IF: not by running anything. */
function interruptByRule({ text, listing = "" }: Question): string {
  const number = (pattern: RegExp) => Number.parseInt(pattern.exec(text)?.[1] ?? "8", 16)
  const [base, masked, served] = [/is vector (\w+)h/, /Line (\d) is masked/, /handler of line (\d)/].map(
    number,
  )
  const rising = [...text.replace(/^.*the lines/s, "").matchAll(/(\d) \(/g)].map(([, line]) => Number(line))
  const limit = listing.includes("out 0x20") ? 8 : served
  const heard = rising.filter((line) => line !== masked && line < limit)
  if (!listing.includes("sti") || heard.length === 0) return "none before IRET"
  return `vector ${(base + Math.min(...heard)).toString(16).toUpperCase()}h`
}

test(
  "the interrupt that comes through is the one that the rules give, over all seeds",
  () => {
    for (const each of overSeeds("traps/device"))
      expect(rightOnes(each), `seed ${each.question.seed}`).toEqual([interruptByRule(each.question)])
  },
  SLOW,
)

test.each([
  ["42", 42],
  ["0x2A", 42],
  ["2Ah", 42],
  [" 0010 0568h ", 0x100568],
  ["10h", 16],
])("reads %s as %i", (text, number) => {
  expect(readNumber(text)).toBe(number)
})

test.each(["", "2A", "h", "0x", "4.5", "-1", "1e3", "10 bytes"])("reads “%s” as no number", (text) => {
  expect(readNumber(text)).toBeUndefined()
})
