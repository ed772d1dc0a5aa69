/** What does not end, what is too large, and addresses that there are not. */
import { truncateSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { elfKernel, multibootElf } from "../loaders/kernels"
import { Folder } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
  folder.put("a.asm", 'mov dx, 0x3f8\n mov al, "A"\n out dx, al\n cli\n hlt')
  folder.put("forever.asm", "again: jmp again")
  folder.put("m.elf", multibootElf("cli\nhlt"))
  folder.put("64.bin", new Uint8Array(64).fill(0x90))
  for (const [name, mebibytes] of Object.entries(HUGE))
    truncateSync(folder.put(name, ""), (mebibytes << 20) + 1)
})
afterAll(() => folder.remove())

/** Files of zeros that take no room on the disk; each is one byte too large. */
const HUGE = { "huge.bin": 256, "huge.asm": 4, "huge.txt": 16 }
const READERS = [
  "run",
  "run --bios",
  "run --at 0",
  "asm -o out",
  "disasm",
  "run m.elf --module",
  "run a.asm --keyboard",
]

describe("an input that does not end is refused", () => {
  test.each(READERS)("a device: %s", (command) => {
    expect(folder.shell(`ringlab ${command} /dev/zero`)).toEqual({
      status: 3,
      stdout: "",
      stderr: "/dev/zero: it is a device, and not a file.\n",
    })
  })

  test.each([
    [
      "yes nop | ringlab asm /dev/stdin -o out",
      "/dev/stdin: it holds more than 4 MiB, and no more is read.\n",
    ],
    [
      "yes nop | ringlab run a.asm --keyboard /dev/stdin",
      "/dev/stdin: it holds more than 16 MiB, and no more is read.\n",
    ],
    [
      "ringlab run forever.asm --serial stdio < /dev/zero",
      "standard input: it holds more than 16 MiB, and no more is read.\n",
    ],
    [
      "yes | ringlab run forever.asm --keyboard stdio",
      "standard input: it holds more than 16 MiB, and no more is read.\n",
    ],
  ])("%s", (command, stderr) => {
    expect(folder.shell(command)).toEqual({ status: 3, stdout: "", stderr })
  })
})

describe("an input that is too large is refused", () => {
  test.each([
    ["run huge.bin", "huge.bin", 256],
    ["run huge.bin --at 0", "huge.bin", 256],
    ["run m.elf --module huge.bin", "huge.bin", 256],
    ["disasm huge.bin", "huge.bin", 256],
    ["asm huge.asm", "huge.asm", 4],
    ["run huge.asm", "huge.asm", 4],
    ["run a.asm --keyboard huge.txt", "huge.txt", 16],
    ["run a.asm --serial stdio < huge.txt", "standard input", 16],
  ])("%s", (command, name, most) => {
    expect(folder.shell(`ringlab ${command}`)).toEqual({
      status: 3,
      stdout: "",
      stderr: `${name}: it holds more than ${most} MiB, and no more is read.\n`,
    })
  })

  test("but not one that the machine has memory for", () => {
    expect(
      folder.ringlab("run", "huge.bin", "--at", "0", "--memory", "257", "--max-instructions", "1").status,
    ).toBe(5)
  })
})

describe("an input that ends is read", () => {
  test.each([
    ["a pipe", "cat a.asm | ringlab run /dev/stdin"],
    ["a file as standard input", "ringlab run /dev/stdin < a.asm"],
    ["a named pipe", "mkfifo pipe; cat a.asm > pipe & ringlab run pipe"],
    ["nothing to type", "ringlab run a.asm --keyboard /dev/null --serial stdio < /dev/null"],
  ])("%s", (_, command) => {
    expect(folder.shell(command)).toMatchObject({ status: 0, stdout: "A" })
  })
})

describe("an address that there is not is told as it is", () => {
  const needs = (last: string, mebibytes: number) =>
    `it reaches up to ${last}, which needs ${mebibytes} MiB of memory, but the machine has 16.\n`
  const beyond = (bytes: number) =>
    `it reaches ${bytes} byte${bytes === 1 ? "" : "s"} beyond FFFFFFFFh, the last address there is.\n`

  test.each([
    ["0xffffff", needs("0100003Eh", 17)],
    ["0xffffc1", needs("01000000h", 17)],
    ["0x7fffffff", needs("8000003Eh", 2049)],
    ["0x80000000", needs("8000003Fh", 2049)],
    ["0xffffffc0", needs("FFFFFFFFh", 4096)],
    ["0xffffffc1", beyond(1)],
    ["0xffffffff", beyond(63)],
  ])("a flat binary of 64 bytes at %s", (at, says) => {
    expect(folder.ringlab("run", "64.bin", "--at", at)).toEqual({
      status: 3,
      stdout: "",
      stderr: `64.bin: ${says}`,
    })
  })

  test("a flat binary that ends with memory runs", () => {
    const run = (...args: readonly string[]) =>
      folder.ringlab("run", "64.bin", "--max-instructions", "64", ...args)
    expect(run("--at", "0xffffc0").status).toBe(5)
    expect(run("--at", "0x7fffffc0", "--memory", "2048").status).toBe(5)
  })

  // Bytes 64 to 67 are its first segment's p_paddr; it has 32 bytes, and 64 more in memory.
  test("a segment of an ELF file", () => {
    folder.put("far.elf", elfKernel("times 32 nop", { patches: { 64: 0xfff0, 66: 0xffff } }))
    expect(folder.ringlab("run", "far.elf").stderr).toBe(`far.elf: ${beyond(80)}`)
  })

  test.each([
    ["run far.asm", "far.asm"],
    ["asm far.asm", "far.asm"],
    ["disasm 64.bin --at 0xffffffc8", "64.bin"],
  ])("%s", (command, name) => {
    folder.put("far.asm", "org 0xfffffffc\ntimes 12 nop")
    expect(folder.ringlab(...command.split(" "))).toEqual({
      status: 3,
      stdout: "",
      stderr: `${name}: ${beyond(8)}`,
    })
  })

  test("bytes up to the last address are assembled and disassembled", () => {
    folder.put("last.asm", "org 0xfffffffe\nhlt\nnop")
    expect(folder.ringlab("asm", "last.asm", "-o", "last.bin").status).toBe(0)
    expect(folder.ringlab("disasm", "last.bin", "--at", "0xfffffffe").stdout).toMatch(
      /^fffffffe {2}f4 +hlt\nffffffff {2}90 +nop\n$/,
    )
  })
})

test("disasm writes as it goes: a reader gets the first lines of a large file at once", () => {
  folder.put("large.bin", new Uint8Array(8 << 20))
  const { status, stdout } = folder.shell("ringlab disasm large.bin | head -1")
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: "00000000  0000                      add [eax], al\n",
  })
})
