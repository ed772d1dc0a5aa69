import { spawnSync } from "node:child_process"
import { cpSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { VERSION } from "../../src/version"
import { elfKernel } from "../loaders/kernels"
import { Folder, PROGRAM } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
})
afterAll(() => folder.remove())

test("asm writes a flat binary beside the source, and disasm reads it", () => {
  folder.put("a.asm", "org 0x7c00\nbits 16\nmov ax, [table]\nhlt\ntable: dw 5")
  expect(folder.ringlab("asm", "a.asm")).toEqual({ status: 0, stdout: "", stderr: "" })
  expect(readFileSync(join(folder.path, "a.bin")).toString("hex")).toBe("a1047cf40500")
  const { stdout } = folder.ringlab("disasm", "a.bin", "--at", "0x7c00", "--bits", "16", "--length", "4")
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
    ["00007c00", "a1047c", "mov ax, [0x7c04]"],
    ["00007c03", "f4", "hlt"],
    [""],
  ])
})

test("asm --listing shows lines with addresses and bytes, and writes nothing", () => {
  folder.put("list.asm", "nop\n; remark\ninc eax")
  const { stdout } = folder.ringlab("asm", "list.asm", "--listing", "--at", "100h")
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.trim().split(/ {2,}/)),
  ).toEqual([
    ["1", "00000100", "90", "nop"],
    ["3", "00000101", "40", "inc eax"],
  ])
  expect(() => readFileSync(join(folder.path, "list.bin"))).toThrow(/ENOENT/)
})

test("asm tells each mistake with its file, line and column", () => {
  folder.put("bad.asm", "nop\nmov eax, nowhere\nhtl")
  const { status, stderr } = folder.ringlab("asm", "bad.asm")
  expect(status).toBe(3)
  expect(stderr).toMatch(
    /^bad.asm:2:10: unknown symbol "nowhere"; .*\nbad.asm:3:1: unknown instruction "htl"/,
  )
})

test("disasm shows the code of an ELF executable at its address", () => {
  folder.put("a.elf", elfKernel("nop\nhlt"))
  expect(folder.ringlab("disasm", "a.elf").stdout).toMatch(/^00100000 {2}90 +nop\n00100001 {2}f4 +hlt\n$/)
})

describe("help", () => {
  test.each([["run"], ["asm"], ["disasm"]])("%s --help tells its options", (command) => {
    const { status, stdout } = folder.ringlab(command, "--help")
    expect([status, stdout.split("\n")[0]]).toEqual([0, `ringlab ${command} FILE [options]`])
  })

  test("--version tells the version", () => {
    expect(folder.ringlab("--version").stdout).toBe(`ringlab ${VERSION}\n`)
  })

  test("--help tells the commands and the exit codes", () => {
    const { status, stdout } = folder.ringlab("--help")
    expect(status).toBe(0)
    for (const words of ["ringlab run", "ringlab asm", "ringlab disasm", "triple fault", "130"])
      expect(stdout).toContain(words)
  })

  test("an unknown command is bad usage", () => {
    const { status, stderr } = folder.ringlab("rum", "a.asm")
    expect([status, stderr]).toEqual([2, 'There is no command "rum": ringlab --help tells the commands.\n'])
  })
})

test("before anything is built, the command says what to do", () => {
  const copy = join(folder.path, "kernel", "bin", "ringlab.mjs")
  cpSync(dirname(PROGRAM), dirname(copy), { recursive: true })
  const { status, stderr } = spawnSync(process.execPath, [copy, "run", "a.asm"], { encoding: "utf8" })
  expect([status, stderr]).toEqual([
    1,
    "ringlab is not built yet: run npm start (or npm run build) in its folder first.\n",
  ])
})
