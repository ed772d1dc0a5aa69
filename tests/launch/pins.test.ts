import { spawnSync } from "node:child_process"
import { expect, test } from "vitest"
import { environmentPython, inProject } from "../../kernel/launch/places.mjs"

/** For each pinned package that an environment of the oldest Python gets, and this environment has: may it have it? */
const ASK = `
import sys
from importlib.metadata import PackageNotFoundError, metadata
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

file, oldest = sys.argv[1:]
for line in open(file):
    if line.startswith("#") or not line.strip():
        continue
    pin = Requirement(line.strip())
    if pin.marker and not pin.marker.evaluate({"python_version": oldest, "python_full_version": oldest + ".0"}):
        continue
    try:
        found = metadata(pin.name)
    except PackageNotFoundError:
        continue
    fits = SpecifierSet(found["Requires-Python"] or "").contains(oldest + ".0")
    print(pin.name, "fits" if fits or found["Version"] not in pin.specifier else "needs " + found["Requires-Python"])
`

test("every pinned Python package can be had with the oldest Python, 3.10", () => {
  const requirements = inProject("kernel", "launch", "requirements.txt")
  const { stdout, stderr } = spawnSync(environmentPython(), ["-c", ASK, requirements, "3.10"], {
    encoding: "utf8",
  })
  const answers = stdout.trim().split("\n")
  expect(answers.length, stderr).toBeGreaterThan(90)
  expect(answers.filter((answer) => !answer.endsWith(" fits"))).toEqual([])
})

test("no program of the private environment reads lark's grammar of addresses, which takes seconds, to read notebooks", () => {
  const ask =
    "import sys, nbformat, jupyter_events; print('jsonschema' in sys.modules, 'lark' in sys.modules)"
  const { stdout, stderr } = spawnSync(environmentPython(), ["-c", ask], { encoding: "utf8" })
  expect(stdout.trim(), stderr).toBe("True False")
})
