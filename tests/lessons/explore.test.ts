import { describe, expect, test } from "vitest"
import { addMessage, NOTHING_YET } from "../../lessons/src/explore/outcome"
import { readExploration } from "../../lessons/src/explore/read"

const sound = {
  core: "0.1.0",
  target: "ringlab-mwry51qc-5",
  parameters: [
    { name: "pages", kind: "range", label: "Pages", unit: "", min: 0, max: 9, step: 1, value: 0 },
    { name: "walk", kind: "choice", label: "Walk", options: ["1-D", "2-D"], value: "1-D" },
    { name: "on", kind: "toggle", label: "On", value: false },
  ],
  values: { pages: 3, walk: "1-D", on: true },
  printed: "",
}

describe("controls that an output carries", () => {
  test("are read as they are", () => {
    expect(readExploration(sound)).toEqual({ output: sound })
  })

  test.each(placesIn(sound))("give a sentence if %s is not what it should be", (place) => {
    for (const wrong of [null, [[]], { a: {} }]) {
      const reading = readExploration(withWrong(sound, place.split("."), wrong))
      expect(reading).toMatchObject({
        sentence: expect.stringMatching(/^These controls cannot be shown: .+\./),
      })
    }
  })

  test("may come with what the function displayed, which has to be a list of bundles", () => {
    const output = { ...sound, displays: [{ "text/html": "<b>8</b>" }] }
    expect(readExploration(output)).toEqual({ output })
    for (const displays of [null, {}, ["text"], [[]]])
      expect(readExploration({ ...sound, displays })).toHaveProperty("sentence")
  })

  test.each(["jupyter.widget", "ringlab-", "ringlab-mwry51qc-5 ", "x-ringlab-a-1"])(
    "cannot talk to anything in the kernel but a function to explore: %s",
    (target) => {
      expect(readExploration({ ...sound, target })).toHaveProperty("sentence")
    },
  )
})

describe("messages of a run", () => {
  const message = (type: string, content: object) => ({ header: { msg_type: type }, content }) as never
  const outcomeOf = (...messages: never[]) => messages.reduce(addMessage, NOTHING_YET)

  test("that only say how busy the kernel is change nothing", () => {
    expect(outcomeOf(message("status", { execution_state: "busy" }))).toBe(NOTHING_YET)
  })

  test("give all displays in their order, and all text that was printed", () => {
    const outcome = outcomeOf(
      message("stream", { name: "stdout", text: "one " }),
      message("display_data", { data: { "text/plain": "first" } }),
      message("stream", { name: "stderr", text: "two" }),
      message("display_data", { data: { "text/plain": "second" } }),
    )
    const bundles = [{ "text/plain": "first" }, { "text/plain": "second" }]
    expect(outcome).toEqual({ bundles, printed: "one two" })
  })

  test("that clear the output leave what comes after it", () => {
    const outcome = outcomeOf(
      message("stream", { name: "stdout", text: "one" }),
      message("display_data", { data: { "text/plain": "first" } }),
      message("clear_output", { wait: false }),
      message("display_data", { data: { "text/plain": "second" } }),
    )
    expect(outcome).toEqual({ bundles: [{ "text/plain": "second" }], printed: "" })
  })

  test("give an error as JupyterLab shows one, and as text without colours", () => {
    const { bundles } = outcomeOf(
      message("error", { traceback: ["\u001b[31;1mError\u001b[0m: no", "  at cell 1"] }),
    )
    expect(bundles[0]["text/plain"]).toBe("Error: no\n  at cell 1")
    expect(bundles[0]["application/vnd.jupyter.stderr"]).toContain("\u001b[31;1mError")
  })

  test("give no more text than a notebook should carry", () => {
    const outcome = outcomeOf(
      ...Array.from({ length: 30 }, () => message("stream", { text: "x".repeat(1000) })),
    )
    expect(outcome.printed).toHaveLength(20_000)
  })
})

/** The places of all parts of a value, such as "parameters.0.min". */
function placesIn(value: object, before = ""): string[] {
  return Object.entries(value).flatMap(([key, part]) => {
    const place = `${before}${key}`
    return typeof part === "object" ? [place, ...placesIn(part, `${place}.`)] : [place]
  })
}

/** A copy with something else at a place. */
function withWrong(value: unknown, [key, ...rest]: readonly string[], wrong: unknown): unknown {
  const copy = structuredClone(value) as Record<string, unknown>
  copy[key] = rest.length > 0 ? withWrong(copy[key], rest, wrong) : wrong
  return copy
}
