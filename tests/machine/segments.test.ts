/** Segments of every kind and width: their limits, the stacks and code in them, and what may be asked of descriptors. */
import { describe, expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { CS, FS, GS, SS } from "../../src/isa/registers"
import { register, run } from "./guest"

/** A descriptor: base, limit of 20 bits, access byte, and the flags G D/B 0 AVL as one digit. */
const descriptor = (base: number, limit: number, access: number, flags: number) =>
  `  dw ${limit & 0xffff}, ${base & 0xffff}\n  db ${(base >> 16) & 0xff}, ${access}, ${(flags << 4) | (limit >> 16)}, ${base >>> 24}`
const [BYTES16, BYTES32, PAGES32] = [0, 4, 0xc]
const [DATA, DOWN, READ_ONLY, CODE, EXECUTE_ONLY, CONFORMING] = [0x93, 0x97, 0x91, 0x9b, 0x99, 0x9f]
const RING3 = 0x60
/** Selector of the first descriptor that a test adds. */
const OWN = 0x50

const withSegment = (segment: string, body: string) => run(body, { descriptors: [segment] })
const word = (machine: ReturnType<typeof run>["machine"], at: number) => machine.memory.get(at, 16)

describe("an access at the edge of", () => {
  const access = (segment: string, offset: number, size: "byte" | "word" | "dword") =>
    withSegment(segment, `mov eax, ${OWN}\n mov fs, ax\n mov ebx, ${offset}\n inc ${size} [fs:ebx]\n ud2`)
      .faults[0]
  const BASE = 0x200000
  test.each([
    ["a segment of 1000h bytes", descriptor(BASE, 0xfff, DATA, BYTES32), 0xffc, 0xffd],
    ["a segment of one page", descriptor(BASE, 0, DATA, PAGES32), 0xffc, 0xffd],
  ])("%s: the last byte counts", (_, segment, inside, outside) => {
    expect([access(segment, inside, "dword"), access(segment, outside, "dword")]).toEqual(["#UD", "#GP(0)"])
    expect([access(segment, 0xfff, "byte"), access(segment, 0x1000, "byte")]).toEqual(["#UD", "#GP(0)"])
  })
  test("an expand-down segment: offsets above its limit, up to 4 GiB or 64 KiB by its B bit", () => {
    const wide = descriptor(0, 0xfff, DOWN, BYTES32)
    const narrow = descriptor(BASE, 0xfff, DOWN, BYTES16)
    expect([
      access(wide, 0xfff, "byte"),
      access(wide, 0x1000, "byte"),
      access(wide, 0x20_0000, "dword"),
    ]).toEqual(["#GP(0)", "#UD", "#UD"])
    expect([
      access(narrow, 0x1000, "byte"),
      access(narrow, 0xfffe, "word"),
      access(narrow, 0xfffd, "dword"),
    ]).toEqual(["#UD", "#UD", "#GP(0)"])
    expect(access(narrow, 0x1_0000, "byte")).toBe("#GP(0)")
  })
})

describe("a 16-bit stack in 32-bit code", () => {
  const STACK = descriptor(0x20_0000, 0xffff, DATA, BYTES16)
  const onIt = (esp: number, body: string, gates = [{ vector: 0x40, handler: "service" }]) =>
    run(`mov eax, ${OWN}\n mov ss, ax\n mov esp, ${esp >>> 0}\n ${body}\n hlt\nservice: hlt`, {
      descriptors: [STACK],
      gates,
    }).machine
  test("pushes by SP, which wraps; the upper half of ESP stays", () => {
    const machine = onIt(0x5555_0000, "push dword 0x11223344")
    expect([register(machine, "esp"), machine.memory.get(0x20_fffc, 32)]).toEqual([0x5555_fffc, 0x11223344])
  })
  test("PUSHA and POPA wrap as well", () => {
    const machine = onIt(0x5555_0008, "mov ebx, 77\n pushad\n mov ebx, 0\n popad")
    expect([register(machine, "esp"), register(machine, "ebx")]).toEqual([0x5555_0008, 77])
    expect(machine.memory.get(0x20_fff8, 32)).toBe(77)
  })
  test("a push across the end of the segment is #SS(0); there is no room for its frame either", () => {
    const { faults, outcome } = run(`mov eax, ${OWN}\n mov ss, ax\n mov esp, 2\n push eax`, {
      descriptors: [STACK],
    })
    expect([faults[0], outcome.why]).toEqual(["#SS(0)", "shutdown"])
  })
  test("ENTER and LEAVE take the frame from BP, and keep upper halves", () => {
    const machine = onIt(
      0x7777_0100,
      "mov ebp, 0x66660200\n enter 8, 0\n mov ebx, ebp\n mov ecx, esp\n leave",
    )
    expect([register(machine, "ebx"), register(machine, "ecx")]).toEqual([0x7777_00fc, 0x7777_00f4])
    expect([register(machine, "ebp"), register(machine, "esp")]).toEqual([0x6666_0200, 0x7777_0100])
  })
  test("ENTER copies outer frame pointers that lie below BP", () => {
    const machine = onIt(
      0x100,
      "mov dword [0x2001fc], 0xaaaa\n mov dword [0x2001f8], 0xbbbb\n mov ebp, 0x200\n enter 4, 3",
    )
    const slots = [0xfc, 0xf8, 0xf4, 0xf0].map((at) => machine.memory.get(0x20_0000 + at, 32))
    expect(slots).toEqual([0x200, 0xaaaa, 0xbbbb, 0xfc])
    expect([register(machine, "ebp"), register(machine, "esp")]).toEqual([0xfc, 0xec])
  })
  test("an interrupt in the same ring saves its frame there", () => {
    const machine = onIt(0x5555_0000, "int 0x40")
    expect([register(machine, "esp"), word(machine, 0x20_fff8)]).toEqual([0x5555_fff4, 8])
  })
})

test("a 32-bit stack in 16-bit code: PUSH moves 2 bytes, and ESP as a whole", () => {
  const code = descriptor(0x10_0000, 0xffff, CODE, BYTES16)
  const { machine } = withSegment(
    code,
    `jmp ${OWN}:narrow - ORIGIN\nbits 16\nnarrow: mov esp, 0x200000\n push word 0x1234\n mov ebx, esp\n push dword 0x55667788\n pop ax\n hlt`,
  )
  expect([register(machine, "ebx"), register(machine, "esp")]).toEqual([0x1f_fffe, 0x1f_fffc])
  expect([register(machine, "eax") & 0xffff, word(machine, 0x1f_fffe)]).toEqual([0x7788, 0x1234])
})

describe("a return to an outer ring", () => {
  const segment = (flags: number) => descriptor(0x20_0000, 0xffff, DATA | RING3, flags)
  const frame = (esp: number, size: "word" | "dword") =>
    `mov esp, stack0\n ${[`${OWN | 3}`, esp, "CODE3", "outer"].map((value) => `push ${size} ${value}`).join("\n ")}`
  test("to a 16-bit stack takes SP, and leaves the upper half of ESP as the inner ring had it", () => {
    const { machine } = run(`${frame(0xabcd1234, "dword")}\n retf\nouter: jmp $`, {
      descriptors: [segment(BYTES16)],
      steps: 60,
    })
    expect([machine.cpu.cpl, register(machine, "esp")]).toEqual([3, 0x0010_1234])
  })
  test("to a 32-bit stack takes ESP", () => {
    const { machine } = run(`${frame(0x1234, "dword")}\n retf\nouter: jmp $`, {
      descriptors: [segment(BYTES32)],
      steps: 60,
    })
    expect([machine.cpu.cpl, register(machine, "esp")]).toEqual([3, 0x1234])
  })
})

describe("LAR and LSL look at", () => {
  const ask = (instruction: string, type: number) => {
    const { machine } = withSegment(
      descriptor(0x1000, 0x123, type, BYTES16),
      `mov ebx, ${OWN}\n mov eax, -1\n ${instruction} eax, ebx\n setz cl\n hlt`,
    )
    return register(machine, "ecx") & 1 ? register(machine, "eax") : null
  }
  const SYSTEM = Array.from({ length: 16 }, (_, type) => type)
  test("system descriptors: LAR at TSSs, LDTs, call and task gates, LSL at TSSs and LDTs", () => {
    const seen = (instruction: string) => SYSTEM.filter((type) => ask(instruction, 0x80 | type) !== null)
    expect(seen("lar")).toEqual([1, 2, 3, 4, 5, 9, 11, 12])
    expect(seen("lsl")).toEqual([1, 2, 3, 9, 11])
  })
  test("every code and data segment, present or not", () => {
    for (const type of SYSTEM) {
      expect(ask("lar", 0x10 | type)).toBe((0x10 | type) << 8)
      expect(ask("lsl", 0x90 | type)).toBe(0x123)
    }
  })
  test("none that CPL or RPL may not see, but conforming code", () => {
    const from3 = (segment: string) =>
      withSegment(segment, `${enterRing(3, "user")}\nuser: mov ebx, ${OWN}\n lar eax, ebx\n setz cl\n ud2`)
        .machine
    expect(register(from3(descriptor(0, 0, DATA, BYTES32)), "ecx") & 1).toBe(0)
    expect(register(from3(descriptor(0, 0, CONFORMING, BYTES32)), "ecx") & 1).toBe(1)
  })
  test("the limit in bytes, also of a segment of pages", () => {
    const { machine } = withSegment(
      descriptor(0, 0x12, DATA, PAGES32),
      `mov ebx, ${OWN}\n lsl eax, ebx\n hlt`,
    )
    expect(register(machine, "eax")).toBe(0x12fff)
  })
})

test("VERR and VERW: readable is data and readable code, writable is writable data", () => {
  const answers = [DATA, READ_ONLY, DOWN, CODE, EXECUTE_ONLY, CONFORMING, 0x89, 0x82].map((type) => {
    const { machine } = withSegment(
      descriptor(0, 0xfff, type, BYTES32),
      `mov ebx, ${OWN}\n verr bx\n setz al\n verw bx\n setz ah\n hlt`,
    )
    return register(machine, "eax") & 0x101
  })
  expect(answers).toEqual([0x101, 1, 0x101, 1, 0, 1, 0, 0])
})

describe("widths:", () => {
  test("SLDT, STR, SMSW and MOV from a segment register fill a register with zeros, and write 16 bits to memory", () => {
    const { machine } = run(
      `mov eax, -1\n mov ecx, eax\n mov edx, eax\n mov ebx, eax\n str eax\n sldt ecx\n mov edx, ds\n mov bx, ds
  mov dword [place], -1\n str [place]\n mov dword [place + 4], -1\n mov [place + 4], ds\n smsw edi\n hlt\nalign 4\nplace: dd 0, 0`,
    )
    expect(["eax", "ecx", "edx", "ebx"].map((name) => register(machine, name as "eax"))).toEqual([
      0x48, 0, 0x10, 0xffff0010,
    ])
    expect(register(machine, "edi")).toBe(machine.cpu.readControl(0))
    const place = machine.program?.labels.place ?? 0
    expect([machine.memory.get(place, 32) >>> 0, machine.memory.get(place + 4, 32) >>> 0]).toEqual([
      0xffff0048, 0xffff0010,
    ])
  })
  test("LGDT and LIDT with 16-bit operands load a base of 24 bits; SGDT and SIDT write all 32", () => {
    const { machine } = run(
      "o16 lgdt [given]\n lidt [given]\n mov dword [place + 4], -1\n sgdt [place]\n mov ax, [place]\n mov ebx, [place + 2]\n sidt [place]\n mov ecx, [place + 2]\n hlt\nalign 4\ngiven: dw 0x1234\n dd 0x89abcdef\nplace: dd 0, 0",
    )
    expect([register(machine, "eax") & 0xffff, register(machine, "ebx"), register(machine, "ecx")]).toEqual([
      0x1234, 0xabcdef, 0x89abcdef,
    ])
  })
})

test("VIF and VIP do not exist without VME: IRET to virtual-8086 mode leaves them 0", () => {
  const { machine } = run(
    `${[0, 0, 0, 0, 0x3000, 0x100].map((value) => `push ${value}`).join("\n")}\n push 0x1a0002\n push 0x2000\n push 0\n iretd`,
    { steps: 24 },
  )
  expect(machine.cpu.virtual8086).toBe(true)
  expect(machine.cpu.flags.value & 0x180000).toBe(0)
})

test("a task of a 16-bit TSS has no FS and GS, and upper halves of ones", () => {
  const { machine } = run(
    `mov word [gdt + ${OWN}], 43\n mov eax, old\n mov [gdt + ${OWN} + 2], ax\n shr eax, 16\n mov [gdt + ${OWN} + 4], al\n jmp ${OWN}:0
inside: hlt
align 4\nold: times 7 dw 0
  dw inside16, 2\n times 8 dw 0x1234\n dw DATA0, ${OWN + 8}, DATA0, DATA0, 0`.replace(
      "inside16",
      "inside - ORIGIN",
    ),
    { descriptors: [descriptor(0, 0, 0x81, BYTES16), descriptor(0x10_0000, 0xffff, CODE, BYTES32)] },
  )
  const { segments, reg } = machine.cpu
  expect([
    segments.selector[CS],
    segments.selector[SS],
    segments.selector[FS],
    segments.selector[GS],
  ]).toEqual([OWN + 8, 0x10, 0, 0])
  expect(reg[3] >>> 0).toBe(0xffff1234)
})
