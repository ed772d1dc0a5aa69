import { asm, kit, type Machine, pc, record } from "ringlab"
import { describe, expect, test } from "vitest"
import { CS, DS, ES, FS, GS, SS } from "../../src/isa/registers"

/** A kernel that runs lines as an 8086 program, at linear 20000h; it halts at the first fault or INT 80h. */
const virtual = (lines: string, iopl = 0, ports: number[] = []) => asm`${kit({
  gates: [
    { vector: 0, handler: "caught" },
    { vector: 6, handler: "caught" },
    { vector: 13, handler: "refused" },
    { vector: 0x80, handler: "asked", dpl: 3 },
  ],
  origin: 0x8000,
  ports,
})}
main:
  mov esi, program
  mov edi, 0x20000
  mov ecx, program_end - program
  rep movsb
  push 0x4444             ; GS
  push 0x3333             ; FS
  push 0x2222             ; DS
  push 0x1111             ; ES
  push 0x3000             ; SS
  push 0x100              ; ESP
  push ${0x20002 | (iopl << 12)}          ; EFLAGS with VM
  push 0x2000             ; CS
  push 0                  ; EIP
  iretd
refused:
  pop eax                 ; the error code
caught:
  hlt
asked:
  hlt
bits 16
program:
${lines}
  int3
program_end:
`

function run(program: ReturnType<typeof virtual>, until = "hlt"): Machine {
  const machine = pc().load(program)
  machine.run({ steps: 2000 })
  expect(machine.cpu.activity, until).toBe("halted")
  return machine
}

/** Where the kernel halted. */
function haltedAt(machine: Machine): string {
  const { caught, asked } = machine.program?.labels ?? {}
  return machine.cpu.eip === asked + 1 ? "asked" : machine.cpu.eip === caught + 1 ? "caught" : "elsewhere"
}

/** A doubleword of the frame on ring 0's stack, counted from its top: SS0:ESP0 is `stack0`. */
const saved = (machine: Machine, below: number) =>
  machine.memory.get((machine.program?.labels.stack0 ?? 0) - 4 * below, 32)

describe("virtual-8086 mode", () => {
  test("runs in ring 3 with segments of 16 times their number and 64 KiB", () => {
    const machine = pc().load(virtual("  mov ax, ds\n  mov byte [ds:3], 0x5a\n  nop"))
    while (!machine.cpu.virtual8086) machine.step()
    const { segments, cpl } = machine.cpu
    const seen = [CS, SS, DS, ES, FS, GS].map((register) => [
      segments.selector[register],
      segments.base[register],
    ])
    expect(seen).toEqual([
      [0x2000, 0x20000],
      [0x3000, 0x30000],
      [0x2222, 0x22220],
      [0x1111, 0x11110],
      [0x3333, 0x33330],
      [0x4444, 0x44440],
    ])
    expect([cpl, segments.limit[DS]]).toEqual([3, 0xffff])
    machine.run({ steps: 2 })
    expect(machine.memory.get(0x22223, 8)).toBe(0x5a)
  })

  test("a fault saves nine words and the error code, takes the segments away and clears VM", () => {
    const machine = run(virtual("  nop\n  hlt"))
    const words = Array.from({ length: 9 }, (_, n) => saved(machine, n + 1))
    expect(words.map((word) => word & 0x3_ffff)).toEqual([
      0x4444, 0x3333, 0x2222, 0x1111, 0x3000, 0x100, 0x3_0002, 0x2000, 1,
    ])
    expect(haltedAt(machine)).toBe("caught")
    expect(machine.cpu.virtual8086).toBe(false)
    expect([DS, ES, FS, GS].map((register) => machine.cpu.segments.selector[register])).toEqual([0, 0, 0, 0])
    expect(machine.cpu.segments.selector[CS]).toBe(8)
  })

  test("PUSHA is refused from an odd SP of 7 to 15, and from no other", () => {
    const refused = (sp: number) =>
      haltedAt(run(virtual(`  mov sp, ${sp}\n  pusha\n  int 0x80`, 3))) === "caught"
    expect([7, 9, 11, 13, 15, 16, 17].map(refused)).toEqual([true, true, true, true, true, false, false])
  })

  test("INT n goes through the IDT if IOPL is 3", () => {
    expect(haltedAt(run(virtual("  int 0x80", 3)))).toBe("asked")
  })

  test.each(["int 0x80", "cli", "sti", "pushf", "popf", "iret"])(
    "%s is refused if IOPL is below 3",
    (instruction) => {
      const machine = run(virtual(`  ${instruction}`, 2))
      expect(haltedAt(machine)).toBe("caught")
      expect([machine.cpu.reg[0], saved(machine, 9)]).toEqual([0, 0])
    },
  )

  test.each([
    "cli",
    "sti",
    "pushf",
    "push 0\n  popf",
    "push 0x2\n  push 0x2000\n  push done\n  iret\ndone equ $ - program",
  ])("%s is allowed if IOPL is 3", (lines) => {
    expect(haltedAt(run(virtual(`  ${lines}\n  int 0x80`, 3)))).toBe("asked")
  })

  test("POPF changes IF there, but neither IOPL nor VM", () => {
    const machine = run(virtual("  push 0x0202\n  popf\n  int 0x80", 3))
    expect(saved(machine, 7) & 0x2_3200).toBe(0x2_3200)
  })

  test.each(["mov eax, cr0", "hlt", "clts", "lgdt [0]", "mov dr7, eax"])(
    "%s is refused: the ring is 3",
    (instruction) => {
      expect(haltedAt(run(virtual(`  ${instruction}`, 3)))).toBe("caught")
    },
  )

  test.each(["sldt ax", "str ax", "lar ax, bx", "verr ax", "arpl ax, bx"])(
    "%s is #UD there",
    (instruction) => {
      const machine = run(virtual(`  ${instruction}`, 3))
      expect(machine.cpu.reg[0]).not.toBe(13)
      expect(saved(machine, 9)).toBe(0)
      expect(haltedAt(machine)).toBe("caught")
    },
  )

  test("a port needs its bit in the bitmap, even with IOPL 3", () => {
    const out = "  mov dx, 0x3f8\n  mov al, 'x'\n  out dx, al\n  int 0x80"
    expect(haltedAt(run(virtual(out, 3)))).toBe("caught")
    const open = run(virtual(out, 3, [0x3f8]))
    expect([haltedAt(open), open.serial]).toEqual(["asked", "x"])
  })

  test("a far jump and a far call count in paragraphs", () => {
    const machine = run(
      virtual(
        "  call 0x1fff:there - program + 16\n  mov bx, cs\n  int 0x80\nthere:\n  mov cx, cs\n  retf",
        3,
      ),
    )
    expect([machine.cpu.reg[1] & 0xffff, machine.cpu.reg[3] & 0xffff]).toEqual([0x1fff, 0x2000])
  })

  test("can be recorded: the lanes show ring 3", () => {
    const recording = record(pc().load(virtual("  nop\n  hlt")), { steps: 500 })
    const rings = recording.timeline.rings.map(([, ring]) => ring)
    expect(rings).toEqual([0, 3, 0])
    expect(recording.frame(recording.steps).ring).toBe(0)
  })
})
