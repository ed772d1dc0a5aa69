/** Boot sectors, as the first thing that people write for a PC. */
import { describe, expect, it } from "vitest"
import { assemble } from "../../src/isa/assemble"
import { isBootSector } from "../../src/isa/boot-signature"
import { loadBootSector, missingService } from "../../src/loaders/boot-sector"
import { pc } from "../../src/pc"

const sector = (lines: string) =>
  assemble(`bits 16\norg 0x7c00\nstart:\n${lines}\ntimes 510 - ($ - start) db 0\ndw 0xaa55`).bytes

function run(lines: string) {
  const machine = pc({ memory: 1 })
  loadBootSector(machine, sector(lines))
  return { machine, outcome: machine.run({ steps: 10_000 }) }
}

const SAY = "mov dx, 0x3f8\nout dx, al"

describe("a boot sector", () => {
  it("starts at 0000:7C00 in real-address mode, with the disk's number in DL", () => {
    const { machine } = run(
      "mov bl, dl\nmov ax, cs\nmov cx, sp\ncall next\nnext: pop dx\nsub dx, next\ncli\nhlt",
    )
    const { reg, protectedMode } = machine.cpu
    expect(protectedMode).toBe(false)
    expect({ cs: reg[0], sp: reg[1], off: reg[2], disk: reg[3] }).toEqual({
      cs: 0,
      sp: 0x7c00,
      off: 0,
      disk: 0x80,
    })
    expect(missingService(machine)).toBeUndefined()
  })

  it("writes with the BIOS' teletype, which keeps all registers", () => {
    const { machine, outcome } = run(`
  mov si, text
  mov dx, 0x1234
  mov ah, 0x0e
each:
  lodsb
  test al, al
  jz done
  int 0x10
  jmp each
done:
  cmp dx, 0x1234
  jne done
  hlt
text: db "Hello", 0`)
    expect({ why: outcome.why, serial: machine.serial }).toEqual({ why: "halted", serial: "Hello" })
    expect(missingService(machine)).toBeUndefined()
  })

  it.each([
    ["a disk read", "mov ax, 0x0201\nint 0x13", { vector: 0x13, ah: 2 }],
    ["another video service", "mov ax, 0x0003\nint 0x10", { vector: 0x10, ah: 0 }],
    ["the first vector", "mov ah, 9\nint 0", { vector: 0, ah: 9 }],
    ["the last vector", "mov ah, 9\nint 0xff", { vector: 0xff, ah: 9 }],
  ])("halts at a service that is missing: %s", (_, lines, missing) => {
    const { machine, outcome } = run(`${lines}\nmov al, "x"\n${SAY}\ncli\nhlt`)
    expect({ why: outcome.why, serial: machine.serial }).toEqual({ why: "halted", serial: "" })
    expect(missingService(machine)).toEqual(missing)
  })

  it("can go to protected mode", () => {
    const { machine } = run(`
  cli
  lgdt [pointer]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp 8:flat
bits 32
flat:
  mov ax, 16
  mov ds, ax
  mov eax, 0x12345678
  hlt
gdt: dq 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
pointer: dw 23
  dd gdt`)
    expect(machine.cpu.protectedMode).toBe(true)
    expect(machine.cpu.reg[0]).toBe(0x12345678)
  })

  it("is known by its last two bytes; of a longer file the first 512 bytes are loaded", () => {
    const disk = new Uint8Array(1024).fill(0x90)
    disk.set(sector("cli\nhlt"))
    expect(isBootSector(disk)).toBe(true)
    expect(isBootSector(disk.subarray(0, 511))).toBe(false)
    const machine = pc({ memory: 1 })
    loadBootSector(machine, disk)
    expect(machine.memory.bytes[0x7dff]).toBe(0xaa)
    expect(machine.memory.bytes[0x7e00]).toBe(0)
    disk[510] = 0
    expect(() => loadBootSector(machine, disk)).toThrow("bytes 510 and 511")
  })
})
