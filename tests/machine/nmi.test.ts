/** Non-maskable interrupts: what blocks them and until when, and what they end. */
import { asm, pc } from "ringlab"
import { describe, expect, test } from "vitest"
import type { Machine } from "../../src/machine/machine"
import { recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { boot, type GuestOptions, register } from "./guest"

const gates = [{ vector: 2, handler: "nmi" }]

/** Step until EIP is at an address. */
function runTo(machine: Machine, address: number): Machine {
  while (machine.cpu.eip !== address) if (machine.step().steps === 0) throw new Error("never came there")
  return machine
}

/** An NMI is being handled, or not, and another one waits. */
const withNmi = (machine: Machine, blocked: boolean) =>
  machine.cpu.restore({ ...machine.cpu.save(), nmi: [true, blocked] })

/** Run, and tell faults and interrupts in the order in which they came. */
function told(machine: Machine, steps = 20): string[] {
  const events: string[] = []
  machine.listener = {
    detail: false,
    tell: (event) => {
      if (event.is === "fault") events.push(event.name)
      if (event.is === "interrupt") events.push(event.source)
    },
  }
  machine.run({ steps })
  machine.listener = undefined
  return events
}

/** A guest at its label `here`, with an NMI that is handled and another one that waits. */
function handling(body: string, options: GuestOptions = {}): Machine {
  const { machine, at } = boot(`${body}\nnmi: inc ebx\n hlt`, { gates, ...options })
  withNmi(runTo(machine, at("here")), true)
  return machine
}

describe("an IRET unblocks NMIs", () => {
  test("when it is done: the one that waits comes before the next instruction", () => {
    expect(told(handling("pushfd\n push cs\n push next\nhere: iretd\nnext: ud2"))).toEqual(["NMI"])
  })
  test("when it faults: before the handler's first instruction", () => {
    const machine = handling("push 2\n push 0xfff8\n push 0\nhere: iretd")
    expect(told(machine)).toEqual(["#GP", "NMI"])
    expect(register(machine, "ebx")).toBe(1)
  })
  test("when the task that it should go back to is none", () => {
    const nested = "pushfd\n or dword [esp], 0x4000\n popfd"
    expect(told(handling(`${nested}\nhere: iretd`))).toEqual(["#TS", "NMI"])
  })
  for (const [what, iopl, faults] of [
    ["when it is refused in virtual-8086 mode, for IOPL", 0, ["#GP", "NMI"]],
    ["when it is done in virtual-8086 mode", 3, ["NMI"]],
  ] as const)
    test(what, () => {
      const frame = `times 4 push 0\n push 0x1000\n push 0x100\n push ${0x20002 | (iopl << 12)}\n push 0x2000\n push 0\n iretd`
      const { machine } = boot(`mov byte [0x20000], 0xcf\n${frame}\nnmi: hlt`, { gates })
      while (!machine.cpu.virtual8086) machine.step()
      withNmi(machine, true)
      expect(told(machine, 3)).toEqual(faults)
    })
  test("but not one whose prefix makes it no instruction", () => {
    expect(told(handling("here: db 0xf0, 0xcf"))).toEqual(["#UD"])
  })
  test("but not one that a page fault keeps from being fetched", () => {
    expect(told(handling("mov byte [0x7ffffff], 0xcf\nhere: jmp 0x8000000"))).not.toContain("NMI")
  })
})

/** Real-address mode at 0:7C00h, with vectors 2 and 13 at 7E00h and 7E10h. */
const REAL = asm`org 0x7c00
bits 16
start:
  mov word [8], 0x7e00
  mov word [10], 0
  mov word [52], 0x7e10
  mov word [54], 0
  mov sp, 0x7000
  push dword 2
  push dword 0
  push dword 0x12345678
here: iretd
times 0x200 - ($ - $$) db 0x90
nmi: hlt
times 0x210 - ($ - $$) db 0x90
protection: hlt
`

test("an IRETD that faults in real-address mode unblocks NMIs, too", () => {
  const machine = pc({ memory: 1 }).reset()
  machine.memory.write(REAL.origin, REAL.bytes)
  machine.cpu.loadSegment(1, 0)
  machine.cpu.eip = REAL.origin
  withNmi(runTo(machine, REAL.labels.here), true)
  expect(told(machine)).toEqual(["#GP", "NMI"])
})

test("an NMI that a task handles blocks others until the task's IRET", () => {
  const { machine, at } = boot(
    `mov dword [other + 32], handler\n mov dword [other + 36], 2\n mov dword [other + 56], stack1\n mov dword [other + 76], CODE0\n mov dword [other + 80], DATA0\n mov dword [other + 84], DATA0\nhere: nop\n ud2\nhandler: inc dword [count]\n iretd\n jmp handler\nalign 8\nother: times 26 dd 0\ncount: dd 0\nnmi:`,
    {
      gates,
      descriptors: [
        "  dw 103, (ORIGIN + other - $$) & 0xffff\n  db ((ORIGIN + other - $$) >> 16) & 0xff, 0x89, 0, 0",
      ],
    },
  )
  // Gate 2 is a task gate to selector 50h.
  machine.memory.set(at("idt") + 16, 32, 0x50 << 16)
  machine.memory.set(at("idt") + 20, 32, 0x8500)
  withNmi(runTo(machine, at("here")), false)
  machine.step()
  expect(machine.cpu.eip).toBe(at("handler"))
  machine.nmi()
  machine.run({ steps: 2 })
  expect(machine.cpu.eip).toBe(at("here"))
  expect(told(machine)).toEqual(["NMI", "#UD"])
  expect(machine.memory.get(at("count"), 32)).toBe(2)
})

describe("an NMI waits for the instruction after", () => {
  for (const [name, code] of [
    ["MOV SS", "mov eax, ss\nhere: mov ss, eax"],
    ["POP SS", "push ss\nhere: pop ss"],
    ["STI", "here: sti"],
  ])
    test(name, () => {
      const { machine, at } = boot(`${code}\n inc ecx\nafter: hlt\nnmi: mov edx, [esp]\n hlt`, { gates })
      runTo(machine, at("here"))
      machine.step()
      machine.nmi()
      machine.run({ steps: 10 })
      expect(register(machine, "edx")).toBe(at("after"))
    })
})

describe("HLT", () => {
  test("is ended by an NMI with IF 0, and the handler returns behind it", () => {
    const { machine, at } = boot("here: hlt\nafter: mov ecx, 5\n hlt\nnmi: mov edx, [esp]\n iretd", { gates })
    expect(machine.run({ steps: 1000 }).why).toBe("halted")
    machine.nmi()
    expect(machine.run({ steps: 1000 }).why).toBe("halted")
    expect([register(machine, "edx"), register(machine, "ecx")]).toEqual([at("after"), 5])
  })
  test("is for good while another NMI is handled and IF is 0, though one waits and a device's event is due", () => {
    const { machine, at } = boot("here: hlt\nnmi: hlt", { gates })
    withNmi(runTo(machine, at("here")), true)
    machine.clock.post("timer", 1000, 0)
    const { why, steps } = machine.run({ steps: 100_000 })
    expect([why, steps]).toEqual(["halted", 1])
  })
  test("under TF is ended by its own single-step trap", () => {
    const { machine, at } = boot(
      "pushfd\n or dword [esp], 0x100\n popfd\n hlt\nafter: nop\nnmi:\ndebug: mov edx, [esp]\n hlt",
      { gates: [{ vector: 1, handler: "debug" }] },
    )
    machine.run({ steps: 1000 })
    expect(register(machine, "edx")).toBe(at("after"))
  })
})

describe("a shutdown", () => {
  /** IDT entries 0 to 2 only: #UD, then #GP, then #DF find no gate. */
  const SHUT_DOWN = "mov word [idt_register], 0x17\n lidt [idt_register]\nhere: ud2"
  const shutDown = (handler: string, before = "", options: GuestOptions = {}) => {
    const { machine, at } = boot(`${before}\n${SHUT_DOWN}\nnmi: ${handler}`, { gates, ...options })
    expect(machine.run({ steps: 10_000 }).why).toBe("shutdown")
    return { machine, at }
  }

  test("goes on for ever if nothing comes", () => {
    expect(shutDown("hlt").machine.run({ steps: 1000 })).toEqual({ why: "shutdown", steps: 0 })
  })
  test("is ended by an NMI: its handler runs, above the instruction that was lost", () => {
    const { machine, at } = shutDown("inc ebx\n mov edx, [esp]\n hlt")
    machine.nmi()
    expect(machine.run({ steps: 1000 })).toEqual({ why: "halted", steps: 4 })
    expect([register(machine, "ebx"), register(machine, "edx")]).toEqual([1, at("here")])
  })
  test("comes again if the handler returns to what brought it", () => {
    const { machine } = shutDown("inc ebx\n iretd")
    for (const count of [1, 2, 3]) {
      machine.nmi()
      expect(machine.run({ steps: 1000 }).why).toBe("shutdown")
      expect(register(machine, "ebx")).toBe(count)
    }
  })
  test("comes again if the NMI has no gate, and then only a reset ends it", () => {
    const { machine } = shutDown("hlt", "mov dword [idt + 20], 0")
    for (const steps of [1, 0]) {
      machine.nmi()
      expect(machine.run({ steps: 1000 })).toEqual({ why: "shutdown", steps })
    }
    machine.reset()
    expect(machine.cpu.activity).toBe("running")
  })
  test("while an NMI is handled is ended by no other NMI", () => {
    const { machine } = shutDown("ud2")
    machine.nmi()
    expect(machine.run({ steps: 1000 }).why).toBe("shutdown")
    machine.nmi()
    expect(machine.run({ steps: 1000 })).toEqual({ why: "shutdown", steps: 0 })
  })
  test("is ended by no interrupt that IF can mask", () => {
    const { machine } = shutDown("hlt", "sti\n nop")
    machine.cpu.interruptRequest = true
    expect(machine.run({ steps: 1000 })).toEqual({ why: "shutdown", steps: 0 })
  })
  test("by the single-step trap of an STI, which holds interrupts off, is ended by an NMI, too", () => {
    const step = "mov dword [idt + 12], 0\n pushfd\n or dword [esp], 0x100\n popfd\n sti"
    const { machine } = boot(SHUT_DOWN.replace("ud2", `${step}\nnmi: inc ebx\n hlt`), { gates })
    expect(machine.run({ steps: 1000 }).why).toBe("shutdown")
    expect(machine.cpu.shadow).toBe("STI")
    machine.nmi()
    machine.run({ steps: 1000 })
    expect(register(machine, "ebx")).toBe(1)
  })
  test("and its end are in a recording, which replays", () => {
    const { machine } = shutDown("inc ebx\n hlt")
    machine.nmi()
    const { recorded } = recordRun(machine, 1000)
    expect([recorded.why, recorded.steps]).toEqual(["halted", 3])
    const replay = new Replay(recorded, () => pc({ memory: 4 }))
    expect(replay.playThrough()).toBe(true)
    replay.seek(0)
    expect(replay.machine.cpu.activity).toBe("shutdown")
    replay.seek(1)
    expect(replay.machine.cpu.activity).toBe("running")
  })
})
