/** What a guest reads out of a segment register, and so learns of its ring. */
import { enterRing } from "../../guests/kit"
import { MONITOR_CODE } from "../../hypervisors/deprivileged/house"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { FILLERS } from "./pool"
import { bareAt } from "./ran"
import { hosted, keepingLast, programOf, type Scene } from "./scene"
import { Watch } from "./watch"

const RULE =
  "CPL is the low two bits of CS, and equals those of SS; every ring may read both (SDM Vol. 3A §5.5 \"Privilege Levels\"). What is read is the processor's own register: MOV from a segment register and PUSH of one are privileged nowhere. The monitor has moved the guest kernel outwards and left the application where it was. A data segment's selector is what was loaded."

const REGISTERS = ["cs", "ss", "ds"] as const
/** Where the lines stand. */
const PLACES = ["the guest kernel", "the guest kernel's handler of INT 80h", "the application"] as const
const WAYS: readonly ((register: string) => readonly string[])[] = [
  (register) => [`mov eax, ${register}`],
  (register) => [`push ${register}`, "pop eax"],
  (register) => ["xor eax, eax", `mov ax, ${register}`],
]

interface Case {
  readonly place: (typeof PLACES)[number]
  readonly lines: readonly string[]
}

const indented = (lines: readonly string[]) =>
  lines.map((line) => (line.endsWith(":") ? line : `  ${line}`)).join("\n")
const listing = ({ lines }: Case) => indented([...lines, "after:"])

function sceneOf(given: Case): Scene {
  const lines = `${listing(given)}\n  nop\nend: jmp end`
  const gates = [{ vector: 0x80, handler: "service", dpl: 3 }]
  if (given.place === PLACES[0]) return { gates, lines: `${lines}\nservice: iretd` }
  const [application, service] = given.place === PLACES[2] ? [lines, "iretd"] : ["int 0x80", lines]
  return {
    gates,
    lines: `${enterRing(3, "application")}\napplication:\n${application}\nservice:\n${service}`,
  }
}

/** EAX at `after`, in the virtual machine and on bare metal. */
const run = keepingLast((given: Case): { readonly seen: number; readonly bare: number } => {
  const program = programOf(sceneOf(given))
  const host = hosted(program)
  new Watch(host).run(program.labels.after)
  return { seen: host.machine.cpu.reg[0] >>> 0, bare: bareAt(program, program.labels.after).cpu.reg[0] >>> 0 }
})

const inRing = (selector: number, ring: number) => (selector & ~3) | ring

function slips({ place }: Case, seen: number, bare: number): Slip[] {
  const told = (value: number, misconception: string, text: string): Slip => ({
    answer: hex(value, 4),
    misconception,
    text,
  })
  return [
    told(
      bare,
      "believes-means-is",
      "That is what the guest believes, and what it would read on bare metal. No trap lets the monitor tell it so here.",
    ),
    place === PLACES[2]
      ? told(
          inRing(seen, 1),
          "application-moved-too",
          "Only the kernel had to leave its ring: the application asked for no more than ring 3 before.",
        )
      : told(
          inRing(seen, 3),
          "kernel-in-ring-3",
          "In ring 3 the guest kernel could not be kept apart from its own applications by the page tables.",
        ),
    told(
      MONITOR_CODE,
      "monitor-runs-beside",
      "That is the monitor's own code segment. While the guest runs, the processor has the guest's registers.",
    ),
    told(
      inRing(seen, 2),
      "a-ring-further",
      "Ring 2 would do as well as far as privileged instructions go, but the page tables take rings 0 to 2 for the supervisor anyway.",
    ),
    told(
      inRing(seen, 0),
      "ring-0-in-a-virtual-machine",
      "RPL 0 in this register would mean ring 0, which no guest has.",
    ),
  ]
}

function pose(choose: Random): Posed {
  const way = choose.pick(WAYS)(choose.pick(REGISTERS))
  const given: Case = {
    place: choose.pick(PLACES),
    lines: [choose.pick(FILLERS), ...way, choose.pick(FILLERS)],
  }
  const { seen, bare } = run(given)
  const answer = hex(seen, 4)
  const all = slips(given, seen, bare)
  return {
    text: `Under trap-and-emulate these lines run in ${given.place}. The guest's GDT has its kernel's code at selector 0008h and data at 0010h, its application's at 0038h and 0040h.\n\nWhat does EAX hold at \`after\`?`,
    listing: listing(given),
    form: {
      kind: "choice",
      options: [...new Set([answer, ...all.map((slip) => slip.answer as string)])].sort(),
    },
    answer,
    because: `In the run EAX held ${answer}; on bare metal it holds ${hex(bare, 4)}. ${RULE}`,
    rule: RULE,
    slips: all,
  }
}

/** The lines are run; the student says what they read. */
export const RING = posedExercise("trap-and-emulate/ring", "What does it see of its ring?", pose)
