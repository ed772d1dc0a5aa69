/** Write lines that tell ring 0 from the rings outside of it, and that no monitor hears of. */
import type { Stage, Tried, Visit } from "../../guests/rings"
import { disassembleAll } from "../../isa/disassemble"
import { NAMES32 } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { type Random, random } from "../../numbers/random"
import type { DecidingRun, Exercise, Feedback, Question, Solution } from "../exercise"
import { alike, checkLines, FIRST_LINE, LAST_LINE, stageOf, wrong } from "../lines"
import { recordStage } from "../runs"

/** Ways to find the ring out; a question forbids some of them. */
interface Way {
  readonly name: string
  /** Whether a disassembled line goes this way. */
  readonly uses: RegExp
  readonly hint: string
  /** Lines that go it; R stands for the register. */
  readonly lines: string
}

const WAYS: readonly Way[] = [
  {
    name: "reading CS or SS",
    uses: /\b[cs]s\b/i,
    hint: 'every ring may read CS, and its low two bits are CPL (SDM Vol. 3A §5.5 "Privilege Levels")',
    lines: "mov R, cs\nand R, 3",
  },
  {
    name: "PUSHF and POPF",
    uses: /\b(?:pushf|popf)[wd]?\b/i,
    hint: 'POPFD leaves IF as it was if CPL is greater than IOPL, and tells nobody (SDM Vol. 2B "POPF/POPFD/POPFQ", Table 4-15)',
    lines:
      "pushfd                  ; once to keep\npushfd\nxor dword [esp], 0x200\npopfd                   ; turns IF over, if it may\npushfd\npop R\nxor R, [esp]\nand R, 0x200\nxor R, 0x200\npopfd",
  },
  {
    name: "LAR, LSL, VERR and VERW",
    uses: /\b(?:lar|lsl|verr|verw)\b/i,
    hint: 'LAR and its relatives clear ZF if CPL is greater than the descriptor\'s DPL, and DATA0 has DPL 0 (SDM Vol. 2A "LAR—Load Access Rights Byte")',
    lines: "mov R, DATA0\nlar R, R\nmov R, 0                ; leaves ZF as it is\njz .seen\ninc R\n.seen:",
  },
]

/** A program's way to the handlers of the real IDT: a monitor hears of it as of a fault. */
const GATES = /\b(?:int|int1|int3|into|sysenter|iretw?d?|call (?:far|\w+:)|jmp (?:far|\w+:))\b/i

/** Ring 0 first; in each ring under two kernels, with interrupts on and off. */
const WORLDS: readonly Visit[] = [0, 1, 3].flatMap((ring) => [
  { ring, iopl: 0, interrupts: true },
  { ring, iopl: 0, interrupts: true, otherKernel: true },
  { ring, iopl: 0, interrupts: false },
])
const IN_RING_1 = WORLDS[3]
const ESP = 4
const REGISTERS = NAMES32.filter((_, n) => n !== ESP)

interface Task {
  readonly forbidden: readonly Way[]
  readonly open: readonly Way[]
  readonly register: (typeof NAMES32)[number]
}

function choose(chance: Random): Task {
  const ways = chance.shuffled([...WAYS])
  const count = 1 + chance.below(2)
  return { forbidden: ways.slice(0, count), open: ways.slice(count), register: chance.pick(REGISTERS) }
}

function ask(seed: number): Question {
  const { forbidden, register } = choose(random(seed))
  const names = forbidden.map(({ name }) => name).join(", and without ")
  return {
    exercise: NAME,
    seed,
    text: `Write a red pill: lines that leave 0 in ${register} if they run in ring 0, and anything else but 0 in ring 1 or 3. A monitor must not hear of them: no fault, and no way into the IDT.\n\nThis time without ${names}. IOPL is 0; interrupts may be on or off; the tables may lie anywhere. There are 64 bytes of memory at \`scratch\`, a stack, and the selectors CODE0 to DATA3 of the rings' segments.`,
    form: { kind: "text", rows: 8 },
    offers: ["solution", "run"],
  }
}

function check(seed: number, answer: string): Feedback {
  const task = choose(random(seed))
  return checkLines(
    answer,
    rule(task),
    (stage) => forbiddenIn(stage, task) ?? judge(task, swallowEverywhere(stage, task)),
  )
}

const rule = ({ open }: Task) => `A way that is open: ${open[0].hint}.`

function solve(seed: number): Solution {
  const task = choose(random(seed))
  const lines = task.open[0].lines.replace(/\bR\b/g, task.register.toLowerCase())
  return { answer: lines, text: rule(task) }
}

/** In the first world that gives the lines away or is told wrongly; else in ring 1, where they tell the truth unheard. */
function run(seed: number, answer: string): DecidingRun {
  const [stage, task] = [stageOf(answer), choose(random(seed))]
  const isWrong = (run: Swallowed) => run.fault !== undefined || !run.reached || isMistaken(run)
  const found = swallowEverywhere(stage, task).find(isWrong)
  const visit = found?.world ?? IN_RING_1
  const title = `The lines in ring ${visit.ring}`
  return recordStage(stage, { title, from: FIRST_LINE, visit, until: LAST_LINE })
}

/** What the bytes are is looked at, not what the student called them. */
function forbiddenIn({ program }: Stage, { forbidden }: Task): Feedback | undefined {
  const lines = disassembleAll(program.bytes, program.origin)
  const gate = lines.find(({ text }) => GATES.test(text))
  if (gate)
    return wrong(
      `\`${gate.text}\` goes through a gate or a far pointer. The tables that it uses are the monitor's, so the monitor is asked first and can answer as ring 0 would.`,
      "asks-the-monitor",
    )
  for (const { name, uses } of forbidden) {
    const line = lines.find(({ text }) => uses.test(text))
    if (line) return wrong(`\`${line.text}\`: this time it must work without ${name}.`)
  }
  return undefined
}

/** What became of the lines in one world. */
interface Swallowed {
  readonly world: Visit
  readonly fault: Tried["fault"]
  readonly reached: boolean
  /** What the register that was asked for holds at the end, unsigned. */
  readonly value: number
  readonly registers: Int32Array
}

function swallow(stage: Stage, world: Visit, { register }: Task): Swallowed {
  const { machine, reached, fault } = stage.follow(FIRST_LINE, world, LAST_LINE)
  const registers = machine.cpu.reg.slice()
  return { world, fault, reached, registers, value: registers[NAMES32.indexOf(register)] >>> 0 }
}

const swallowEverywhere = (stage: Stage, task: Task) => WORLDS.map((world) => swallow(stage, world, task))

const isMistaken = ({ world, value }: Swallowed) => (world.ring === 0) !== (value === 0)

/** Where the lines ran, for people. */
const where = ({ world: { ring, otherKernel, interrupts } }: Swallowed) =>
  `in ring ${ring}${otherKernel ? ", with the tables elsewhere" : ""}${interrupts ? "" : ", with interrupts off"}`

function judge(task: Task, runs: readonly Swallowed[]): Feedback {
  const { register } = task
  const faulted = runs.find(({ fault }) => fault)
  if (faulted?.fault)
    return wrong(
      `${upper(where(faulted))} the lines fault with ${faulted.fault.name}: ${faulted.fault.says}. Whatever faults, the monitor hears of, and can pretend that it was done in ring 0.`,
      "a-fault-would-tell",
    )
  const lost = runs.find(({ reached }) => !reached)
  if (lost) return wrong(`${upper(where(lost))} the lines do not come to their end within a thousand steps.`)
  const mistaken = runs.find(isMistaken)
  if (!mistaken) return right(task)
  const thought = thoughtBehind(runs, register)
  const found = `${upper(where(mistaken))} ${register} ends with ${hex(mistaken.value)}, and so says ${mistaken.value === 0 ? "ring 0" : "that it is not ring 0"}.`
  const told = wrong([found, thought.text].join(" ").trim(), thought.misconception)
  return alike(runs.map(({ registers }) => registers)) ? { ...told, counts: false } : told
}

function right(task: Task): Feedback {
  return {
    right: true,
    text: `In all ${WORLDS.length} runs ${task.register} told the truth, and nothing was heard of it. A monitor that only waits for traps cannot hide from these lines: it never ran while they did. ${rule(task)}`,
  }
}

interface Thought {
  readonly text: string
  readonly misconception?: string
}

/** What the values tell of how somebody thinks. */
function thoughtBehind(runs: readonly Swallowed[], asked: string): Thought {
  const truthful = REGISTERS.find((name) => name !== asked && tellsTheRing(runs, name))
  if (truthful)
    return {
      text: `${truthful} tells the ring, but ${asked} was asked for.`,
      misconception: "other-register",
    }
  if (dependsOn(runs, ({ interrupts }) => interrupts))
    return {
      text: "It depends on whether interrupts are on, and they may be on or off in any ring.",
      misconception: "flags-tell-the-ring",
    }
  if (dependsOn(runs, ({ otherKernel }) => otherKernel))
    return {
      text: "It shows what a kernel of ring 0 sets as it likes, such as where its tables lie: that tells one kernel from another, but not the ring.",
      misconception: "tables-tell-the-ring",
    }
  const zeros = runs.map(({ value }) => value === 0)
  if (zeros.every((zero) => zero === zeros[0]))
    return { text: "It says the same in every ring.", misconception: "no-difference-to-see" }
  if (runs.every(({ world, value }) => world.ring === 3 || value === 0))
    return { text: "A kernel that was moved runs in ring 1, not in ring 3.", misconception: "only-ring-3" }
  return { text: "" }
}

const tellsTheRing = (runs: readonly Swallowed[], name: (typeof NAMES32)[number]) =>
  runs.every(({ world, registers }) => (world.ring === 0) === (registers[NAMES32.indexOf(name)] === 0))

/** Whether two runs ended with other values that differ in one thing of their worlds only: interrupts, or the kernel. */
function dependsOn(runs: readonly Swallowed[], thing: (world: Visit) => unknown): boolean {
  const inRing = (ring: number) => runs.filter(({ world }) => world.ring === ring)
  return [0, 1, 3].some((ring) => {
    const [plain, ...others] = inRing(ring)
    return others.some(({ world, value }) => thing(world) !== thing(plain.world) && value !== plain.value)
  })
}

const upper = (text: string) => text[0].toUpperCase() + text.slice(1)

const NAME = "popek-goldberg/red-pill"

/** The student writes the lines; the check runs them in three rings under two kernels. */
export const RED_PILL: Exercise = { name: NAME, title: "A red pill", ask, check, solve, run }
