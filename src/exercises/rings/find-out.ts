/** Write a few lines that find something out about the kernel, in a ring that should not know it. */
import type { Stage, Visit } from "../../guests/rings"
import { IF, IOPL } from "../../isa/eflags"
import { CS, LDTR, NAMES32, TR } from "../../isa/registers"
import type { CpuState } from "../../machine/processor/state"
import { hex } from "../../numbers/int"
import { type Random, random } from "../../numbers/random"
import type { DecidingRun, Exercise, Feedback, Question, Solution } from "../exercise"
import { alike, checkLines, FIRST_LINE, LAST_LINE, stageOf, wrong } from "../lines"
import { recordStage } from "../runs"

/** Something to find out. */
interface Secret {
  readonly what: string
  /** The truth, from the processor's state. */
  readonly truth: (cpu: CpuState) => number
  /** What holds it, if it is a part of something: whoever forgets to cut it out answers with this. */
  readonly whole?: (cpu: CpuState) => number
  /** How many bits it must be moved down. */
  readonly shift?: number
  /** The rule that helps. */
  readonly hint: string
  /** Lines that find it out; R stands for the register. */
  readonly lines: string
}

const TASK_SWITCHED = 8
const SECRETS: readonly Secret[] = [
  {
    what: "the ring that they run in, 0 to 3",
    truth: ({ segments }) => segments[CS][0] & 3,
    whole: ({ segments }) => segments[CS][0],
    hint: 'Every ring may read CS, and its low two bits are CPL (SDM Vol. 3A §5.5 "Privilege Levels").',
    lines: "mov R, cs\nand R, 3",
  },
  {
    what: "IF, 0 or 1",
    truth: ({ flags }) => (flags & IF ? 1 : 0),
    whole: ({ flags }) => flags,
    shift: 9,
    hint: 'PUSHFD shows EFLAGS in every ring; IF is bit 9 (SDM Vol. 1 §3.4.3 "EFLAGS Register").',
    lines: "pushfd\npop R\nshr R, 9\nand R, 1",
  },
  {
    what: "IOPL, 0 to 3",
    truth: ({ flags }) => (flags & IOPL) >> 12,
    whole: ({ flags }) => flags,
    shift: 12,
    hint: 'PUSHFD shows EFLAGS in every ring; IOPL is bits 13:12 (SDM Vol. 1 §3.4.3 "EFLAGS Register").',
    lines: "pushfd\npop R\nshr R, 12\nand R, 3",
  },
  {
    what: "CR0.TS, 0 or 1",
    truth: ({ control }) => (control[0] & TASK_SWITCHED ? 1 : 0),
    whole: ({ control }) => control[0],
    shift: 3,
    hint: 'SMSW shows the low half of CR0 in every ring; TS is bit 3 (SDM Vol. 2B "SMSW—Store Machine Status Word").',
    lines: "smsw R\nshr R, 3\nand R, 1",
  },
  {
    what: "the limit of the IDT",
    truth: ({ idtr }) => idtr.limit,
    hint: 'SIDT stores limit (2 bytes) and base (4 bytes) of the IDT in every ring (SDM Vol. 2B "SIDT—Store Interrupt Descriptor Table Register").',
    lines: "sidt [scratch]\nmovzx R, word [scratch]",
  },
  {
    what: "the base address of the IDT",
    truth: ({ idtr }) => idtr.base,
    hint: 'SIDT stores limit (2 bytes) and base (4 bytes) of the IDT in every ring (SDM Vol. 2B "SIDT—Store Interrupt Descriptor Table Register").',
    lines: "sidt [scratch]\nmov R, [scratch + 2]",
  },
  {
    what: "the limit of the GDT",
    truth: ({ gdtr }) => gdtr.limit,
    hint: 'SGDT stores limit (2 bytes) and base (4 bytes) of the GDT in every ring (SDM Vol. 2B "SGDT—Store Global Descriptor Table Register").',
    lines: "sgdt [scratch]\nmovzx R, word [scratch]",
  },
  {
    what: "the selector in TR, the task register",
    truth: ({ segments }) => segments[TR][0],
    hint: 'STR shows the task register in every ring (SDM Vol. 2B "STR—Store Task Register").',
    lines: "str R",
  },
  {
    what: "the selector in LDTR",
    truth: ({ segments }) => segments[LDTR][0],
    hint: 'SLDT shows LDTR in every ring (SDM Vol. 2B "SLDT—Store Local Descriptor Table Register").',
    lines: "sldt R",
  },
]

/** Where the lines are tried: no secret has the same value in all of them. */
const WORLDS: readonly Visit[] = [
  { ring: 3, iopl: 0 },
  { ring: 3, iopl: 2, interrupts: true },
  { ring: 1, iopl: 1, otherKernel: true },
  { ring: 2, iopl: 3, interrupts: true, otherKernel: true },
]
const ESP = 4
const REGISTER_NAMES: readonly string[] = NAMES32
const REGISTERS = REGISTER_NAMES.filter((_, n) => n !== ESP)

interface Task {
  readonly secret: Secret
  readonly register: string
}

function choose(chance: Random): Task {
  return { secret: chance.pick(SECRETS), register: chance.pick(REGISTERS) }
}

function ask(seed: number): Question {
  const { secret, register } = choose(random(seed))
  return {
    exercise: NAME,
    seed,
    text: `Write a few lines of assembly that leave in ${register} ${secret.what}. The check runs them four times, once in ring 1, once in ring 2 and twice in ring 3, under kernels with different tables and flags, and no fault must happen.\n\nThere are 64 bytes of memory at \`scratch\`, and a stack.`,
    form: { kind: "text", rows: 6 },
    offers: ["solution", "run"],
  }
}

function check(seed: number, answer: string): Feedback {
  const task = choose(random(seed))
  return checkLines(answer, task.secret.hint, (stage) => judge(stage, task))
}

function judge(stage: Stage, task: Task): Feedback {
  const problem = WORLDS.map((world) => problemIn(stage, world, task)).find((found) => found !== undefined)
  if (problem) return looksAtNothing(stage) ? { ...problem, counts: false } : problem
  return {
    right: true,
    text: `In all ${WORLDS.length} runs ${task.register} held the truth, and nothing faulted. ${task.secret.hint} A kernel that was moved out of ring 0 can find that out too.`,
  }
}

/** Whether the lines run through and leave the same everywhere. */
function looksAtNothing(stage: Stage): boolean {
  const ends = WORLDS.map((world) => stage.follow(FIRST_LINE, world, LAST_LINE)).map(
    ({ reached, machine }) => reached && machine.cpu.reg.slice(),
  )
  const registers = ends.filter((end) => end !== false)
  return registers.length === WORLDS.length && alike(registers)
}

function solve(seed: number): Solution {
  const { secret, register } = choose(random(seed))
  return { answer: secret.lines.replace(/\bR\b/g, register.toLowerCase()), text: secret.hint }
}

/** In the first world in which the lines go wrong, or else in the first. */
function run(seed: number, answer: string): DecidingRun {
  const [stage, task] = [stageOf(answer), choose(random(seed))]
  const visit = WORLDS.find((world) => problemIn(stage, world, task)) ?? WORLDS[0]
  return recordStage(stage, {
    title: `The lines ${described(visit)}`,
    from: FIRST_LINE,
    visit,
    until: LAST_LINE,
  })
}

const described = ({ ring, iopl }: Visit) => `in ring ${ring} with IOPL ${iopl}`

function problemIn(stage: Stage, world: Visit, { secret, register }: Task): Feedback | undefined {
  const { machine, reached, fault } = stage.follow(FIRST_LINE, world, LAST_LINE)
  const where = upper(described(world))
  if (fault)
    return wrong(
      `${where} the lines fault with ${fault.name}: ${fault.says} (${fault.see}).`,
      "only-the-front-door",
    )
  if (!reached) return wrong(`${where} the lines do not come to their end within a thousand steps.`)
  const cpu = machine.cpu.save()
  const [truth, value] = [secret.truth(cpu) >>> 0, held(cpu, register)]
  if (truth === value) return undefined
  return (
    thoughtBehind(cpu, { secret, register }) ??
    wrong(
      `${where} ${register} ends with ${hex(value)}, but the truth is ${hex(truth)}.`,
      world === WORLDS[0] ? undefined : "true-in-one-world",
    )
  )
}

const upper = (text: string) => text[0].toUpperCase() + text.slice(1)
const held = ({ reg }: CpuState, register: string) => reg[REGISTER_NAMES.indexOf(register)] >>> 0

/** What a wrong value tells. */
function thoughtBehind(cpu: CpuState, { secret, register }: Task): Feedback | undefined {
  const { whole, shift = 0 } = secret
  const [truth, value] = [secret.truth(cpu) >>> 0, held(cpu, register)]
  if (whole && value === whole(cpu) >>> 0)
    return wrong(
      `${register} holds all of it, ${hex(value)}. Only a part of that is asked for.`,
      "whole-register",
    )
  if (shift > 0 && value !== 0 && value === truth << shift)
    return wrong(
      `${register} holds the right bits, ${hex(value)}, but still in the place where they came from.`,
      "bits-not-moved",
    )
  const other = REGISTERS.find((name) => name !== register && held(cpu, name) === truth)
  if (other !== undefined && truth !== 0)
    return wrong(`The right value is in ${other}, but ${register} was asked for.`, "other-register")
  return undefined
}

const NAME = "rings/find-out"

/** The student writes the lines; the check runs them in four worlds. */
export const FIND_OUT: Exercise = { name: NAME, title: "Find it out", ask, check, solve, run }
