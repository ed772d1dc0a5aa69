/** Reads the controls that an output carries. Notebooks come from anywhere, so every part is looked at first. */
import { type Check, check, type ExploreOutput, Malformed } from "ringlab"
import { parameterValues } from "../output/read"

const { list, number, object, oneOf, text, truth } = check

/** The kernel shows fewer for one run. */
const MOST_DISPLAYS = 10_000
const word = text(200)
const size = number(-Number.MAX_VALUE, Number.MAX_VALUE)

const KINDS: Readonly<Record<string, Check>> = {
  range: object({ label: word, unit: word, min: size, max: size, step: size, value: size }),
  choice: object({ label: word, options: list(word, 1000), value: word }),
  toggle: object({ label: word, value: truth }),
}

const parameter: Check = (value, where) => {
  object({ name: word, kind: oneOf(...Object.keys(KINDS)) })(value, where)
  KINDS[(value as { kind: string }).kind](value, where)
}

/** A notebook from anywhere must not talk to whatever else the kernel may listen to. */
const target: Check = (value, where) => {
  word(value, where)
  if (!/^ringlab-[a-z\d]+-\d+$/.test(value as string))
    throw new Malformed(where, "the name of a function to explore")
}

const output = object({
  core: word,
  target,
  parameters: list(parameter, 100),
  values: parameterValues,
  printed: text(100_000),
  "displays?": list(object({}), MOST_DISPLAYS),
})

/** What can be shown, or the sentence that says why it cannot. Never throws. */
export function readExploration(
  data: unknown,
): { readonly output: ExploreOutput } | { readonly sentence: string } {
  try {
    output(data, "the exploration")
    return { output: data as ExploreOutput }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { sentence: `These controls cannot be shown: ${why}. Run the cell again to make them anew.` }
  }
}
