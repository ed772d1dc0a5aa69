/** What a cell shows of exercises. */
import { inspect } from "node:util"
import { expect, test } from "vitest"
import { exercise, grade } from "../../src/index"
import { DISPLAY, type Shown } from "../../src/views/show"

const asked = exercise("rings/iopl", 3)
const options = asked.question.form.kind === "choice" ? asked.question.form.options : []
const rightOne = options.find((option) => asked.check(option).right) ?? ""
const wrongOne = options.find((option) => !asked.check(option).right) ?? ""

test("a check reads as a sentence in a cell, with the verdict first", () => {
  expect(inspect(asked.check(rightOne))).toMatch(/^Right\. The lines were run with each IOPL/)
  expect(inspect(asked.check(wrongOne))).toMatch(/^Not yet\. \S/)
  expect(inspect([asked.check(rightOne)])).not.toContain("right: true")
  const shown = (asked.check(wrongOne) as unknown as Shown)[DISPLAY]()
  expect(shown["text/markdown"]).toMatch(/^\*\*Not yet\.\*\* \S/)
})

test("a check's parts are plain data for a program, and for grading", () => {
  const { right, text, rule } = structuredClone(asked.check(wrongOne))
  expect({ right, text: text.length > 0, rule: (rule ?? "").length > 0 }).toEqual({
    right: false,
    text: true,
    rule: true,
  })
  expect([grade(asked.check(rightOne), 2), grade(asked.check(wrongOne), 2)]).toEqual([2, 0])
})
