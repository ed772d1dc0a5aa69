/** The guest kernel on the bare machine: what its programs compute, and that hostile ones change nothing. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { type KernelName, kernelProgram } from "../../src/guests/kernel/index"
import { decode, isInstruction } from "../../src/isa/decode"
import { EBX } from "../../src/isa/registers"
import { loadMultiboot } from "../../src/loaders/multiboot"
import type { Machine } from "../../src/machine/machine"
import { hashOf, recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import { pc } from "../../src/pc"
import { fileOf, LINES, LINES_OF_BOTH, withoutTimes } from "../oracles/qemu-kernel/lines"
import { LINE, MODELLED, systemCalls, taskLine, taskLines } from "./kernel-model"

const BUILDS: readonly KernelName[] = ["kernel", "kernel-well-behaved"]
const MOST_STEPS = 30_000_000

/** A build, ready to start with a command line. */
function loaded(line: string, build: KernelName = "kernel"): Machine {
  const machine = pc()
  loadMultiboot(machine, kernelProgram(build).bytes, line)
  return machine
}

/** A machine, run until it halts, and what its guest sent. */
function ended(machine: Machine) {
  const { why } = machine.run({ steps: MOST_STEPS })
  const text = machine.serial
  /** The number behind a word of the last lines. */
  const count = (word: string) => Number(new RegExp(`[:,] ${word} (\\d+)`).exec(text)?.[1])
  return { why, text, lines: text.split("\n"), count }
}

describe("each program computes what a model of it computes, and makes as many system calls", () => {
  test.each(MODELLED)("%s", (program) => {
    const { lines, count } = ended(loaded(`${program} 2`))
    const expected = taskLines(program, 2)
    expect(lines.slice(-4 - expected.length, -4)).toEqual(expected)
    expect(count("system calls")).toBe(systemCalls(program, 2))
  })
})

describe("what it sends is what QEMU's serial port gets of it, but for times,", () => {
  const both = LINES_OF_BOTH.map((line) => [line, "kernel-well-behaved"] as const)
  const cases = [...LINES.map((line) => [line, "kernel"] as const), ...both]
  test.each(cases)('for "%s" and %s', (line, build) => {
    const kept = readFileSync(fileOf(line), "utf8")
    expect(withoutTimes(ended(loaded(line, build)).text)).toBe(kept.slice(kept.indexOf("\n") + 1))
  })
})

test.each([
  ["boot/kernel.bin calls 2 quiet", "calls 2"],
  ["  ports   2", "ports 2"],
  ["timers timer", "timer 1"],
  ["timer 0", "timer 1"],
  ["compute1", "mix 3"],
])('of the command line "%s" it runs "%s"', (line, program) => {
  const machine = loaded(line)
  machine.run({ steps: 100_000 })
  expect(machine.serial.split("\n")[0]).toBe(`kernel: 16 MiB of memory, runs ${program}`)
})

test("loaded as a program, without a boot loader's information, it takes 16 MiB and mix 3 for granted", () => {
  const machine = pc().load(kernelProgram("kernel"))
  machine.run({ steps: 100_000 })
  expect(machine.serial.split("\n")[0]).toBe("kernel: 16 MiB of memory, runs mix 3")
})

test("lines that two processes write at once are not mixed, though they wait for room on the console", () => {
  const { text } = ended(loaded("lines 3"))
  const written = text.slice(text.indexOf(LINE), text.lastIndexOf(LINE) + LINE.length)
  expect(written).toBe(LINE.repeat(2 * 20 * 3))
})

test("the timer takes the processor from processes that never give it up", () => {
  const { count } = ended(loaded("compute 1"))
  expect(count("preemptions")).toBeGreaterThan(1)
  expect(count("switches")).toBeGreaterThan(count("preemptions"))
})

test("a round of faults fills 16 pages with zeros, and 18 shared ones are written after its fork", () => {
  const [two, three] = ["faults 2", "faults 3"].map((line) => ended(loaded(line)))
  const more = (word: string) => three.count(word) - two.count(word)
  // The child writes the 16; the parent writes its stack, and the kernel writes a status for it.
  expect([more("pages zeroed"), more("writes to shared pages")]).toEqual([16, 18])
  expect(three.count("pages copied")).toBeGreaterThanOrEqual(16 * 3)
})

test("a process that fills its heap and ends gives all of its frames back", () => {
  const free = (size: number) => {
    const machine = loaded(`faults ${size}`)
    ended(machine)
    return machine.memory.get(kernelProgram("kernel").labels.fresh_frame, 32)
  }
  expect(free(6)).toBe(free(3))
})

describe("the engines agree", () => {
  const engines = (machine: Machine) => [machine.engine.units, machine.cpu.checkedGates]
  test.each(BUILDS)("%s, interpreted, generated, and cut at random", (build) => {
    const [interpreted, generated, cut] = [1, 2, 3].map(() => loaded("mix 1", build))
    for (const each of engines(interpreted)) each.enabled = false
    for (const each of [...engines(generated), ...engines(cut)])
      Object.assign(each, { enabled: true, threshold: 2 })
    for (const machine of [interpreted, generated])
      expect(machine.run({ steps: MOST_STEPS }).why).toBe("halted")
    for (let n = 1; cut.run({ steps: 1 + (n % 997) }).why === "limit"; n = (n * 48_271) % 0x7fff_ffff);
    expect([hashOf(generated), hashOf(cut)]).toEqual([hashOf(interpreted), hashOf(interpreted)])
  })
})

test("a recording of it replays to the same end", () => {
  const { recorded } = recordRun(loaded("forks 1"), MOST_STEPS)
  const replay = new Replay(recorded, rebuild)
  expect(replay.playThrough()).toBe(true)
  expect(replay.machine.serial).toMatch(/\nhalted\n$/)
})

describe("hostile processes", () => {
  const { lines } = ended(loaded("crash"))
  const lineBefore = (task: string) => lines[lines.findIndex((line) => line.includes(` ${task}: -`)) - 1]

  test.each([
    ["reads the kernel", "page fault, error code 0005, address 00100000"],
    ["writes the kernel", "page fault, error code 0007, address 00100000"],
    ["jumps into the kernel", "page fault, error code 0005, address 00100000, eip 00100000"],
    ["executes CLI", "general protection fault, error code 0000"],
    ["uses a port", "general protection fault, error code 0000"],
    ["executes INT 14", "general protection fault, error code 0072"],
    ["divides by zero", "exception 0"],
    ["changes code", "page fault, error code 0007"],
    ["runs for ever", "it has used up its time"],
    ["pushes for ever", "page fault, error code 0006, address 403efffc"],
    ["writes what is not there", "page fault, error code 0000, address 40300000"],
  ])("one that %s is ended, and the kernel says why", (task, why) => {
    expect(lineBefore(task)).toContain(`ended by the kernel: ${why}`)
  })

  test("what is asked beyond one's rights is refused: -1, -2, -1 and -1", () => {
    expect(lines).toContain("13 asks for too much: fffffffb")
  })

  test("the honest ones among them end as ever, and so does the kernel", () => {
    expect(lines).toContain(taskLine("compute", 1, 1))
    expect(lines).toContain("14 loads null segments: 00000001")
    expect(lines.at(-2)).toBe("halted")
  })
})

test("however little memory there is, the kernel comes to its end, and a process ends right or is refused", () => {
  const { frames } = kernelProgram("kernel").labels
  const right = taskLines("switches", 1)
  const said = new Set<string>()
  for (let pages = 6; pages < 18; pages++) {
    const machine = loaded("switches 1")
    const upper = frames + pages * 0x1000 - 0x10_0000
    machine.memory.set(machine.cpu.reg[EBX] + 8, 32, upper >> 10)
    const { why, lines } = ended(machine)
    expect([why, lines.at(-2)]).toEqual(["halted", "halted"])
    for (const line of lines.slice(2, -4)) said.add(line.replace(/, address.*/, ""))
  }
  const refused = right.map((line) => line.replace(/: .*/, ": -"))
  const noMemory = "ended by the kernel: there is no memory left"
  expect([...said].sort()).toEqual([...right, ...refused, noMemory].sort())
})

/** How often each form of instruction that is sensitive and not privileged stands in the kernel itself. */
function leaks(build: KernelName): Record<string, number> {
  const { bytes, origin, lines, labels } = kernelProgram(build)
  const found: Record<string, number> = {}
  for (const { address, length, text } of lines) {
    if (address >= labels.user_code || /^(?:\S+:)?\s*(?:d[bwdq]|times|align)\b/.test(text)) continue
    const code = bytes.subarray(address - origin, address - origin + length)
    let at = 0
    const instruction = decode(() => code[at++], 32)
    if (!isInstruction(instruction)) throw new Error(`no instruction: ${text}`)
    const { outside, text: row } = instruction.row
    if (outside?.claim === "leaks") found[row.syntax] = (found[row.syntax] ?? 0) + 1
  }
  return found
}

test("kernel asks SGDT, SIDT, SMSW, STR and for CS once each, and keeps interrupts by PUSHF and POPF", () => {
  const { "PUSHFW/PUSHFD": pushes, "POPFW/POPFD": pops, ...others } = leaks("kernel")
  expect(others).toEqual({
    "JMP ptr16:32": 1,
    "IRETW/IRETD": 1,
    "MOV r32/m16, Sreg": 1,
    "SGDT m": 1,
    "SIDT m": 1,
    "SMSW r32/m16": 1,
    "STR r32/m16": 1,
  })
  expect(pops).toBeGreaterThan(5)
  expect(pushes).toBeGreaterThan(5)
})

test("kernel-well-behaved has of all these only the jump that loads CS, and IRET", () => {
  expect(leaks("kernel-well-behaved")).toEqual({ "JMP ptr16:32": 1, "IRETW/IRETD": 1 })
})
