import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { kit } from "../../src/guests/kit"
import { startController } from "../../src/guests/traps"
import { assemble } from "../../src/isa/assemble"
import { ECHO } from "../devices/echo"
import { elfKernel, multibootElf, multibootFlat } from "../loaders/kernels"
import { Folder, PROGRAM } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
})
afterAll(() => folder.remove())

/** Sends AL and stops. */
const SEND = "mov dx, 0x3f8\n out dx, al\n cli\n hlt"
const LOOP = "again: jmp again"

/** A ROM that says where it is. */
const ROM = (kibibytes: number) => `bits 16
  times ${(kibibytes - 64) * 1024} db 0
part:
  times 0xe05b db 0
start:
  mov byte [cs:0], 'x'  ; a ROM keeps what it has
  mov al, [cs:0]
  add al, 'A'
  ${SEND}
  times 0xfff0 - ($ - part) db 0
  jmp 0xf000:0xe05b
  times 0x10000 - ($ - part) db 0`

describe("each kind of file runs", () => {
  const kinds: [what: string, name: string, content: () => string | Uint8Array, args: string[]][] = [
    ["an assembly source", "a.asm", () => `mov al, 'A'\n${SEND}`, []],
    ["a source without an extension", "source", () => `mov al, 'A'\n${SEND}`, []],
    [
      "a flat binary",
      "a.bin",
      () => assemble(`org 0x7000\nmov al, [letter]\n${SEND}\nletter: db "A"`).bytes,
      ["--at", "7000h"],
    ],
    ["an ELF executable", "a.elf", () => elfKernel(`mov al, 'A'\n${SEND}`), []],
    ["a Multiboot kernel in ELF", "m.elf", () => multibootElf(`mov al, 'A'\n${SEND}`), []],
    ["a flat Multiboot kernel", "m.bin", () => multibootFlat(`mov al, 'A'\n${SEND}`), []],
    ["a ROM of 64 KiB", "64.rom", () => assemble(ROM(64)).bytes, ["--bios"]],
    ["a ROM of 128 KiB", "128.rom", () => assemble(ROM(128)).bytes, ["--bios"]],
  ]

  test.each(kinds)("%s", (_, name, content, args) => {
    folder.put(name, content())
    const { status, stdout, stderr } = folder.ringlab("run", name, ...args)
    expect({ status, stdout }).toEqual({ status: 0, stdout: "A" })
    expect(stderr).toMatch(/^The machine halted after \d+ instructions and [\d,]+ cycles/)
  })
})

const bootSector = (lines: string, origin = "org 0x7c00") =>
  `bits 16\n${origin}\nstart: ${lines}\ntimes 510 - ($ - start) db 0\ndw 0xaa55`
const READ_DISK = "mov ax, 0x0e41\n int 0x10\n mov ah, 2\n int 0x13"

test.each([
  ["as a file of its bytes", "boot.bin", assemble(bootSector(READ_DISK)).bytes],
  ["as its source", "boot.asm", bootSector(READ_DISK)],
  ["as a source without org", "plain.asm", bootSector(READ_DISK, "")],
])("a boot sector runs %s, and a BIOS service that is missing is told", (_, file, content) => {
  folder.put(file, content)
  const { status, stdout, stderr } = folder.ringlab("run", file)
  expect({ status, stdout }).toEqual({ status: 7, stdout: "A" })
  expect(stderr).toContain("Interrupt 13h came with AH = 02h, and nothing handles it: there is no BIOS")
})

test("a Multiboot kernel gets its command line", () => {
  folder.put("line.elf", multibootElf(`mov ebx, [ebx + 16]\n mov al, [ebx + 5]\n${SEND}`))
  expect(folder.ringlab("run", "line.elf", "--cmdline", "root=X").stdout).toBe("X")
})

test("and its modules", () => {
  folder.put("first", "X")
  folder.put("second", "Y")
  folder.put("module.elf", multibootElf(`mov ebx, [ebx + 24]\n mov ecx, [ebx + 16]\n mov al, [ecx]\n${SEND}`))
  expect(folder.ringlab("run", "module.elf", "--module", "first", "--module", "second").stdout).toBe("Y")
})

describe("the exit code tells how the run ended", () => {
  test.each([
    ["halted", 0, "cli\n hlt", []],
    ["the processor shut down", 4, "ud2", []],
    ["the limit was reached", 5, LOOP, ["--max-instructions", "1000"]],
    ["the machine reset itself", 6, "mov al, 0xfe\n out 0x64, al\n jmp $", []],
  ])("%s: %i", (_, status, source, args) => {
    folder.put("end.asm", source)
    expect(folder.ringlab("run", "end.asm", ...args).status).toBe(status)
  })

  test("and counts one step in the singular", () => {
    expect(folder.ringlab("run", folder.put("one.asm", "hlt")).stderr).toContain(
      " 1 instruction and 1 cycle,",
    )
  })

  test("Ctrl-C: 130, and the report is printed", async () => {
    const file = folder.put("forever.asm", `mov al, 'A'\n mov dx, 0x3f8\n out dx, al\n${LOOP}`)
    const child = spawn(process.execPath, [PROGRAM, "run", file], { stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    child.stderr.on("data", (text) => void (said += text))
    // What it sends shows that it runs.
    await once(child.stdout, "data")
    child.kill("SIGINT")
    expect((await once(child, "close"))[0]).toBe(130)
    expect(said).toMatch(/^You stopped the machine after/)
  })
})

test("--json reports the whole run on standard output", () => {
  folder.put(
    "report.asm",
    `mov al, 7\n out 0x80, al\n mov dx, 0x190\n inc al\n out dx, al\n mov esi, 0x12345678\n mov al, 'A'\n${SEND}`,
  )
  const { status, stdout, stderr } = folder.ringlab("run", "report.asm", "--json")
  const { ledger, registers, ...report } = JSON.parse(stdout)
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  expect(report).toMatchObject({
    outcome: "halted",
    instructions: 11,
    serial: "A",
    postCodes: [
      { port: 0x80, value: 7 },
      { port: 0x190, value: 8 },
    ],
    exceptions: {},
    interrupts: {},
    softwareInterrupts: {},
  })
  const charged = Object.values<number>(ledger).reduce((sum, cycles) => sum + cycles, 0)
  expect([report.cycles, ledger.work]).toEqual([charged, 11])
  expect(registers).toMatchObject({ esi: 0x1234_5678, eax: 0x41, edx: 0x3f8, cr0: 0x11, cpl: 0 })
})

test("--json counts exceptions, and interrupts by what caused them", () => {
  folder.put("counts.asm", "int 0x30")
  const { exceptions, softwareInterrupts } = JSON.parse(folder.ringlab("run", "counts.asm", "--json").stdout)
  expect({ exceptions, softwareInterrupts }).toEqual({
    exceptions: { "#GP": 3, "#DF": 1 },
    softwareInterrupts: {},
  })
})

describe("serial output", () => {
  test("goes to a file, byte by byte", () => {
    folder.put("bytes.asm", `mov al, 0xe9\n${SEND}`)
    const { stdout } = folder.ringlab("run", "bytes.asm", "--serial", "out.bin")
    expect([stdout, [...readFileSync(join(folder.path, "out.bin"))]]).toEqual(["", [0xe9]])
  })

  test("goes to standard error beside a JSON report when standard output is asked for", () => {
    folder.put("both.asm", `mov al, 'A'\n${SEND}`)
    const { stdout, stderr } = folder.ringlab("run", "both.asm", "--serial", "stdio", "--json")
    expect([JSON.parse(stdout).serial, stderr]).toEqual(["A", "A"])
  })
})

test("what is on the text screen is in the report", () => {
  folder.put("screen.asm", `mov dword [0xb8000], 0x07690748\n mov byte [0xb80a0], "!"\n cli\n hlt`)
  expect(folder.ringlab("run", "screen.asm").stderr).toMatch(/ring 0\.\nEAX .*\nthe screen:\nHi\n!\n$/)
  expect(JSON.parse(folder.ringlab("run", "screen.asm", "--json").stdout).screen).toEqual(["Hi", "!"])
})

const startEcho = () =>
  spawn(process.execPath, [PROGRAM, "run", join(folder.path, "echo.asm"), "--serial", "stdio"])

describe("--serial stdio types what standard input brings", () => {
  beforeAll(() => {
    folder.put("echo.asm", ECHO)
    folder.put("input", "\xe9 line\nand another.\n")
    folder.put("nothing", "")
  })

  test("a file, the same every time", () => {
    const run = () => folder.ringlabFrom("input", "run", "echo.asm", "--serial", "stdio", "--json").stdout
    const [once, again] = [run(), run()]
    expect(again).toBe(once)
    const text = readFileSync(join(folder.path, "input"), "latin1")
    expect(JSON.parse(Buffer.from(once, "latin1").toString())).toMatchObject({
      outcome: "halted",
      serial: text.slice(0, -1),
      typed: [{ step: 0, on: "serial", text }],
    })
  })

  test("a pipe, as it comes: the machine waits for it", async () => {
    const child = startEcho()
    let said = ""
    child.stdout.on("data", (text) => void (said += text))
    child.stdin.write("a")
    await once(child.stdout, "data")
    child.stdin.write("b.")
    expect((await once(child, "close"))[0]).toBe(0)
    expect(said).toBe("ab.")
  })

  test("the machine has halted when nothing more can come", () => {
    expect(folder.ringlabFrom("nothing", "run", "echo.asm", "--serial", "stdio").status).toBe(0)
  })

  test("Ctrl-C ends the waiting", async () => {
    const child = startEcho()
    child.stdin.write("a")
    await once(child.stdout, "data")
    child.kill("SIGINT")
    expect((await once(child, "close"))[0]).toBe(130)
  })

  test("and nothing is typed without it", () => {
    const { stdout } = folder.ringlabFrom("input", "run", "echo.asm", "--json")
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "halted", serial: "", typed: [] })
  })
})

/** Puts the keys that are pressed on the screen, by their codes: 1Eh is "a" …; halts for good at Enter. */
const KEYS = `${kit({ gates: [{ vector: 0x21, handler: "key" }] })}
main:
${startController([1])}
  mov edi, 0xb8000
  sti
again: hlt
  jmp again
key:
  in al, 0x60
  cmp al, 0x1c
  je done
  test al, 0x80
  jnz ignore
  add al, "a" - 0x1e
  stosb
  inc edi
ignore:
  mov al, 0x20
  out 0x20, al
  iret
done:
  cli
  hlt`

describe("--keyboard types", () => {
  beforeAll(() => {
    folder.put("keys.asm", KEYS)
    folder.put("as", "as\xe9d\nf")
    folder.put("no-enter", "as")
  })
  const screenOf = (stdout: string) => JSON.parse(stdout).screen

  test("what stands in a file", () => {
    const { stdout } = folder.ringlab("run", "keys.asm", "--keyboard", "as", "--json")
    expect(screenOf(stdout)).toEqual(["abc"])
    expect(JSON.parse(stdout).typed[0]).toMatchObject({ on: "keyboard" })
  })

  test("what comes from standard input, and the machine has halted when nothing more can come", () => {
    const { status, stdout } = folder.ringlabFrom(
      "no-enter",
      "run",
      "keys.asm",
      "--keyboard",
      "stdio",
      "--json",
    )
    expect([status, screenOf(stdout)]).toEqual([0, ["ab"]])
  })

  test("when the guest has halted or had a million steps", () => {
    const typedAt = (file: string) =>
      JSON.parse(folder.ringlab("run", file, "--keyboard", "as", "--json").stdout).typed[0].step
    folder.put("busy.asm", KEYS.replace("again: hlt", "again:"))
    expect(typedAt("keys.asm")).toBeLessThan(100)
    expect(typedAt("busy.asm")).toBe(1_000_000)
  })

  test("while the serial port has standard input, a file", () => {
    expect(folder.ringlab("run", "keys.asm", "--keyboard", "stdio", "--serial", "stdio").status).toBe(2)
    expect(
      folder.ringlabFrom("no-enter", "run", "keys.asm", "--keyboard", "as", "--serial", "stdio").status,
    ).toBe(0)
  })
})

test("--trace writes a line a step: number, ring, place, instruction, changes, events", () => {
  folder.put("trace.asm", "org 0x1000\n mov eax, 5\n mov [0x2000], ax\n int3")
  folder.ringlab("run", "trace.asm", "--trace", "trace.txt")
  const lines = readFileSync(join(folder.path, "trace.txt"), "latin1").split("\n")
  expect(lines.map((line) => line.replace(/ +/g, " "))).toEqual([
    "0 r0 0008:00001000 B805000000 mov eax, 5 EAX=00000005",
    "1 r0 0008:00001005 66A300200000 mov [0x2000], ax [00002000]=0005",
    expect.stringMatching(/^2 r0 0008:0000100B CC int3 \| #GP\(001Ah\) vector 03h.*#DF.*; shutdown$/),
    "",
  ])
})

describe("what cannot be done is told in one sentence", () => {
  beforeAll(() => {
    folder.put("ok.asm", "hlt")
    folder.put("ok.elf", elfKernel())
    folder.put("empty.bin", "")
    folder.put("bytes.bin", Uint8Array.of(0, 1, 2))
    folder.put("cut.elf", elfKernel("times 100 nop").subarray(0, 120))
    folder.put("far.elf", elfKernel("hlt", { patches: { 66: 0x800 } }))
    folder.put("small.rom", new Uint8Array(1000))
    folder.put("wrong.asm", "mov eax, ebx\nmvo eax, 1")
    mkdirSync(join(folder.path, "folder"))
  })

  test.each([
    [3, "no.asm: there is no such file or folder.", ["no.asm"]],
    [3, "folder: this is a folder, and not a file.", ["folder"]],
    [3, "empty.bin: it is empty.", ["empty.bin"]],
    [3, /^bytes.bin: it is no assembly source, .* --at ADDRESS .* --bios/, ["bytes.bin"]],
    [3, /^cut.elf: it is cut short: a segment ends at byte \d+, and the file has 120.$/, ["cut.elf"]],
    [3, /^far.elf: .* needs 129 MiB of memory, but the machine has 16.$/, ["far.elf"]],
    [3, "small.rom: a ROM has 65536 or 131072 bytes, but this file has 1000.", ["small.rom", "--bios"]],
    [3, /^wrong.asm:2:1: unknown instruction "mvo"; did you mean mov\?$/, ["wrong.asm"]],
    [3, "no/serial: there is no such file or folder.", ["ok.asm", "--serial", "no/serial"]],
    [3, "no/keys: there is no such file or folder.", ["ok.asm", "--keyboard", "no/keys"]],
    [3, "no/trace: there is no such file or folder.", ["ok.asm", "--trace", "no/trace"]],
    [2, "Say which file: ringlab run FILE.", []],
    [2, "ringlab run takes one file, but got ok.asm, ok.elf.", ["ok.asm", "ok.elf"]],
    [2, "Unknown option '--fast'.", ["ok.asm", "--fast"]],
    [2, /^--memory must be a whole number from 1 to 2048, but is "0".$/, ["ok.asm", "--memory", "0"]],
    [2, /^--at must be a whole number .* "here".$/, ["ok.asm", "--at", "here"]],
    [2, /^--max-instructions .* "-5".$/, ["ok.asm", "--max-instructions=-5"]],
    [2, /^--at needs a value, and one that begins with a dash is written --at=-/, ["ok.asm", "--at", "-5"]],
    [2, "Option '--at <value>' argument missing.", ["ok.asm", "--at"]],
    [2, /^--at is for flat binaries and sources/, ["small.rom", "--bios", "--at", "5"]],
    [
      2,
      /^There is no hypervisor "xen": --hypervisor takes bare, trap-and-emulate, binary-translation\.$/,
      ["ok.asm", "--hypervisor", "xen"],
    ],
    [2, "--module is for Multiboot kernels, and ok.elf is none.", ["ok.elf", "--module", "ok.asm"]],
    [3, "no/file: there is no such file or folder.", ["ok.elf", "--module", "no/file"]],
    [2, "--cmdline is for Multiboot kernels, and ok.elf is none.", ["ok.elf", "--cmdline", "x"]],
  ])("%i: %s", (status, says, args) => {
    const ran = folder.ringlab("run", ...args)
    expect(ran).toMatchObject({ status, stdout: "" })
    expect(ran.stderr.trimEnd()).toMatch(says)
    expect(ran.stderr.trimEnd()).not.toContain("\n")
  })
})
