/** What QEMU does not survive, or tells of only in passing: worked cases beside tests/qemu.test.ts. */
import { expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { run } from "./guest"

const VM = 1 << 17

test("LTR refuses a null selector, whatever its RPL", () => {
  for (const selector of [0, 3])
    expect(run(`  mov eax, ${selector}\n  ltr ax\n  hlt`).faults).toEqual(["#GP(0)"])
})

test("IRETD with VM in the saved EFLAGS stays in protected mode outside ring 0", () => {
  const guest = run(`${enterRing(3, "user")}
user:
  push dword ${VM | 0x202}
  push dword CODE3
  push dword there
  iretd
there:
  mov ecx, 0x600d
  hlt`)
  expect([guest.machine.cpu.reg[1], guest.machine.cpu.flags.value & VM, guest.faults]).toEqual([
    0x600d,
    0,
    ["#GP(0)"],
  ])
})

test("CR2 has the address of the last page fault, even if a double fault or a shutdown came of it", () => {
  const guest = run(`  mov dword [0x8000], 0x9003
  mov edi, 0x9000
  mov eax, 3
fill:
  mov [edi], eax
  add edi, 4
  add eax, 0x1000
  cmp edi, 0xa000
  jb fill
  mov eax, 0x8000
  mov cr3, eax
  mov dword [idt + 14 * 8 + 4], 0x8e00
  mov word [idt + 14 * 8], 0
  mov word [idt + 14 * 8 + 2], CODE0
  mov dword [gdt_register + 2], 0x700000
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
  lgdt [gdt_register]
  mov eax, [0x500000]
  hlt`)
  expect(guest.machine.cpu.readControl(2) >>> 0).toBeGreaterThan(0x700000)
  expect(guest.outcome.why).toBe("shutdown")
})
