/** The size of the code in a source that does not say it, on the command line. */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Folder } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
})
afterAll(() => folder.remove())

/** Says "A" by a BIOS service, and stops; as 32-bit code the bytes are others, and do neither. */
const SAY = "start: mov ax, 0x0e41\n int 0x10\n jmp next\nnext: cli\n hlt"
const PAD = "\ntimes 510 - ($ - $$) db 0"
const END = `${PAD}\ndw 0xaa55`

/** What NASM 2.16.01 makes of SAY in its flat format, and of `bits 32` in front of it. */
const NARROW = "b8410ecd10eb00faf4"
const WIDE = "66b8410ecd10eb00faf4"

const BOOT_SECTORS: readonly (readonly [what: string, source: string])[] = [
  ["with org 7C00h", `org 0x7c00\n${SAY}${END}`],
  ["without org", SAY + END],
  ["with the signature as bytes", `org 0x7c00\n${SAY}${PAD}\ndb 0x55, 0xaa`],
  ["with the signature as a string and a number", `org 0x7c00\n${SAY}${PAD}\ndb "U"\ndb 170`],
  ["with the signature as a constant", `org 0x7c00\nsignature equ 0xaa55\n${SAY}${PAD}\ndw signature`],
  ["padded with TIMES of a label", `org 0x7c00\n${SAY}\ntimes start + 510 - $ db 0\ndw 0xaa55`],
  ["padded by hand, which only fits 16-bit code", `org 0x7c00\n${SAY}\ntimes 501 db 0\ndw 0xaa55`],
  ["in sections", `org 0x7c00\nsection .text\n${SAY}${END}`],
  ["whose code is full as 16-bit code", `org 0x7c00\n${SAY}\ntimes 500 nop\ntimes 1 nop${END}`],
  ["whose code as 32-bit code does not fit", `org 0x7c00\n${SAY}\ntimes 167 mov ax, 1${END}`],
  ["that goes on with 32-bit code", `org 0x7c00\n${SAY}\nbits 32\nmov eax, 1${END}`],
  ["that copies itself to 600h", `org 0x600\n${SAY}${END}`],
  ["with more sectors behind it", `org 0x7c00\n${SAY}${END}\ntimes 512 db 1`],
  ["that says bits 16", `bits 16\norg 0x7c00\n${SAY}${END}`],
  ["that says [bits 16]", `[bits 16]\n[org 0x7c00]\n${SAY}${END}`],
  ["that says use16", `use16\norg 0x7c00\n${SAY}${END}`],
]

const nasm = (file: string) => {
  const output = join(folder.path, "nasm.bin")
  const { status, stderr } = spawnSync("nasm", ["-f", "bin", "-o", output, join(folder.path, file)])
  expect(status, stderr.toString()).toBe(0)
  return readFileSync(output).toString("hex")
}
const installed = spawnSync("nasm", ["-v"]).status === 0

function assembled(source: string, ...args: readonly string[]) {
  folder.put("boot.asm", source)
  const { status, stderr } = folder.ringlab("asm", "boot.asm", ...args)
  return { status, stderr, bytes: readFileSync(join(folder.path, "boot.bin")).toString("hex") }
}

describe.each(BOOT_SECTORS)("a boot sector %s", (_, source) => {
  test("is 16-bit code for asm, without a word", () => {
    const { bytes, ...said } = assembled(source)
    expect(said).toEqual({ status: 0, stderr: "" })
    expect(bytes.slice(0, NARROW.length)).toBe(NARROW)
    if (installed) expect(bytes).toBe(nasm("boot.asm"))
  })

  test("and runs so", () => {
    folder.put("boot.asm", source)
    const { status, stdout, stderr } = folder.ringlab("run", "boot.asm")
    expect({ status, stdout }).toEqual({ status: 0, stdout: "A" })
    expect(stderr).toMatch(/^The machine halted after/)
  })
})

describe("what is no boot sector stays 32-bit code, without a word", () => {
  test.each([
    ["a plain program", SAY],
    ["a program that holds 55h and AAh elsewhere", `${SAY}\ndb 0x55, 0xaa\ntimes 600 db 0`],
    ["a program at 1 MiB with the signature by chance", `org 0x100000\n${SAY}${END}`],
    ["a Multiboot kernel", `${SAY}\nalign 4\ndd 0x1badb002, 0, -0x1badb002`],
  ])("%s", (_, source) => {
    const { bytes, ...said } = assembled(source)
    expect(said).toEqual({ status: 0, stderr: "" })
    expect(bytes.slice(0, WIDE.length)).toBe(WIDE)
  })
})

describe("--bits decides for a source that does not say", () => {
  const RUN = "mov eax, 0x12345678\n cli\n hlt"

  test("asm --bits 32 makes a boot sector of 32-bit code, asm --bits 16 a plain program of 16-bit code", () => {
    expect(assembled(SAY + END, "--bits", "32").bytes.slice(0, WIDE.length)).toBe(WIDE)
    expect(assembled(SAY, "--bits", "16").bytes).toBe(NARROW)
  })

  test("run --bits 16 and --bits 32", () => {
    folder.put("boot.asm", RUN + END)
    const eax = (...args: readonly string[]) =>
      JSON.parse(folder.ringlab("run", "boot.asm", "--json", ...args).stdout).registers.eax
    expect([eax(), eax("--bits", "16")]).toEqual([0x1234_5678, 0x1234_5678])
    // B8 78 56: the processor reads 16-bit code, whatever it was made for.
    expect(eax("--bits", "32")).not.toBe(0x1234_5678)
  })

  test("and bits in the source goes before it", () => {
    expect(assembled(`bits 16\n${SAY}`, "--bits", "32").bytes).toBe(NARROW)
  })

  test.each([
    [["run", "boot.asm", "--bits", "64"], '--bits must be 16 or 32, but is "64".\n'],
    [["run", "boot.bin", "--bits", "16"], "--bits is for assembly sources, and boot.bin is none.\n"],
  ])("%s is refused", (args, stderr) => {
    assembled(SAY + END)
    expect(folder.ringlab(...args)).toEqual({ status: 2, stdout: "", stderr })
  })
})

describe("what is doubtful is told on standard error", () => {
  const CHOOSE = "write bits 16 or bits 32 at its beginning, or give --bits.\n"

  test.each([
    [
      "org 7C00h without a signature",
      `org 0x7c00\n${SAY}`,
      "its origin is that of a boot sector, but it has not 55h and AAh at byte 510, and was taken for 32-bit code: ",
    ],
    [
      "org 100h",
      `org 100h\n${SAY}`,
      "its origin is that of a DOS program, but it has not 55h and AAh at byte 510, and was taken for 32-bit code: ",
    ],
    [
      "padding by hand that fits 32-bit code",
      `${SAY}\ntimes 500 db 0\ndw 0xaa55`,
      "only as 32-bit code it has 55h and AAh at byte 510, and so it was taken: ",
    ],
    [
      "a boot sector with a Multiboot header",
      `${SAY}\nalign 4\ndd 0x1badb002, 0, -0x1badb002${END}`,
      "it makes a boot sector and has a Multiboot header, too, and was taken for 16-bit code: ",
    ],
  ])("%s", (_, source, says) => {
    expect(assembled(source).stderr).toBe(`boot.asm: ${says}${CHOOSE}`)
    for (const bits of ["16", "32"]) expect(assembled(source, "--bits", bits).stderr).toBe("")
    expect(folder.ringlab("run", "boot.asm").stderr.split("\n")[0]).toBe(
      `boot.asm: ${says}${CHOOSE}`.trimEnd(),
    )
  })

  test.each([
    ["bits 32", `bits 32\n${SAY}${END}`, []],
    ["--bits 32", SAY + END, ["--bits", "32"]],
  ])("a boot sector with %s", (_, source, args) => {
    folder.put("boot.asm", source)
    expect(folder.ringlab("run", "boot.asm", ...args).stderr.split("\n")[0]).toBe(
      "boot.asm: a boot sector starts in 16-bit mode, but this one begins with 32-bit code: begin it with bits 16.",
    )
  })

  test("a mistake that only 16-bit code has", () => {
    folder.put("wide.asm", `mov al, [0x123456]${END}`)
    const { status, stderr } = folder.ringlab("asm", "wide.asm")
    expect(status).toBe(3)
    expect(stderr).toMatch(
      /^wide.asm:1:\d+: .*\nwide.asm: it makes a boot sector, so its code was taken for 16-bit code; --bits 32 takes it for 32-bit code.\n$/,
    )
  })

  test.each([
    ["bits 16", `bits 16\n${SAY}`, []],
    ["--bits 16", SAY, ["--bits", "16"]],
    ["16-bit code at its entry", `bits 32\nnop\nbits 16\n${SAY}`, []],
  ])("a program with %s that is no boot sector does not run", (_, source, args) => {
    folder.put("small.asm", source)
    expect(folder.ringlab("run", "small.asm", ...args)).toEqual({
      status: 3,
      stdout: "",
      stderr:
        "small.asm: it begins with 16-bit code, and only a boot sector may: give it org 0x7c00, and 55h and AAh at byte 510 by times 510 - ($ - $$) db 0 and dw 0xaa55.\n",
    })
  })
})
