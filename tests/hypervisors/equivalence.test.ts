/** Popek and Goldberg's first demand: where a guest first differs from itself on bare metal. */
import { expect, test, vi } from "vitest"
import { enterRing, kit } from "../../src/guests/kit"
import { firstDifference } from "../../src/hypervisors/equivalence"
import { asm } from "../../src/isa/assemble"
import { TABLE } from "../../src/isa/isa"
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

test("a kernel that asks nothing does not differ", () => {
  expect(firstDifference(() => pairOf(asking("cli\n sti")), FOR_EVER)).toBeUndefined()
})
