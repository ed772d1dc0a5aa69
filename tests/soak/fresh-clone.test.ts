import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { homedir, tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { environmentPython } from "../../kernel/launch/places.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"

const project = fileURLToPath(new URL("../..", import.meta.url))
/** Generous: two or three minutes on an idle machine, but the time is no claim of this test. */
const HALF_AN_HOUR = 1_800_000

/** A fresh clone in one folder, and a home of somebody who has used Jupyter before in another. */
const world = mkdtempSync(join(tmpdir(), "ringlab-clone-"))
const clone = join(world, "clone of ringlab")
const home = join(world, "home")

beforeAll(() => {
  cloneTo(clone)
  write(
    join(home, ".jupyter", "jupyter_server_config.py"),
    'raise SystemExit("the home configuration was read")',
  )
  write(
    join(home, ".local/share/jupyter/kernels/mine/kernel.json"),
    '{ "argv": ["mine"], "display_name": "Mine" }',
  )
})
afterAll(async () => {
  await Promise.all(started.map((each) => each.cut()))
  rmSync(world, { recursive: true, force: true })
})

test(
  "a fresh clone starts, also after interruptions, and runs kernels; the next start does nothing twice; the home is as it was",
  async () => {
    const before = contentsOf(home)

    await interruptWhen(start(), () => existsSync(join(clone, "node_modules")))
    await interruptWhen(
      start(),
      () => logOf("pip").includes("Downloading") || logOf("pip").includes("cached"),
    )

    const first = start()
    const address = await first.address()
    expect(first.output).not.toContain("Install the npm packages") // that was done before the second interruption
    expect(first.output).toContain("Make a private Python environment")
    expect(address).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/lab\/tree\/notebooks\/00-welcome\.ipynb\?token=\w{20,}$/,
    )
    expect(await kernelsAt(address)).toEqual(["python3", "ringlab"])
    await useNotebook(address)
    expect(await first.end("SIGINT")).toBe(0)

    const second = start()
    await second.address()
    expect(second.output).toMatch(/^Starting JupyterLab; Ctrl-C ends it\.\n/)
    expect(await second.end("SIGINT")).toBe(0)

    expect(contentsOf(home)).toEqual(before)
  },
  HALF_AN_HOUR,
)

/** A launcher at work in the clone. */
class Start {
  output = ""
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown[]>

  constructor() {
    // A process group of its own, so that an interruption can take away all of it at once.
    this.#child = spawn(process.execPath, ["kernel/start.mjs", "--", "--no-browser", "--port=0"], {
      cwd: clone,
      env: environment(),
      detached: true,
    })
    this.#child.stdout?.on("data", (data) => (this.output += data))
    this.#child.stderr?.on("data", (data) => (this.output += data))
    this.#closed = once(this.#child, "close")
  }

  /** The address that JupyterLab prints when it is ready. */
  async address(): Promise<string> {
    await this.until(() => /token=\w+\s/.test(this.output))
    return this.output.match(/http:\S+token=\w+/)?.[0] ?? ""
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#child.exitCode !== null) throw new Error(`The launcher ended:\n${this.output}`)
      await sleep(50)
    }
  }

  /** End the launcher alone, and give its exit code; what it started is its own care. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal)
    await this.#closed
    return this.#child.exitCode
  }

  /** End everything at once, without a chance to clean up, if it has not ended yet. */
  async cut(): Promise<void> {
    const ended = this.#child.exitCode !== null || this.#child.signalCode !== null
    if (!ended) process.kill(-(this.#child.pid ?? 0), "SIGKILL")
    await this.#closed
  }
}

const started: Start[] = []

function start(): Start {
  const one = new Start()
  started.push(one)
  return one
}

async function interruptWhen(started: Start, condition: () => boolean): Promise<void> {
  await started.until(condition)
  await started.cut()
}

/** This machine's environment with another home; only the caches of npm, pip and rustup stay where they are. */
function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: home,
    USERPROFILE: home,
    npm_config_cache: process.env.npm_config_cache ?? join(homedir(), ".npm"),
    npm_config_userconfig: join(homedir(), ".npmrc"),
    PIP_CACHE_DIR: pipCache(),
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), ".rustup"), // pip asks rustc for its version
  }
}

function pipCache(): string {
  return spawnSync(environmentPython(), ["-m", "pip", "cache", "dir"], { encoding: "utf8" }).stdout.trim()
}

/** Copy what git keeps, and what it would keep: all that a clone would hold. */
function cloneTo(folder: string): void {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
  const files = spawnSync("git", args, { cwd: project, encoding: "utf8" }).stdout.split("\0")
  for (const file of files.filter((file) => file !== "" && existsSync(join(project, file)))) {
    cpSync(join(project, file), join(folder, file), { recursive: true })
  }
}

/** Ask a running JupyterLab. */
async function ask(address: string, path: string, method = "GET", body?: object): Promise<unknown> {
  const url = address.replace("lab/tree/notebooks/00-welcome.ipynb", `api/${path}`)
  const answer = await fetch(url, { method, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
  return answer.status === 204 ? undefined : answer.json()
}

async function kernelsAt(address: string): Promise<string[]> {
  const { kernelspecs } = (await ask(address, "kernelspecs")) as { kernelspecs: object }
  return Object.keys(kernelspecs).sort()
}

/** Save a notebook, which signs it, and run it in each kernel: all that writes Jupyter's own files. */
async function useNotebook(address: string): Promise<void> {
  const notebook = (await ask(address, "contents/notebooks/00-welcome.ipynb")) as object
  await ask(address, "contents/notebooks/00-welcome.ipynb", "PUT", notebook)
  const python = join(clone, relative(project, environmentPython()))
  const variables = { ...privateVariables(join(clone, ".ringlab", "jupyter")), HOME: home, USERPROFILE: home }
  for (const [kernel, source] of [
    ["ringlab", "let two = 1 + 1"],
    ["python3", "two = 1 + 1"],
  ]) {
    const cell = { cell_type: "code", id: "one", execution_count: null, metadata: {}, outputs: [], source }
    write(
      join(world, "one.ipynb"),
      JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }),
    )
    const args = [
      "-m",
      "nbconvert",
      "--to",
      "notebook",
      "--execute",
      `--ExecutePreprocessor.kernel_name=${kernel}`,
    ]
    const ran = spawnSync(python, [...args, "--inplace", "one.ipynb"], {
      cwd: world,
      env: variables,
      encoding: "utf8",
    })
    expect(ran.status, ran.stderr).toBe(0)
  }
}

function logOf(name: string): string {
  const log = join(clone, ".ringlab", "logs", `${name}.log`)
  return existsSync(log) ? readFileSync(log, "utf8") : ""
}

/** Every file under a folder with its text. */
function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, "utf8")]))
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
