/** IF and IOPL after somebody tried to change both: the rule that made x86 hard to virtualize. */
import { Stage } from "../../guests/rings"
import { IF, IOPL } from "../../isa/eflags"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"

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
        text: `CPL is 0: here ${name} may change both.`,
      },
      {
        answer: written({ ...wished, iopl: before.iopl }),
        misconception: "iopl-is-fixed",
        text: "Ring 0, and no other, may change IOPL in this way.",
      },
    ]
  return [
    ...common,
    {
      answer: written(wished),
      misconception: "popf-always-works",
      text: `${name} writes what was popped, you may think. But CPL is ${ring}: IOPL is not this ring's to change.`,
    },
    {
      answer: written({ ...before, on: wished.on }),
      misconception: "iopl-ignored",
      text: `IF would change if CPL were ≤ IOPL. CPL is ${ring}, IOPL is ${before.iopl}.`,
    },
    {
      answer: written(before),
      misconception: "popf-never-works",
      text: `Not all is lost outside ring 0: CPL ${ring} ≤ IOPL ${before.iopl}, so IF may change.`,
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

function run(lines: readonly string[], ring: number, { on, iopl }: State): State {
  const stage = new Stage(`program:\n  ${lines.join("\n  ")}\ndone:\n  nop`)
  return stateOf(stage.visit("program", { ring, iopl, interrupts: on === 1 }, "done").cpu.flags.value)
}

function pose(choose: Random): Posed {
  const ring = choose.pick([0, 1, 2, 3, 3])
  const { before, wished } = chooseStates(choose)
  const way = choose.pick(WAYS)
  const lines = [choose.pick(FILLERS), ...way.lines(hexadecimal(flagsOf(wished))), choose.pick(FILLERS)]
  const answer = written(run(lines, ring, before))
  return {
    text: `CPL is ${ring}; ${written(before)}. These lines want ${written(wished)}.\n\nWhat holds at \`done\`?`,
    listing: `${lines.map(indented).join("\n")}\ndone:`,
    form: { kind: "choice", options: options(before, wished) },
    answer,
    because: `The run came to \`done\` with ${answer}. ${RULE}`,
    rule: RULE,
    slips: slips(way.name, ring, before, wished),
  }
}

/** The lines are run; the student says what EFLAGS holds then. */
export const POPF = posedExercise("rings/popf", "What does POPF leave?", pose)
