/** No output is written over an input, or over another output. */
import { linkSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { multibootElf } from "../loaders/kernels"
import { Folder } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
  for (const name of ["x.asm", "m.elf", "x.bin", "module", "keys"]) folder.put(name, "")
  mkdirSync(join(folder.path, "sub"))
  linkSync(join(folder.path, "x.asm"), join(folder.path, "hard.asm"))
  symlinkSync("x.asm", join(folder.path, "soft.asm"))
  symlinkSync("..", join(folder.path, "sub", "up"))
  symlinkSync("new.txt", join(folder.path, "to-new"))
})
beforeEach(() => {
  for (const [name, content] of Object.entries(CONTENTS)) folder.put(name, content)
})
afterAll(() => folder.remove())

const CONTENTS: Readonly<Record<string, string | Uint8Array>> = {
  "x.asm": "cli\nhlt",
  "m.elf": multibootElf("cli\nhlt"),
  "x.bin": Uint8Array.of(0xfa, 0xf4),
  module: "module",
  keys: "keys",
}
const contents = () =>
  Object.keys(CONTENTS).map((name) => readFileSync(join(folder.path, name)).toString("latin1"))

const NAMES = ["x.asm", "./x.asm", "sub/../x.asm", "sub/up/x.asm", "hard.asm", "soft.asm"]
const KEYBOARD = "--serial s --keyboard keys"

describe("an output that is an input is refused, and stays as it is", () => {
  test.each([
    ...NAMES.map((name) => [`asm x.asm -o ${name}`, name, "the source", "--output"]),
    ...NAMES.map((name) => [`run x.asm --trace ${name}`, name, "what is run", "--trace"]),
    ...NAMES.map((name) => [`run x.asm --serial ${name}`, name, "what is run", "--serial"]),
    ["asm soft.asm --listing -o x.asm", "x.asm", "the source", "--output"],
    ["run m.elf --module module --trace module", "module", "--module", "--trace"],
    ["run m.elf --module keys --module module --serial module", "module", "--module", "--serial"],
    [`run x.asm ${KEYBOARD} --trace keys`, "keys", "--keyboard", "--trace"],
    ["run x.bin --bios --trace x.bin", "x.bin", "what is run", "--trace"],
    ["run x.bin --at 0 --serial x.bin", "x.bin", "what is run", "--serial"],
    ["run x.asm --serial stdio --trace keys < keys", "keys", "standard input", "--trace"],
    ["run x.asm --keyboard stdio --trace keys < keys", "keys", "standard input", "--trace"],
    ["run x.asm --json >> x.asm", "standard output", "what is run", "standard output"],
    ["asm x.asm --listing >> x.asm", "standard output", "the source", "standard output"],
    ["disasm x.bin >> x.bin", "standard output", "the binary", "standard output"],
  ])("%s", (command, name, as, option) => {
    const before = contents()
    expect(folder.shell(`ringlab ${command}`)).toEqual({
      status: 3,
      stdout: "",
      stderr: `${name}: it is read as ${as}, and ${option} would write over it: name another file.\n`,
    })
    expect(contents()).toEqual(before)
  })

  test("asm, whose own choice of a name is a link to the source", () => {
    expect(folder.shell("mkdir d; cp x.asm d; ln -s x.asm d/x.bin; ringlab asm d/x.asm")).toMatchObject({
      status: 3,
      stderr: "d/x.bin: it is read as the source, and --output would write over it: name another file.\n",
    })
    expect(readFileSync(join(folder.path, "d", "x.asm"), "latin1")).toBe(CONTENTS["x.asm"])
  })
})

describe("two outputs to one file are refused", () => {
  test.each([
    ["run x.asm --serial out --trace out", "out", "--serial", "--trace"],
    ["run x.asm --serial out --trace ./sub/up/out", "./sub/up/out", "--serial", "--trace"],
    ["run x.asm --serial to-new --trace new.txt", "new.txt", "--serial", "--trace"],
    ["run x.asm --trace out > out", "out", "standard output", "--trace"],
    ["run x.asm --json --serial out > out", "out", "standard output", "--serial"],
    ["asm x.asm --listing -o out > out", "out", "standard output", "--output"],
  ])("%s", (command, name, first, second) => {
    expect(folder.shell(`ringlab ${command}`)).toEqual({
      status: 3,
      stdout: "",
      stderr: `${name}: it is written as ${first}, and ${second} would write over it: name another file.\n`,
    })
  })
})

describe("what spoils nothing is done", () => {
  test.each([
    "run x.asm --serial /dev/null --trace /dev/null",
    "run m.elf --module keys --module keys",
    "asm x.asm -o /dev/stdout > out",
    "run x.asm --serial out --trace /dev/stdout > other",
    "asm x.asm -o out; ringlab asm x.asm -o out",
  ])("%s", (command) => {
    expect(folder.shell(`ringlab ${command}`).status).toBe(0)
  })
})
