import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { environmentPython } from "../../kernel/launch/places.mjs"
import { KernelUnderTest, printed, type Ran, resultOf } from "../kernel/client"
import { ATTACKS, cellOf, REACHED, SECRET_WORD, type Targets } from "./attacks"

/** What became of an attack. */
export interface Outcome {
  /** How it came through, or undefined. */
  readonly through: string | undefined
  /** The error with which the cell ended, if it did. */
  readonly refusal: string
}

const MAKE_GRADEBOOK = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as book:
    book.execute("create table t (word)")
    book.execute("insert into t values (?)", [sys.argv[2]])
`

/** Makes what attacks are after in a folder of its own. */
export class Prey {
  readonly folder = mkdtempSync(join(tmpdir(), "ringlab-prey-"))
  private readonly server: Server = createServer((socket) => {
    this.heard++
    socket.destroy()
  })
  private heard = 0

  static async create(): Promise<Prey> {
    const prey = new Prey()
    mkdirSync(prey.in("spoiled"))
    writeFileSync(prey.in("outside.txt"), SECRET_WORD)
    execFileSync(environmentPython(), ["-c", MAKE_GRADEBOOK, prey.in("gradebook.db"), SECRET_WORD])
    await new Promise((resolve) => prey.server.listen(0, "127.0.0.1", () => resolve(undefined)))
    return prey
  }

  targets(notebook: string): Targets {
    const { port } = this.server.address() as AddressInfo
    const [outside, gradebook, spoiled] = ["outside.txt", "gradebook.db", "spoiled"].map((name) =>
      this.in(name),
    )
    return { notebook, outside, gradebook, spoiled, port }
  }

  /** What has happened here since somebody asked last. */
  harm(): string | undefined {
    const written = readdirSync(this.in("spoiled"))
    for (const name of written) rmSync(this.in("spoiled", name), { recursive: true })
    const { heard } = this
    this.heard = 0
    if (written.length > 0) return `wrote ${written.join(", ")}`
    return heard > 0 ? "connected" : undefined
  }

  close(): void {
    this.server.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private in(...names: string[]): string {
    return join(this.folder, ...names)
  }
}

const files = {
  "hidden.ipynb": JSON.stringify({ cells: [SECRET_WORD] }),
  "data.txt": "data for everybody",
  "more/data.txt": "more data",
  "helper.ts": "export const one = 1",
}

/** A kernel as nbgrader's configuration starts it, and what its cells must not reach. Close it after use. */
export class AttackedKernel {
  private constructor(
    readonly kernel: KernelUnderTest,
    private readonly prey: Prey,
  ) {}

  /** @param node the Node.js to run it with */
  static async start(node?: string): Promise<AttackedKernel> {
    const variables = { RINGLAB_TEACHER: SECRET_WORD }
    const [prey, kernel] = await Promise.all([
      Prey.create(),
      KernelUnderTest.start(files, variables, ["--grading"], undefined, node),
    ])
    await kernel.run('require("node:fs")') // what is slow the first time shall not look like an endless loop
    return new AttackedKernel(kernel, prey)
  }

  async attempt(name: string): Promise<Outcome> {
    const targets = this.prey.targets(join(this.kernel.folder, "hidden.ipynb"))
    const ran = await soon(this.kernel, this.kernel.submit(cellOf(ATTACKS[name], targets)))
    const through = this.prey.harm() ?? saidIn(ran)
    return { through, refusal: ran.reply.status === "error" ? `${ran.reply.ename}: ${ran.reply.evalue}` : "" }
  }

  async stop(): Promise<void> {
    await this.kernel.stop()
    this.prey.close()
  }
}

/** Did a cell show what it should not know, or that it got somewhere? */
function saidIn({ outputs }: Ran): string | undefined {
  return said(JSON.stringify(outputs.map(({ content }) => content)))
}

/** Does a cell's output hold what its attack was after? */
export function said(output: string): string | undefined {
  if (output.includes(SECRET_WORD) || output.includes(HIDDEN)) return "read what is hidden"
  if (output.includes(REACHED)) return "got there"
  return UNHEARD.test(output) ? "was not heard to its end" : undefined
}

/** An attack that had no time to come through has shown nothing. */
const UNHEARD = /"ename":"(Interrupted|SessionEnded)"/

/** What the assignment's hidden tests begin with. */
const HIDDEN = "BEGIN HIDDEN"

/** What a cell comes to; like nbgrader, interrupts one that takes too long. */
export async function soon(kernel: KernelUnderTest, id: string): Promise<Ran> {
  const timer = setTimeout(() => void kernel.ask("interrupt_request", {}, "control"), 20_000)
  const ran = await kernel.finished(id)
  clearTimeout(timer)
  return ran
}

/** What nbgrader makes of the outputs: 0 for an error or text on stderr, else the first result. */
export function pointsOf(ran: Ran): number {
  const failed = ran.outputs.some(({ type }) => type === "error") || printed(ran, "stderr") !== ""
  return failed ? 0 : Number(resultOf(ran))
}
