/** What control and model-specific registers may hold, and the fast system call. */
import { describe, expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { CS, SS } from "../../src/isa/registers"
import { register, run } from "./guest"

const setCr4 = (value: number) => `mov eax, ${value}\n mov cr4, eax\n`
const user = (code: string) => `${enterRing(3, "user")}\nuser: ${code}`

describe("CR0", () => {
  for (const [name, value, fault] of [
    ["PG without PE", 0x80000000, "#GP(0)"],
    ["NW without CD", 0x20000011, "#GP(0)"],
    ["NW with CD", 0x60000011, "#UD"],
  ] as const)
    test(`${name}: ${fault}`, () => {
      expect(run(`mov eax, ${value}\n mov cr0, eax\n ud2`).faults).toEqual([fault])
    })
  test("keeps its reserved bits 0, and ET 1", () => {
    const { machine } = run("mov eax, 0x1ffaffe1\n mov cr0, eax\n mov ebx, cr0\n hlt")
    expect(register(machine, "ebx")).toBe(0x31)
  })
  test("LMSW sets PE but cannot clear it, and leaves bits above 3 alone", () => {
    const { machine } = run(
      "mov eax, 0xfff0\n lmsw ax\n mov ebx, cr0\n mov eax, 0xe\n lmsw ax\n mov ecx, cr0\n hlt",
    )
    expect([register(machine, "ebx"), register(machine, "ecx")]).toEqual([0x11, 0x1f])
  })
})

describe("CR4", () => {
  const KNOWN = [2, 3, 4, 5, 7, 8, 11]
  for (let bit = 0; bit < 32; bit++)
    test(`bit ${bit} ${KNOWN.includes(bit) ? "can be set" : "is reserved: #GP(0)"}`, () => {
      expect(run(`${setCr4((1 << bit) >>> 0)} ud2`).faults).toEqual([KNOWN.includes(bit) ? "#UD" : "#GP(0)"])
    })
  test("TSD keeps RDTSC from rings 1 to 3", () => {
    expect(run(`${setCr4(4)} rdtsc\n ${user("rdtsc")}`).faults).toEqual(["#GP(0)"])
    expect(run(user("rdtsc\n ud2")).faults).toEqual(["#UD"])
  })
  test("PCE opens RDPMC to them", () => {
    expect(run(`xor ecx, ecx\n ${user("rdpmc")}`).faults).toEqual(["#GP(0)"])
    expect(run(`xor ecx, ecx\n ${setCr4(0x100)} ${user("rdpmc\n ud2")}`).faults).toEqual(["#UD"])
  })
})

describe("there is no", () => {
  for (const [what, bytes] of [
    ["CR1", "0x0f, 0x20, 0xc8"],
    ["CR5", "0x0f, 0x22, 0xe8"],
    ["CR8", "0x0f, 0x20, 0xf8"],
  ])
    test(`${what}: MOV is #UD, in ring 3 too, and mod does not matter`, () => {
      expect(run(`db ${bytes}`).faults).toEqual(["#UD"])
      expect(run(user(`db ${bytes}`)).faults).toEqual(["#UD"])
    })
  test("memory operand of MOV CR: mod is ignored", () => {
    expect(register(run("db 0x0f, 0x20, 0x03\n hlt").machine, "ebx")).toBe(0x11)
  })
})

describe("model-specific registers", () => {
  const write = (number: number, low: string | number, high: string | number = 0) =>
    `mov ecx, ${number}\n mov eax, ${low}\n mov edx, ${high}\n wrmsr\n`
  const read = (number: number) => `mov ecx, ${number}\n rdmsr\n`
  test("10h is the time-stamp counter; a write sets its lower half and clears the upper one", () => {
    const { machine } = run(`${write(0x10, 1000, 5)} rdtsc\n mov ebx, eax\n mov esi, edx\n ${read(0x10)} hlt`)
    expect([register(machine, "ebx"), register(machine, "esi"), register(machine, "edx")]).toEqual([
      1001, 0, 0,
    ])
    expect(register(machine, "eax")).toBeGreaterThan(1001)
  })
  test("174h to 176h and 8Bh keep what is written", () => {
    const { machine } = run(
      `${write(0x175, 0x1234)} ${write(0x8b, 0)} ${read(0x175)} mov ebx, eax\n ${read(0x8b)} hlt`,
    )
    expect([register(machine, "ebx"), register(machine, "eax")]).toEqual([0x1234, 0])
  })
  for (const number of [0x1b, 0xfe, 0x277, 0xc0000080])
    test(`${number.toString(16)}h does not exist: #GP(0), for there is no APIC, MTRR, PAT or EFER`, () => {
      expect(run(read(number)).faults).toEqual(["#GP(0)"])
      expect(run(write(number, 0)).faults).toEqual(["#GP(0)"])
    })
})

describe("SYSENTER", () => {
  const msr = (number: number, value: string | number) =>
    `mov ecx, ${number}\n mov eax, ${value}\n xor edx, edx\n wrmsr\n`
  const PREPARE = `${msr(0x174, 0x203)} ${msr(0x175, "stack1")} ${msr(0x176, "service")}`
  test("goes to ring 0 at SYSENTER_EIP with flat segments, IF 0, and reads no descriptor", () => {
    const { machine, at } = run(`${PREPARE} ${enterRing(3, "user", 0x202)}\nuser: sysenter\nservice: hlt`)
    const { cpu } = machine
    expect([cpu.cpl, cpu.segments.selector[CS], cpu.segments.selector[SS]]).toEqual([0, 0x200, 0x208])
    expect([cpu.segments.limit[CS], cpu.segments.base[SS], register(machine, "esp")]).toEqual([
      0xffffffff,
      0,
      at("stack1"),
    ])
    expect(cpu.flags.value & 0x200).toBe(0)
  })
  test("and SYSEXIT goes back to ring 3 at EDX, on the stack at ECX", () => {
    const { machine, faults, at } = run(
      `${PREPARE} ${enterRing(3, "user")}\nuser: mov ecx, esp\n mov edx, back\n sysenter\nback: mov ebx, cs\n cli\nservice: mov eax, 42\n sysexit`,
    )
    expect(faults).toEqual(["#GP(0)"])
    expect([register(machine, "eax"), register(machine, "ebx")]).toEqual([42, 0x213])
    expect(register(machine, "ecx")).toBe(at("stack3"))
  })
  test("is #GP(0) while SYSENTER_CS holds a null selector, SYSEXIT too, and outside ring 0", () => {
    expect(run(`${msr(0x174, 3)} sysenter`).faults).toEqual(["#GP(0)"])
    expect(run("sysexit").faults).toEqual(["#GP(0)"])
    expect(run(`${PREPARE} ${user("sysexit")}\nservice: hlt`).faults).toEqual(["#GP(0)"])
  })
  test("is told by CPUID", () => {
    expect((register(run("mov eax, 1\n cpuid\n hlt").machine, "edx") >>> 11) & 1).toBe(1)
  })
})
