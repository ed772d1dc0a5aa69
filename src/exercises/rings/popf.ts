/** IF and IOPL after somebody tried to change both: the rule that made x86 hard to virtualize. */
import { Stage } from "../../guests/rings"
import { IF, IOPL } from "../../isa/eflags"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { recordStage } from "../runs"

/** Ways to put a value into EFLAGS; the value is on the stack. */
const WAYS: readonly { readonly name: string; readonly lines: (value: string) => readonly string[] }[] = [
  { name: "POPFD", lines: (value) => [`push ${value}`, "popfd"] },
  { name: "POPFD", lines: (value) => ["pushfd", `mov dword [esp], ${value}`, "popfd"] },
  { name: "POPFW", lines: (value) => [`push ${value}`, "popfw", "add esp, 2"] },
  { name: "IRETD", lines: (value) => [`push ${value}`, "push cs", "push .there", "iretd", ".there:"] },
]
const FILLERS = ["mov eax, ebx", "inc ecx", "lea esi, [esp]", "xor edi, edi", "add edx, 5", "not ebx", "nop"]
const FAULTS = "#GP(0), and nothing changes"

interface State {
  readonly on: number
  readonly iopl: number
}

const indented = (line: string) => (line.endsWith(":") ? line : `  ${line}`)
const hexadecimal = (value: number) => `0x${value.toString(16)}`
const written = ({ on, iopl }: State) => `IF = ${on}, IOPL = ${iopl}`
const flagsOf = ({ on, iopl }: State) => 2 | (on * IF) | (iopl << 12)
const stateOf = (flags: number): State => ({ on: flags & IF ? 1 : 0, iopl: (flags & IOPL) >> 12 })

const RULE =
  'In ring 0 POPF and IRET may set IF and IOPL. Outside ring 0 IOPL stays as it is; IF changes only if CPL ≤ IOPL, the old IOPL. What is not allowed is left out without a fault (SDM Vol. 2B "POPF/POPFD/POPFQ", Table 4-15).'

const LOOK = "There are two questions: may IF change here, and may IOPL? Each has a condition of its own."

function slips(name: string, ring: number, before: State, wished: State): Slip[] {
  const common: Slip[] = [
    {
      answer: FAULTS,
      misconception: "popf-faults",
      text: `${name} does not fault for the sake of IF or IOPL, in no ring. That is just what makes it dangerous: nobody can step in.`,
    },
  ]
  if (ring === 0)
    return [
      ...common,
      {
        answer: written(before),
        misconception: "popf-never-works",
        text: `You let ${name} change nothing. What may ring 0 change that the others may not?`,
      },
      {
        answer: written({ ...wished, iopl: before.iopl }),
        misconception: "iopl-is-fixed",
        text: "You keep IOPL as it was. In which rings is that so?",
      },
    ]
  return [
    ...common,
    {
      answer: written(wished),
      misconception: "popf-always-works",
      text: `${name} does not write all that was popped, whoever runs it. Which of the two may ring ${ring} change?`,
    },
    {
      answer: written({ ...before, on: wished.on }),
      misconception: "iopl-ignored",
      text: "You let IF change. On what condition may it, outside ring 0?",
    },
    {
      answer: written(before),
      misconception: "popf-never-works",
      text: "You let nothing change. But not all is lost outside ring 0: compare CPL with IOPL.",
    },
  ]
}

/** IF always, IOPL always is to be another one, so that each thought leads to an answer of its own. */
function chooseStates(choose: Random): { before: State; wished: State } {
  const before = { on: choose.below(2), iopl: choose.below(4) }
  const others = [0, 1, 2, 3].filter((iopl) => iopl !== before.iopl)
  return { before, wished: { on: 1 - before.on, iopl: choose.pick(others) } }
}

function options(before: State, wished: State): string[] {
  const states = [0, 1].flatMap((on) => [before, wished].map(({ iopl }) => written({ on, iopl })))
  return [...states.sort(), FAULTS]
}

/** How many steps there are up to the one that writes EFLAGS: a line each. */
const stepsToWrite = (lines: readonly string[]) => lines.findIndex((line) => /^(popf|iret)/.test(line)) + 1

function pose(choose: Random): Posed {
  const ring = choose.pick([0, 1, 2, 3, 3])
  const { before, wished } = chooseStates(choose)
  const way = choose.pick(WAYS)
  const lines = [choose.pick(FILLERS), ...way.lines(hexadecimal(flagsOf(wished))), choose.pick(FILLERS)]
  const stage = new Stage(`program:\n  ${lines.join("\n  ")}\ndone:\n  nop`)
  const visit = { ring, iopl: before.iopl, interrupts: before.on === 1 }
  const answer = written(stateOf(stage.visit("program", visit, "done").cpu.flags.value))
  return {
    text: `CPL is ${ring}; ${written(before)}. These lines want ${written(wished)}.\n\nWhat holds at \`done\`?`,
    listing: `${lines.map(indented).join("\n")}\ndone:`,
    form: { kind: "choice", options: options(before, wished) },
    answer,
    because: `The run came to \`done\` with ${answer}. ${RULE}`,
    look: LOOK,
    rule: RULE,
    slips: slips(way.name, ring, before, wished),
    run: () =>
      recordStage(stage, {
        title: `${way.name} in ring ${ring} with IOPL ${before.iopl}`,
        from: "program",
        visit,
        until: "done",
        show: stepsToWrite(lines),
      }),
  }
}

/** The lines are run; the student says what EFLAGS holds then. */
export const POPF = posedExercise("rings/popf", "What does POPF leave?", pose)
