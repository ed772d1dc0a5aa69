import { afterAll, beforeAll, expect, test } from "vitest"
import { Folder } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
})
afterAll(() => folder.remove())

test.each([
  [["--ring", "2"], '--ring must be 1 or 3, but is "2".\n'],
  [["--iopl", "4"], '--iopl must be a whole number from 0 to 3, but is "4".\n'],
  [
    ["--machine", "pdp-10"],
    '--machine must be ia32 or third-generation or third-generation-flawed, but is "pdp-10".\n',
  ],
  [
    ["--machine", "third-generation", "--umip"],
    "--umip is IA-32's: leave it out for a machine of the third generation.\n",
  ],
  [["popf"], "ringlab classify takes no file, but got popf.\n"],
  [
    ["--repair", "FROB"],
    '--repair: "FROB" cannot be repaired: name an instruction such as POPF, PUSH CS or MOV Sreg.\n',
  ],
])("classify %s is refused in one sentence", (args, stderr) => {
  expect(folder.ringlab("classify", ...args)).toEqual({ status: 2, stdout: "", stderr })
})

test("classify --help tells the options", () => {
  expect(folder.ringlab("classify", "--help").stdout).toContain("--umip")
})

test("classify --machine tells of the small machine of 1974, all of it", () => {
  const { status, stdout } = folder.ringlab("classify", "--machine", "third-generation-flawed")
  expect(status).toBe(0)
  expect(stdout.split("\n")).toEqual([
    "A small machine of the third generation: two modes, a relocation-bounds register; JRST 1 does not trap in user mode.",
    "",
    "! JRST 1                                 control and behaviour-sensitive",
    "  LPSW                                   privileged, control and behaviour-sensitive",
    "  SPSW                                   privileged, behaviour-sensitive",
    "  LRB                                    privileged, control and behaviour-sensitive",
    "  SRB                                    privileged, behaviour-sensitive",
    "  HALT                                   privileged, control-sensitive",
    "",
    "6 other forms are neither: no counter-example was found.",
    expect.stringMatching(/^12 forms, 24,\d\d\d states tried, seed 1\.$/),
    "",
    "Virtualizable: no. 1 form is sensitive and completes in user mode: JRST 1.",
    "Hybrid: yes. Every instruction that is sensitive in user mode traps there, so a monitor need only interpret supervisor mode.",
    "Recursively: no. A machine that is not virtualizable is not recursively virtualizable either.",
    "",
  ])
})

test("classify --machine with a repair makes the theorem hold", () => {
  const { stdout } = folder.ringlab(
    "classify",
    "--machine",
    "third-generation-flawed",
    "--repair",
    "JRST 1",
    "--json",
  )
  const { forms, theorems } = JSON.parse(stdout)
  expect(forms).toHaveLength(12)
  expect(theorems.virtualizable.holds).toBe(true)
})
