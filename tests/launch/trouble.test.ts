import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { devNull } from "node:os"
import { join } from "node:path"
import { parse } from "acorn"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { SmallProject } from "./small-project"

/** An address of this machine where nothing listens: a network that is not there. */
const NOWHERE = "http://127.0.0.1:9"

let project: SmallProject
beforeEach(() => {
  project = new SmallProject()
})
afterEach(() => project.remove())

describe("Node", () => {
  test.each(["18.20.4", "20.18.3", "21.7.3", "22.11.0"])(
    "Node.js %s, which is too old, is told so",
    async (version) => {
      const old = `Object.defineProperty(process.versions, "node", { value: "${version}" })`
      const ended = await project.start({}, old)
      expect(ended.output).toMatch(
        /^ringlab needs Node.js 20.19, 22.12 or newer, but this is .*: install .*\n$/,
      )
      expect(ended.output).toContain(`this is Node.js ${version}:`)
      expect(ended.code).toBe(1)
    },
  )

  test("the first stage is in the JavaScript of 2017, but for import(), so that old Node can say so", () => {
    const source = readFileSync(join(project.folder, "kernel/start.mjs"), "utf8")
    const withoutImport = source.replace("import(", "load(")
    expect(() => parse(withoutImport, { ecmaVersion: 2017, sourceType: "module" })).not.toThrow()
  })

  test("a Node without npm is told so", async () => {
    project.write("package-lock.json", lockWith("left-pad"))
    const ended = await project.start(
      { PATH: project.pathWith("python3", "3 12 1 True"), npm_execpath: "" },
      'process.execPath = "/nowhere/bin/node"',
    )
    expect(ended.output).toContain("npm was not found: install Node.js with npm, then run the command again.")
    expect(ended.code).toBe(1)
  })
})

describe.skipIf(process.platform === "win32")("Python", () => {
  test("no Python at all", async () => {
    const ended = await project.start({ PATH: join(project.folder, "empty") })
    expect(ended.output).toContain("Python was not found, but ringlab needs Python 3.10 or newer: install it")
    expect(ended.code).toBe(1)
  })

  test("a Python that is too old", async () => {
    const ended = await project.start({ PATH: project.pathWith("python3", "3 9 18 True") })
    expect(ended.output).toContain("Python is 3.9.18, but ringlab needs Python 3.10 or newer: install it")
    expect(ended.code).toBe(1)
  })

  test("an old python3 does not hide a newer python", async () => {
    project.pathWith("python3", "3 9 18 True")
    const ended = await project.start({ PATH: project.pathWith("python", "3 12 1 False") })
    expect(ended.output).toContain("Python 3.12.1 (python) lacks its module venv or ensurepip")
  })

  test("a Python without venv", async () => {
    const ended = await project.start({ PATH: project.pathWith("python3", "3 11 2 False") })
    expect(ended.output).toContain(
      "Python 3.11.2 (python3) lacks its module venv or ensurepip, which makes private environments: install it " +
        "(Debian and Ubuntu: apt install python3-venv) and run the command again.",
    )
    expect(ended.code).toBe(1)
  })

  test("RINGLAB_PYTHON is used and no other, and named when it does not fit", async () => {
    const ended = await project.start({ RINGLAB_PYTHON: "/nowhere/python" })
    expect(ended.output).toContain(
      "RINGLAB_PYTHON (/nowhere/python) was not found, but ringlab needs Python 3.10",
    )
    expect(ended.code).toBe(1)
  })
})

describe("the network", () => {
  test("npm cannot be reached: the package that could not be had is named", async () => {
    project.write("package-lock.json", lockWith("left-pad"))
    project.write("package.json", { name: "small", dependencies: { "left-pad": "1.3.0" } })
    const ended = await project.start({
      npm_config_registry: NOWHERE,
      npm_config_cache: join(project.folder, "npm-cache"),
      npm_config_fetch_retries: "0",
    })
    expect(ended.output).toContain(`Could not download ${NOWHERE}/left-pad`)
    expect(ended.output).toContain("check the network (or npm's proxy settings) and run the command again.")
    expect(ended.code).toBe(1)
  })

  test("the Python index cannot be reached: the package that could not be had is named", async () => {
    const ended = await project.start({
      PIP_CONFIG_FILE: devNull,
      PIP_FIND_LINKS: "",
      PIP_INDEX_URL: NOWHERE,
      PIP_NO_CACHE_DIR: "1",
      PIP_RETRIES: "0",
    })
    expect(ended.output).toMatch(
      /Could not download the Python package alembic==[\d.]+ \(from kernel\/launch\/requirements/,
    )
    expect(ended.output).toContain("check the network (or pip's proxy settings) and run the command again.")
    expect(ended.code).toBe(1)
  })
})

describe("a network that gives something, but not all", () => {
  /** A server on this machine; `answer` deals with each request. */
  async function serverThat(answer: RequestListener): Promise<string> {
    server = createServer(answer).listen(0, "127.0.0.1")
    await once(server, "listening")
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  let server: Server
  afterEach(() => server.close())

  test.each<[string, RequestListener]>([
    ["refuses", (_, response) => response.writeHead(503).end("no")],
    ["answers with a page of its own", (_, response) => response.end("<html>Please log in</html>")],
    [
      "breaks off",
      (_, response) => {
        response.writeHead(200, { "Content-Length": 9999 }).write("{")
        setTimeout(() => response.destroy(), 50)
      },
    ],
  ])("npm's registry %s: the package that could not be had is named", async (_, answer) => {
    const registry = await serverThat(answer)
    project.write("package-lock.json", lockWith("left-pad"))
    project.write("package.json", { name: "small", dependencies: { "left-pad": "1.3.0" } })
    const ended = await project.start({
      npm_config_registry: registry,
      npm_config_cache: join(project.folder, "npm-cache"),
      npm_config_fetch_retries: "0",
    })
    expect(ended.output).toContain(`Could not download ${registry}/left-pad for npm: check the network`)
    expect(ended.code).toBe(1)
  })

  test("the Python index is there, but a file is not: its package is named", async () => {
    const file = "alembic-1.20.1-py3-none-any.whl"
    const index = await serverThat((_, response) => {
      response.setHeader("Content-Type", "text/html")
      response.end(`<a href="${NOWHERE}/${file}">${file}</a>`)
    })
    const ended = await project.start({
      PIP_CONFIG_FILE: devNull,
      PIP_FIND_LINKS: "",
      PIP_INDEX_URL: index,
      PIP_NO_CACHE_DIR: "1",
      PIP_RETRIES: "0",
    })
    expect(ended.output).toMatch(
      /Could not download the Python package alembic\S* \(from kernel\/launch\/requirements/,
    )
    expect(ended.code).toBe(1)
  })
})

describe("folders", () => {
  test("what npm cannot write is named, not only that npm failed", async () => {
    project.write("package-lock.json", lockWith("left-pad"))
    const refusal =
      "npm error code EACCES\\nnpm error syscall mkdir\\nnpm error path /there/node_modules/left-pad"
    const npm = project.write("npm-cli.js", `console.error("${refusal}"); process.exitCode = 1`)
    const ended = await project.start({ npm_execpath: npm })
    expect(ended.output).toContain(
      "Cannot write /there/node_modules/left-pad (EACCES): ringlab keeps all its",
    )
    expect(ended.code).toBe(1)
  })

  test("a project folder that cannot be written is named", async () => {
    const blocked = project.write(".ringlab", "a file where the folder should be")
    const ended = await project.start()
    expect(ended.output).toContain(
      `Cannot write ${blocked} (EEXIST): ringlab keeps all its files in the project`,
    )
    expect(ended.code).toBe(1)
  })

  test("a lock that a dead launcher left behind is no obstacle", async () => {
    project.write(".ringlab/setup.lock", "999999999")
    const ended = await project.start({ RINGLAB_PYTHON: "/nowhere/python" })
    expect(ended.output).toContain("RINGLAB_PYTHON")
  })
})

function lockWith(name: string): unknown {
  const entry = { version: "1.3.0", integrity: "sha512-AAAA" }
  return {
    name: "small",
    lockfileVersion: 3,
    requires: true,
    packages: { "": { name: "small", dependencies: { [name]: "1.3.0" } }, [`node_modules/${name}`]: entry },
  }
}
