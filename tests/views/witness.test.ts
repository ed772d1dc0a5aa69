/** A witness is shown as two recordings: each must replay to where it ended, whatever the architecture it ran on. */
import { describe, expect, it } from "vitest"
import { createPlayer } from "../../src/player"
import { CONDITIONS, offendersOf, type Witness } from "../../src/theory/classification"
import { classify } from "../../src/theory/ia32/classify"
import { provisional } from "../../src/theory/ia32/recheck"
import { differences } from "../../src/views/difference"
import { type ClassificationOutput, MIME_TYPE } from "../../src/views/output"
import type { Answer } from "../../src/views/player"
import { DISPLAY } from "../../src/views/show"
import { mostTelling, popekGoldberg, titleOf } from "../../src/views/verdict"
import { recordWitness } from "../../src/views/witness"

const TELLING = ["POPF", "SGDT", "SMSW", "STR", "OUT", "LAR"]
const few = (mnemonics: readonly string[]) => ({
  states: 400,
  forms: ({ mnemonic }: { mnemonic: string }) => mnemonics.includes(mnemonic),
})

function openBoth(witness: Witness): Answer[] {
  const { left, right } = recordWitness(witness)
  const player = createPlayer()
  const answers: Answer[] = []
  for (const [recording, output] of [left, right].entries())
    player.handle(
      { id: recording, do: "open", recording, output: JSON.parse(JSON.stringify(output)) },
      (answer) => answers.push(answer),
    )
  return answers
}

describe("a witness' recordings", () => {
  const { forms } = classify(CONDITIONS, few(TELLING))

  it.each(forms.map((form) => [form.form, form] as const))("replay to their end: %s", (_, form) => {
    const witness = mostTelling(form.witnesses)
    if (!witness) return
    for (const answer of openBoth(witness)) {
      expect(answer).toMatchObject({ is: "opened" })
      expect(answer).not.toHaveProperty("warning")
    }
  })

  it.each(offendersOf(classify(CONDITIONS, { states: 400 })))(
    "of every offender replay: $form",
    ({ witnesses }) => {
      const witness = mostTelling(witnesses)
      expect(witness?.left.ring).toBe(3)
      for (const answer of openBoth(witness as Witness)) {
        expect(answer).toMatchObject({ is: "opened" })
        expect(answer).not.toHaveProperty("warning")
      }
    },
  )

  it("replay on the repaired architecture that they ran on", () => {
    const repaired = classify({ ...CONDITIONS, repaired: ["POPF"] }, few(["POPF"]))
    const witness = repaired.forms[0].witnesses.privileged as Witness
    expect(witness.sentence).toContain("traps")
    for (const answer of openBoth(witness)) {
      expect(answer).toMatchObject({ is: "opened" })
      expect(answer).not.toHaveProperty("warning")
    }
  })

  it("differ where the witness says so", () => {
    const popf = popekGoldberg({}, few(["POPF"])).witness("POPF", "behaviour")
    const { left, right } = recordWitness(popf.witness)
    expect(differences(left.view, right.view)).not.toEqual([])
  })
})

describe("a verdict", () => {
  const verdict = popekGoldberg({ ring: 1 }, few(["POPF", "CLI", "ADD"]))

  it("is shown with picture and text", () => {
    expect(titleOf({ ...CONDITIONS, umip: true, repaired: ["POPF"] })).toBe(
      "IA-32 in ring 3, IOPL 0, with UMIP, POPF repaired",
    )
    expect(titleOf({ ...CONDITIONS, ring: 1, repaired: ["POPF", "IRET", "SGDT", "STR"] })).toBe(
      "IA-32 in ring 1, IOPL 0, 4 instructions repaired",
    )
    expect(verdict.offenders).toEqual(["POPF"])
    const { "image/svg+xml": picture, "text/plain": text } = verdict[DISPLAY]()
    expect(picture).toContain("POPF")
    expect(text).toContain("Virtualizable: no.")
  })

  it("stays right when witnesses are run again: a form that only sometimes traps is not privileged", () => {
    const { forms } = classify({ ...CONDITIONS, ring: 1 }, few(["LES", "POPF"]))
    const repaired = { ...CONDITIONS, ring: 1, repaired: ["POPF"] } as const
    const again = provisional(forms, repaired).forms
    const privileged = again.filter((form) => form.privileged).map(({ mnemonic }) => mnemonic)
    expect(new Set(privileged)).toEqual(new Set(["POPF"]))
  })

  it("carries one witness a form, and of forms in neither set only that they trap in ring 0 alone", () => {
    const { [MIME_TYPE]: output } = popekGoldberg({ ring: 1 }, few(["LES", "POP SS", "POPF"]))[DISPLAY]()
    const { forms } = (output as ClassificationOutput).classification
    const carried = new Map(forms.map(({ mnemonic, witnesses }) => [mnemonic, Object.keys(witnesses)]))
    expect(Object.fromEntries(carried)).toEqual({ LES: [], "POP SS": ["reversed"], POPF: ["behaviour"] })
  })

  it("says which witness there is not", () => {
    expect(() => verdict.witness("ADD")).toThrow("there is no witness for ADD")
    expect(() => verdict.forms("NOSUCH")).toThrow("no instruction is called NOSUCH")
  })
})
