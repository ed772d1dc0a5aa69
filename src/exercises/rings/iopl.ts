/** The least IOPL that lets a few lines run to their end. */
import { Stage } from "../../guests/rings"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { recordStage } from "../runs"

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

const LOOK = "Take the lines one by one: does the processor look at IOPL there, at CPL alone, or at neither?"

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
function reaching(stage: Stage, ring: number): number[] {
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
  const text = `Does the processor look at IOPL when it comes to ${quoted(line)}?`
  return LEVELS.map((answer) => ({ answer, misconception: "iopl-opens-privileged", text }))
}

function slipsOfDecoy(line: string): Slip[] {
  const text = `${quoted(line)} may look as if it needed some IOPL. Does it, and does anything else here?`
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
      text: `With IOPL 0 only ring 0 may run ${quoted(line)}, and these lines run in another one.`,
    },
    {
      answer: String(ring + 1),
      misconception: "strictly-greater",
      text: "With that they get to the end. Is it the least, or must IOPL not even be greater than CPL?",
    },
    {
      answer: "3",
      misconception: "always-three",
      text: "IOPL 3 would do, but it lets every ring in. Is there no smaller one?",
    },
  ]
}

const MOST = 3

/** The run with the IOPL that was answered; who says that none will do sees it with all there is. */
const runWith = (stage: Stage, ring: number, iopl: number) =>
  recordStage(stage, {
    title: `The lines in ring ${ring} with IOPL ${iopl}`,
    from: "program",
    visit: { ring, iopl },
    until: "done",
  })

function pose(choose: Random): Posed {
  const ring = choose.pick([1, 2, 3])
  const lines = chooseLines(choose)
  const stage = new Stage(`program:\n  ${lines.all.join("\n  ")}\ndone:\n  nop`)
  const [least] = reaching(stage, ring)
  const answer = least === undefined ? NEVER : String(least)
  return {
    text: `These lines run in ring ${ring}. No port is open in the I/O permission bitmap.\n\nWhich is the least IOPL with which they get to \`done\` without a fault?`,
    listing: `  ${lines.all.join("\n  ")}\ndone:`,
    form: { kind: "choice", options: [...LEVELS, NEVER] },
    answer,
    because: `The lines were run with each IOPL: ${least === undefined ? "all four runs faulted" : `${least} is the first with which they get to the end`}. ${RULE}`,
    look: LOOK,
    rule: RULE,
    slips: slips(lines, ring),
    run: (level) => runWith(stage, ring, level === NEVER ? MOST : Number(level)),
  }
}

/** Four runs, one for each IOPL; the student names the least that works. */
export const IOPL = posedExercise("rings/iopl", "How much IOPL does it need?", pose)
