import { describe, expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { boot, register, run } from "./guest"

describe("INT n", () => {
  const gates = [{ vector: 0x80, handler: "service", dpl: 3 }]
  test("from ring 3 switches to the stack of ring 0 and saves SS ESP EFLAGS CS EIP there", () => {
    const { stack, at, outcome, machine } = run(
      `${enterRing(3, "user", 0x202)}\nuser: int 0x80\nback: ud2\nservice: hlt`,
      { gates },
    )
    expect(outcome.why).toBe("halted")
    expect([0, 1, 2, 3, 4].map(stack)).toEqual([at("back"), 0x3b, 0x202, at("stack3"), 0x43])
    expect(machine.cpu.reg[4]).toBe(at("stack0") - 20)
  })
  test("an interrupt gate clears IF, a trap gate leaves it", () => {
    for (const [kind, flags] of [
      ["interrupt", 2],
      ["trap", 0x202],
    ] as const) {
      const { machine } = run("sti\n nop\n int 0x80\nservice: pushfd\n pop ebx\n cli\n hlt", {
        gates: [{ vector: 0x80, handler: "service", kind }],
      })
      expect(register(machine, "ebx")).toBe(flags)
    }
  })
  test("a gate of DPL 0 refuses ring 3 with error code vector × 8 + 2", () => {
    expect(
      run(`${enterRing(3, "user")}\nuser: int 0x80\nservice: hlt`, {
        gates: [{ vector: 0x80, handler: "service" }],
      }).faults,
    ).toEqual(["#GP(1026)"])
  })
  test("INT3 and INTO use gates 3 and 4, and EIP is behind them", () => {
    const trap = [
      { vector: 3, handler: "service", dpl: 3 },
      { vector: 4, handler: "service", dpl: 3 },
    ]
    for (const code of ["int3", "mov al, 127\n add al, 1\n into"]) {
      const { stack, at } = run(`${enterRing(3, "user")}\nuser: ${code}\nback: ud2\nservice: hlt`, {
        gates: trap,
      })
      expect(stack(0)).toBe(at("back"))
    }
  })
  test("INTO without OF goes on", () => {
    expect(run("xor eax, eax\n into\n ud2").faults).toEqual(["#UD"])
  })
  test("an empty entry of the IDT is no gate: #GP with its error code", () => {
    expect(run("int 0x30").faults).toEqual(["#GP(386)"])
  })
  test("IRET gives back ring, flags and stack", () => {
    const { machine, at } = run(
      `${enterRing(3, "user", 0x202)}\nuser: int 0x80\n pushfd\n pop ebx\n mov esi, cs\n mov edi, esp\n ud2\nservice: iretd`,
      { gates },
    )
    expect([register(machine, "ebx") & ~0xd5, register(machine, "esi"), register(machine, "edi")]).toEqual([
      0x202,
      0x3b,
      at("stack3"),
    ])
  })
})

describe("a fault", () => {
  const cases: readonly (readonly [name: string, code: string, faults: readonly string[]])[] = [
    ["DIV by zero", "xor ecx, ecx\n div ecx", ["#DE"]],
    ["BOUND outside", "push 5\n push 1\n mov eax, 9\n bound eax, [esp]", ["#BR"]],
    ["UD2", "ud2", ["#UD"]],
    ["LOCK where it is not allowed", "db 0xf0, 0x89, 0xc0", ["#UD"]],
    ["WAIT with TS and MP", "mov eax, cr0\n or eax, 10\n mov cr0, eax\n fwait", ["#NM"]],
    ["a null data segment", "xor eax, eax\n mov fs, ax\n mov al, [fs:0]", ["#GP(0)"]],
    ["a null stack segment", "xor eax, eax\n mov ss, ax", ["#GP(0)"]],
    ["a selector beyond the GDT", "mov ax, 0x1238\n mov ds, ax", ["#GP(4664)"]],
    [
      "a segment that is not present",
      "and byte [gdt + 0x10 + 0x30 + 5], 0x7f\n mov ax, DATA3\n mov fs, ax",
      ["#NP(64)"],
    ],
    [
      "a stack segment that is not present",
      "and byte [gdt + 0x10 + 5], 0x7f\n mov ax, DATA0\n mov ss, ax",
      ["#SS(16)"],
    ],
    [
      "a jump beyond the code segment's limit",
      "mov dword [gdt + 0x30], 0x1fff\n mov dword [gdt + 0x34], 0x409a00\n jmp 0x30:0x3000",
      ["#GP(0)"],
    ],
    ["an instruction of 16 bytes", "times 15 db 0x66\n nop", ["#GP(0)"]],
    ["writing code", "mov byte [cs:main], 0", ["#GP(0)"]],
    ["setting a reserved bit of CR4", "mov eax, 1 << 30\n mov cr4, eax", ["#GP(0)"]],
    ["CR0.PG without CR0.PE would be", "mov eax, 0x60000011 ^ 0x40000000\n mov cr0, eax", ["#GP(0)"]],
    ["a model-specific register that is not there", "mov ecx, 0x1234\n rdmsr", ["#GP(0)"]],
    ["POP SS with a bad selector leaves ESP", "push 0\n mov ebx, esp\n pop ss", ["#GP(0)"]],
  ]
  for (const [name, code, faults] of cases)
    test(`${name}: ${faults}`, () => expect(run(code).faults).toEqual(faults))

  test("saves the EIP of the faulting instruction, and RF in EFLAGS", () => {
    const { stack, at } = run("xor ecx, ecx\nhere: div ecx")
    expect(stack(0)).toBe(at("here"))
    expect(stack(2) & (1 << 16)).toBe(1 << 16)
  })
  test("leaves everything as it was: the instruction can be restarted", () => {
    const gates = [{ vector: 0, handler: "mend" }]
    const { machine, outcome } = run(
      "mov eax, 42\n xor edx, edx\n xor ecx, ecx\n div ecx\n hlt\nmend: mov ecx, 6\n iretd",
      { gates },
    )
    expect(outcome.why).toBe("halted")
    expect(register(machine, "eax")).toBe(7)
  })
})

describe("a bad stack for the inner ring, met by INT from ring 3", () => {
  // The handlers of #TS and #SS run in ring 3, so that they need no inner stack themselves.
  const gates = [
    { vector: 0x80, handler: "service", dpl: 3 },
    { vector: 10, handler: "lost", ring: 3 },
    { vector: 12, handler: "lost", ring: 3 },
  ]
  const first = (breakIt: string) =>
    run(`${breakIt}\n${enterRing(3, "user")}\nuser: int 0x80\nservice: hlt\nlost: jmp lost`, {
      gates,
      steps: 100,
    }).faults
  test("a null SS0 is #TS(0)", () => expect(first("mov word [tss + 8], 0")).toEqual(["#TS(0)"]))
  test("an SS0 of ring 3 is #TS with its selector", () =>
    expect(first("mov word [tss + 8], DATA3")).toEqual(["#TS(64)"]))
  test("an SS0 that is code is #TS", () => expect(first("mov word [tss + 8], CODE0")).toEqual(["#TS(8)"]))
  test("an SS0 that is not present is #SS with its selector", () =>
    expect(
      first("mov word [tss + 8], 0x20\n mov dword [gdt + 0x20], 0xffff\n mov dword [gdt + 0x24], 0xcf1200"),
    ).toEqual(["#SS(32)"]))
  test("a TSS too short to hold it is #TS with TR's selector", () => {
    const shorten = "mov byte [gdt + 0x48], 5\n mov byte [gdt + 0x4d], 0x89\n mov eax, 0x48\n ltr ax"
    expect(first(shorten)).toEqual(["#TS(72)"])
  })
})

describe("double and triple faults", () => {
  test("#NP while delivering #GP is #DF(0)", () => {
    const body = "and byte [idt + 13*8 + 5], 0x7f\n mov ax, 0x1238\n mov fs, ax"
    expect(run(body).faults).toEqual(["#GP(4664)", "#NP(107)", "#DF(0)"])
  })
  test("a benign exception before #GP is no double fault", () => {
    const body = "and byte [idt + 6*8 + 5], 0x7f\n ud2"
    expect(run(body).faults).toEqual(["#UD", "#NP(51)"])
  })
  test("a fault while delivering #DF shuts the processor down", () => {
    const { outcome, faults, events } = run("lidt [nothing]\n ud2\nnothing: dw 0\n dd 0")
    expect(outcome.why).toBe("shutdown")
    expect(faults).toEqual(["#UD", "#GP(51)", "#GP(107)", "#DF(0)", "#GP(67)"])
    expect(events.at(-1)).toEqual({ is: "shutdown" })
  })
})

/** Initialize the controllers with vectors 20h and 28h, everything masked but line 0. */
const PIC = [
  "0x20, 0x11",
  "0x21, 0x20",
  "0x21, 4",
  "0x21, 1",
  "0xa0, 0x11",
  "0xa1, 0x28",
  "0xa1, 2",
  "0xa1, 1",
  "0x21, 0xfe",
  "0xa1, 0xff",
]
  .map((pair) => pair.split(", "))
  .map(([port, value]) => ` mov al, ${value}\n out ${port}, al`)
  .join("\n")
const TIMER = (count: number) =>
  ` mov al, 0x34\n out 0x43, al\n mov al, ${count & 255}\n out 0x40, al\n mov al, ${count >> 8}\n out 0x40, al`

describe("external interrupts", () => {
  const gates = [{ vector: 0x20, handler: "tick" }]
  test("the timer ticks through the controller as often as its count says", () => {
    const { machine } = run(
      `${PIC}\n${TIMER(1000)}\n xor ebx, ebx\nidle: sti\n hlt\n cmp ebx, 10\n jb idle\n cli\n hlt\ntick: inc ebx\n mov al, 0x20\n out 0x20, al\n iretd`,
      { gates, hertz: 33_000_000 },
    )
    expect(register(machine, "ebx")).toBe(10)
    // Ten periods of 1000 timer clocks, at 1.193182 MHz, in cycles of 33 MHz; initialization and the last handler come on top.
    const periods = (10 * 1000 * 33e6) / 1_193_182
    expect(machine.clock.now).toBeGreaterThan(periods)
    expect(machine.clock.now).toBeLessThan(periods * 1.35)
  })
  test("without EOI there is no second one", () => {
    const { machine } = run(
      `${PIC}\n${TIMER(100)}\n xor ebx, ebx\n sti\nidle: jmp idle\ntick: inc ebx\n iretd`,
      { gates, steps: 50_000 },
    )
    expect(register(machine, "ebx")).toBe(1)
  })
  test("with IF = 0 none is taken", () => {
    const { machine, events } = run(`${PIC}\n${TIMER(100)}\nidle: jmp idle\ntick: iretd`, {
      gates,
      steps: 20_000,
    })
    expect(events.some(({ is }) => is === "interrupt")).toBe(false)
    expect(machine.bus.controller?.pending()).toBe(true)
  })
  test("STI; HLT loses no wake-up: the interrupt that waits is taken when HLT has begun", () => {
    const { machine, outcome } = run(
      `${PIC}\n${TIMER(20)}\n mov ecx, 5000\ndelay: loop delay\n sti\n hlt\nwoken: cli\n hlt\ntick: mov ebx, [esp]\n iretd`,
      { gates },
    )
    expect(outcome.why).toBe("halted")
    expect(register(machine, "ebx")).toBe(
      boot(
        `${PIC}\n${TIMER(20)}\n mov ecx, 5000\ndelay: loop delay\n sti\n hlt\nwoken: cli\n hlt\ntick: mov ebx, [esp]\n iretd`,
        { gates },
      ).at("woken"),
    )
  })
  test("after MOV SS the next instruction comes first", () => {
    const body = `${PIC}\n${TIMER(20)}\n mov ecx, 5000\ndelay: loop delay\n mov edx, ss\n sti\n mov ss, edx\n mov esp, stack0 - 64\n hlt\ntick: cli\n hlt`
    const { machine, at } = run(body, { gates })
    expect(register(machine, "esp")).toBe(at("stack0") - 64 - 12)
  })
})

describe("NMI", () => {
  const gates = [{ vector: 2, handler: "nmi" }]
  test("comes even with IF = 0, and another waits until IRET", () => {
    const { machine, events } = run("spin: jmp spin\nnmi: inc ebx\n nop\n nop\n iretd", {
      gates,
      steps: 60,
      before: (fresh) => {
        fresh.run({ steps: 30 })
        fresh.nmi()
        fresh.run({ steps: 2 })
        fresh.nmi()
        fresh.run({ steps: 1 })
      },
    })
    expect(register(machine, "ebx")).toBe(2)
    // The second one came after the first one's IRET.
    expect(events.filter(({ is }) => is === "interrupt")).toHaveLength(1)
  })
})

describe("single step", () => {
  const gates = [{ vector: 1, handler: "debug" }]
  test("TF traps after each instruction, beginning with the one after POPF", () => {
    const { machine } = run(
      "pushfd\n or dword [esp], 0x100\n popfd\n nop\n nop\n pushfd\n and dword [esp], ~0x100\n popfd\n hlt\ndebug: inc ebx\n iretd",
      { gates },
    )
    // nop, nop, pushfd, and, popfd: POPF that clears TF still traps, for TF was set when it began.
    expect(register(machine, "ebx")).toBe(5)
  })
})

test("an INT n that the gate refuses is a fault, and no trap", () => {
  const { events } = run(`${enterRing(3, "user")}\nuser: int 0x80\nservice: hlt`, {
    gates: [{ vector: 0x80, handler: "service" }],
  })
  expect(events.filter(({ is }) => is === "fault" || is === "trap").map(({ is }) => is)).toEqual(["fault"])
})
