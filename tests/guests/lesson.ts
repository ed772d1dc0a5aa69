/** A lesson's code cells, run one after the other without a kernel: what each of them gives. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Context, createContext, runInContext } from "node:vm"
import ts from "typescript"
import * as ringlab from "../../src/index"

interface Cell {
  readonly id: string
  readonly cell_type: string
  readonly source: readonly string[]
}

function cellsOf(lesson: string): readonly Cell[] {
  const notebook = fileURLToPath(new URL(`../../notebooks/${lesson}.ipynb`, import.meta.url))
  return JSON.parse(readFileSync(notebook, "utf8")).cells
}

/** A cell as a script: imports are taken from `ringlab`, and names live on for the cells after it. */
function script(source: string): string {
  const plain = source
    .replace(/^import type .*$/gm, "")
    .replace(/^import (\{[^}]*\}) from "ringlab"$/gm, "var $1 = ringlab")
  const { outputText } = ts.transpileModule(plain, { compilerOptions: { target: ts.ScriptTarget.ES2020 } })
  return outputText.replace(/^(?:const|let) /gm, "var ")
}

/** What a student puts in place of what. */
export type Change = readonly [from: string, to: string]

function changed(source: string, [from, to]: Change): string {
  if (!source.includes(from)) throw new Error(`the cell does not have “${from}”`)
  return source.replace(from, () => to)
}

/** The steps that a text names: "step 25", "Steps 22, 32 and 42", "steps (32 to 39)". */
export function stepsIn(text: string): number[] {
  const lists = text.matchAll(/\bsteps?\s+\(?(\d+(?:(?:,\s|\sand\s|\sto\s)\d+)*)/gi)
  return [...new Set([...lists].flatMap(([, list]) => list.match(/\d+/g) ?? []))].map(Number)
}

/** What a text says of a step of the run that a code cell records: the step's sentence has to be like this. */
export type Claim = readonly [text: string, code: string, step: number, sentence: RegExp]

/** The steps that claims speak of, as `namedSteps` has them. */
export const claimedSteps = (claims: readonly Claim[]) => [
  ...new Set(claims.map(([text, , step]) => `${text} ${step}`)),
]

/** The values of a lesson's code cells by their ids. */
export class Lesson {
  private readonly results = new Map<string, unknown>()

  /** `changes`: what a student changes in the code cells of these ids. */
  constructor(name: string, changes: Readonly<Record<string, readonly Change[]>> = {}) {
    const texts = cellsOf(name).filter(({ cell_type }) => cell_type === "markdown")
    this.namedSteps = texts.flatMap(({ id, source }) =>
      stepsIn(source.join("")).map((step) => `${id} ${step}`),
    )
    this.context = createContext({ ringlab, console: { log: () => {} } })
    for (const { id, source } of cellsOf(name).filter(({ cell_type }) => cell_type === "code"))
      this.results.set(id, this.run((changes[id] ?? []).reduce(changed, source.join(""))))
  }

  private readonly context: Context

  /** What one more cell would give. */
  run(source: string): unknown {
    return runInContext(script(source), this.context)
  }

  /** The steps that its texts name, each once, behind the id of the text: "frame-notice 25". */
  readonly namedSteps: readonly string[]

  recording(id: string): ringlab.Recording {
    return this.results.get(id) as ringlab.Recording
  }

  /** A cell's value as plain data of this realm. */
  value(id: string) {
    return JSON.parse(JSON.stringify(this.results.get(id)))
  }

  /** The sentence of a step, in one line. */
  sentence(id: string, step: number): string {
    return this.recording(id).frame(step).sentence.replace(/\s+/g, " ")
  }
}
