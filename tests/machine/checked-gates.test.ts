/** A way through a gate that was gone before is gone again only while everything that its checks looked at is as it was. */
import { expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import type { Machine } from "../../src/machine/machine"
import { hashOf } from "../../src/machine/time/recording"
import { boot } from "./guest"

const STEPS = 3000
const GATE = "idt + 0x80 * 8"

/** User stacks whose addresses are code, as they stand in a frame: RET, and INC ESI; RET. */
const STACKS = ["0x3000c3", "0x30c346"]

/**
 * Ring 3 calls ring 0 again and again. At the 30th call (if wished, and after it) ring 0 changes something; a fault that
 * comes of it is put right by its handler, and the instruction tried again. EBP counts calls, ESI calls of the other
 * handler, EDX faults.
 */
function guest(change: string, right: string, always = false): Machine {
  const fix = (vector: number) => ({ vector, handler: "fix" })
  return boot(
    `${enterRing(3, "user")}
user: mov esp, ${STACKS[0]}
  test ebp, 1
  jz .call
  mov esp, ${STACKS[1]}
.call: int 0x80
  xor eax, ebp
  jmp user
other: inc esi
service: inc ebp
  cmp ebp, 30
  ${always ? "jae" : "je"} change
  iretd
change: ${change}
  iretd
fix: inc edx
  ${right}
  add esp, 4
  iretd
inner: add ecx, 3
  iretd
align 16
copies: times 2048 db 0
second: dw idt_end - idt - 1
  dd copies
third: dw gdt_end - gdt - 1
  dd copies`,
    {
      gates: [
        { vector: 0x80, handler: "service", dpl: 3 },
        { vector: 0x81, handler: "inner" },
        fix(10),
        fix(11),
        fix(12),
        fix(13),
      ],
      descriptors: ["  dw 0x3fff, 0\n  db 0x10, 0x92, 0x40, 0"],
    },
  ).machine
}

const copy = (table: string, bytes: string) =>
  `push esi\n push edi\n push ecx\n mov esi, ${table}\n mov edi, copies\n mov ecx, ${bytes}\n cld\n rep movsb\n pop ecx\n pop edi\n pop esi`

/** What ring 0 changes, what a fault's handler puts right, and what is seen of it. */
const CHANGES: readonly (readonly [
  name: string,
  change: string,
  right: string,
  seen: "esi" | "edx" | "ecx" | "",
])[] = [
  ["nothing", "nop", "", ""],
  ["the gate's offset", `sub dword [${GATE}], service - other`, "", "esi"],
  ["the gate is not present", `and byte [${GATE} + 5], 0x7f`, `or byte [${GATE} + 5], 0x80`, "edx"],
  ["the gate's DPL", `and byte [${GATE} + 5], 0x9f`, `or byte [${GATE} + 5], 0x60`, "edx"],
  ["a trap gate instead", `or byte [${GATE} + 5], 1`, "", ""],
  [
    "the caller's code segment is not present",
    "and byte [gdt + CODE3 - 3 + 5], 0x7f",
    "or byte [gdt + CODE3 - 3 + 5], 0x80",
    "edx",
  ],
  [
    "the caller's stack segment is not present",
    "and byte [gdt + DATA3 - 3 + 5], 0x7f",
    "or byte [gdt + DATA3 - 3 + 5], 0x80",
    "edx",
  ],
  ["the handler's code segment is not accessed", "and byte [gdt + CODE0 + 5], 0xfe", "", ""],
  ["ring 0's stack, by its TSS", "sub dword [tss + 4], 64", "", ""],
  ["ring 0's stack is null", "mov word [tss + 8], 0", "mov word [tss + 8], DATA0", ""],
  [
    "ring 0's stack has another segment, with a base",
    "mov word [tss + 8], 0x50\n sub dword [tss + 4], 0x100000",
    "",
    "",
  ],
  ["another IDT of the same contents", `${copy("idt", "idt_end - idt")}\n lidt [second]`, "", ""],
  [
    "another IDT with another handler",
    `${copy("idt", "idt_end - idt")}\n sub dword [copies + 0x80 * 8], service - other\n lidt [second]`,
    "",
    "esi",
  ],
  [
    "an IDT that is too short",
    "sub word [idt_register], 16\n lidt [idt_register]",
    "add word [idt_register], 16\n lidt [idt_register]",
    "edx",
  ],
  [
    "another GDT",
    `${copy("gdt", "gdt_end - gdt")}\n and byte [copies + DATA3 - 3 + 5], 0x7f\n lgdt [third]`,
    "or byte [copies + DATA3 - 3 + 5], 0x80",
    "edx",
  ],
  [
    "a GDT that is too short",
    "sub word [gdt_register], 0x28\n lgdt [gdt_register]",
    "add word [gdt_register], 0x28\n lgdt [gdt_register]",
    "edx",
  ],
  ["calls in the handler", `mov dword [other], 0x9081cd46\n sub dword [${GATE}], service - other`, "", "ecx"],
  ["code where frames are pushed", "call stack0 - 8", "", "esi"],
]

test.each(CHANGES)("%s", (name, change, right, seen) => {
  const machines = [true, false].map((enabled) => {
    const machine = guest(change, right, name.startsWith("code"))
    Object.assign(machine.cpu.checkedGates, { enabled, threshold: 2 })
    machine.run({ steps: STEPS })
    return machine
  })
  const [quick, checked] = machines
  expect(quick.cpu.checkedGates.made).toBeGreaterThanOrEqual(2)
  expect(checked.cpu.checkedGates.made).toBe(0)
  expect(hashOf(quick)).toBe(hashOf(checked))
  const { reg } = quick.cpu
  const counted = { esi: reg[6], edx: reg[2], ecx: reg[1], "": reg[5] }
  expect(counted[seen]).toBeGreaterThan(0)
})

/** How often an event, and a return, went without checks. */
function countUnchecked({ cpu: { checkedGates } }: Machine): { entered: number; returned: number } {
  const [enter, comeBack] = [checkedGates.enter.bind(checkedGates), checkedGates.comeBack.bind(checkedGates)]
  const count = { entered: 0, returned: 0 }
  checkedGates.enter = (delivery) => {
    const done = enter(delivery)
    if (done) count.entered++
    return done
  }
  checkedGates.comeBack = (mask) => {
    const done = comeBack(mask)
    if (done) count.returned++
    return done
  }
  return count
}

/** Run a guest with functions for gates, and without; they must agree. */
function both(make: () => Machine): { machine: Machine; entered: number; returned: number } {
  const [quick, checked] = [true, false].map((enabled) => {
    const machine = make()
    Object.assign(machine.cpu.checkedGates, { enabled, threshold: 2 })
    const count = countUnchecked(machine)
    machine.run({ steps: STEPS })
    return { machine, ...count }
  })
  expect(hashOf(quick.machine)).toBe(hashOf(checked.machine))
  expect(checked.entered + checked.returned).toBe(0)
  return quick
}

/** Code and data of a ring that end at FFBFFFFFh: selectors 50h and 58h. */
const cut = (ring: number) =>
  [0x9a, 0x92].map((access) => `  dw 0xfbff, 0\n  db 0, ${access | (ring << 5)}, 0xcf, 0`)

test.each([1, 3])("ring %i, in segments that end at FFBFFFFFh, calls ring 0 without checks", (ring) => {
  const body = `push ${0x58 | ring}
  push 0x308000
  push 2
  push ${0x50 | ring}
  push user
  iretd
user: int 0x80
  jmp user
service: inc ebp
  iretd`
  const gates = [{ vector: 0x80, handler: "service", dpl: 3 }]
  const { machine, entered, returned } = both(() => boot(body, { gates, descriptors: cut(ring) }).machine)
  expect(machine.cpu.reg[5]).toBeGreaterThan(700)
  expect(Math.min(entered, returned)).toBeGreaterThan(700)
})

test("a handler's stack has a base and a limit; the frame must fit, the first time and later", () => {
  // A stack of ring 1 from 100000h on. Its ESP, or the one in the TSS, is beyond the limit now and then; ring 0 sets it right.
  const body = `mov word [tss + 16], 0x51
  mov dword [tss + 12], TOP
${enterRing(3, "user")}
user: int 0x80
  jmp user
service: inc ebp
  test ebp, 15
  jnz .inside
  mov eax, esp
  mov esp, TOP + 8
.inside: int 0x81
  cmovz esp, eax
  test ebp, 31
  jnz .done
  mov dword [tss + 12], TOP + 4
.done: iretd
inner: inc ecx
  iretd
fix: inc edx
  mov dword [tss + 12], TOP
  add esp, 4
  test byte [esp + 4], 2
  jnz .user
  sub dword [esp + 12], 64
.user: iretd
TOP equ 0x13800`
  const gates = [
    { vector: 0x80, handler: "service", dpl: 3, ring: 1 },
    { vector: 0x81, handler: "inner", dpl: 3, ring: 1 },
    { vector: 12, handler: "fix" },
  ]
  const descriptors = ["  dw 0x37ff, 0\n  db 0x10, 0xb2, 0x41, 0"]
  const { machine, entered, returned } = both(() => boot(body, { gates, descriptors }).machine)
  const [, ecx, edx, , , ebp] = machine.cpu.reg
  expect(ebp).toBeGreaterThan(200)
  expect(ecx).toBeGreaterThanOrEqual(ebp - 1)
  expect(edx).toBeGreaterThan(15)
  expect(entered).toBeGreaterThan(ebp)
  expect(returned).toBeGreaterThan(ebp)
})
