/** What a guest kernel is told when it asks for the processor's state: by the monitor, or by the processor. */
import { IF } from "../../isa/eflags"
import { LDTR, TR } from "../../isa/registers"
import type { Machine } from "../../machine/machine"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { FILLERS } from "./pool"
import { bareAt } from "./ran"
import { hosted, keepingLast, programOf } from "./scene"
import { Watch } from "./watch"

const RULE =
  'Only what the processor refuses outside ring 0 comes to the monitor, and then the virtual processor answers: a MOV from a control register is such an instruction (SDM Vol. 3A §5.9 "Privileged Instructions"). The instructions that store a table register, the machine status word or EFLAGS are not on that list: they show what the processor holds while the guest runs.'

/** A question of the kernel's: lines that leave the answer in EAX, and where the processor itself holds it. */
interface Asking {
  readonly what: string
  readonly lines: readonly string[]
  readonly real: (machine: Machine) => number
}

const ASKINGS: readonly Asking[] = [
  {
    what: "where its IDT lies",
    lines: ["sidt [place]", "mov eax, [place + 2]"],
    real: ({ cpu }) => cpu.idtr.base,
  },
  {
    what: "where its GDT lies",
    lines: ["sgdt [place]", "mov eax, [place + 2]"],
    real: ({ cpu }) => cpu.gdtr.base,
  },
  {
    what: "how long its IDT is",
    lines: ["sidt [place]", "movzx eax, word [place]"],
    real: ({ cpu }) => cpu.idtr.limit,
  },
  {
    what: "how long its GDT is",
    lines: ["sgdt [place]", "movzx eax, word [place]"],
    real: ({ cpu }) => cpu.gdtr.limit,
  },
  { what: "which task it is", lines: ["str eax"], real: ({ cpu }) => cpu.segments.selector[TR] },
  {
    what: "which local descriptor table it has",
    lines: ["sldt eax"],
    real: ({ cpu }) => cpu.segments.selector[LDTR],
  },
  { what: "for the machine status word", lines: ["smsw eax"], real: ({ cpu }) => cpu.readControl(0) },
  { what: "for control register 0", lines: ["mov eax, cr0"], real: ({ cpu }) => cpu.readControl(0) },
  { what: "for control register 3", lines: ["mov eax, cr3"], real: ({ cpu }) => cpu.readControl(3) },
  { what: "for control register 4", lines: ["mov eax, cr4"], real: ({ cpu }) => cpu.readControl(4) },
  {
    what: "whether interrupts are on",
    lines: ["pushfd", "pop eax", `and eax, ${IF}`],
    real: ({ cpu }) => cpu.flags.value & IF,
  },
]

/** What the kernel has done before, none of which changes the answer on bare metal. */
const BEFORE: readonly (readonly string[])[] = [
  [],
  ["cli"],
  ["sti", "cli"],
  ["mov ecx, cr0"],
  ["in al, 0x61"],
]
const FAULT = "nothing: the guest's own handler of #GP runs"
const value = (number: number) => hex(number, 8)

interface Answers {
  readonly seen: string
  readonly bare: string
  readonly real: string
}

const run = keepingLast(({ lines, what }: { lines: string; what: string }): Answers => {
  const asking = ASKINGS.find((each) => each.what === what) as Asking
  const program = programOf({ gates: [], lines: `${lines}\n  cli\n  hlt\nalign 8\nplace: dd 0, 0` })
  const { after } = program.labels
  const host = hosted(program)
  new Watch(host).run(after)
  return {
    seen: value(host.machine.cpu.reg[0] >>> 0),
    bare: value(bareAt(program, after).cpu.reg[0] >>> 0),
    real: value(asking.real(host.machine) >>> 0),
  }
})

/** Where the monitor answers, and where the processor does. */
function slips({ seen, bare, real }: Answers): Slip[] {
  const zero = value(0)
  if (seen === bare)
    return [
      {
        answer: real,
        misconception: "all-reads-are-real",
        text: "The processor holds that, but it does not hand it out: the instruction faults, and the monitor answers from the virtual processor.",
      },
      {
        answer: FAULT,
        misconception: "exception-is-an-error",
        text: "There is a fault, but it is not the guest's: the monitor takes it for a request, and does what the kernel wanted.",
      },
      {
        answer: zero,
        misconception: "virtual-is-empty",
        text: "The virtual processor is no empty one: it holds all that the guest has put there.",
      },
    ]
  return [
    {
      answer: bare,
      misconception: "monitor-answers-everything",
      text: "The monitor would say that if it were asked. But nothing traps here, so nobody asks it.",
    },
    {
      answer: FAULT,
      misconception: "sensitive-means-privileged",
      text: "It tells of the real state, so it is sensitive. It is not privileged for that: no ring is refused it.",
    },
    {
      answer: zero,
      misconception: "hidden-reads-zero",
      text: "Nothing blots the value out: what the processor holds is stored as it is.",
    },
  ]
}

function pose(choose: Random): Posed {
  const { what, lines } = choose.pick(ASKINGS)
  const all = [choose.pick(FILLERS), ...choose.pick(BEFORE), ...lines, "after:"]
  const listing = all.map((line) => (line.endsWith(":") ? line : `  ${line}`)).join("\n")
  const answers = run({ lines: listing, what })
  const own = slips(answers)
  const options = new Set([answers.seen, answers.bare, answers.real, value(0), FAULT])
  return {
    text: `Under trap-and-emulate a guest kernel asks ${what}. On bare metal EAX would hold ${answers.bare} at \`after\`; the processor itself holds ${answers.real} while the guest runs. Paging is off in the guest, and its interrupts are off when the lines begin.\n\nWhat is the kernel told: what does EAX hold at \`after\`?`,
    listing,
    form: { kind: "choice", options: [...options].sort() },
    answer: answers.seen,
    because: `In the run it held ${answers.seen}. ${RULE}`,
    rule: RULE,
    slips: own,
  }
}

/** The kernel asks; the student says who answers, and what. */
export const TOLD = posedExercise("trap-and-emulate/told", "What is the kernel told?", pose)
