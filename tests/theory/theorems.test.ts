import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import type { FormVerdict } from "../../src/theory/classification"
import { Judgement, Theorems, theorem } from "../../src/theory/theorems"

const innocuous: FormVerdict = {
  form: "NOP",
  mnemonic: "NOP",
  group: "control",
  privileged: false,
  control: false,
  behaviour: false,
  userSensitive: false,
  offender: false,
  tried: 1,
  setAside: 0,
  pairs: { completed: 1, trapped: 0, reversed: 0 },
  witnesses: {},
}
const offender = (mnemonic: string, userSensitive: boolean): FormVerdict => ({
  ...innocuous,
  form: mnemonic,
  mnemonic,
  control: true,
  userSensitive,
  offender: true,
})
const judged = (...forms: readonly FormVerdict[]) => theorem({ forms })

describe("What follows from a classification", () => {
  test("One offender is told of in the singular", () => {
    const { virtualizable, hybrid } = judged(innocuous, offender("POPF", true))
    expect(virtualizable.reason).toBe("1 form is sensitive and completes in user mode: POPF.")
    expect(hybrid.reason).toBe("1 form is sensitive in user mode itself, and completes there: POPF.")
  })

  test("Several offenders are told of in the plural, and all are named", () => {
    const { virtualizable, hybrid } = judged(offender("POPF", true), offender("STR", true))
    expect(virtualizable.reason).toBe("2 forms are sensitive and complete in user mode: POPF and STR.")
    expect(hybrid.reason).toBe("2 forms are sensitive in user mode itself, and complete there: POPF and STR.")
  })

  test("An offender that is sensitive in supervisor mode only leaves a hybrid monitor possible, and no other", () => {
    const { virtualizable, hybrid, recursive } = judged(innocuous, offender("JRST 1", false))
    expect([virtualizable.holds, hybrid.holds, recursive.holds]).toEqual([false, true, false])
  })
})

test("a theorem's verdict shows itself in words, alone and with the others", () => {
  const judged = new Judgement(false, "1 form is sensitive and completes in user mode: POPF.")
  expect(inspect(judged)).toBe("No. 1 form is sensitive and completes in user mode: POPF.")
  const yes = new Judgement(true, "It can.")
  expect(inspect(new Theorems(judged, judged, yes))).toBe(
    "Virtualizable: no. 1 form is sensitive and completes in user mode: POPF.\nBy a hybrid monitor: yes. It can.\nRecursively: no. 1 form is sensitive and completes in user mode: POPF.",
  )
  expect(structuredClone(judged)).toEqual({ holds: judged.holds, reason: judged.reason })
})
