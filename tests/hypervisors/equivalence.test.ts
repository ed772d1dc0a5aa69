/** Popek and Goldberg's first demand: where a guest first differs from itself on bare metal. */
import { expect, test, vi } from "vitest"
import { enterRing, kit } from "../../src/guests/kit"
import { firstDifference } from "../../src/hypervisors/equivalence"
import { asm } from "../../src/isa/assemble"
import { TABLE } from "../../src/isa/isa"
import { otherStep, pairDifferences } from "../../src/views/pair"
import { recordDifference } from "../../src/views/record-difference"
import { kernelPair, pairOf } from "./make"

/** Long runs, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })

const FOR_EVER = 5_000_000

test.each(["mix 1", "forks 1", "tables 1", "timer 1"])(
  "the well-behaved kernel is the same at each instruction: %s",
  (commandLine) => {
    expect(firstDifference(() => kernelPair("kernel-well-behaved", commandLine), FOR_EVER)).toBeUndefined()
  },
)

test("the unmodified kernel goes wrong at an instruction that the classification names: PUSHF shows it that IF is 1", () => {
  const found = firstDifference(() => kernelPair("kernel", "mix 1"), FOR_EVER)
  expect(found).toMatchObject({ instruction: "pushf", bare: 2, virtual: 0x202 })
  expect(TABLE.find(({ name }) => name === "PUSHFD")?.outside?.claim).toBe("leaks")
})

/** A guest kernel with one instruction that does not trap, after which it says what it saw. */
const asking = (lines: string) => asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main: sti
 ${lines}
 nop
${enterRing(3, "user")}
user: int 0x80
 jmp user
service: inc ebx
 cmp ebx, 30
 jae done
 iretd
done: cli
 hlt
align 4
place: dd 0, 0`

test.each([
  ["sgdt [place]", "sgdt", /^memory/],
  ["sidt [place]", "sidt", /^memory/],
  ["str eax", "str", /^EAX/],
  ["push cs\n pop eax", "push cs", /^memory/],
  ["mov ax, ss", "mov ax, ss", /^EAX/],
  ["cli\n pushfd\n pop eax\n sti", "pushf", /^memory/],
  ["cli\n push dword 0x202\n popfd", "popf", /^EFLAGS.IF/],
  ["mov ax, 8\n lsl ebx, ax", "lsl", /^EBX/],
])("a kernel that executes %s differs there and nowhere before", (lines, instruction, what) => {
  const found = firstDifference(() => pairOf(asking(lines)), FOR_EVER)
  expect(found?.instruction).toMatch(new RegExp(`^${instruction}`))
  expect(found?.what).toMatch(what)
})

test("both runs can be recorded: they show the instruction, and what it made of either", () => {
  const make = () => pairOf(asking("mov ax, ss"))
  const found = firstDifference(make, FOR_EVER)
  if (!found) throw new Error("There is no difference.")
  const pair = recordDifference(make, found)
  const { bare, virtual } = pair
  const shown = [bare.frame(found.step + 1), virtual.frame(found.machineStep + 1)]
  expect(shown.map(({ sentence }) => sentence)).toEqual([
    "Ring 0 ran “mov ax, ss”. EAX changed from 00000048h to 00000010h.",
    "Ring 1 ran “mov ax, ss”. EAX changed from 00000048h to 00000011h.",
  ])
  // The picture of both shows what a guest could tell, and no more: not its ring, and not that the real interrupts are on.
  const { left, right, together, first } = pair.output()
  expect([left.view.step, right.view.step]).toEqual([found.step + 1, found.machineStep + 1])
  expect(first).toBe(found.step + 1)
  expect(pairDifferences({ guest: true }, [left.view, right.view])).toEqual([
    { name: "EAX", left: "00000010h", right: "00000011h" },
  ])
  const common = together.flatMap(([from, , more]) => Array.from({ length: more + 1 }, (_, n) => from + n))
  for (const step of common.filter((step) => step > 0 && step <= found.step)) {
    const frames = [bare.frame(step), virtual.frame(otherStep(together, step), { guest: true })] as const
    expect([step, pairDifferences({ guest: true }, frames)]).toEqual([step, []])
  }
})

test("an instruction that traps and is rewritten is what it was rewritten to", () => {
  const rewritten = asm`${kit()}
main: mov ecx, 6
again: xor byte [place], 1
  nop
place: cli
  loop again
  hlt`
  expect(firstDifference(() => pairOf(rewritten), FOR_EVER)).toBeUndefined()
  const { machine, hypervisor } = pairOf(rewritten)
  machine.run()
  expect(hypervisor.guests[0].exits).toMatchObject({ CLI: 3, STI: 3 })
})

test("code whose page is mapped elsewhere without INVLPG goes on as it was, also where it traps", () => {
  const remapped = asm`${kit()}
main: mov edi, 0x200000
  mov ecx, 1024
  mov eax, 3
.fill: stosd
  add eax, 0x1000
  loop .fill
  mov dword [0x201000], 0x200003
  mov eax, 0x201000
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
  call elsewhere
  mov eax, [0x200000 + 4 * (elsewhere >> 12)]
  hlt
align 4096
elsewhere: mov dword [0x200000 + 4 * (elsewhere >> 12)], 0x300003
  cli
  mov ebx, cr0
  ret`
  expect(firstDifference(() => pairOf(remapped), FOR_EVER)).toBeUndefined()
  const { machine, hypervisor } = pairOf(remapped)
  machine.run()
  const { cpu } = hypervisor.guests[0].vm.machine
  expect([cpu.activity, cpu.reg[3] >>> 0, cpu.reg[0]]).toEqual(["halted", 0x8000_0011, 0x30_0003])
})

test("a kernel that asks nothing does not differ", () => {
  expect(firstDifference(() => pairOf(asking("cli\n sti")), FOR_EVER)).toBeUndefined()
})
