/** Whose interrupt comes through: IF, the controller's masks, its priorities, and the end of interrupt. */
import { startController } from "../../guests/traps"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { FILLERS } from "./events"
import { recordTo, runTo, type Staged, stage } from "./scene"

const RULE =
  'The processor takes an interrupt between two instructions, and only while IF is 1; an interrupt gate clears it (SDM Vol. 3A §6.8.1 "Masking Maskable Hardware Interrupts"). Of the lines that are not masked the controller offers the one with the smallest number, but none unless its number is smaller than that of every line in service; the end of interrupt takes a line out of service (Intel 8259A data sheet). The vector is that of line 0, plus the number of the line.'

/** Who is at which line of a PC's first controller; line 2 leads to the second one. */
const DEVICES: readonly (readonly [line: number, name: string])[] = [
  [0, "timer"],
  [1, "keyboard"],
  [3, "modem"],
  [4, "serial port"],
  [5, "sound card"],
  [6, "floppy disk"],
  [7, "printer"],
]
const nameOf = (line: number) => DEVICES.find(([number]) => number === line)?.[1] ?? ""
const NONE = "none before IRET"

interface Case {
  /** Vector of line 0. */
  readonly base: number
  /** The line whose handler runs. */
  readonly served: number
  /** Two others, which rise together. */
  readonly rising: readonly number[]
  readonly masked: number | undefined
  /** What the handler has done so far. */
  readonly ended: boolean
  readonly enabled: boolean
  readonly fillers: readonly string[]
}

function listing({ ended, enabled, fillers: [first, second, third] }: Case): string {
  const lines = [
    "push eax",
    first,
    ...(ended ? ["mov al, 0x20", "out 0x20, al            ; end of interrupt"] : []),
    ...(enabled ? ["sti"] : []),
    second,
  ]
  return `handler:\n${lines.map((line) => `  ${line}\n`).join("")}here:\n  ${third}\n  pop eax\n  iretd`
}

const openLines = ({ masked }: Case) => DEVICES.map(([line]) => line).filter((line) => line !== masked)

const handlersOf = ({ base, rising }: Case) =>
  rising.map((line) => ({ vector: base + line, handler: `line${line}` }))

/** The scene at `here`, where the lines have just risen. */
function begin(given: Case): Staged {
  const { base, served, rising } = given
  const handlers = handlersOf(given)
  const staged = stage({
    gates: [{ vector: base + served, handler: "handler" }, ...handlers],
    ring: 3,
    flags: 0x202,
    setUp: startController(openLines(given), base),
    listing: `program: jmp program\n${listing(given).replace("  iretd", "back: iretd")}`,
    rest: [...handlers.map(({ handler }) => `${handler}: hlt`), "pair: dd 0, 5, 0"].join("\n"),
  })
  const { bus } = staged.machine
  runTo(staged, "program")
  bus.request(served, true)
  runTo(staged, "here")
  for (const line of rising) bus.request(line, true)
  return staged
}

const endsOf = (given: Case) => ["back", ...handlersOf(given).map(({ handler }) => handler)]

/** The answer: which line's handler the machine comes to, if any. */
function run(given: Case): string {
  const { at } = runTo(begin(given), ...endsOf(given))
  return at === "back" ? NONE : vectorOf(given, Number(at.replace("line", "")))
}

const vectorOf = ({ base }: Case, line: number) => `vector ${hex(base + line, 2)}`

function slips(given: Case): Slip[] {
  const { served, rising, masked, ended, enabled } = given
  const open = rising.filter((line) => line !== masked).sort((a, b) => a - b)
  const [best] = open
  const slip = (line: number, misconception: string, text: string): Slip => ({
    answer: vectorOf(given, line),
    misconception,
    text,
  })
  return [
    ...(masked !== undefined && rising.includes(masked)
      ? [
          slip(
            masked,
            "mask-ignored",
            `Line ${masked} is masked: the controller notes that it rose, and says nothing.`,
          ),
        ]
      : []),
    ...(open.length > 1
      ? [
          slip(
            open[1],
            "greatest-number-first",
            "More than one may ask here. Which of them does the controller offer first?",
          ),
        ]
      : []),
    ...(enabled ? [] : [slip(best, "if-ignored", "The controller may ask. Does the processor listen?")]),
    ...(ended
      ? []
      : [
          slip(
            best,
            "in-service-ignored",
            `The controller still thinks of line ${served}, unless it was told something. Was it?`,
          ),
        ]),
    ...rising.map((line) => ({
      answer: `vector ${hex(line, 2)}`,
      misconception: "line-is-vector",
      text: "The number of a line is not its vector: the controller adds it to the vector of line 0.",
    })),
    {
      answer: NONE,
      misconception: "handlers-never-nest",
      text: "A handler can be interrupted like any other program, if it lets itself be.",
    },
  ]
}

function choices(choose: Random): Case {
  const [served, ...rising] = choose.shuffled(DEVICES.map(([line]) => line)).slice(0, 3)
  return {
    base: choose.pick([0x20, 0x28, 0x30, 0x40, 0x60]),
    served,
    rising,
    masked: choose.below(2) ? choose.pick(rising) : undefined,
    ended: choose.below(2) === 0,
    enabled: choose.below(4) > 0,
    fillers: [choose.pick(FILLERS), choose.pick(FILLERS), choose.pick(FILLERS)],
  }
}

function text({ base, served, rising, masked }: Case): string {
  const named = (line: number) => `${line} (${nameOf(line)})`
  const mask = masked === undefined ? "No line is masked." : `Line ${masked} is masked, no other one.`
  return `Line 0 of the interrupt controller is vector ${hex(base, 2)}. ${mask} The handler of line ${named(served)} runs; an interrupt gate led to it. At \`here\` the lines ${rising.map(named).join(" and ")} rise together.\n\nWhich interrupt is taken next?`
}

function pose(choose: Random): Posed {
  const given = choices(choose)
  const answer = run(given)
  const numbers = [...given.rising].sort((a, b) => a - b)
  return {
    text: text(given),
    listing: listing(given),
    form: {
      kind: "choice",
      options: [
        ...numbers.map((line) => vectorOf(given, line)),
        ...numbers.map((line) => `vector ${hex(line, 2)}`),
        NONE,
      ],
    },
    answer,
    because: `In the run it was: ${answer}. ${RULE}`,
    look: "Ask the two of them in turn: does the processor listen, and whom does the controller let through?",
    rule: RULE,
    slips: slips(given),
    run: () => recordTo(begin(given), "What comes after the lines have risen", endsOf(given)),
  }
}

export const DEVICE = posedExercise("traps/device", "Whose interrupt comes through?", pose)
