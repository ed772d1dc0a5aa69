/** Shadows of large pages are in pieces; what the guest does to one page it does to all of them. */
import { expect, test } from "vitest"
import { kit } from "../../src/guests/kit"
import { firstDifference } from "../../src/hypervisors/equivalence"
import { asm } from "../../src/isa/assemble"
import { pairOf } from "./make"

/** Maps 4 MiB at 800000h to 400000h, reads and writes two pages of it, maps them to 0, and drops what the TLB holds. */
const program = (drop: string) => asm`${kit()}
DIRECTORY equ 0x300000
main: mov dword [0x401000], 0x11111111
  mov dword [0x001000], 0x22222222
  mov dword [DIRECTORY], 0x83
  mov dword [DIRECTORY + 8], 0x400083
  mov eax, DIRECTORY
  mov cr3, eax
  mov eax, 0x10
  mov cr4, eax
  mov eax, cr0
  or eax, 0x80010000
  mov cr0, eax
  mov eax, [0x801000]
  mov [0x802000], eax
  mov dword [DIRECTORY + 8], 0x83
  ${drop}
  mov ebx, [0x801000]
  mov dword [0x802004], 0x33333333
  cli
  hlt`

test.each(["invlpg [0x801000]", "invlpg [0x802000]", "invlpg [0xbff000]", "mov eax, cr3\n mov cr3, eax"])(
  "after %s each part of a large page leads where its entry says",
  (drop) => {
    const make = () => pairOf(program(drop))
    expect(firstDifference(make, 1000)).toBeUndefined()
    const { machine, hypervisor } = make()
    machine.run()
    const { cpu, memory } = hypervisor.guests[0].vm.machine
    expect([cpu.activity, cpu.reg[3]]).toEqual(["halted", 0x2222_2222])
    expect([memory.get(0x2004, 32), memory.get(0x40_2004, 32)]).toEqual([0x3333_3333, 0])
  },
)
