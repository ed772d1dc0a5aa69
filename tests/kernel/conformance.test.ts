import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { argumentsOf } from "../../kernel/src/transport/arguments"

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const python = [".ringlab/venv/bin/python", ".ringlab/venv/Scripts/python.exe"]
  .map(inProject)
  .find(existsSync)

/** The pager is the one optional part that is off: this kernel has nothing to page. */
const EXPECTED_SKIPS = ["test_pager"]

test("the independent conformance suite passes with every part on that applies", () => {
  if (python === undefined)
    throw new Error("The private environment .ringlab/venv is missing. Run npm test, which makes it.")
  const jupyter = kernelSpecFolder()
  const { status, stderr } = spawnSync(python, [inProject("tests/kernel/conformance.py")], {
    env: { ...process.env, JUPYTER_PATH: jupyter, JUPYTER_PREFER_ENV_PATH: "0" },
    encoding: "utf8",
  })
  rmSync(jupyter, { recursive: true })
  const skipped = [...stderr.matchAll(/^(\w+) .*\.\.\. skipped/gm)].map(([, name]) => name)
  expect(status, stderr).toBe(0)
  expect(skipped).toEqual(EXPECTED_SKIPS)
  expect(stderr).toMatch(/Ran 13 tests/)
}, 180_000)

test.each(["transport_encryption=disabled", "transport_encryption=required", "transport=ipc"])(
  "`jupyter run` runs a file with this kernel, %s",
  (setting) => {
    const jupyter = kernelSpecFolder()
    writeFileSync(join(jupyter, "one.ts"), "const n: number = 1\nconsole.log('ran', n + 1)")
    const args = [
      "-m",
      "jupyter_client.runapp",
      "--kernel",
      "ringlab",
      "one.ts",
      `--KernelManager.${setting}`,
    ]
    const env = { ...process.env, JUPYTER_PATH: jupyter, JUPYTER_PREFER_ENV_PATH: "0" }
    const ran = spawnSync(python ?? "python", args, { cwd: jupyter, env, encoding: "utf8" })
    rmSync(jupyter, { recursive: true })
    expect([ran.stderr, ran.stdout, ran.status]).toEqual(["", "ran 2\n", 0])
  },
  60_000,
)

test.each([
  [["--connection", "c.json"], "c.json", false],
  [["--connection", "c.json", "f.ts", "--unknown", "--other=3", "-x"], "c.json", false],
  [["f.ts", "--grading", "--connection=c.json"], "c.json", true],
  [["-f", "c.json"], "c.json", false],
  [["--f=c.json"], "c.json", false],
  [["-f", "other.json", "--connection", "c.json"], "c.json", false],
  [["--connection"], undefined, false],
])("the command line %j names the connection file %s", (args, connection, grading) => {
  expect(argumentsOf(args)).toEqual({ connection, grading })
})

/** A Jupyter folder with the kernelspec as the launcher would install it. */
function kernelSpecFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ringlab-jupyter-"))
  const spec = readFileSync(inProject("kernel/kernelspec/kernel.json"), "utf8")
  const places = { "{node}": process.execPath, "{kernel}": inProject("kernel") }
  const filled = Object.entries(places).reduce(
    (text, [name, path]) => text.replace(name, JSON.stringify(path).slice(1, -1)),
    spec,
  )
  mkdirSync(join(folder, "kernels", "ringlab"), { recursive: true })
  writeFileSync(join(folder, "kernels", "ringlab", "kernel.json"), filled)
  return folder
}
