import { describe, expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { MAP, ON, register, run } from "./guest"

/** Entry of the page at 300000h. */
const PTE = 0x202000 + 0x300 * 4
const setPte = (flags: number, page = 0x300000) => `mov dword [${PTE}], ${page | flags}`
const word = (ran: ReturnType<typeof run>, physical: number) => ran.machine.memory.get(physical, 32) >>> 0

describe("32-bit paging", () => {
  test("sets A on a read, A and D on a write, in the entries it used", () => {
    const ran = run(`${MAP}\n${ON}\n mov eax, [0x300000]\n mov dword [0x301000], 5\n hlt`)
    expect(word(ran, PTE) & 0x60).toBe(0x20)
    expect(word(ran, PTE + 4) & 0x60).toBe(0x60)
    expect(word(ran, 0x201000) & 0x20).toBe(0x20)
  })
  test("a page that is not present is #PF with the address in CR2", () => {
    const { faults, machine } = run(`${MAP}\n${setPte(0)}\n${ON}\n mov eax, [0x300123]`)
    expect(faults).toEqual(["#PF(0)"])
    expect(machine.cpu.readControl(2)).toBe(0x300123)
  })
  test("a fault leaves A and D alone", () => {
    const ran = run(`${MAP}\n${setPte(5)}\n${ON}\n${enterRing(3, "user")}\nuser: mov dword [0x300000], 1`)
    expect(ran.faults).toEqual(["#PF(7)"])
    expect(word(ran, PTE)).toBe(0x300005)
  })

  const allowed = (pte: number, user: boolean, write: boolean, wp: boolean) =>
    (!user || (pte & 4) !== 0) && (!write || (pte & 2) !== 0 || (!user && !wp))
  for (const user of [false, true])
    for (const write of [false, true])
      for (const wp of [false, true])
        test(`${user ? "user" : "supervisor"} ${write ? "write" : "read"} with CR0.WP = ${wp ? 1 : 0}, for every R/W and U/S of both levels`, () => {
          const access = write ? "mov dword [0x300000], 1" : "mov eax, [0x300000]"
          const go = user ? `${enterRing(3, "user")}\nuser: ${access}\n ud2` : `${access}\n ud2`
          // The page under test has a directory entry of its own, at linear 800000h.
          const linear = go.replaceAll("0x300000", "0x800000")
          for (const pde of [1, 3, 5, 7])
            for (const pte of [1, 3, 5, 7]) {
              const setup = `mov dword [0x201008], ${0x203000 | pde}\n mov dword [0x203000], ${0x300000 | pte}`
              const { faults } = run(
                `${MAP}\n${setup}\n${ON}\n${wp ? "mov eax, cr0\n or eax, 0x10000\n mov cr0, eax" : ""}\n${linear}`,
              )
              const code = 1 | (write ? 2 : 0) | (user ? 4 : 0)
              expect(faults).toEqual([allowed(pde & pte, user, write, wp) ? "#UD" : `#PF(${code})`])
            }
        })

  test("a 4 MiB page with CR4.PSE; a reserved bit in it is #PF with RSVD", () => {
    const pse = "mov eax, cr4\n or eax, 0x10\n mov cr4, eax\n"
    const ran = run(
      `${MAP}\n${pse}\n mov dword [0x201008], 0x87\n${ON}\n mov dword [0x800000 + 0x300000], 77\n mov ebx, [0x300000]\n hlt`,
    )
    expect(register(ran.machine, "ebx")).toBe(77)
    expect(word(ran, 0x201008) & 0x60).toBe(0x60)
    expect(run(`${MAP}\n${pse}\n mov dword [0x201008], 0x2087\n${ON}\n mov eax, [0x800000]`).faults).toEqual([
      "#PF(9)",
    ])
  })
  test("without CR4.PSE bit 7 of a PDE means nothing", () => {
    expect(run(`${MAP}\n or dword [0x201000], 0x80\n${ON}\n ud2`).faults).toEqual(["#UD"])
  })
  test("an access across two pages touches neither if the second is not there", () => {
    const ran = run(`${MAP}\n${setPte(0)}\n${ON}\n mov dword [0x2ffffe], 0x11223344`)
    expect(ran.faults).toEqual(["#PF(2)"])
    expect(ran.machine.cpu.readControl(2)).toBe(0x300000)
    expect(ran.machine.memory.get(0x2ffffc, 32)).toBe(0)
  })
})

describe("the TLB", () => {
  const read = "mov ebx, [0x300000]"
  const prepare = `mov dword [0x300000], 1\n mov dword [0x310000], 2\n ${MAP}\n${ON}\n ${read}\n ${setPte(7, 0x310000)}`
  test("is stale after the table changed: the old page still answers", () => {
    expect(register(run(`${prepare}\n ${read}\n hlt`).machine, "ebx")).toBe(1)
  })
  for (const [name, code] of [
    ["INVLPG", "invlpg [0x300000]"],
    ["a load of CR3", "mov eax, cr3\n mov cr3, eax"],
    ["paging off and on", "mov eax, cr0\n btr eax, 31\n mov cr0, eax\n bts eax, 31\n mov cr0, eax"],
  ])
    test(`${name} makes the new page seen`, () => {
      expect(register(run(`${prepare}\n ${code}\n ${read}\n hlt`).machine, "ebx")).toBe(2)
    })
  test("a global page outlives a load of CR3, not INVLPG", () => {
    const global = "mov eax, cr4\n or eax, 0x80\n mov cr4, eax\n"
    const stale = prepare.replace(read, `${setPte(0x107)}\n ${read}`)
    const reload = "mov eax, cr3\n mov cr3, eax"
    expect(register(run(`${global}${stale}\n ${reload}\n ${read}\n hlt`).machine, "ebx")).toBe(1)
    expect(
      register(run(`${global}${stale}\n ${reload}\n invlpg [0x300000]\n ${read}\n hlt`).machine, "ebx"),
    ).toBe(2)
  })
  const PGE = 0x80
  const setCr4 = (bits: number) => `mov eax, ${bits}\n mov cr4, eax\n`
  const RELOAD = "mov eax, cr3\n mov cr3, eax\n"
  /** What the page holds after some lines, if its entry has G, and names another frame since it was read. */
  const globalPage = (cr4: number, lines: string) => {
    const marked = `mov dword [0x300000], 1\n mov dword [0x310000], 2\n ${MAP}\n ${setPte(0x107)}\n ${ON}\n ${read}\n ${setPte(0x107, 0x310000)}`
    return register(run(`${setCr4(cr4)} ${marked}\n ${lines} ${read}\n hlt`).machine, "ebx")
  }
  test("knows global pages only while CR4.PGE is set: without it, bit 8 of an entry is ignored", () => {
    expect([globalPage(0, RELOAD), globalPage(PGE, RELOAD)]).toEqual([2, 1])
  })
  for (const [what, before, after] of [
    ["PGE is set", 0, PGE],
    ["PGE is cleared", PGE, 0],
    ["PSE is set", PGE, PGE | 0x10],
  ] as const)
    test(`is emptied when CR4.${what}, and then follows the new value`, () => {
      const change = setCr4(after)
      expect(globalPage(before, change)).toBe(2)
      const back = `${change} ${read}\n ${setPte(0x107)}\n ${RELOAD}`
      expect(globalPage(before, back)).toBe(after & PGE ? 2 : 1)
    })
  test("keeps a global page of 4 MiB over a load of CR3, if CR4.PGE is set", () => {
    const seen = (cr4: number) => {
      const code = `mov dword [0x300000], 1\n ${MAP}\n mov dword [0x201008], 0x187\n ${setCr4(cr4)} ${ON}\n mov ebx, [0x800000 + 0x300000]\n mov dword [0x201008], 0x400187\n ${RELOAD} mov ebx, [0x800000 + 0x300000]\n hlt`
      return register(run(code).machine, "ebx")
    }
    expect([seen(0x10), seen(0x90)]).toEqual([0xffffffff, 1])
  })
  test("a page fault drops the faulting page's entry", () => {
    const gates = [{ vector: 14, handler: "mend" }]
    const body = `${MAP}\n${setPte(5)}\n${ON}\n${enterRing(3, "user")}\nuser: mov eax, [0x300000]\n mov dword [0x300000], 9\n ud2\nmend: or dword [${PTE}], 2\n add esp, 4\n iretd`
    expect(run(body, { gates }).faults).toEqual(["#PF(7)", "#UD"])
  })
})

test("self-modifying code is seen at once, in the same block and through another mapping", () => {
  expect(register(run("mov byte [patch + 1], 7\npatch: mov bl, 1\n hlt").machine, "ebx")).toBe(7)
  const alias = `${MAP}\n mov dword [${PTE}], code + 7\n${ON}\n mov ecx, 2\nagain: call code\n mov byte [0x300001], 9\n loop again\n hlt\nalign 4096\ncode: mov bl, 1\n ret`
  const { machine } = run(alias.replace("mov dword [", "mov dword ["), {})
  expect(register(machine, "ebx")).toBe(9)
})
