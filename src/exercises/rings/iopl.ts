/** The least IOPL that lets a few lines run to their end. */
import { Stage } from "../../guests/rings"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"

const GUARDED = ["cli", "sti", "in al, 0x60", "out 0x80, al", "in al, dx", "out dx, al", "in eax, dx"]
const PRIVILEGED = ["hlt", "mov eax, cr0", "lgdt [gdt_register]", "clts", "wbinvd", "lidt [idt_register]"]
/** Lines that look as if they needed something. */
const DECOYS = [
  "pushfd\n  popfd",
  "smsw eax",
  "sgdt [scratch]",
  "str eax",
  "push cs\n  pop eax",
  "sidt [scratch]",
]
const HARMLESS = ["mov edx, 0x3f8", "add eax, ecx", "inc ebx", "xor esi, esi", "mov [scratch], eax", "nop"]

const NEVER = "no IOPL lets it"
const LEVELS = ["0", "1", "2", "3"]
const RULE =
  'CLI, STI, IN and OUT need CPL ≤ IOPL (SDM Vol. 1 §18.5.1 "I/O Privilege Level"); privileged instructions need CPL 0 whatever IOPL is (SDM Vol. 3A §5.9 "Privileged Instructions"); nothing else asks for either.'

interface Lines {
  readonly guarded: string | undefined
  readonly privileged: string | undefined
  readonly decoy: string
  readonly all: readonly string[]
}

/** Half of the programs have a guarded line, some a privileged one; each has something that only looks so. */
function chooseLines(choose: Random): Lines {
  const guarded = choose.below(3) > 0 ? choose.pick(GUARDED) : undefined
  const privileged = choose.below(4) === 0 ? choose.pick(PRIVILEGED) : undefined
  const decoy = choose.pick(DECOYS)
  const wanted = [guarded, privileged, decoy, choose.pick(HARMLESS)].filter((line) => line !== undefined)
  return { guarded, privileged, decoy, all: choose.shuffled(wanted) }
}

/** Which IOPLs get to the end, by trying all four. */
function reaching(lines: readonly string[], ring: number): number[] {
  const stage = new Stage(`program:\n  ${lines.join("\n  ")}\ndone:\n  nop`)
  return [0, 1, 2, 3].filter((iopl) => reaches(stage, ring, iopl))
}

function reaches(stage: Stage, ring: number, iopl: number): boolean {
  try {
    stage.visit("program", { ring, iopl }, "done")
    return true
  } catch (reason) {
    // The guest stopped in its fault handler, or waits for ever.
    if (reason instanceof RangeError) return false
    throw reason
  }
}

const quoted = (lines: string) =>
  lines
    .split("\n")
    .map((line) => `\`${line.trim()}\``)
    .join(", ")

function slips({ guarded, privileged, decoy }: Lines, ring: number): Slip[] {
  if (privileged !== undefined) return slipsOfPrivileged(privileged)
  return guarded !== undefined ? slipsOfGuarded(guarded, ring) : slipsOfDecoy(decoy)
}

function slipsOfPrivileged(line: string): Slip[] {
  const text = `IOPL does nothing for ${quoted(line)}: that needs CPL 0.`
  return LEVELS.map((answer) => ({ answer, misconception: "iopl-opens-privileged", text }))
}

function slipsOfDecoy(line: string): Slip[] {
  const text = `${quoted(line)} never faults for want of IOPL, and nothing else here asks for it.`
  const needsIopl = LEVELS.map((answer) => ({ answer, misconception: "decoy-needs-iopl", text }))
  const looks = `${quoted(line)} may look like the kernel's business, but every ring may run it.`
  return [...needsIopl, { answer: NEVER, misconception: "looks-privileged", text: looks }]
}

/** The right answer is the ring itself. */
function slipsOfGuarded(line: string, ring: number): Slip[] {
  return [
    {
      answer: NEVER,
      misconception: "guarded-means-privileged",
      text: `${quoted(line)} is not privileged. There is an IOPL that lets ring ${ring} run it.`,
    },
    {
      answer: "0",
      misconception: "iopl-upside-down",
      text: `With IOPL 0 only ring 0 may run ${quoted(line)}. IOPL is the outermost ring that may.`,
    },
    {
      answer: String(ring + 1),
      misconception: "strictly-greater",
      text: "CPL ≤ IOPL is what is asked: they may be equal.",
    },
    {
      answer: "3",
      misconception: "always-three",
      text: "IOPL 3 would do, but it lets every ring in. A smaller one is enough here.",
    },
  ]
}

function pose(choose: Random): Posed {
  const ring = choose.pick([1, 2, 3])
  const lines = chooseLines(choose)
  const [least] = reaching(lines.all, ring)
  const answer = least === undefined ? NEVER : String(least)
  return {
    text: `These lines run in ring ${ring}. No port is open in the I/O permission bitmap.\n\nWhich is the least IOPL with which they get to \`done\` without a fault?`,
    listing: `  ${lines.all.join("\n  ")}\ndone:`,
    form: { kind: "choice", options: [...LEVELS, NEVER] },
    answer,
    because: `The lines were run with each IOPL: ${least === undefined ? "all four runs faulted" : `${least} is the first with which they get to the end`}. ${RULE}`,
    rule: RULE,
    slips: slips(lines, ring),
  }
}

/** Four runs, one for each IOPL; the student names the least that works. */
export const IOPL = posedExercise("rings/iopl", "How much IOPL does it need?", pose)
