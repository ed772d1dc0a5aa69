/** Predictions: how their Markdown is read, which cell they ask about, and how far a notebook is scrolled to what happened. */
import { Signal } from "@lumino/signaling"
import type { Widget } from "@lumino/widgets"
import { describe, expect, test } from "vitest"
import { Hand } from "../../lessons/src/predict/hand"
import { questionsOf } from "../../lessons/src/predict/order"
import { objection, type Question, questionsIn, told } from "../../lessons/src/predict/question"
import { scrollFor } from "../../lessons/src/predict/reveal"

const lines = (...all: readonly string[]) => all.join("\n")
const CHOICE = lines("> **Predict.** What does `popf` do?", "> - [ ] It *faults*", "> - [ ] Nothing")

describe("a quotation that begins with Predict asks", () => {
  const choice = { kind: "choice", text: "What does `popf` do?", options: ["It *faults*", "Nothing"] }
  test.each<[string, string, unknown]>([
    ["a choice", CHOICE, choice],
    ["a choice, set off by empty lines of the quotation", CHOICE.replace("?\n", "?\n>\n"), choice],
    ["a choice whose options go on", CHOICE.replace("*faults*", "\n>   *faults*"), choice],
    ["a choice in a file with CRLF", CHOICE.replaceAll("\n", "\r\n"), choice],
    [
      "a number and its unit",
      lines("> **Predict.** How many", "> visits? [____] visits"),
      { kind: "number", text: "How many visits?", unit: "visits" },
    ],
    ["a number alone", "> **Predict.** EIP? [__]", { kind: "number", text: "EIP?", unit: "" }],
    ["a line", "> **Predict.** What runs? [`____`]", { kind: "line", text: "What runs?", unit: "" }],
  ])("%s", (_, markdown, question) => {
    expect(questionsIn(`Before.\n\n${markdown}\n\nAfter.`)).toEqual([question])
  })
})

test.each([
  ["nothing to fill in", "> **Predict.** What comes?"],
  ["one option", "> **Predict.** What comes?\n> - [ ] This"],
  ["an option twice", `${CHOICE}\n> - [ ] Nothing`],
  ["an empty option", `${CHOICE}\n> - [ ] `],
  ["two blanks", "> **Predict.** [__] and [__]"],
  ["options and a blank", CHOICE.replace("?", "? [____]")],
])("a question with %s stays text", (_, markdown) => {
  expect(questionsIn(markdown)).toEqual([undefined])
})

test.each([
  ["another quotation", "> Predict. [____]"],
  ["what is no quotation", "**Predict.** How many? [____]"],
  ["code", lines("```", CHOICE, "```")],
  ["code in a longer fence", lines("````", "```", CHOICE, "````")],
])("%s asks nothing", (_, markdown) => {
  expect(questionsIn(markdown)).toEqual([])
})

test("questions of a text are read in order, those without a form too", () => {
  const bad = "> **Predict.** Well?"
  const kinds = questionsIn(lines(bad, "", CHOICE, "", "> **Predict.** EIP? [__]")).map((each) => each?.kind)
  expect(kinds).toEqual([undefined, "choice", "number"])
})

test("a question asks about the next cell with code, wherever texts stand between, and is kept under its cell's id", () => {
  const asks = "> **Predict.** EIP? [__]"
  const cells = [
    ["a", "code", asks],
    ["b", "markdown", `${asks}\n\n${asks}`],
    ["c", "markdown", "Text."],
    ["d", "raw", ""],
    ["e", "code", "hlt"],
    ["f", "markdown", asks],
  ].map(([id, type, source]) => ({ id, type, source }))
  expect(questionsOf(cells).map(({ place, about }) => [place, about])).toEqual([
    ["b", "e"],
    ["b 2", "e"],
    ["f", undefined],
  ])
})

const NUMBER: Question = { kind: "number", text: "", unit: "visits" }
const LINE: Question = { kind: "line", text: "", unit: "" }

test.each(["12", "-3", "0.5", "1,024", "0x2A", "2Ah", "0FFh"])("%s is a number", (guess) => {
  expect(objection(NUMBER, guess)).toBe("")
})

test.each(["many", "0x", "12 visits", "1.", "FFh "])("“%s” is no number, and is not kept", (guess) => {
  expect(objection(NUMBER, guess)).toMatch(/^This should be a number/)
  expect(objection(LINE, guess)).toBe("")
})

test("a guess is told with its unit, a line as code, and an option without its marks", () => {
  expect(told(NUMBER, "3")).toBe("3 visits")
  expect(told(LINE, "iretd")).toBe("`iretd`")
  expect(told({ kind: "choice", text: "", options: [] }, "It *faults*: `a*b`, [see](#x)")).toBe(
    "It faults: `a*b`, see",
  )
})

describe("after a run the notebook", () => {
  const VIEW = { top: 100, bottom: 700 }
  const cell = (top: number, code: number, output: number) =>
    scrollFor(VIEW, { top, bottom: top + code + output }, { top: top + code, bottom: top + code + output })

  test.each([
    ["stays where all is in view", 200, 100, 300, 0],
    ["stays where the first part of a long output is in view", 200, 100, 2000, 0],
    ["moves by no more than is needed to show a whole cell", 500, 100, 200, 108],
    [
      "puts the first line on top where the cell is too long, but the first part of its output fits",
      300,
      200,
      500,
      192,
    ],
    ["lets the code go where it leaves no room", 150, 400, 500, 358],
    ["puts an output that is longer than the view on top", 150, 400, 2000, 442],
    ["goes back to an output above", -200, 100, 300, -308],
  ])("%s", (_, top, code, output, by) => {
    expect(cell(top, code, output)).toBe(by)
  })
})

describe("a cell that ends is the one that the reader waits for", () => {
  const ONE = "notebook:run-cell-and-select-next"

  /** JupyterLab with a notebook in front, and what was given there: each command is ended by its own function. */
  function desk() {
    const commandExecuted = new Signal<object, { id: string; result: Promise<unknown> }>({})
    const panel = { node: new EventTarget(), disposed: new Signal<object, void>({}) } as unknown as Widget
    const shell = { currentWidget: panel as Widget | null }
    const give = (id: string) => {
      let end = (_?: unknown) => {}
      const result = new Promise((resolve) => (end = resolve))
      commandExecuted.emit({ id, result })
      return async () => {
        end()
        await result
      }
    }
    return { hand: new Hand({ commands: { commandExecuted }, shell }, panel), give, shell, panel }
  }

  test("while the command that ran it is not through", async () => {
    const { hand, give } = desk()
    expect(hand.isWaiting).toBe(false)
    const end = give(ONE)
    give("docmanager:save")
    expect(hand.isWaiting).toBe(true)
    await end()
    expect(hand.isWaiting).toBe(false)
  })

  test("if it was run last", async () => {
    const { hand, give } = desk()
    const [first] = [give(ONE), give(ONE)]
    expect(hand.isWaiting).toBe(false)
    await first()
    expect(hand.isWaiting).toBe(true)
  })

  test.each(["notebook:run-all-cells", "notebook:restart-run-all"])("but not during %s", async (many) => {
    const { hand, give } = desk()
    const end = give(many)
    give(ONE)
    expect(hand.isWaiting).toBe(false)
    await end()
    expect(hand.isWaiting).toBe(true)
  })

  test.each(["wheel", "touchmove", "pointerdown", "keydown"])("but not after a %s", (act) => {
    const { hand, give, panel } = desk()
    give(ONE)
    panel.node.dispatchEvent(new Event(act))
    expect(hand.isWaiting).toBe(false)
  })

  test("but not in another notebook", () => {
    const { hand, give, shell } = desk()
    shell.currentWidget = null
    give(ONE)
    expect(hand.isWaiting).toBe(false)
  })
})
