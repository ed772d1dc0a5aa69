/** Cases that random guests hardly meet, in which generated code must do as the interpreter does. */
import { expect, test } from "vitest"
import { startController, startTimer } from "../../src/guests/traps"
import { assemble } from "../../src/isa/assemble"
import type { Machine } from "../../src/machine/machine"
import { hashOf } from "../../src/machine/time/recording"
import { pc } from "../../src/pc"
import { numbers } from "./busy"
import { boot } from "./guest"

/** The machine after its run, in two parts, with generated code after `threshold` turns; interpreting it gives the same. */
function both(
  make: () => Machine,
  { threshold = 2, between = () => {} }: { threshold?: number; between?: (machine: Machine) => void } = {},
): Machine {
  const [generated, interpreted] = [make(), make()]
  for (const generator of [generated.engine.units, generated.cpu.checkedGates])
    Object.assign(generator, { enabled: true, threshold })
  for (const generator of [interpreted.engine.units, interpreted.cpu.checkedGates]) generator.enabled = false
  for (const machine of [generated, interpreted]) {
    machine.run({ steps: 1000 })
    between(machine)
    machine.run({ steps: 20_000 })
  }
  expect(generated.engine.units.made).toBeGreaterThan(0)
  expect(hashOf(generated)).toBe(hashOf(interpreted))
  return generated
}
const bare = (text: string) => () => pc({ memory: 4 }).load(assemble(text))

test("an immediate is put back and changed again, after code was generated that had it as a constant", () => {
  const turns = [5, 30, 6, 3, 7, 3, 5, 30, 6, 30, 5, 3, 8, 30]
  const machine = both(
    bare(`org 0x1000
start: mov edx, turns
next: movzx ecx, byte [edx + 1]
  mov al, [edx]
  mov [patched + 1], al
  add edx, 2
again: inc esi
  jmp patched
patched: mov eax, 5
  add ebx, eax
  loop again
  cmp edx, end
  jb next
  hlt
turns: db ${turns.join(", ")}
end:`),
    { threshold: 10 },
  )
  expect(machine.cpu.reg[3]).toBe(30 * 5 + 3 * 6 + 3 * 7 + 30 * 5 + 30 * 6 + 3 * 5 + 30 * 8)
})

test("a page of code in which EIP changes its sign", () => {
  // Linear 102800h is EIP 80000000h.
  const descriptor = "  dw 0xffff, 0x2800\n  db 0x10, 0x9a, 0xcf, 0x80"
  const body = `  mov ecx, 50
again: call 0x50:before + 0x7fefd800
  loop again
  hlt
  align 4096
  times 0x7f0 db 0x90
before: inc eax
  call after
  jmp before.end
  times 0x20 db 0x90
after: inc ebx
  ret
before.end: call after
  retf`
  const machine = both(() => boot(body, { descriptors: [descriptor] }).machine)
  expect(machine.cpu.reg[3]).toBe(100)
})

test("a write that begins before the code and reaches into it is seen", () => {
  const machine = both(
    bare(`org 0x1000
start: mov ecx, 50
again: add dword [patched - 2], 0x1000000
  jmp patched
  nop
  nop
patched: mov bl, 0
  add eax, ebx
  loop again
  hlt`),
  )
  expect(machine.cpu.reg[0]).toBe((50 * 51) / 2)
})

test("memory changes from outside between two runs, under generated code", () => {
  const machine = both(bare("org 0x1000\nagain: mov eax, 5\n add ebx, eax\n jmp again"), {
    between: ({ memory }) => memory.write(0x1001, [7]),
  })
  expect(machine.cpu.reg[0]).toBe(7)
})

test("address line 20 is closed and opened, and other code is where the code was", () => {
  const copy = (to: number) => `mov dword [${to}], 0xc303c383        ; ADD EBX, 3; RET\n`
  const machine = both(
    bare(`org 0x8000
start: ${copy(0x9000)} ${copy(0x109000)} mov byte [0x109002], 5
next: mov ecx, 20
again: call 0x109000
  call 0x109000
  loop again
  in al, 0x92
  xor al, 2
  out 0x92, al
  inc edx
  cmp edx, 8
  jb next
  hlt`),
  )
  expect(machine.cpu.reg[3]).toBe(4 * 40 * 3 + 4 * 40 * 5)
})

test("a guest that writes code wherever it runs makes the simulator keep no more decoded code than is allowed", () => {
  const machine = both(() =>
    pc({ memory: 4 }).load(
      assemble("org 0x1000\nstart: mov eax, start\n mov ecx, 50\nagain: loop again\n jmp 0x200000"),
    ),
  )
  expect(machine.cpu.eip).toBeGreaterThan(0x200000 + 2 * 15_000)
  expect(machine.engine.blocks.decoded).toBeLessThan(50_000)
})

test("INVLPG drops the page of the code itself, which is walked to again", () => {
  const machine = both(
    bare(`org 0x1000
start: mov dword [0x200000], 0x87
  mov eax, 0x10
  mov cr4, eax
  mov eax, 0x200000
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
  mov ecx, 50
again: invlpg [start]
  inc eax
  loop again
  hlt`),
  )
  expect(machine.cpu.linear.tlb.misses).toBeGreaterThanOrEqual(50)
})

/** Linear pages 300h to 307h lie in memory in another order; the last is not present. */
const ORDER = [5, 3, 6, 0, 2, 1, 4]
const MAPPED = `org 0x1000
start: mov eax, 0x200000
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
`
function mapped(text: string, random: (below: number) => number): Machine {
  const machine = pc({ memory: 4 }).load(assemble(`${MAPPED}${text}\n hlt`))
  const table = Int32Array.from({ length: 1024 }, (_, n) => (n << 12) | 7)
  ORDER.forEach((frame, n) => {
    table[0x300 + n] = ((0x300 + frame) << 12) | 7
  })
  table[0x307] = 0
  machine.memory.write(0x200000, new Uint8Array(Int32Array.of(0x201007).buffer))
  machine.memory.write(0x201000, new Uint8Array(table.buffer))
  machine.memory.write(
    0x300000,
    Uint8Array.from({ length: 0x7000 }, () => random(3)),
  )
  return machine
}

test.each([1, 2, 3, 4, 5, 6])("repeated strings in bulk do as one element at a time, seed %i", (seed) => {
  const random = numbers(seed)
  const address = () => `0x${(0x300000 + random(0x6000)).toString(16)}`
  const operations = ["rep movs", "rep stos", "repe cmps", "repne cmps", "repe scas", "repne scas"]
  const line = (n: number) => {
    const target = address()
    const near = n % 3 === 0
    const source = near ? `${target} - 9 + ${random(18)}` : address()
    const operation = operations[near ? 0 : random(6)] + "bwd"[random(3)]
    return ` mov esi, ${source}\n mov edi, ${target}\n mov ecx, ${random(2000)}\n ${operation}\n pushf`
  }
  const text = Array.from({ length: 30 }, (_, n) => line(n)).join("\n")
  const make = () => mapped(text, numbers(seed))
  const [whole, stepped, pieces] = [make(), make(), make()]
  whole.run({ steps: 30_000 })
  for (let n = 0; n < 30_000; n++) stepped.step()
  for (let left = 30_000, n = 0; left > 0; left -= n) {
    n = Math.min(left, 1 + random(3000))
    pieces.run({ steps: n })
  }
  expect(hashOf(whole)).toBe(hashOf(stepped))
  expect(hashOf(pieces)).toBe(hashOf(stepped))
})

const SERVICE = { vector: 0x80, handler: "service" }
test.each([
  ["has a base", "  dw 0xffff, 0x8000\n  db 0, 0x92, 0xcf, 0"],
  ["is of 16 bits", "  dw 0xffff, 0\n  db 0x0f, 0x92, 0, 0"],
])("a gate is gone through again in the same ring, on a stack that %s", (_, descriptor) => {
  const calls = (label: string) =>
    ` mov ecx, 20\n${label}: mov eax, [ds:esp - 4]\n mov [ds:esp - 4], eax\n int 0x80\n loop ${label}\n`
  const body = `${calls("before")} mov eax, 0x50
  mov ss, eax
  mov esp, 0xc000
${calls("after")} hlt
service: inc ebx
  iretd`
  const machine = both(() => boot(body, { gates: [SERVICE], descriptors: [descriptor] }).machine)
  expect(machine.cpu.checkedGates.made).toBeGreaterThan(1)
  expect(machine.cpu.reg[3]).toBe(40)
})

test.each([
  ["MOVSD", "movsd"],
  ["PUSH", "push dword [0x300000]\n pop eax"],
  ["CALL", "call [0x300000]"],
])("%s reads and writes where a breakpoint is, and time goes on", (_, instruction) => {
  const body = `  mov dword [0x300000], leaf
  mov eax, 0x300000
  mov dr0, eax
  mov esp, 0x300200
  mov eax, 0x000f0002
  mov dr7, eax
  cld
again: mov esi, 0x300000
  mov edi, 0x300100
  ${instruction}
  inc edx
  jmp again
leaf: ret
traced: add ebp, edx
  iretd`
  const machine = both(() => boot(body, { gates: [{ vector: 1, handler: "traced" }] }).machine)
  expect(machine.cpu.reg[5]).toBeGreaterThan(1000)
})

test("an interrupt that ends a halt with the last step that was asked for ends the run, too", () => {
  const body = `${startTimer(6000)}
${startController([0])}
  sti
again: hlt
  jmp again
tick: push eax
  mov al, 0x20
  out 0x20, al
  pop eax
  iretd`
  const { machine, at } = boot(body, { gates: [{ vector: 0x20, handler: "tick" }] })
  let woken = 0
  for (let n = 0; n < 100; n++) {
    const wasHalted = machine.cpu.activity === "halted"
    expect(machine.step().steps).toBe(1)
    if (!wasHalted || machine.cpu.activity === "halted") continue
    expect(machine.cpu.eip).toBe(at("tick"))
    woken++
  }
  expect(woken).toBeGreaterThan(3)
})

test("a frame that is pushed over the handler's own descriptor leaves none for the next one", () => {
  const body = `  mov esi, gdt
  mov edi, 0x210000
  mov ecx, gdt_end - gdt
  cld
  rep movsb
  lgdt [moved]
again: mov esp, 0x210000 + CODE0 + 12
  int 0x80
service: inc ebx
  cmp ebx, 30
  jae again
  mov dword [0x210000 + CODE0], 0xffff
  mov dword [0x210004 + CODE0], 0xcf9b00
  jmp again
moved: dw gdt_end - gdt - 1
  dd 0x210000`
  const { cpu } = both(() => boot(body, { gates: [SERVICE] }).machine)
  expect(cpu.activity).toBe("shutdown")
  expect(cpu.reg[3]).toBe(30)
})

/** Data from 300000h on, of 1802h bytes, as selector 50h; code that ends at 11FFFFh, as selector 58h. */
const LIMITED = ["  dw 0x1801, 0\n  db 0x30, 0x92, 0x40, 0", "  dw 0x11f, 0\n  db 0, 0x9a, 0xc0, 0"]

test.each([
  ["mov eax, [esi]", 4],
  ["mov [esi], eax", 4],
  ["add dword [esi], 3", 4],
  ["mov ax, [esi]", 2],
  ["mov [esi], ax", 2],
  ["xor word [esi], 7", 2],
  ["mov al, [esi]", 1],
  ["mov [esi], al", 1],
  ["neg byte [esi]", 1],
  ["push dword [esi]\n pop ecx", 4],
  ["mov edi, esi\n movsb", 1],
])("%s: each byte of %i must lie within the segment's limit", (access, bytes) => {
  const body = `again: mov esi, 0x17f0
  mov eax, 0x50
  test edx, 1
  jnz .limited
  mov eax, DATA0
.limited: mov ds, eax
  mov es, eax
next: mov ebp, esi
  ${access}
  mov esi, ebp
  inc ebx
over: mov esi, ebp
  inc esi
  cmp esi, 0x1810
  jb next
  inc edx
  cmp edx, 40
  jb again
  hlt
refused: add esp, 4
  mov dword [esp], over
  iretd`
  const machine = both(
    () => boot(body, { gates: [{ vector: 13, handler: "refused" }], descriptors: LIMITED }).machine,
  )
  const fits = 0x1801 - (bytes - 1) - 0x17f0 + 1
  expect(machine.cpu.reg[3]).toBe(20 * fits + 20 * 0x20)
})

test.each([
  ["loop beyond", 3, 0],
  ["loope beyond", 3, 0],
  ["jecxz beyond", 0, 0],
  ["je beyond", 3, 0],
  ["jmp beyond", 3, 0],
  ["call beyond", 3, 0],
  ["push beyond\n ret", 3, 4],
  ["push beyond\n ret 8", 3, 4],
  ["mov eax, beyond\n jmp eax", 3, 0],
  ["mov eax, beyond\n call eax", 3, 0],
])("%s is refused where the code segment ends, and ECX, which is %i, and ESP stay", (jump, ecx, pushed) => {
  const body = `jmp 0x58:again
again: mov ecx, ${ecx}
  mov esp, stack0
  xor eax, eax
  jmp edge
after: add ebp, ecx
  sub esp, stack0
  sub ebp, esp
  inc edx
  cmp edx, 60
  jb again
  hlt
refused: inc ebx
  add esp, 4
  mov dword [esp], after
  iretd
  times 0x20000 - 20 - ($ - $$) db 0x90
edge: ${jump}
  hlt
  times 0x20000 - ($ - $$) db 0x90
beyond: hlt`
  const gates = [{ vector: 13, handler: "refused" }]
  const machine = both(() => boot(body, { gates, descriptors: LIMITED }).machine)
  expect(machine.cpu.reg[3]).toBe(60)
  expect(machine.cpu.reg[5]).toBe(60 * (ecx + pushed))
})

/** A descriptor of code at 1 MiB that ends at a limit. */
const code = (limit: number) => `  dw ${limit & 0xffff}, 0\n  db 0x10, 0x9a, ${0x40 | (limit >> 16)}, 0`

test("bytes that are no instruction are refused as beyond the limit where they end there, and not as invalid", () => {
  const body = `again: jmp 0x50:edge - 0x100000
after: inc edx
  cmp edx, 60
  jb again
  hlt
refused: inc ebx
  add esp, 4
  mov dword [esp], after - 0x100000
  iretd
  times 0x2000 - ($ - $$) db 0x90
edge: db 0xf0, 0x90`
  const options = { gates: [{ vector: 13, handler: "refused" }], descriptors: [code(0x2000)] }
  expect(both(() => boot(body, options).machine).cpu.reg[3]).toBe(60)
})

test("a page that code segments share ends earlier in one of them", () => {
  const body = `again: test edx, 1
  jz .cut
  jmp 0x58:edge - 0x100000
.cut: jmp 0x50:edge - 0x100000
after: inc edx
  cmp edx, 60
  jb again
  hlt
refused: inc ebx
  add esp, 4
  add ebp, [esp]
  mov dword [esp], after - 0x100000
  iretd
  times 0x20000 - 20 - ($ - $$) db 0x90
edge: jmp .inside
  nop
  nop
.inside: inc esi
  jmp after
  times 0x20000 - ($ - $$) db 0x90`
  const options = { gates: [{ vector: 13, handler: "refused" }], descriptors: [code(0x1ffed), code(0xfffff)] }
  const { reg } = both(() => boot(body, options).machine).cpu
  expect(reg[3]).toBe(30)
  expect(reg[5]).toBe(30 * 0x1ffec)
  expect(reg[6]).toBe(30)
})
