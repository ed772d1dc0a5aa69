/** PAE paging: pointers loaded with CR3, entries of 64 bits, pages of 4 KiB and 2 MiB, reserved bits. */
import { describe, expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { peek32 } from "../../src/machine/time/peek"
import { register, run } from "./guest"

const [POINTERS, DIRECTORY, TABLE] = [0x200020, 0x201000, 0x202000]
/** Linear 0 to 2 MiB is itself by one large page; 2 to 4 MiB goes through a table of small pages, itself too. */
const MAP = `
  mov edi, 0x200000
  mov ecx, 0xc00
  xor eax, eax
  rep stosd
  mov dword [${POINTERS}], ${DIRECTORY | 1}
  mov dword [${DIRECTORY}], 0x87
  mov dword [${DIRECTORY + 8}], ${TABLE | 7}
  mov edi, ${TABLE}
  mov eax, 0x200007
fill: mov [edi], eax
  add edi, 8
  add eax, 0x1000
  cmp edi, ${TABLE + 0x1000}
  jb fill
  mov eax, ${POINTERS}
  mov cr3, eax`
const PAE = `
  mov eax, cr4
  or eax, 0x20
  mov cr4, eax`
const ON = `
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax`
/** The entry of linear 300000h. */
const PTE = TABLE + 8 * 0x100
const put = (at: number, low: number, high = 0) =>
  `mov dword [${at}], ${low >>> 0}\n mov dword [${at + 4}], ${high >>> 0}\n`
const word = (ran: ReturnType<typeof run>, physical: number) => ran.machine.memory.get(physical, 32) >>> 0

describe("a walk", () => {
  test("goes through PDE and PTE of 8 bytes, and sets A and D there", () => {
    const ran = run(
      `mov dword [0x310000], 77\n ${MAP}\n ${put(PTE, 0x310007)} ${PAE}\n ${ON}\n mov ebx, [0x300000]\n mov dword [0x301000], 5\n hlt`,
    )
    expect(register(ran.machine, "ebx")).toBe(77)
    expect([word(ran, PTE) & 0x60, word(ran, PTE + 8) & 0x60, word(ran, DIRECTORY + 8) & 0x60]).toEqual([
      0x20, 0x60, 0x20,
    ])
    expect(word(ran, POINTERS)).toBe(DIRECTORY | 1)
  })
  test("ends at a page of 2 MiB without CR4.PSE, anywhere in its gigabyte", () => {
    const ran = run(
      `mov dword [0x234568], 99\n ${MAP}\n ${put(DIRECTORY + 8 * 0x1ff, 0x200087)} ${PAE}\n ${ON}\n mov ebx, [0x3fe34568]\n mov dword [0x3fe34568], 1\n hlt`,
    )
    expect(register(ran.machine, "ebx")).toBe(99)
    expect(word(ran, DIRECTORY + 8 * 0x1ff) & 0x60).toBe(0x60)
  })
  test("reads two entries for a small page, and one for a large one", () => {
    const walk = (read: string) =>
      run(`${MAP}\n ${PAE}\n ${ON}\n ${read}\n hlt`).machine.ledger.entries().walk
    expect(walk("mov ebx, [0x300000]") - walk("nop")).toBe(2 * 15)
  })
  test("each of the four gigabytes has its own pointer", () => {
    const third = put(POINTERS + 16, 0x203001) + put(0x203000, 0x200087)
    const ran = run(`${MAP}\n ${third} ${PAE}\n ${ON}\n mov eax, [0x80100000]\n mov ebx, [0x40000000]`)
    expect(ran.faults).toEqual(["#PF(0)"])
    expect(ran.machine.cpu.readControl(2) >>> 0).toBe(0x40000000)
  })
  test("checks rights as 32-bit paging does: both levels must grant", () => {
    const user = `${enterRing(3, "user")}\nuser: `
    for (const [entry, code, fault] of [
      [0x300005, "mov [0x300000], eax", "#PF(7)"],
      [0x300003, "mov eax, [0x300000]", "#PF(5)"],
      [0x300006, "mov eax, [0x300000]", "#PF(4)"],
    ] as const)
      expect(run(`${MAP}\n ${put(PTE, entry)} ${PAE}\n ${ON}\n ${user}${code}`).faults).toEqual([fault])
  })
  for (const [size, entry, [before, after], linear] of [
    ["4 KiB", PTE, [0x310107, 0x320107], 0x300000],
    ["2 MiB", DIRECTORY + 8 * 0x1ff, [0x200187, 0x187], 0x3ff10000],
  ] as const)
    test(`leaves a global page of ${size} in the TLB over a load of CR3, if CR4.PGE is set`, () => {
      const seen = (cr4: number) => {
        const values = "mov dword [0x310000], 1\n mov dword [0x320000], 2\n"
        const read = `mov ebx, [${linear}]\n`
        const on = `mov eax, ${cr4}\n mov cr4, eax\n ${ON}\n ${read}`
        const reload = `${put(entry, after)} mov eax, cr3\n mov cr3, eax\n ${read}`
        return register(run(`${values} ${MAP}\n ${put(entry, before)} ${on} ${reload} hlt`).machine, "ebx")
      }
      expect(seen(0xa0)).toBe(1)
      expect(seen(0x20)).not.toBe(1)
    })
  test("can be looked at from outside without a trace", () => {
    const ran = run(`mov dword [0x310000], 77\n ${MAP}\n ${put(PTE, 0x310007)} ${PAE}\n ${ON}\n hlt`)
    const misses = ran.machine.cpu.linear.tlb.misses
    expect([peek32(ran.machine, 0x300000), peek32(ran.machine, 0x40000000)]).toEqual([77, null])
    expect(ran.machine.cpu.linear.tlb.misses).toBe(misses)
  })
})

describe("a reserved bit is #PF with RSVD", () => {
  const read = (entry: string) => run(`${MAP}\n ${entry} ${PAE}\n ${ON}\n mov eax, [0x300000]`).faults
  test.each([
    ["of a PTE: execute-disable, for there is no EFER", put(PTE, 0x300007, 1 << 31)],
    ["of a PTE: an address beyond 4 GiB", put(PTE, 0x300007, 1)],
    ["of a PTE: PAT, which there is not", put(PTE, 0x300087)],
    ["of a PDE to a table: its upper half", put(DIRECTORY + 8, TABLE | 7, 0x10)],
    ["of a PDE of 2 MiB: bit 13", put(DIRECTORY + 8, 0x2000 | 0x87)],
    ["of a PDE of 2 MiB: bit 20", put(DIRECTORY + 8, 0x300087)],
    ["of a PDE of 2 MiB: PAT", put(DIRECTORY + 8, 0x201087)],
  ])("%s", (_, entry) => expect(read(entry)).toEqual(["#PF(9)"]))
  test("but not of an entry that is not present", () => {
    expect(read(put(PTE, 0x300006, -1))).toEqual(["#PF(0)"])
  })
  test("also of 32-bit entries under CR4.PSE, and of none without", () => {
    const legacy = (cr4: number, entry: string) =>
      run(
        `mov edi, 0x200000\n mov ecx, 0xc00\n xor eax, eax\n rep stosd
 mov dword [0x200000], 0x87\n mov dword [0x200400], 0x201007\n ${entry}\n mov eax, 0x200000\n mov cr3, eax
 mov eax, ${cr4}\n mov cr4, eax\n`.replace("0x87", cr4 ? "0x87" : "0x201007") +
          `${cr4 ? "" : "mov edi, 0x201000\n mov eax, 7\nfill: stosd\n add eax, 0x1000\n cmp edi, 0x202000\n jb fill\n"} ${ON}\n mov eax, [0x40000000]\n ud2`,
      ).faults
    expect(legacy(0x10, "mov dword [0x201000], 0x300087")).toEqual(["#PF(9)"])
    expect(legacy(0x10, "mov dword [0x200400], 0x1087")).toEqual(["#PF(9)"])
    expect(legacy(0, "mov dword [0x200400], 0x201087")).toEqual(["#UD"])
  })
})

describe("the pointers", () => {
  test("are read when CR3 is loaded, and not looked at again", () => {
    const change = put(POINTERS, 0)
    expect(
      run(`${MAP}\n ${PAE}\n ${ON}\n ${change} invlpg [0x300000]\n mov eax, [0x300000]\n ud2`).faults,
    ).toEqual(["#UD"])
    // With the pointer gone nothing is mapped any more, the IDT neither.
    const { outcome } = run(`${MAP}\n ${PAE}\n ${ON}\n ${change} mov eax, cr3\n mov cr3, eax\n ud2`)
    expect(outcome.why).toBe("shutdown")
  })
  for (const [what, low, high] of [
    ["R/W", DIRECTORY | 3, 0],
    ["U/S", DIRECTORY | 5, 0],
    ["bit 8", DIRECTORY | 0x101, 0],
    ["address bit 32", DIRECTORY | 1, 1],
  ] as const)
    test(`with reserved ${what} set are #GP(0), by MOV to CR0, CR3 and CR4 alike, and nothing changes`, () => {
      const bad = put(POINTERS + 0x48, low, high) + put(POINTERS + 0x40, DIRECTORY | 1)
      const load = `mov eax, ${POINTERS + 0x40}\n mov cr3, eax`
      const cr0 = run(`${MAP}\n ${bad} ${PAE}\n ${load}\n ${ON}`)
      expect([cr0.faults, cr0.machine.cpu.readControl(0) >>> 31]).toEqual([["#GP(0)"], 0])
      const cr3 = run(`${MAP}\n ${bad} ${PAE}\n ${ON}\n ${load}`)
      expect([cr3.faults, cr3.machine.cpu.readControl(3)]).toEqual([["#GP(0)"], POINTERS])
    })
  test("that are not present may hold anything", () => {
    expect(
      run(`${MAP}\n ${put(POINTERS + 8, 0xfffffffe, -1)} ${PAE}\n ${ON}\n mov eax, [0x300000]\n ud2`).faults,
    ).toEqual(["#UD"])
  })
})

test("CPUID says that there is PAE, and that physical addresses have 32 bits", () => {
  const { machine } = run("mov eax, 1\n cpuid\n mov esi, edx\n mov eax, 0x80000008\n cpuid\n hlt")
  expect([(register(machine, "esi") >>> 6) & 1, register(machine, "eax")]).toEqual([1, 0x2020])
})
