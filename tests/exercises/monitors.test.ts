/** Exercises in which a student's function is the monitor: the hidden guests accept what is right, and tell what is wrong. */
import { describe, expect, test, vi } from "vitest"
import { type MonitorTaskName, monitorTask } from "../../src/exercises/trap-and-emulate/monitors"
import { MonitorTask, type StudentsFunction } from "../../src/exercises/trap-and-emulate/monitors/task"
import { SLOW } from "./laws"

vi.setConfig({ testTimeout: SLOW })

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

interface Cpu {
  ring: number
  eip: number
  eax: number
  interrupts: boolean
  halted: boolean
  cr0: number
  cr3: number
}
interface Instruction {
  readonly instruction: string
  readonly length: number
}

/** What each instruction does, apart from going on behind itself. */
const DOES: Readonly<Record<string, (cpu: Cpu) => void>> = {
  cli: (cpu) => void (cpu.interrupts = false),
  sti: (cpu) => void (cpu.interrupts = true),
  hlt: (cpu) => void (cpu.halted = true),
  clts: (cpu) => void (cpu.cr0 &= ~8),
  "mov eax, cr0": (cpu) => void (cpu.eax = cpu.cr0),
  "mov eax, cr3": (cpu) => void (cpu.eax = cpu.cr3),
}

function emulate({ instruction, length }: Instruction, cpu: Cpu): string {
  if (cpu.ring === 3) return "fault"
  DOES[instruction](cpu)
  cpu.eip += length
  return "done"
}

const emulating =
  (change: (exit: Instruction, cpu: Cpu) => string | undefined) => (exit: Instruction, cpu: Cpu) =>
    change(exit, cpu) ?? emulate(exit, cpu)

interface Frame {
  ring: number
  cs: number
  eip: number
  ss: number
  esp: number
  eflags: number
}
interface Tables {
  readonly gate: { readonly selector: number; readonly offset: number; readonly kind: string }
  readonly stack: { readonly ss: number; readonly esp: number }
}
interface Event {
  readonly vector: number
  readonly errorCode?: number
}
const IF = 0x200

function reflect({ errorCode }: Event, cpu: Frame, { gate, stack }: Tables): number[] {
  const outer = cpu.ring === 3 ? [cpu.ss, cpu.esp] : []
  const pushed = [...outer, cpu.eflags, cpu.cs, cpu.eip, ...(errorCode === undefined ? [] : [errorCode])]
  if (cpu.ring === 3) Object.assign(cpu, stack)
  Object.assign(cpu, { ring: 0, cs: gate.selector, eip: gate.offset, esp: cpu.esp - 4 * pushed.length })
  if (gate.kind === "interrupt") cpu.eflags &= ~IF
  return pushed
}

interface Exit {
  readonly why: string
  readonly ring: number
  readonly vector?: number
  readonly port?: number
}
const OWED: Readonly<Record<string, string>> = {
  instruction: "emulate",
  "system call": "reflect",
  exception: "reflect",
  "io-in": "device",
  "io-out": "device",
}
const owed = ({ why }: Exit) => OWED[why] ?? "stop"

const RIGHT: Readonly<Record<MonitorTaskName, StudentsFunction>> = {
  "trap-and-emulate/emulate": emulate,
  "trap-and-emulate/reflect": reflect,
  "trap-and-emulate/mend": owed,
}

describe.each(Object.keys(RIGHT) as MonitorTaskName[])("%s", (name) => {
  test.each(SEEDS)("a right function is right, whatever the seed: %i", (seed) => {
    const { right, text } = monitorTask(name, seed).check(RIGHT[name])
    expect(text).toMatch(/guests came to their ends/)
    expect(right).toBe(true)
  })

  test("the function to begin with is not right", () => {
    const { stub } = monitorTask(name, 3).question
    expect(stub).toContain(`function ${name.split("/")[1].replace("mend", "owed")}(`)
  })

  test("in a graded cell the function is asked by expressions, and what is right there is right here", async () => {
    const scope = RIGHT[name]
    const answer = async (expression: string) => new Function("f", `return ${expression}`)(scope)
    expect(await monitorTask(name, 4).checkAnswer(answer, "f")).toEqual(monitorTask(name, 4).check(scope))
  })
})

/** Wrong functions, each with what the first guest saw that would not be on bare metal. */
const told = (name: MonitorTaskName, solution: StudentsFunction) =>
  SEEDS.slice(0, 4).map((seed) => monitorTask(name, seed).check(solution))

function expectTold(name: MonitorTaskName, solution: StudentsFunction, sentence: RegExp): void {
  for (const { right, text } of told(name, solution)) {
    expect(right).toBe(false)
    expect(text).toMatch(sentence)
    expect(text).toMatch(/^[^\n]+\.$/)
  }
}

describe("a monitor that emulates wrongly is caught", () => {
  const name = "trap-and-emulate/emulate"
  const staying = (which: string) =>
    emulating(({ instruction, length }, cpu) => {
      if (instruction !== which || cpu.ring === 3) return undefined
      cpu.eip += length
      return "done"
    })
  test.each<[says: string, solution: StudentsFunction, sentence: RegExp]>([
    [
      "lets EIP stay",
      (_, cpu) => (cpu.ring === 3 ? "fault" : "done"),
      /after it EIP was \w+h, and on bare metal/,
    ],
    [
      "takes each instruction for one byte long",
      (exit, cpu) => emulate({ ...exit, length: 1 }, cpu),
      /after it EIP was/,
    ],
    ["does not turn interrupts off", staying("cli"), /`cli`; after it IF was true, and on bare metal false/],
    ["does not turn them on", staying("sti"), /`sti`; after it IF was false, and on bare metal true/],
    ["goes on after HLT", staying("hlt"), /`hlt`; after it halted was false, and on bare metal true/],
    [
      "serves the application as the kernel",
      (exit, cpu) => emulate(exit, Object.assign(cpu, { ring: 0 })),
      /an application has switched/,
    ],
    ["takes the kernel for an application", () => "fault", /the kernel's own handler of #GP was entered/],
    ["gives nothing", () => undefined, /gave undefined: it must give "done" or "fault"/],
    [
      "throws",
      () => {
        throw new Error("no such case")
      },
      /did not come to its end: no such case\./,
    ],
  ])("that %s", (_, solution, sentence) => expectTold(name, solution, sentence))
})

describe("a monitor that reflects wrongly is caught", () => {
  const name = "trap-and-emulate/reflect"
  test.each<[says: string, solution: StudentsFunction, sentence: RegExp]>([
    [
      "stays on the application's stack",
      (event, cpu, tables) => reflect(event, cpu, { ...tables, stack: { ss: cpu.ss, esp: cpu.esp } }),
      /ran with (SS|ESP)/,
    ],
    [
      "saves no stack",
      (event, cpu, tables) => {
        const from = cpu.ring
        const pushed = reflect(event, cpu, tables)
        return from === 3 ? pushed.slice(2) : pushed
      },
      /the handler found nothing, and on bare metal ESP/,
    ],
    [
      "saves a stack within ring 0, too",
      (event, cpu, tables) => {
        const outer = cpu.ring === 0 ? [cpu.ss, cpu.esp] : []
        return [...outer, ...reflect(event, cpu, tables)]
      },
      /From ring 0, .*: 5 doublewords were pushed, and on bare metal 3/,
    ],
    [
      "forgets the error code",
      (event, cpu, tables) => reflect({ vector: event.vector }, cpu, tables),
      /on bare metal the error code/,
    ],
    [
      "always pushes an error code",
      ({ vector }, cpu, tables) => reflect({ vector, errorCode: 0 }, cpu, tables),
      /found 00000000h, and on bare metal EIP/,
    ],
    [
      "leaves interrupts on",
      (event, cpu, tables) => reflect(event, cpu, { ...tables, gate: { ...tables.gate, kind: "trap" } }),
      /ran with interrupts on, and on bare metal with interrupts off/,
    ],
    [
      "saves EFLAGS after IF was cleared",
      (event, cpu, tables) => reflect(event, { ...cpu, eflags: cpu.eflags & ~IF }, tables),
      /EFLAGS, 000002\w\wh|EIP|ran with/,
    ],
    [
      "pushes in the other order",
      (event, cpu, tables) => reflect(event, cpu, tables).reverse(),
      /at ESP \+ 0 the handler found/,
    ],
    [
      "lets the kernel run in ring 1",
      (event, cpu, tables) => {
        const pushed = reflect(event, cpu, tables)
        cpu.ring = 1
        return pushed
      },
      /ran with RING 00000001h/,
    ],
  ])("that %s", (_, solution, sentence) => expectTold(name, solution, sentence))
})

describe("a monitor with a fault is caught", () => {
  const name = "trap-and-emulate/mend"
  const but = (change: (exit: Exit) => string | undefined) => (exit: Exit) => change(exit) ?? owed(exit)
  test.each<[says: string, solution: StudentsFunction, sentence: RegExp]>([
    [
      "does nothing about the application's faults",
      but(({ why, ring }) => (why === "instruction" && ring === 3 ? "nothing" : undefined)),
      /A guest hangs: .* ring 3 .* why "instruction"/,
    ],
    [
      "knows one system call",
      but(({ why, vector }) => (why === "system call" && vector !== 0x80 ? "nothing" : undefined)),
      /hangs: .* why "system call"/,
    ],
    [
      "leaves exceptions alone",
      but(({ why }) => (why === "exception" ? "nothing" : undefined)),
      /hangs: .* why "exception"/,
    ],
    ["does not answer", but(({ why }) => (why === "io-in" ? "nothing" : undefined)), /hangs: .* why "io-in"/],
    [
      "gives the devices nothing",
      but(({ why }) => (why === "io-out" ? "nothing" : undefined)),
      /A guest (came no further|hangs)/,
    ],
    ["stops at the first exit", () => "stop", /came no further: it has printed nothing/],
    [
      "reflects a port",
      but(({ why }) => (why === "io-in" ? "reflect" : undefined)),
      /"reflect" cannot be done at an exit with why "io-in"/,
    ],
    ["says something else", () => "go on", /gave "go on": it must give one of emulate, reflect/],
  ])("that %s", (_, solution, sentence) => expectTold(name, solution, sentence))

  /** The function as it is given, without its types. */
  const given = (seed: number) => {
    const { stub } = monitorTask(name, seed).question
    return new Function(
      `${stub.replace(/\(exit: \{[^}]*\}\): string/, "(exit)")}\nreturn owed`,
    )() as StudentsFunction
  }

  test("as it is given, whatever the seed", () => {
    for (const seed of SEEDS) expect(monitorTask(name, seed).check(given(seed)).right).toBe(false)
  })
})

test("answers that are no plain virtual processor, or none at all, are not right", async () => {
  const task = monitorTask("trap-and-emulate/emulate", 2)
  const lying = async () => ({ value: "done", args: [{}, { eip: "x", interrupts: 1, halted: 0 }] })
  expect((await task.checkAnswer(lying, "f")).right).toBe(false)
  expect((await task.checkAnswer(async () => null, "f")).right).toBe(false)
  const refusing = (expression: string) =>
    Promise.reject(new Error(`The notebook has no answer to “${expression}”. f is not defined.`))
  expect((await task.checkAnswer(refusing, "f")).text).toBe(
    "The function did not come to its end: The notebook has no answer. f is not defined.",
  )
})

test("a task shows its question, and refuses other names and seeds", () => {
  const task = monitorTask("trap-and-emulate/reflect", 5)
  expect(task).toBeInstanceOf(MonitorTask)
  expect(task.question).toEqual(monitorTask("trap-and-emulate/reflect", 5).question)
  expect(() => monitorTask("trap-and-emulate/none" as MonitorTaskName)).toThrow("there is no exercise")
  expect(() => monitorTask("trap-and-emulate/mend", -1)).toThrow("the seed is -1")
})
