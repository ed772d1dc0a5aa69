/** Hardware breakpoints, general detect, and how they meet single steps, RF, REP and MOV SS. */
import { describe, expect, test } from "vitest"
import { DS } from "../../src/isa/registers"
import { boot, type GuestOptions, register, run } from "./guest"

/** DR7 for breakpoint n: globally enabled, with R/W and LEN fields. */
const dr7 = (n: number, kind: number, length = 0) => (2 << (2 * n)) | ((kind | (length << 2)) << (16 + 4 * n))
const [EXECUTION, WRITE, PORT, ACCESS] = [0, 1, 2, 3]
const [ONE, TWO, FOUR] = [0, 1, 3]

/** Arm DR`n` at an address. */
const arm = (n: number, address: string | number, kind: number, length = 0) =>
  `mov eax, ${address}\n mov dr${n}, eax\n mov eax, dr7\n or eax, ${dr7(n, kind, length) >>> 0}\n mov dr7, eax\n`
/** The handler counts in EBP, keeps DR6 in EDI and the saved EIP in ESI, and goes on with RF set. */
const HANDLER = `
handler: inc ebp
  mov edi, dr6
  mov esi, [esp]
  push eax
  mov eax, 0
  mov dr6, eax
  pop eax
  or dword [esp + 8], 0x10000
  iretd
`
const GATES = [{ vector: 1, handler: "handler" }]
const go = (body: string, options: GuestOptions = {}) => {
  const ran = run(
    `xor ebp, ebp\n xor edi, edi\n ${body}\n hlt\n${HANDLER}\nalign 4\n number: dd 0, 0, 0, 0`,
    {
      gates: GATES,
      ...options,
    },
  )
  const { machine, at } = ran
  return {
    ...ran,
    count: register(machine, "ebp"),
    dr6: register(machine, "edi") & 0xe00f,
    from: register(machine, "esi"),
    label: at,
  }
}

describe("a breakpoint on execution", () => {
  test("faults before the instruction runs; with RF in the saved EFLAGS it then runs once", () => {
    const ran = go(`${arm(0, "target", EXECUTION)} xor ebx, ebx\ntarget: inc ebx\n nop`)
    expect([ran.count, ran.dr6, ran.from, register(ran.machine, "ebx")]).toEqual([
      1,
      1,
      ran.label("target"),
      1,
    ])
  })
  test("is met again each time the instruction comes by", () => {
    const ran = go(`${arm(2, "target", EXECUTION)} mov ecx, 5\ntarget: loop target`)
    expect([ran.count, ran.dr6]).toEqual([5, 4])
  })
  test("pushes RF as 0, and a fault of the instruction itself pushes RF as 1", () => {
    const at = "handler: mov edx, [esp + 8]\n or dword [esp + 8], 0x10000\n iretd"
    const body = `${arm(0, "target", EXECUTION)} xor ecx, ecx\ntarget: div ecx\n${at}\ndivided: mov ebx, [esp + 8]\n hlt`
    const gates = [...GATES, { vector: 0, handler: "divided" }]
    const { machine, faults } = run(body, { gates })
    expect(faults).toEqual(["#DB", "#DE"])
    expect([register(machine, "edx") & 0x10000, register(machine, "ebx") & 0x10000]).toEqual([0, 0x10000])
  })
  test("comes before a fault of fetching or decoding", () => {
    expect(go(`${arm(1, "target", EXECUTION)}\ntarget: ud2`).faults).toEqual(["#DB", "#UD"])
  })
  test("is not met behind MOV SS", () => {
    const ran = go(`${arm(0, "target", EXECUTION)} mov ax, ss\n mov ss, ax\ntarget: nop\n nop`)
    expect(ran.count).toBe(0)
  })
  test("at a repeated instruction is met once, however the run is cut into pieces", () => {
    const body = `cld\n ${arm(0, "target", EXECUTION)} mov edi, number\n mov ecx, 4\n target: rep stosd`
    const handler = "handler: inc ebp\n or dword [esp + 8], 0x10000\n iretd"
    const { machine } = boot(`xor ebp, ebp\n ${body}\n hlt\n${handler}\nalign 4\nnumber: dd 0, 0, 0, 0`, {
      gates: GATES,
    })
    while (machine.cpu.activity === "running") machine.step()
    expect([machine.cpu.reg[5], machine.cpu.reg[1]]).toEqual([1, 0])
  })
  test("is off when neither Ln nor Gn is set, and Ln is enough", () => {
    const off = `${arm(0, "target", EXECUTION)} mov eax, 0\n mov dr7, eax\n target: nop`
    expect(go(off).count).toBe(0)
    expect(go(off.replace("mov eax, 0", "mov eax, 1")).count).toBe(1)
  })
})

describe("a breakpoint on data", () => {
  test.each([
    ["a write", WRITE, "mov [number], eax", 1],
    ["a read, if on writes only,", WRITE, "mov ebx, [number]", 0],
    ["a read", ACCESS, "mov ebx, [number]", 1],
    ["a read-modify-write", WRITE, "inc dword [number]", 1],
    ["an instruction fetched from it, which is no data,", ACCESS, "jmp number", 0],
    ["an exchange", WRITE, "xchg [number], ebx", 1],
    ["the neighbour below", ACCESS, "mov ebx, [number - 4]", 0],
    ["the neighbour above", ACCESS, "mov ebx, [number + 4]", 0],
    ["a byte of it", ACCESS, "mov bl, [number + 3]", 1],
    ["an access that reaches into it", ACCESS, "mov bx, [number - 1]", 1],
  ] as const)("%s traps behind the instruction: %#", (_, kind, code, count) => {
    const ran = run(
      `xor ebp, ebp\n ${arm(3, "number", kind, FOUR)} ${code}\nbehind: mov eax, 0\n mov dr7, eax\n hlt\nalign 4\n dd 0\nnumber: hlt\n dw 0, 0, 0\n${HANDLER}`,
      { gates: GATES },
    )
    expect(register(ran.machine, "ebp")).toBe(count)
    if (count > 0)
      expect([register(ran.machine, "edi") & 0xf, register(ran.machine, "esi")]).toEqual([
        8,
        ran.at("behind"),
      ])
  })
  test("covers 1, 2 or 4 bytes, its address rounded down to that", () => {
    const met = (length: number, address: string, at: string) =>
      go(`${arm(0, address, WRITE, length)} mov byte [${at}], 1`).count
    expect([0, 1, 2, 3].map((n) => met(ONE, "number + 1", `number + ${n}`))).toEqual([0, 1, 0, 0])
    expect([0, 1, 2, 3].map((n) => met(TWO, "number + 3", `number + ${n}`))).toEqual([0, 0, 1, 1])
    expect([0, 1, 2, 3, 4].map((n) => met(FOUR, "number + 2", `number + ${n}`))).toEqual([1, 1, 1, 1, 0])
  })
  test("sees the new value written already", () => {
    const ran = run(
      `${arm(0, "number", WRITE, FOUR)} mov dword [number], 7\n hlt\nhandler: mov ebx, [number]\n hlt\nalign 4\nnumber: dd 0`,
      { gates: GATES },
    )
    expect(register(ran.machine, "ebx")).toBe(7)
  })
  test("in a repeated instruction traps behind the iteration, with RF saved, and the rest goes on", () => {
    const ran = run(
      `cld\n ${arm(0, "number + 4", WRITE, FOUR)} mov edi, number\n mov ecx, 4\nstore: rep stosd\n hlt
handler: mov ebx, ecx\n mov edx, [esp + 8]\n mov esi, [esp]\n iretd\nalign 4\nnumber: dd 0, 0, 0, 0`,
      { gates: GATES },
    )
    const { machine } = ran
    expect([register(machine, "ebx"), register(machine, "ecx"), register(machine, "esi")]).toEqual([
      2,
      0,
      ran.at("store"),
    ])
    expect(register(machine, "edx") & 0x10000).toBe(0x10000)
  })
  test("met by an instruction that then faults is forgotten", () => {
    const ran = go(`${arm(0, "number", ACCESS, FOUR)} xor ecx, ecx\n div dword [number]`)
    expect([ran.count, ran.faults]).toEqual([0, ["#DE"]])
  })
  test("and a single step at once make one #DB, with both in DR6", () => {
    const ran = run(
      `${arm(1, "number", WRITE, FOUR)} pushfd\n or dword [esp], 0x100\n popfd\n mov [number], eax\n hlt
handler: mov edi, dr6\n hlt\nalign 4\nnumber: dd 0`,
      { gates: GATES },
    )
    expect([register(ran.machine, "edi") & 0xe00f, ran.faults]).toEqual([0x4002, ["#DB"]])
  })
  test("met by MOV SS waits for the end of the next instruction", () => {
    const ran = go(
      `mov [number], ss\n ${arm(0, "number", ACCESS, TWO)} mov ss, [number]\n inc ebx\nbehind: nop`,
    )
    expect([ran.count, ran.from]).toEqual([1, ran.label("behind")])
  })
  test("costs no slow path where none is armed, and takes it back when it is disarmed", () => {
    const { machine } = go(
      `mov eax, [number]\n ${arm(0, "number", WRITE, FOUR)} mov [number], eax\n mov eax, 0\n mov dr7, eax\n mov [number], eax`,
    )
    const SLOW = 16
    expect(Array.from(machine.cpu.linear.tlb.rights).filter((rights) => rights & SLOW)).toEqual([])
    expect(machine.cpu.segments.selector[DS]).toBe(0x10)
  })
  test("sees what the processor itself writes: a handler's frame", () => {
    const ran = run(
      `${arm(0, "stack0 - 12", WRITE, FOUR)} mov esp, stack0\n int 0x40\n hlt
service: nop\n hlt\nhandler: mov esi, [esp]\n mov edi, dr6\n hlt`,
      { gates: [...GATES, { vector: 0x40, handler: "service" }] },
    )
    expect([register(ran.machine, "esi"), register(ran.machine, "edi") & 0xf]).toEqual([ran.at("service"), 1])
  })
})

describe("a breakpoint on ports", () => {
  const DE = "mov eax, cr4\n or eax, 8\n mov cr4, eax\n"
  test("traps behind IN and OUT while CR4.DE is set, and not without", () => {
    const body = `${arm(0, 0x80, PORT)} mov al, 1\n out 0x80, al\n in al, 0x80\n in al, 0x81`
    expect(go(`${DE}${body}`).count).toBe(2)
    expect(go(body).count).toBe(0)
  })
  test("covers as many ports as its length says", () => {
    expect(
      go(`${DE}${arm(1, 0x80, PORT, TWO)} in al, 0x81\n in al, 0x82\n mov dx, 0x7f\n in ax, dx`).count,
    ).toBe(2)
  })
})

describe("DR7.GD", () => {
  const GD = "mov eax, 0x2000\n mov dr7, eax\n"
  test("has MOV from and to a debug register fault, with DR6.BD; the handler may use them", () => {
    const ran = run(
      `${GD}there: mov ebx, dr0\n hlt\nhandler: mov edi, dr6\n mov ecx, dr7\n mov esi, [esp]\n mov edx, [esp + 8]\n hlt`,
      { gates: GATES },
    )
    expect([register(ran.machine, "edi") & 0xe00f, register(ran.machine, "ecx") & 0x2000]).toEqual([
      0x2000, 0,
    ])
    expect(register(ran.machine, "esi")).toBe(ran.at("there"))
    expect(register(ran.machine, "edx") & 0x10000).toBe(0x10000)
  })
  test("comes after #UD for DR4 under CR4.DE", () => {
    const DE = "mov eax, cr4\n or eax, 8\n mov cr4, eax\n"
    expect(
      run(`${DE}${GD} db 0x0f, 0x21, 0xe0`, { gates: GATES.map(() => ({ vector: 1, handler: "fault_0" })) })
        .faults,
    ).toEqual(["#UD"])
  })
})

test("DR6 and DR7 keep their fixed bits; DR4 and DR5 are their other names", () => {
  const { machine } = run(
    "mov eax, -1\n mov dr6, eax\n mov eax, 0x55550000\n db 0x0f, 0x23, 0xe8\n mov ebx, dr6\n db 0x0f, 0x21, 0xe1\n mov edx, dr7\n hlt",
  )
  expect([register(machine, "ebx"), register(machine, "ecx"), register(machine, "edx")]).toEqual([
    0xffffefff, 0xffffefff, 0x55550400,
  ])
})
