import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { nbgraderVariables } from "../../kernel/launch/nbgrader.mjs"
import { environmentPython } from "../../kernel/launch/places.mjs"

export const ASSIGNMENT = "rings-and-traps"

export interface Cell {
  readonly id: string
  readonly cell_type: string
  readonly source: string | readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly outputs?: readonly Readonly<Record<string, unknown>>[]
}

/** What a student does to the cells of the released notebook. */
export type Work = (cells: readonly Cell[]) => readonly Cell[]

/** Points by the names of the test cells. */
export type Scores = Readonly<Record<string, number>>

/**
 * A course in a temporary folder, with the project's configuration and example assignment, and an exchange beside it.
 * Everything that nbgrader and Jupyter write lies there, home included. Close it after use.
 */
export class Course {
  readonly root = mkdtempSync(join(tmpdir(), "ringlab-course-"))
  readonly folder = join(this.root, "course")

  /**
   * @param node the Node.js to grade with, else the one that the environment was made with
   * @param variables of the teacher's environment
   */
  constructor(
    node?: string,
    private readonly variables: Readonly<Record<string, string>> = {},
  ) {
    if (node !== undefined) this.useNode(node)
    cpSync(fileURLToPath(new URL("../../notebooks/assignment", import.meta.url)), this.folder, {
      recursive: true,
    })
    for (const name of ["home", "state"]) mkdirSync(join(this.root, name))
    appendFileSync(join(this.folder, "nbgrader_config.py"), this.settings())
  }

  /** What the home directory holds, which nobody should have touched. */
  get home(): readonly string[] {
    return readdirSync(join(this.root, "home"))
  }

  /** @throws an Error with all that nbgrader printed, unless it ends well */
  async nbgrader(...args: string[]): Promise<string> {
    return this.python("-m", "nbgrader", ...args)
  }

  /** Releases the assignment, and collects what students make of it. */
  async handedIn(works: Readonly<Record<string, Work>>): Promise<void> {
    await this.nbgrader("generate_assignment", ASSIGNMENT)
    await this.nbgrader("release_assignment", ASSIGNMENT)
    for (const [student, work] of Object.entries(works)) this.submit(student, work)
    await this.nbgrader("collect", ASSIGNMENT)
  }

  /**
   * Hands a student's work in, in the folder where `nbgrader submit` puts it.
   * @param add puts more into the folder
   */
  submit(student: string, work: Work, add: (folder: string) => void = () => {}): void {
    const [year, month, ...rest] = SUBMITTED
    const folder = `${student}+${ASSIGNMENT}+${year}-${month}-${rest.join(" ")} UTC`
    const inbound = join(this.root, "exchange", "ringlab", "inbound", folder)
    this.write(inbound, work)
    writeFileSync(join(inbound, "timestamp.txt"), `${year}-${month}-${rest.join(" ")} UTC`)
    add(inbound)
  }

  /** Puts a student's work where it lies after it was collected. @param add puts more into the folder */
  putIn(student: string, work: Work, add: (folder: string) => void): void {
    const folder = join(this.folder, "submitted", student, ASSIGNMENT)
    this.write(folder, work)
    add(folder)
  }

  private write(folder: string, work: Work): void {
    mkdirSync(folder, { recursive: true })
    const notebook = this.released()
    const cells = work(notebook.cells)
    writeFileSync(join(folder, `${ASSIGNMENT}.ipynb`), JSON.stringify({ ...notebook, cells }))
  }

  /** The notebook as students get it. */
  released(): { readonly cells: readonly Cell[] } {
    return this.read("release", ".")
  }

  /** A student's notebook after it was graded. */
  graded(student: string): { readonly cells: readonly Cell[] } {
    return this.read("autograded", student)
  }

  /** The page that a student gets back. */
  feedback(student: string): string {
    return readFileSync(join(this.folder, "feedback", student, ASSIGNMENT, `${ASSIGNMENT}.html`), "utf8")
  }

  /** Everybody's points, from nbgrader's own database. */
  async scores(): Promise<Readonly<Record<string, Scores>>> {
    return JSON.parse(await this.python("-c", READ_SCORES, `sqlite:///${join(this.folder, "gradebook.db")}`))
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  /** Jupyter looks for kernels here first. */
  private useNode(node: string): void {
    const folder = join(this.root, "jupyter", "kernels", "ringlab")
    mkdirSync(folder, { recursive: true })
    const main = fileURLToPath(new URL("../../kernel/dist/main.js", import.meta.url))
    const argv = [node, main, "--connection", "{connection_file}"]
    const spec = { argv, display_name: "ringlab", language: "typescript", interrupt_mode: "message" }
    writeFileSync(join(folder, "kernel.json"), JSON.stringify(spec))
  }

  private read(step: string, student: string): { readonly cells: readonly Cell[] } {
    return JSON.parse(
      readFileSync(join(this.folder, step, student, ASSIGNMENT, `${ASSIGNMENT}.ipynb`), "utf8"),
    )
  }

  /** The exchange is here, and nobody waits long for an endless loop. */
  private settings(): string {
    const [root, cache] = ["exchange", "cache"].map((name) => JSON.stringify(join(this.root, name)))
    return `\nc.Exchange.root = ${root}\nc.Exchange.cache = ${cache}\nc.Execute.timeout = 20\n`
  }

  private async python(...args: string[]): Promise<string> {
    const home = join(this.root, "home")
    const paths = { HOME: home, USERPROFILE: home, JUPYTER_PATH: join(this.root, "jupyter") }
    const env = { ...nbgraderVariables(join(this.root, "state")), ...paths, ...this.variables }
    const child = spawn(environmentPython(), args, { cwd: this.folder, env })
    let [printed, said] = ["", ""]
    child.stdout.on("data", (data) => (printed += data))
    child.stderr.on("data", (data) => (said += data))
    const [code] = await once(child, "close")
    if (code !== 0)
      throw new Error(`${args.slice(0, 3).join(" ")} ended with code ${code}:\n${printed}${said}`)
    return printed
  }
}

const SUBMITTED = ["2026", "01", "31", "12:00:00"]

const READ_SCORES = `
import json, sys
from nbgrader.api import Gradebook
with Gradebook(sys.argv[1], "ringlab") as book:
    print(json.dumps({
        submission.student.id: {grade.name: grade.score for notebook in submission.notebooks for grade in notebook.grades}
        for submission in book.assignment_submissions("${ASSIGNMENT}")
    }))
`
