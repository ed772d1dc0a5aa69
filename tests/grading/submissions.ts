import type { Cell, Scores, Work } from "./course"

/** Right answers to the example assignment, by the names of the cells that they go into. */
export const RIGHT = {
  iopl: 'let iopl = "2"',
  "find-out": "let lines = `mov ebp, cs\nand ebp, 3`",
  frame: `function espInHandler(ring: number, esp: number, esp0: number, errorCode: boolean): number {
  return (ring > 0 ? esp0 : esp) - 4 * ((ring > 0 ? 5 : 3) + (errorCode ? 1 : 0))
}`,
  adder: `function adder() {
  return {
    name: "adder",
    state: { sum: 0 },
    ports: [[0x300, 0x300]] as Span[],
    out(_port: number, _size: number, value: number, _host: DeviceHost) {
      this.state.sum += value
    },
    in(_port: number, _size: number, _host: DeviceHost) {
      const { sum } = this.state
      this.state.sum = 0
      return sum
    },
  }
}`,
} as const

type Answers = Partial<Record<keyof typeof RIGHT, string>>

/** Writes all right answers into the released notebook, but for those given. */
export const answering =
  (answers: Answers = {}): Work =>
  (cells) =>
    Object.entries({ ...RIGHT, ...answers }).reduce((all, [id, source]) => rewritten(all, id, source), cells)

const rewritten = (cells: readonly Cell[], id: string, source: string): readonly Cell[] =>
  cells.map((cell) => (cell.id === id ? { ...cell, source } : cell))

const points = (iopl: number, findOut: number, frame: number, adder: number): Scores => ({
  "iopl-test": iopl,
  "find-out-test": findOut,
  "frame-test": frame,
  "adder-test": adder,
})

/** The student's second thoughts: the answer in two cells, one cell twice, and the last test gone. */
const untidy: Work = (cells) =>
  cells.flatMap((cell) => {
    const plain = { ...cell, metadata: {} }
    if (cell.id === "find-out")
      return [
        { ...cell, source: 'let lines = "mov ebp, cs"' },
        { ...plain, id: "more", source: 'lines += "\\nand ebp, 3"' },
      ]
    if (cell.id === "iopl") return [{ ...cell, id: "copied", source: 'let iopl = "0"' }, cell]
    return cell.id === "adder-test" ? [] : [cell]
  })

/** Finds the id of its own cell, and lets a widget take the outputs of cells with the next ids: nbgrader's client would obey. */
const WIDGET = `import { executionAsyncResource } from "node:async_hooks"
const resource = executionAsyncResource() as any
const stores = Object.getOwnPropertySymbols(resource).map((symbol) => resource[symbol])
const [, stem = "", last = 0] = stores.find((store) => store?.id)?.id.match(/^(.*_)(\\d+)$/) ?? []
const state = { _model_module: "@jupyter-widgets/output", _model_name: "OutputModel", outputs: [] }
const widget = (globalThis as any)[Symbol.for("ringlab.host")].comm("jupyter.widget", { state }, {})
for (let n = 1; n < 60; n++) widget.send({ method: "update", state: { msg_id: stem + (Number(last) + n) } })`

const ESP_ONLY = "const espInHandler = (_ring: number, esp: number, esp0: number, _errorCode: boolean)"

/** A device that adds nothing: reading its port gives the same, or what was written last. */
const device = (read: string) => `const adder = () => ({
  name: "adder",
  state: { last: 0 },
  ports: [[0x300, 0x300]] as Span[],
  out(_port: number, _size: number, value: number) { this.state.last = value },
  in() { return ${read} },
})`

interface Submission {
  readonly work: Work
  readonly scores: Scores
}

/** Students whose notebooks run like a right one, with other answers. What they get is a matter of the tests' cells alone. */
export const MISTAKEN: Readonly<Record<string, Submission>> = {
  wrong: {
    work: answering({
      iopl: 'let iopl = "0"',
      "find-out": 'let lines = "mov ebp, 3"',
      frame: "const espInHandler = (_ring: number, esp: number, _esp0: number, _errorCode: boolean) => esp",
      adder:
        'const adder = () => ({ name: "adder", state: 0, ports: [[0x300, 0x300]] as Span[], in: () => 77 })',
    }),
    scores: points(0, 0, 0, 0),
  },
  constant: {
    work: answering({
      iopl: 'let iopl = "1"',
      "find-out": 'let lines = "mov ebp, 1"',
      frame: "const espInHandler = (..._all: unknown[]) => 0x18fc",
      adder: device("0"),
    }),
    scores: points(0, 0, 0, 0),
  },
  "one-rule": {
    work: answering({
      frame: `${ESP_ONLY} => esp0 - 20`,
      adder: device("this.state.last"),
    }),
    scores: points(1, 3, 0, 0),
  },
  "another-rule": {
    work: answering({ frame: `${ESP_ONLY} => esp - 12`, adder: device("4") }),
    scores: points(1, 3, 0, 0),
  },
}

/** What students do, one thing each: `npm run soak -- autograde` grades each alone. */
const HABITS = {
  "syntax-error": { frame: "function espInHandler(ring: number, {" },
  "type-error": { iopl: "let iopl: string\niopl = 2" },
  "endless-loop": { "find-out": 'let lines = ""\nwhile (true) {}' },
  "throwing-promise": {
    "find-out": `${RIGHT["find-out"]}\nPromise.resolve().then(() => { throw new Error("nobody listens") })`,
    frame: `async function espInHandler(..._all: unknown[]): Promise<number> {
  await null
  throw new Error("not today")
}`,
  },
  "on-stderr": {
    iopl: `console.error("thinking")\n${RIGHT.iopl}`,
    frame: RIGHT.frame.replace("return", 'console.error("pushing")\n  process.stderr.write("!")\n  return'),
    adder: RIGHT.adder.replace(
      "this.state.sum += value",
      "console.error(value)\n      this.state.sum += value",
    ),
  },
  hijacking: { iopl: `let iopl = "0"\n${WIDGET}` },
} satisfies Readonly<Record<string, Answers>>

/** Students whose work has one fault. */
export const ALONE: Readonly<Record<string, Submission>> = {
  right: { work: answering(), scores: points(1, 3, 3, 3) },
  "syntax-error": { work: answering(HABITS["syntax-error"]), scores: points(1, 3, 0, 3) },
  "type-error": { work: answering(HABITS["type-error"]), scores: points(0, 3, 3, 3) },
  "endless-loop": { work: answering(HABITS["endless-loop"]), scores: points(1, 0, 3, 3) },
  "throwing-promise": { work: answering(HABITS["throwing-promise"]), scores: points(1, 3, 0, 3) },
  "on-stderr": { work: answering(HABITS["on-stderr"]), scores: points(1, 3, 3, 3) },
  hijacking: { work: answering(HABITS.hijacking), scores: points(0, 3, 3, 3) },
}

/** Students, named for how their work is, and what each must get. A notebook under nbgrader takes seconds, so most have several faults. */
export const SUBMISSIONS: Readonly<Record<string, Submission>> = {
  partly: {
    work: answering({
      "find-out": 'let lines = "mov ebp, cs"',
      frame: RIGHT.frame.replace("(ring > 0 ? esp0 : esp)", "esp0"),
      adder: RIGHT.adder.replace("this.state.sum = 0", ""),
    }),
    scores: points(1, 0, 1, 2),
  },
  "never-running": {
    work: answering({
      ...HABITS["type-error"],
      ...HABITS["endless-loop"],
      ...HABITS["syntax-error"],
      adder: HABITS["on-stderr"].adder,
    }),
    scores: points(0, 0, 0, 3),
  },
  "hijacking-and-throwing": {
    work: answering({ ...HABITS["throwing-promise"], ...HABITS.hijacking, adder: HABITS["on-stderr"].adder }),
    scores: points(0, 3, 0, 3),
  },
  "untidy-on-stderr": {
    work: (cells) => untidy(answering({ frame: HABITS["on-stderr"].frame })(cells)),
    scores: points(1, 3, 3, 3),
  },
}
