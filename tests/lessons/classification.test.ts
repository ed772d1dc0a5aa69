/** What a classification shows in a notebook is read by the page as it is, also as an earlier version saved it. */
import { expect, test } from "vitest"
import { readOutput } from "../../lessons/src/output/read"
import { type ClassificationOutput, MIME_TYPE } from "../../src/views/output"
import { DISPLAY } from "../../src/views/show"
import { popekGoldberg } from "../../src/views/verdict"

const names = ["POPF", "POP SS", "CLI", "ADD", "LES"]
const verdict = popekGoldberg({ ring: 1 }, { states: 600, forms: ({ mnemonic }) => names.includes(mnemonic) })
/** As the page gets it: text in between. */
const carried = (shown: { [DISPLAY](): Record<string, unknown> }) =>
  JSON.parse(JSON.stringify(shown[DISPLAY]()[MIME_TYPE]))

test("a classification is read as it is", () => {
  const output = carried(verdict)
  expect(readOutput(output)).toEqual({ output })
})

test.each(["privileged", "control", "behaviour", "reversed"] as const)(
  "a %s witness is read as it is",
  (shows) => {
    const output = carried(
      verdict.witness(shows === "reversed" ? "POP SS" : shows === "privileged" ? "CLI" : "POPF", shows),
    )
    expect(output.witness.shows).toBe(shows)
    expect(readOutput(output)).toEqual({ output })
  },
)

test("a classification that was saved before pairs were counted is read, too", () => {
  const output = carried(verdict) as ClassificationOutput
  const forms = output.classification.forms.map(({ pairs: _, ...form }) => form)
  const old = { ...output, classification: { ...output.classification, forms } }
  expect(readOutput(old)).toEqual({ output: old })
})

test("a witness for something else is refused", () => {
  const output = carried(verdict.witness("POPF"))
  const reading = readOutput({ ...output, witness: { ...output.witness, shows: "magic" } })
  expect("sentence" in reading && reading.sentence).toContain("witness.witness.shows should be one of")
})
