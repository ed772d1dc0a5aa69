/** The A20 gate through both of its doors, and the keyboard controller that one of them belongs to. */
import { asm, pc } from "ringlab"
import { describe, expect, test } from "vitest"
import { recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"

const run = (body: string, steps = 400) => {
  const machine = pc({ memory: 4 }).load(asm`org 0x8000
start:
${body}
  hlt`)
  machine.run({ steps })
  expect(machine.cpu.activity).toBe("halted")
  return machine
}

const FAST = { off: "  mov al, 0\n out 0x92, al\n", on: "  mov al, 2\n out 0x92, al\n" }
const SLOW = {
  off: "  mov al, 0xd1\n out 0x64, al\n mov al, 0xdd\n out 0x60, al\n",
  on: "  mov al, 0xd1\n out 0x64, al\n mov al, 0xdf\n out 0x60, al\n",
}
const PUT = "  mov dword [0x600], 1\n mov dword [0x100600], 2\n"

describe.each([
  ["port 92h", FAST],
  ["the keyboard controller", SLOW],
])("the A20 gate, by %s", (_, gate) => {
  test("open: 1 MiB and up is memory of its own", () => {
    expect(run(`${PUT}  mov ebx, [0x600]`).cpu.reg[3]).toBe(1)
  })
  test("closed: bit 20 of an address counts as 0, at once, for reads, writes and code", () => {
    const machine = run(`${PUT}${gate.off}
  mov ebx, [0x100600]               ; 1
  mov dword [0x300600], 3           ; goes to 200600h
  mov edx, [0x200600]
  jmp 0x100000 + there
there: call $ + 5
  pop ecx`)
    expect([machine.cpu.reg[3], machine.cpu.reg[2]]).toEqual([1, 3])
    expect(machine.cpu.reg[1]).toBeGreaterThan(0x100000)
    expect(machine.memory.get(0x200600, 32)).toBe(3)
  })
  test("opened again: what is above 1 MiB is as it was", () => {
    const machine = run(
      `${PUT}${gate.off}  mov dword [0x100600], 5\n${gate.on}  mov ebx, [0x100600]\n mov ecx, [0x600]`,
    )
    expect([machine.cpu.reg[3], machine.cpu.reg[1]]).toEqual([2, 5])
  })
  test("masks the addresses that paging gives, and those of its tables", () => {
    const machine = run(`${gate.off}
  mov dword [0x200000], 0x301007    ; the table is at 201000h
  mov dword [0x201000], 0x000007
  mov dword [0x201020], 0x008007
  mov dword [0x201004], 0x300007    ; linear 1000h is physical 200000h
  mov eax, 0x200000
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
  mov ebx, [0x1004]
  mov ecx, [0x1000]`)
    expect(machine.cpu.reg[1] & ~0x60).toBe(0x301007)
  })
})

test("the gate is one: what one door does, the other shows", () => {
  const machine = run(`${FAST.off}
  mov al, 0xd0
  out 0x64, al
  in al, 0x60
  mov bl, al
${SLOW.on}
  in al, 0x92
  mov bh, al`)
  expect([machine.cpu.reg[3] & 2, (machine.cpu.reg[3] >> 8) & 2]).toEqual([0, 2])
})

test("a run that closes the gate is replayed as it was", () => {
  const machine = pc({ memory: 4 }).load(asm`org 0x8000
start:
${PUT}${FAST.off}
  mov ebx, [0x100600]
  hlt`)
  const { recorded } = recordRun(machine, 100)
  const replay = new Replay(JSON.parse(JSON.stringify(recorded)), rebuild)
  expect(replay.playThrough()).toBe(true)
  replay.seek(0)
  expect(replay.machine.bus.board.a20).toBe(true)
  replay.seek(recorded.steps)
  expect([replay.machine.cpu.reg[3], replay.machine.bus.board.a20]).toEqual([1, false])
})

describe("the keyboard controller", () => {
  const answerTo = (...commands: string[]) => {
    const send = commands.map(
      (command) => `  mov al, ${command.split(" ")[1]}\n out ${command.split(" ")[0]}, al\n`,
    )
    return run(
      `${send.join("")}  in al, 0x64\n mov ah, al\n in al, 0x60\n mov bx, ax\n in al, 0x64\n mov cl, al`,
    ).cpu
  }
  test.each([
    ["passes its self-test", ["0x64 0xaa"], 0x55],
    ["finds no fault in its interface", ["0x64 0xab"], 0],
    ["gives its command byte back", ["0x64 0x60", "0x60 0x47", "0x64 0x20"], 0x47],
    ["echoes what it is told to put in its output", ["0x64 0xd2", "0x60 0x1e"], 0x1e],
    ["passes commands on to the keyboard, which acknowledges", ["0x60 0xf4"], 0xfa],
    ["passes an echo", ["0x60 0xee"], 0xee],
    ["passes the lights' command, and waits for its parameter", ["0x60 0xed"], 0xfa],
  ] as const)("%s", (_, commands, answer) => {
    const { reg } = answerTo(...commands)
    expect(reg[3] & 0xff).toBe(answer)
    // Output full before the read, and not after it.
    expect([(reg[3] >> 8) & 1, reg[1] & 1]).toEqual([1, 0])
  })
  test("says in its status whether the last byte was a command, and that the self-test passed", () => {
    const { reg } = answerTo("0x64 0xaa")
    expect((reg[3] >> 8) & 0x1c).toBe(0x1c)
    expect((answerTo("0x60 0xf4").reg[3] >> 8) & 8).toBe(0)
  })
  test("requests interrupt 1 while a byte waits, if its command byte allows", () => {
    const requests = (mode: number) => {
      const { cpu } = run(`  mov al, 0x0a
  out 0x20, al
  mov al, 0x60
  out 0x64, al
  mov al, ${mode}
  out 0x60, al
  mov al, 0xf4
  out 0x60, al
  in al, 0x20
  mov bl, al
  in al, 0x60
  in al, 0x20
  mov bh, al`)
      return [cpu.reg[3] & 2, (cpu.reg[3] >> 8) & 2]
    }
    expect([requests(1), requests(0)]).toEqual([
      [2, 0],
      [0, 0],
    ])
  })
})
