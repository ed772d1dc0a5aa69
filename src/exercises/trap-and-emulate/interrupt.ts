/** When the guest's own handler runs, though the processor's IF is always 1 while a guest has it. */
import { startController } from "../../guests/traps"
import { IF } from "../../isa/eflags"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { FILLERS } from "./pool"
import { hosted, keepingLast, programOf } from "./scene"
import { Watch } from "./watch"

const RULE =
  'A device of the guest\'s asks the virtual processor, whose IF is what the guest last made it: by CLI and STI, which trap outside ring 0 (SDM Vol. 1 §18.5.1 "I/O Privilege Level"), or by POPF, which outside ring 0 leaves IF alone and tells nobody (SDM Vol. 2B "POPF/POPFD/POPFQ", Table 4-15). While IF is 0 the request waits; STI lets one more instruction run first (SDM Vol. 2B "STI—Set Interrupt Flag"). The monitor gets the processor back by an interrupt of the machine\'s, for which the real IF is 1.'

const NEVER = "never"
const TICK = 0x20

/** Ways to have interrupts on again. */
const WAYS = {
  sti: ["sti"],
  popfd: [`push ${IF | 2}`, "popfd"],
  pushed: ["pushfd", `or dword [esp], ${IF}`, "popfd"],
  none: [],
} as const
type Way = keyof typeof WAYS

interface Case {
  /** The kernel turns interrupts off before the device asks. */
  readonly off: boolean
  readonly way: Way
  readonly lines: readonly string[]
  /** The number of the line that runs when the device asks. */
  readonly rises: number
}

function choices(choose: Random): Case {
  const off = choose.below(4) > 0
  const way = choose.pick(["sti", "sti", "popfd", "pushed", "none"] as const)
  const fillers = choose.shuffled([...FILLERS])
  const extra = choose.pick([["in al, 0x61"], ["mov ecx, cr0"], []])
  const before = [fillers[0], ...(off ? ["cli"] : []), fillers[1]]
  return {
    off,
    way,
    rises: before.length,
    lines: [...before, fillers[2], ...extra, ...WAYS[way], fillers[3], fillers[4], fillers[5]],
  }
}

const label = (number: number) => `L${number}`
const listing = ({ lines }: Case) =>
  ["handler: jmp handler", ...lines.map((line, n) => `${label(n + 1)}: ${line}`)].join("\n")

/** Which line the guest's handler is to return to. */
const run = keepingLast((given: Case): string => {
  const program = programOf({
    gates: [{ vector: TICK, handler: "handler" }],
    lines: `${startController([0], TICK)}\n  sti\n  nop\n  jmp L1\n${listing(given)}\nL${given.lines.length + 1}: nop\n  cli\n  hlt`,
  })
  const { machine, hypervisor } = hosted(program)
  const watch = new Watch({ machine, hypervisor }).run(program.labels[label(given.rises)])
  const [{ vm }] = hypervisor.guests
  vm.machine.bus.request(0, true)
  hypervisor.wake(machine)
  watch.run(program.labels.handler)
  if (watch.at !== program.labels.handler) return NEVER
  const saved = vm.machine.memory.get(machine.cpu.reg[4] >>> 0, 32) >>> 0
  return Object.keys(program.labels).find((name) => /^L\d/.test(name) && program.labels[name] === saved) ?? ""
})

function slips({ off, way, lines, rises }: Case): Slip[] {
  const behind = (text: string) => label(lines.indexOf(text) + 2)
  const isQuiet = (text: string) => !/^(?:in|mov ecx, cr0|cli|sti)\b/.test(text)
  const next = lines.findIndex((text, n) => n >= rises && !isQuiet(text))
  const all: (Slip | false)[] = [
    off && {
      answer: label(rises + 1),
      misconception: "real-if-counts",
      text: "The machine's interrupt may come there, and goes to the monitor. The guest has turned its own interrupts off, and gets none.",
    },
    off &&
      way === "sti" && {
        answer: behind("sti"),
        misconception: "sti-at-once",
        text: "The virtual processor does STI as a real one does it: one more instruction runs first.",
      },
    (way === "popfd" || way === "pushed") && {
      answer: behind("popfd"),
      misconception: "popf-is-heard",
      text: "Nobody hears of POPFD: it does not trap, and the real IF was 1 anyway.",
    },
    next >= 0 && {
      answer: label(next + 2),
      misconception: "only-at-the-guests-exits",
      text: "The monitor does not have to wait for an exit that the guest itself causes: an interrupt of the machine's brings it in.",
    },
    {
      answer: NEVER,
      misconception: "requests-are-lost",
      text: "The virtual interrupt controller remembers the request, and the monitor delivers it as soon as the virtual processor may take it.",
    },
  ]
  return all.filter((slip) => slip !== false)
}

function pose(choose: Random): Posed {
  const given = choices(choose)
  const answer = run(given)
  const count = given.lines.length
  return {
    text: `Under trap-and-emulate a guest kernel runs from L1; interrupts are on in the guest by then, and nobody has asked for one. While the instruction at ${label(given.rises)} runs, the guest's timer asks. \`handler\` is the guest's own for it.\n\nTo which line would the handler return: which EIP is saved for it?`,
    listing: listing(given),
    form: {
      kind: "choice",
      options: [...Array.from({ length: count - given.rises }, (_, n) => label(given.rises + 1 + n)), NEVER],
    },
    answer,
    because:
      answer === NEVER
        ? `In the run the handler was not entered before the end. ${RULE}`
        : `In the run the handler was entered with the address of ${answer} saved. ${RULE}`,
    rule: RULE,
    slips: slips(given),
  }
}

/** A line of the virtual timer is raised; the student says when the guest hears of it. */
export const INTERRUPT = posedExercise("trap-and-emulate/interrupt", "When does the guest hear of it?", pose)
