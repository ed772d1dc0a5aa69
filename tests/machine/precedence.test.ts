/** Of two things that are wrong with one instruction, which is told. @see SDM Vol. 3A §6.9 Table 6-2 "Priority Among Simultaneous Exceptions and Interrupts" */
import { describe, expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { MAP, ON, register, run } from "./guest"

/** A page that is not there, at 300000h, with the rest of the first 4 MiB mapped for ring 3. */
const PAGED = `${MAP}
  mov dword [0x202c00], 0${ON}`
const ABSENT = "[0x300000]"
const user = (code: string) => `${enterRing(3, "user")}\nuser: ${code}`
const first = (body: string) => run(`${PAGED}\n${body}`).faults[0]

describe("#UD comes before what the operands would meet", () => {
  test.each([
    ["LOCK that is not allowed, on a page that is not there", "db 0xf0\n mov eax, [0x300000]"],
    ["an undefined group member", "db 0x0f, 0xba, 0x05\n dd 0x300000\n db 1"],
    ["MOV to CS", "db 0x8e, 0x0d\n dd 0x300000"],
    ["LEA of a register", "db 0x8d, 0xc0"],
    ["LES of a register", "db 0xc4, 0xc0"],
    ["LDS of a register", "db 0xc5, 0xc0"],
    ["LSS of a register", "db 0x0f, 0xb2, 0xc0"],
    ["LFS of a register", "db 0x0f, 0xb4, 0xc0"],
    ["LGS of a register", "db 0x0f, 0xb5, 0xc0"],
    ["BOUND of a register", "db 0x62, 0xc0"],
    ["CMPXCHG8B of a register", "db 0x0f, 0xc7, 0xc8"],
    ["JMP far through a register", "db 0xff, 0xe8"],
    ["CALL far through a register", "db 0xff, 0xd8"],
    ["LOCK with a register as destination", "db 0xf0, 0x01, 0xc0"],
    ["LOCK with memory as source only", "db 0xf0, 0x03, 0x00"],
  ])("%s", (_, code) => expect(first(code)).toBe("#UD"))
  test.each([
    ["INVLPG of a register", "db 0x0f, 0x01, 0xf8"],
    ["LGDT of a register", "db 0x0f, 0x01, 0xd0"],
    ["SGDT of a register", "db 0x0f, 0x01, 0xc0"],
    ["MOV from CR1", "db 0x0f, 0x20, 0xc8"],
  ])("%s, in ring 3 too, before its privilege", (_, code) => expect(first(user(code))).toBe("#UD"))
})

describe("privilege comes before what the operands would meet", () => {
  test.each(["lgdt", "lidt", "lldt", "ltr", "lmsw", "invlpg"])("%s in ring 3 is #GP(0)", (name) =>
    expect(first(user(`${name} ${ABSENT}`))).toBe("#GP(0)"),
  )
  test("INS and OUTS: the port comes before the page", () => {
    expect(first(user("mov edx, 0x80\n mov edi, 0x300000\n insb"))).toBe("#GP(0)")
    expect(first(user("mov edx, 0x80\n mov esi, 0x300000\n outsb"))).toBe("#GP(0)")
  })
})

describe("the segment comes before the page:", () => {
  test("a null segment is #GP(0), and the stack's limit #SS(0), though the page is not there either", () => {
    expect(first(`xor eax, eax\n mov fs, ax\n mov eax, [fs:0x300000]`)).toBe("#GP(0)")
    expect(first("mov eax, CODE0\n mov fs, ax\n mov dword [fs:0x300000], 1")).toBe("#GP(0)")
  })
  test("a selector is read before it is judged: LSS from an absent page is #PF", () => {
    expect(first(`lss eax, ${ABSENT}`)).toBe("#PF(0)")
  })
})

describe("the first access of an instruction comes first:", () => {
  /** What the first fault says of its address, two pages being absent. */
  const address = (body: string) => {
    const { events } = run(`${PAGED}\n mov dword [0x202c04], 0\n ${body}`)
    const fault = events.find((event) => event.is === "fault")
    return fault?.says.match(/linear address ([0-9A-F]+)h/i)?.[1]
  }
  test.each([
    ["MOVS reads before it writes", "mov esi, 0x301000\n mov edi, 0x300000\n movsd", "00301000"],
    [
      "PUSH reads its operand before it writes the stack",
      "mov esp, 0x301004\n push dword [0x300000]",
      "00300000",
    ],
    [
      "POP reads the stack before it writes its operand",
      "mov esp, 0x300000\n pop dword [0x301000]",
      "00300000",
    ],
    ["CALL m reads its target before it writes the stack", "mov esp, 0x301004\n call [0x300000]", "00300000"],
  ])("%s", (_, body, first) => expect(address(body)).toBe(first))
  test("a near CALL meets its target's limit before its stack", () => {
    const segment = "  dw 0xffff, 0\n  db 0x10, 0x9b, 0x40, 0"
    const { faults } = run("jmp 0x50:inside - ORIGIN\ninside: mov esp, 2\n db 0xe8\n dd 0x20000", {
      descriptors: [segment],
    })
    expect(faults[0]).toBe("#GP(0)")
  })
})

describe("a far transfer looks for room on its stack, then at the target's limit, then pushes:", () => {
  /** Code of a ring, 4 KiB long; a gate to 128 KiB in it; a stack of ring 1 on the absent page, and one of ring 3. */
  const short = (ring: number) => `  dw 0x0fff, 0\n  db 0, ${0x9b | (ring << 5)}, 0x40, 0`
  const gateTo = (selector: number) => `  dw 0, ${selector}\n  db 0, 0xec\n  dw 2`
  const descriptors = [
    short(3),
    gateTo(0x53),
    short(1),
    gateTo(0x60),
    "  dw 0xff, 0\n  db 0x30, 0xb3, 0x40, 0",
    "  dw 0xff, 0\n  db 0x2f, 0xf3, 0x40, 0",
  ]
  const ran = (tss: string, transfer: string) =>
    run(
      `${PAGED}
 mov dword [idt + 0x50 * 8], 0x600000
 mov dword [idt + 0x50 * 8 + 4], 0x2ee00
 mov dword [idt + 0x51 * 8], 0x530000
 mov dword [idt + 0x51 * 8 + 4], 0x2ee00
 ${tss}\n${user(transfer)}`,
      { descriptors, gates: [{ vector: 0x51, handler: "user" }] },
    ).faults[0]
  const NO_ROOM = "mov ax, 0x7b\n mov ss, ax\n mov esp, 2\n"
  const stack1 = (esp: number, ss: number) => `mov dword [tss + 12], ${esp}\n mov dword [tss + 16], ${ss}`

  test.each([
    ["a direct call", `${NO_ROOM}call 0x53:0x20000`],
    ["a gate to the same ring", `${NO_ROOM}call 0x5b:0`],
    ["an interrupt to the same ring", `${NO_ROOM}int 0x51`],
  ])("%s: #SS(0) before #GP(0)", (_, transfer) => expect(ran("", transfer)).toBe("#SS(0)"))
  test.each([
    ["a direct call", "call 0x53:0x20000"],
    ["a gate to the same ring", "call 0x5b:0"],
    ["a gate inward", "call 0x6b:0"],
    ["an interrupt to the same ring", "int 0x51"],
    ["an interrupt inward", "int 0x50"],
  ])("%s: #GP(0) beyond the limit", (_, transfer) => expect(ran("", transfer)).toBe("#GP(0)"))
  test.each([
    ["a gate", "call 0x6b:0"],
    ["an interrupt", "int 0x50"],
  ])("%s inward: what is wrong with its stack comes first, also before the stack's page", (_, transfer) => {
    expect(ran(stack1(0x100, 0), transfer)).toBe("#TS(0)")
    expect(ran(stack1(0x100, 0x51), transfer)).toBe(`#TS(${0x50})`)
    expect(ran(stack1(8, 0x71), transfer)).toBe(`#SS(${0x70})`)
    expect(ran(stack1(0x100, 0x71), transfer)).toBe("#GP(0)")
  })
  test("a refused one has pushed nothing", () => {
    const { machine } = run(`mov dword [0x2f00f8], 0x1234\n ${stack1(0xfc, 0x51)}\n${user("call 0x5b:0")}`, {
      descriptors: ["  dw 0xff, 0\n  db 0x2f, 0xb3, 0x40, 0", gateTo(0x60), short(1)],
    })
    expect(machine.memory.get(0x2f_00f8, 32)).toBe(0x1234)
  })
})

describe("traps and interrupts between two instructions", () => {
  test("a single step comes before an interrupt that arrives in the same instruction, which then finds the handler", () => {
    const write = (port: number, value: number) => `mov al, ${value}\n out ${port}, al\n`
    const controller = [
      [0x20, 0x11],
      [0x21, 0x20],
      [0x21, 4],
      [0x21, 1],
      [0x21, 0xef],
    ]
    const { events, machine, at, stack } = run(
      `${controller.map(([port, value]) => write(port, value)).join("")}
 mov edx, 0x3fc\n mov al, 8\n out dx, al\n mov edx, 0x3f9\n mov al, 2
 pushfd\n or dword [esp], 0x300\n popfd\n out dx, al\n nop
single: jmp $\nserial: hlt`,
      {
        gates: [
          { vector: 1, handler: "single", kind: "trap" },
          { vector: 0x24, handler: "serial" },
        ],
      },
    )
    const order = events.flatMap((event) =>
      event.is === "fault" ? [event.name] : event.is === "interrupt" ? ["interrupt"] : [],
    )
    expect(order).toEqual(["#DB", "interrupt"])
    expect([machine.cpu.eip, stack(0)]).toEqual([at("serial") + 1, at("single")])
  })
  test("a data breakpoint and the end of the instruction come before the next one's fault", () => {
    const { faults } = run(
      "mov eax, number\n mov dr0, eax\n mov eax, 0xd0002\n mov dr7, eax\n mov [number], eax\n ud2\nalign 4\nnumber: dd 0",
    )
    expect(faults[0]).toBe("#DB")
  })
})

test("15 bytes are an instruction, 16 are #GP(0), whatever they would be", () => {
  const prefixes = (n: number) => `db ${Array.from({ length: n }, () => "0x26").join(", ")}`
  expect(run(`${prefixes(14)}\n nop\n ud2`).faults).toEqual(["#UD"])
  expect(run(`${prefixes(15)}\n nop\n ud2`).faults).toEqual(["#GP(0)"])
  expect(run(`${prefixes(14)}\n db 0x0f, 0x0b`).faults).toEqual(["#GP(0)"])
  expect(register(run(`${prefixes(10)}\n mov ebx, 0x12345678\n hlt`).machine, "ebx")).toBe(0x12345678)
})
