/** `ringlab run --guest`: guests that are there without a file. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { GUESTS } from "../../src/guests/catalogue"
import { Folder } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
})
afterAll(() => folder.remove())

test("a built-in guest runs without a file, and is told its command line", () => {
  const { status, stdout } = folder.ringlab("run", "--guest", "kernel", "--cmdline", "calls 2")
  expect(status).toBe(0)
  expect(stdout).toMatch(/^kernel: 16 MiB of memory, runs calls 2\n.*\n01 calls: [0-9a-f]{8}\n.*\nhalted\n$/s)
})

test("--guests has a line a guest, its name first", () => {
  const { status, stdout } = folder.ringlab("run", "--guests")
  const names = stdout.split("\n").map((line) => line.split(" ")[0])
  expect([status, names]).toEqual([0, [...Object.keys(GUESTS), ""]])
})

test.each([
  [
    "another name",
    ["--guest", "minix"],
    /^There is no guest "minix": the guests are kernel, .*--guests tells more\.$/m,
  ],
  [
    "a file beside it",
    ["--guest", "kernel", "a.bin"],
    /^--guest takes the place of a file, but got a\.bin, too\.$/m,
  ],
  ["what is for files", ["--guest", "kernel", "--at", "0"], /^--at, --bits and --bios are for files/],
])("%s is refused in a sentence", (_, args, says) => {
  const { status, stderr } = folder.ringlab("run", ...args)
  expect(status).toBe(2)
  expect(stderr).toMatch(says)
})

test("memory that is too small for a guest is told with its name", () => {
  const { status, stderr } = folder.ringlab("run", "--guest", "kernel", "--memory", "1")
  expect([status, stderr]).toEqual([
    3,
    expect.stringMatching(/^kernel: it reaches up to .* needs 2 MiB of memory/),
  ])
})
