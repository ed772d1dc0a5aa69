/** The state after a reset, a ROM that begins there, and what pulls the reset line. */
import { asm, assemble, hex, pc, record } from "ringlab"
import { describe, expect, test } from "vitest"
import { CS, EDX, SS } from "../../src/isa/registers"
import type { Machine } from "../../src/machine/machine"
import { recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"

/** A ROM of 64 KiB: 16-bit code at F000:0000, and the far jump that every PC has at its reset vector. */
const rom = (body: string) =>
  assemble(`org 0
bits 16
start:
${body}
  times 0xfff0 - ($ - $$) db 0xf4
bits 16
  jmp 0xf000:start
  times 0x10000 - ($ - $$) db 0`).bytes

const boot = (body: string, steps = 300): Machine => {
  const machine = pc({ memory: 2 }).loadRom(rom(body))
  machine.run({ steps })
  return machine
}

/** To 32-bit flat segments, from the ROM. */
const PROTECTED = `
  lgdt [cs:gdt_register]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword 8:(0xf0000 + flat)
align 8
gdt: dq 0
  dw 0xffff, 0, 0x9a00, 0xcf
  dw 0xffff, 0, 0x9200, 0xcf
gdt_register: dw 23
  dd 0xf0000 + gdt
bits 32
flat: mov eax, 0x10
  mov ds, eax
  mov ss, eax
  mov esp, 0x8000
`

describe("after a reset", () => {
  const { cpu } = pc().reset()
  test("the processor is in real-address mode at F000:FFF0, with CS based at FFFF0000h", () => {
    expect([cpu.segments.selector[CS], cpu.segments.base[CS] >>> 0, cpu.segments.limit[CS], cpu.eip]).toEqual(
      [0xf000, 0xffff_0000, 0xffff, 0xfff0],
    )
    expect([cpu.segments.selector[SS], cpu.segments.base[SS], cpu.segments.limit[SS]]).toEqual([0, 0, 0xffff])
    expect([cpu.protectedMode, cpu.cpl, cpu.flags.value]).toEqual([false, 0, 2])
  })
  test("EDX holds the signature that CPUID gives, and the other registers 0", () => {
    expect(Array.from(cpu.reg)).toEqual([0, 0, cpu.identify(1)[0], 0, 0, 0, 0, 0])
    expect(cpu.reg[EDX]).toBe(0x619)
  })
  test("control and debug registers and tables are as the manual's Table 9-1 says", () => {
    expect([0, 2, 3, 4].map((n) => hex(cpu.readControl(n)))).toEqual(
      ["60000010", "00000000", "00000000", "00000000"].map((digits) => hex(Number.parseInt(digits, 16))),
    )
    expect([cpu.readDebug(6) >>> 0, cpu.readDebug(7)]).toEqual([0xffff_0ff0, 0x400])
    expect([cpu.gdtr, cpu.idtr]).toEqual([
      { base: 0, limit: 0xffff },
      { base: 0, limit: 0xffff },
    ])
  })
})

describe("a ROM", () => {
  test("is started 16 bytes below its end; its far jump brings CS below 1 MiB", () => {
    const machine = pc().loadRom(rom("mov ax, 0x1234\n hlt"))
    machine.step()
    expect([machine.cpu.segments.base[CS], machine.cpu.eip]).toEqual([0xf0000, 0])
    machine.run({ steps: 10 })
    expect(machine.cpu.reg[0]).toBe(0x1234)
  })
  test("is seen again at the top of the 4 GiB, and code runs there", () => {
    const machine = boot(`${PROTECTED}
  mov ebx, [0xfffffff0]
  sub ebx, [0xffff0]
  mov eax, 0xffff0000 + high
  jmp eax
high: call $ + 5
  pop ecx
  hlt`)
    const { reg } = machine.cpu
    expect([reg[3], reg[1] >>> 16]).toEqual([0, 0xffff])
  })
  test("ignores writes, through either address, from code that runs in it too", () => {
    const machine = boot(`${PROTECTED}
  mov ecx, 3
again:
  inc dword [0xf0000 + number]
  mov byte [0xf0000 + patch + 1], 9
  mov dword [0xffff0000 + number], 0
patch: mov bl, 7
  loop again
  mov eax, [0xf0000 + number]
  hlt
number: dd 0x600df00d`)
    expect([machine.cpu.reg[0], machine.cpu.reg[3] & 0xff]).toEqual([0x600df00d, 7])
    expect(machine.cpu.activity).toBe("halted")
  })
  test("of the wrong size is refused with a sentence", () => {
    expect(() => pc().loadRom(new Uint8Array(1000))).toThrow("a ROM of 1000 bytes: it must be whole pages")
    expect(() => pc().loadRom(new Uint8Array(0x80000))).toThrow(RangeError)
  })
})

/** Counts in memory how often it began, and halts the third time. */
const COUNTING = `
  xor ax, ax
  mov ds, ax
  inc word [0x500]
  cmp word [0x500], 3
  jb again
  hlt
again:
  mov dx, 0x1111
`

describe("the reset line", () => {
  for (const [name, code] of [
    ["port 92h", "mov al, 1\n out 0x92, al"],
    ["the keyboard controller's pulse command", "mov al, 0xfe\n out 0x64, al"],
    ["the keyboard controller's output port", "mov al, 0xd1\n out 0x64, al\n mov al, 2\n out 0x60, al"],
    [
      "REP OUTSB to port 92h",
      "mov byte [0x600], 1\n mov si, 0x600\n mov dx, 0x92\n mov cx, 5\n std\n rep outsb",
    ],
  ] as const)
    test(`is pulled by ${name}: the processor begins anew, memory stays`, () => {
      const machine = boot(`${COUNTING} ${code}\n jmp $`)
      expect([machine.memory.get(0x500, 16), machine.cpu.activity, machine.cpu.reg[EDX]]).toEqual([
        3,
        "halted",
        0x619,
      ])
    })
  test("ends the run where there is no ROM, and leaves the processor to be looked at", () => {
    const machine = pc().load(asm`org 0x1000
  mov ebx, 7
  mov al, 1
  out 0x92, al
  mov ebx, 8`)
    expect(machine.run({ steps: 100 })).toEqual({ why: "reset", steps: 3 })
    expect(machine.cpu.reg[3]).toBe(7)
    expect(record(machine, { steps: 5 }).steps).toBe(0)
  })
  test("is told as a step of its own in a recording, which replays", () => {
    const machine = pc({ memory: 1 }).loadRom(rom(`${COUNTING} mov al, 1\n out 0x92, al\n jmp $`))
    const { recorded, marks } = recordRun(machine, 100)
    expect(recorded.why).toBe("halted")
    const replay = new Replay(JSON.parse(JSON.stringify(recorded)), rebuild, marks)
    expect(replay.playThrough()).toBe(true)
    const again = record(pc({ memory: 1 }).loadRom(rom(`${COUNTING} mov al, 1\n out 0x92, al\n jmp $`)), {
      steps: 100,
    })
    const sentences = Array.from({ length: again.steps }, (_, n) => again.frame(n + 1).sentence)
    expect(sentences.filter((sentence) => sentence.startsWith("The reset line was pulled"))).toHaveLength(2)
  })
})
