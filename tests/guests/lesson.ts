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

/** The values of a lesson's code cells by their ids. */
export class Lesson {
  private readonly results = new Map<string, unknown>()

  /** `changes`: what a student changes in the code cells of these ids. */
  constructor(name: string, changes: Readonly<Record<string, readonly Change[]>> = {}) {
    this.context = createContext({ ringlab, console: { log: () => {} } })
    for (const { id, source } of cellsOf(name).filter(({ cell_type }) => cell_type === "code"))
      this.results.set(id, this.run((changes[id] ?? []).reduce(changed, source.join(""))))
  }

  private readonly context: Context

  /** What one more cell would give. */
  run(source: string): unknown {
    return runInContext(script(source), this.context)
  }

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
