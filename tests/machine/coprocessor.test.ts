/** x87, MMX and SSE code on this processor, which has none of them: by CR0, and as CPUID says. */
import { describe, expect, test } from "vitest"
import { register, run } from "./guest"

const cr0 = (bits: number) => `mov eax, cr0\n and eax, ~0xe\n or eax, ${bits}\n mov cr0, eax\n`
const [MP, EM, TS] = [2, 4, 8]
/** FLD1. */
const FLOATING = "db 0xd9, 0xe8"

describe("with these bits of CR0 (SDM Vol. 3A Table 2-2)", () => {
  for (const em of [0, EM])
    for (const mp of [0, MP])
      for (const ts of [0, TS]) {
        const floating = em || ts ? ["#NM"] : ["#UD"]
        const wait = mp && ts ? ["#NM"] : ["#UD"]
        test(`EM ${em ? 1 : 0}, MP ${mp ? 1 : 0}, TS ${ts ? 1 : 0}: x87 code gives ${floating}, WAIT gives ${wait}`, () => {
          expect(run(`${cr0(em | mp | ts)} ${FLOATING}\n ud2`).faults).toEqual(floating)
          expect(run(`${cr0(em | mp | ts)} fwait\n ud2`).faults).toEqual(wait)
        })
      }
})

describe("x87 code with EM and TS clear", () => {
  test("changes nothing, so that FNINIT and FNSTSW tell that there is no FPU, and a listener hears why", () => {
    const ran = run(`mov word [word_at], 0x5a5a
  mov eax, 0x1234
  db 0xdb, 0xe3                     ; FNINIT
  db 0xdf, 0xe0                     ; FNSTSW AX
  db 0xdd, 0x3d
  dd word_at                        ; FNSTSW [word_at]
  mov ebx, [word_at]
  hlt
word_at: dd 0`)
    expect(register(ran.machine, "eax")).toBe(0x1234)
    expect(register(ran.machine, "ebx")).toBe(0x5a5a)
    expect(ran.events.filter(({ is }) => is === "not simulated")).toHaveLength(3)
  })
  test("is as long as its ModR/M says, with 16-bit addresses too, and touches no memory", () => {
    expect(run("mov ebx, -1\n db 0xd8, 0x84, 0x8b\n dd 0xf0000000\n hlt").faults).toEqual([])
    expect(run("db 0x67, 0xd8, 0x87, 0x34, 0x12\n db 0x67, 0xdf, 0x06, 0xff, 0xff\n hlt").faults).toEqual([])
  })
  test("with LOCK is #UD, whatever CR0 says", () => {
    expect(run(`${cr0(EM)} db 0xf0, 0xd9, 0x00`).faults).toEqual(["#UD"])
  })
})

describe("MMX and SSE instructions are #UD", () => {
  for (const [name, bytes] of [
    ["EMMS", "0x0f, 0x77"],
    ["MOVD MM0, EAX", "0x0f, 0x6e, 0xc0"],
    ["MOVAPS XMM0, XMM1", "0x0f, 0x28, 0xc1"],
    ["FXSAVE", "0x0f, 0xae, 0x00"],
    ["SFENCE", "0x0f, 0xae, 0xf8"],
  ] as const)
    test(`${name}, with CR0.TS set too`, () => {
      expect(run(`db ${bytes}`).faults).toEqual(["#UD"])
      expect(run(`${cr0(TS)} db ${bytes}`).faults).toEqual(["#UD"])
    })
  test("and CPUID says that there is no FPU, MMX, FXSR or SSE; CR4.OSFXSR cannot be set", () => {
    const { machine, faults } = run("mov eax, 1\n cpuid\n mov eax, 0x200\n mov cr4, eax")
    const [FPU, MMX, FXSR, SSE, SSE2] = [0, 23, 24, 25, 26]
    for (const bit of [FPU, MMX, FXSR, SSE, SSE2]) expect((register(machine, "edx") >>> bit) & 1).toBe(0)
    expect(faults).toEqual(["#GP(0)"])
  })
})

describe("RDPMC", () => {
  test("reads 0 from the two counters of a P6, and refuses a third", () => {
    const { machine, faults } = run("mov ecx, 1\n mov eax, ecx\n mov edx, ecx\n rdpmc\n inc ecx\n rdpmc")
    expect([register(machine, "eax"), register(machine, "edx"), ...faults]).toEqual([0, 0, "#GP(0)"])
  })
})
