import { describe, expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { run } from "./guest"

const inRing = (ring: number, code: string, flags = 2) =>
  ring === 0 ? code : `${enterRing(ring, "there", flags)}\nthere: ${code}`

describe("privileged instructions need CPL 0", () => {
  const PRIVILEGED = [
    "hlt",
    "clts",
    "lgdt [esp]",
    "lidt [esp]",
    "lldt ax",
    "ltr ax",
    "lmsw ax",
    "mov eax, cr0",
    "mov cr3, eax",
    "mov eax, dr7",
    "mov dr0, eax",
    "invlpg [esp]",
    "wbinvd",
    "invd",
    "rdmsr",
    "wrmsr",
  ]
  for (const instruction of PRIVILEGED)
    test(`${instruction} is #GP(0) in rings 1, 2 and 3, whatever IOPL`, () => {
      for (const ring of [1, 2, 3]) expect(run(inRing(ring, instruction, 0x3002)).faults).toEqual(["#GP(0)"])
    })
})

describe("IOPL-sensitive instructions need CPL ≤ IOPL", () => {
  for (const instruction of ["cli", "sti", "in al, 0x21", "out 0x21, al", "insb", "outsb"])
    for (const ring of [0, 1, 2, 3])
      test(`${instruction} in ring ${ring}`, () => {
        for (const iopl of [0, 1, 2, 3]) {
          const body = inRing(
            ring,
            `mov edi, stack3 - 64\n mov esi, edi\n mov edx, 0x21\n ${instruction}\n ud2`,
            2 | (iopl << 12),
          )
          expect(run(body).faults).toEqual([ring <= iopl ? "#UD" : "#GP(0)"])
        }
      })
})

test("the I/O permission bitmap lets ring 3 use a port, all bytes of the access must be allowed", () => {
  // The bitmap begins 104 bytes into the TSS; its limit is raised, and the last byte is all ones.
  const open = `mov byte [gdt + 0x48], 104 + 0x20
    mov edi, tss + 104
    mov ecx, 9
    mov eax, -1
    rep stosd
    mov byte [tss + 104 + (0x60 >> 3)], 0xfd
    mov eax, 0x48
    and byte [gdt + 0x48 + 5], 0xfd
    ltr ax
    ${enterRing(3, "there")}
    times 40 nop
    there:`
  expect(run(`${open}\n in al, 0x61\n ud2`).faults).toEqual(["#UD"])
  expect(run(`${open}\n in al, 0x60\n ud2`).faults).toEqual(["#GP(0)"])
  expect(run(`${open}\n in ax, 0x61\n ud2`).faults).toEqual(["#GP(0)"])
  expect(run(`${open}\n mov dx, 0x3f8\n in al, dx\n ud2`).faults).toEqual(["#GP(0)"])
})

describe("loading a data segment needs max(CPL, RPL) ≤ DPL", () => {
  const selector = (dpl: number, rpl: number) => 0x10 + dpl * 0x10 + rpl
  for (const cpl of [0, 1, 2, 3])
    test(`in ring ${cpl}`, () => {
      for (const dpl of [0, 1, 2, 3])
        for (const rpl of [0, 1, 2, 3]) {
          const { faults } = run(inRing(cpl, `mov ax, ${selector(dpl, rpl)}\n mov fs, ax\n ud2`))
          expect(faults).toEqual([Math.max(cpl, rpl) <= dpl ? "#UD" : `#GP(${selector(dpl, 0)})`])
        }
    })
})

describe("a far transfer", () => {
  test("JMP stays in its ring: to outer and to inner code it is #GP with the selector", () => {
    expect(run("jmp CODE3:main").faults).toEqual(["#GP(56)"])
    expect(run(inRing(3, "jmp CODE0:main")).faults).toEqual(["#GP(8)"])
  })
  test("RETF goes outward and takes a stack along", () => {
    const { machine, faults } = run("push DATA3\n push stack3\n push CODE3\n push outer\n retf\n outer: ud2")
    expect(faults).toEqual(["#UD"])
    expect(machine.cpu.cpl).toBe(0)
    const outward = run("push DATA3\n push stack3\n push CODE3\n push outer\n retf\n outer: jmp outer", {
      steps: 40,
    })
    expect(outward.machine.cpu.cpl).toBe(3)
    expect(outward.machine.cpu.reg[4]).toBe(outward.at("stack3"))
  })
  test("RETF cannot go inward", () => {
    expect(run(inRing(3, "push CODE0\n push main\n retf")).faults).toEqual(["#GP(8)"])
  })
  test("RETF to an outer ring empties the data segments that it may not use", () => {
    const { machine } = run("push DATA3\n push stack3\n push CODE3\n push outer\n retf\n outer: jmp outer", {
      steps: 40,
    })
    expect(machine.cpu.segments.selector[3]).toBe(0)
  })
})

describe("a call gate", () => {
  /** A gate at GDT entry 1 (ring-0 code otherwise) cannot be: the LDT holds it. */
  const gate = (dpl: number, parameters: number) => `
    mov word [gdt + 0x20], 15
    mov dword [gdt + 0x22], ldt
    mov byte [gdt + 0x25], 0x82
    mov byte [gdt + 0x26], 0
    mov byte [gdt + 0x27], 0
    mov eax, 0x20
    lldt ax
    jmp over
    align 8
    ldt: dq 0
      dw (ORIGIN + inner - $$) & 0xffff, CODE0
      db ${parameters}, ${0x8c | (dpl << 5)}
      dw (ORIGIN + inner - $$) >> 16
    inner: hlt
    over:`
  test("of DPL 3 takes ring 3 to ring 0, with its parameters", () => {
    const { machine, stack, at, outcome } = run(
      `${gate(3, 2)}\n${inRing(3, "push 111\n push 222\n call 0xf:0\n back: ud2")}`,
    )
    expect(outcome.why).toBe("halted")
    expect(machine.cpu.cpl).toBe(0)
    expect([0, 1, 2, 3, 4, 5].map(stack)).toEqual([at("back"), 0x3b, 222, 111, at("stack3") - 8, 0x43])
  })
  test("of DPL 0 refuses ring 3 with the gate's selector", () => {
    expect(run(`${gate(0, 0)}\n${inRing(3, "call 0xf:0")}`).faults).toEqual(["#GP(12)"])
  })
  test("refuses JMP from ring 3 with the code's selector, for a jump changes no ring", () => {
    expect(run(`${gate(3, 0)}\n${inRing(3, "jmp 0xf:0")}`).faults).toEqual(["#GP(8)"])
  })
})

test("SGDT SIDT SLDT STR SMSW show ring 3 what is ring 0's, without a trap", () => {
  for (const instruction of ["sgdt [esp-8]", "sidt [esp-8]", "sldt ax", "str ax", "smsw ax"])
    expect(run(inRing(3, `${instruction}\n ud2`)).faults).toEqual(["#UD"])
})

test("with CR4.UMIP they are #GP(0) in ring 3, and work in ring 0", () => {
  const umip = "mov eax, cr4\n or eax, 1 << 11\n mov cr4, eax\n"
  for (const instruction of ["sgdt [esp-8]", "sidt [esp-8]", "sldt ax", "str ax", "smsw ax"]) {
    expect(run(umip + inRing(3, instruction)).faults).toEqual(["#GP(0)"])
    expect(run(`${umip}${instruction}\n ud2`).faults).toEqual(["#UD"])
  }
})
