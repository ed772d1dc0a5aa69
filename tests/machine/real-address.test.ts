import { asm, type Machine, type Program, pc, record } from "ringlab"
import { describe, expect, test } from "vitest"
import { CS, DS, ES, SS } from "../../src/isa/registers"

/** The kit's code lies in the first 64 KiB, and goes to real-address mode: through a 16-bit segment, then CR0.PE = 0. */
const toRealMode = (real: string, idtLimit = 0x3ff) => asm`org 0x8000
bits 32
start:
  lgdt [gdt_register]
  lidt [ivt_register]
  jmp 8:near_16
bits 16
near_16:
  mov ax, 0x10
  mov ds, ax
  mov ss, ax
  mov eax, cr0
  and eax, ~1
  mov cr0, eax
  jmp 0:real
real:
  mov sp, 0x7000
${real}
  hlt
align 8
gdt: dq 0
  dw 0xffff, 0, 0x9a00, 0         ; 08h: 16-bit code
  dw 0xffff, 0, 0x9200, 0x8f      ; 10h: data, 4 GiB
  dw 0xffff, 0, 0x9a00, 0xcf      ; 18h: 32-bit code
  dw 0xffff, 0, 0x9200, 0xcf      ; 20h: 32-bit data
gdt_register: dw 39
  dd gdt
ivt_register: dw ${idtLimit}
  dd 0
`

function run(program: Program, steps = 200): Machine {
  const machine = pc().load(program)
  machine.run({ steps })
  return machine
}

const word = (machine: Machine, at: number) => machine.memory.get(at, 16)

describe("a segment in real-address mode", () => {
  test("begins at 16 times its number", () => {
    const machine = run(toRealMode("  mov ax, 0x1234\n  mov es, ax\n  mov byte [es:5], 0x77"))
    expect(machine.memory.get(0x12345, 8)).toBe(0x77)
    expect(machine.cpu.segments.selector[ES]).toBe(0x1234)
  })

  test("keeps the limit that protected mode gave it", () => {
    const machine = run(toRealMode("  xor ax, ax\n  mov ds, ax\n  mov ebx, 0x123456\n  mov byte [ebx], 0x55"))
    expect(machine.memory.get(0x123456, 8)).toBe(0x55)
    expect(machine.cpu.segments.limit[DS]).toBe(0xffff_ffff)
  })

  test("is used by far calls and returns, which push 16-bit pairs", () => {
    const machine = run(
      toRealMode(`  mov ss, cx
  call 0x0100:routine - 0x1000
  mov bx, cs
  jmp done
routine:
  mov dx, cs
  retf
done:`),
    )
    expect([machine.cpu.reg[2] & 0xffff, machine.cpu.reg[3] & 0xffff]).toEqual([0x0100, 0])
    expect(machine.cpu.reg[4] & 0xffff).toBe(0x7000)
  })
})

describe("the interrupt vector table", () => {
  const handlerFor = (vector: number) => `  mov word [${vector * 4}], handler
  mov word [${vector * 4 + 2}], 0
  xor ax, ax
  mov ds, ax
  mov word [ds:${vector * 4}], handler
  mov word [ds:${vector * 4 + 2}], 0`

  test("leads INT n to its handler, IF cleared, with FLAGS, CS and IP on the stack; IRET takes them back", () => {
    const machine = run(
      toRealMode(`${handlerFor(0x21)}
  sti
  int 0x21
  pushf
  pop dx
  jmp done
handler:
  pushf
  pop cx
  mov bp, sp
  mov bx, [bp]
  iret
done:`),
    )
    const { reg, segments } = machine.cpu
    expect(reg[1] & 0x200).toBe(0)
    expect(reg[2] & 0x200).toBe(0x200)
    expect(word(machine, 0x6ffe) & 0x200).toBe(0x200)
    expect(reg[3] & 0xffff).toBe(word(machine, 0x6ffa))
    expect(segments.selector[CS]).toBe(0)
  })

  test("gets faults without an error code, at the instruction itself", () => {
    const machine = run(
      toRealMode(`${handlerFor(0)}
  xor cx, cx
at_fault:
  div cx
handler:
  pop bx
  pop si`),
    )
    expect(machine.cpu.reg[3] & 0xffff).toBe(machine.program?.labels.at_fault)
    expect(machine.cpu.reg[6] & 0xffff).toBe(0)
  })

  test("that is too short for the vector makes a fault, and one too short for #DF shuts the processor down", () => {
    expect(run(toRealMode("  int 0x21", 0)).cpu.activity).toBe("shutdown")
  })
})

test.each([
  "sldt ax",
  "str ax",
  "lldt ax",
  "ltr ax",
  "lar ax, bx",
  "lsl ax, bx",
  "verr ax",
  "verw ax",
  "arpl ax, bx",
])("%s does not exist in real-address mode", (instruction) => {
  const machine = run(
    toRealMode(`  xor ax, ax
  mov ds, ax
  mov word [ds:24], handler
  mov word [ds:26], 0
  ${instruction}
  hlt
handler:
  mov dx, 0x6666`),
  )
  expect(machine.cpu.reg[2] & 0xffff).toBe(0x6666)
})

test("the privileged instructions are free there: the ring is 0, whatever the low bits of CS", () => {
  const machine = run(
    toRealMode("  jmp 3:.here - 0x30\n.here:\n  cli\n  mov eax, cr0\n  in al, 0x60\n  mov dx, 0x600d"),
  )
  expect(machine.cpu.reg[2] & 0xffff).toBe(0x600d)
  expect(machine.cpu.segments.selector[CS]).toBe(3)
  expect(machine.cpu.cpl).toBe(0)
})

test("the way back to protected mode begins in ring 0, whatever the low bits of CS", () => {
  const machine = run(
    toRealMode(`  jmp 3:.here - 0x30
.here:
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword 0x18:protected
bits 32
protected:
  mov ax, 0x20
  mov ss, ax
  mov edx, 0x600d`),
  )
  expect(machine.cpu.reg[2]).toBe(0x600d)
  expect([machine.cpu.segments.selector[CS], machine.cpu.segments.selector[SS]]).toEqual([0x18, 0x20])
})

test("a run through both modes can be recorded, and each step is what the machine was", () => {
  const program = toRealMode("  mov ax, 0x1234\n  mov es, ax\n  mov byte [es:5], 0x77")
  const live = pc().load(program)
  const recording = record(pc().load(program), { steps: 100 })
  for (let step = 1; step <= recording.steps; step++) {
    live.step()
    expect(
      recording
        .frame(step)
        .registers.map(({ value }) => value)
        .slice(0, 8),
    ).toEqual(Array.from(live.cpu.reg, (value) => value >>> 0))
    expect(recording.frame(step).ring).toBe(0)
  }
})

describe("the 64 KiB of a segment do not wrap", () => {
  /** The vector whose handler is reached, which halts with it in DL; the pushed IP is in SI. The ROM's segments are the reset's. */
  const vectorOf = (body: string) => {
    const handlers = [6, 12, 13].map(
      (vector) => `  mov word [${vector * 4}], handler_${vector}\n  mov word [${vector * 4 + 2}], 0xf000`,
    )
    const stops = [6, 12, 13].map(
      (vector) => `handler_${vector}: mov dl, ${vector}\n  mov sp, 0x7ffa\n  pop si\n  hlt`,
    )
    const image = asm`org 0
bits 16
start:
  mov sp, 0x8000
${handlers.join("\n")}
${body}
${stops.join("\n")}
  times 0xfff0 - ($ - $$) db 0x90
  jmp 0xf000:start
  times 0x10000 - ($ - $$) db 0x90`
    const machine = pc({ memory: 1 }).loadRom(image.bytes)
    machine.run({ steps: 70_000 })
    return machine.cpu.reg[2] & 0xff
  }
  test.each([
    ["a word of data at FFFFh is #GP", "  mov ax, [0xffff]\n  ud2", 13],
    ["a byte there is not", "  mov al, [0xffff]\n  ud2", 6],
    ["a word of the stack at FFFFh is #SS", "  mov bp, 0xffff\n  mov ax, [bp]\n  ud2", 12],
    ["an offset of 32 bits beyond is #GP", "  mov ebx, 0x10000\n  mov al, [ebx]\n  ud2", 13],
    ["an address of 16 bits wraps before it is used", "  mov bx, 0xfff0\n  mov al, [bx + 0x20]\n  ud2", 6],
    [
      "a string goes on at 0",
      "  cld\n  mov si, 0xffff\n  mov cx, 2\n  rep lodsb\n  cmp si, 1\n  je right\n  mov ax, [0xffff]\nright: ud2",
      6,
    ],
    ["execution beyond FFFFh is #GP", "  jmp 0xfffe", 13],
    ["a jump of 32 bits beyond is #GP", "  jmp dword 0x10000", 13],
    ["a far call to 32 bits beyond is #GP", "  call dword 0xf000:0x10000", 13],
    ["and #SS if its stack has no room either", "  mov sp, 2\n  call dword 0xf000:0x10000", 12],
    ["a jump of 16 bits wraps", "  db 0xe9\n  dw start_again - $ - 2\n  ud2\nstart_again: ud2", 6],
  ])("%s", (_, body, vector) => expect(vectorOf(body)).toBe(vector))
  test.each([7, 9, 11, 13, 15])("PUSHA with SP %i is #GP", (sp) => {
    expect(vectorOf(`  mov sp, ${sp}\n  pusha\n  ud2`)).toBe(13)
    expect(vectorOf(`  mov sp, ${sp}\n  pushad\n  ud2`)).toBe(13)
  })
  test("and with SP 16 it is not", () => {
    expect(vectorOf("  mov sp, 16\n  pusha\n  ud2")).toBe(6)
  })
  test("a push with SP 1 is #SS, and PUSHA too; with SP 0 it wraps to FFFEh", () => {
    const stacked = (body: string) => vectorOf(`${body}\n  ud2`)
    expect([stacked("  mov sp, 0\n  push ax\n  mov sp, 0x8000")]).toEqual([6])
    // The frame of #SS itself does not fit either: the processor shuts down.
    const machine = pc({ memory: 1 }).loadRom(
      asm`bits 16
org 0
start: mov sp, 1
  push ax
  times 0xfff0 - ($ - $$) db 0x90
  jmp 0xf000:start
  times 0x10000 - ($ - $$) db 0`.bytes,
    )
    expect(machine.run({ steps: 100 }).why).toBe("shutdown")
  })
})
