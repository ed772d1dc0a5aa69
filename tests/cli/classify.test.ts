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
