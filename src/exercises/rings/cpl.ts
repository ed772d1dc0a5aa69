/** Which ring runs: what changes CPL, and what only looks as if it did. */

import { codeSelector, dataSelector } from "../../guests/kit"
import { CONFORMING, Stage, type Visit } from "../../guests/rings"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { recordStage } from "../runs"

/** A few lines, and the answer of one who takes them for a change of ring. */
interface Move {
  readonly lines: readonly string[]
  /** Where the lines end in the handler, what follows stands there. */
  readonly handler?: boolean
  readonly slips?: readonly Slip[]
}

const SEE = 'SDM Vol. 3A §5.5 "Privilege Levels"'
const RULE = `CPL is the low two bits of CS, and of nothing else. It changes only with CS: through a gate, a far transfer or IRET. A conforming code segment is run with the CPL of its caller (${SEE}).`

const LOOK =
  "Leave aside every line that does not load CS. Of those that do, what does the last one put there?"

/** Lines that leave CPL alone. */
const STILL: readonly ((choose: Random, to: Visit) => Move)[] = [
  (choose) => {
    const register = choose.pick(["ds", "es", "fs", "gs"])
    const text = `${register.toUpperCase()} now holds a selector with RPL 3. That is a data segment's; CPL comes from CS.`
    return {
      lines: [`mov eax, ${hexadecimal(dataSelector(3))}`, `mov ${register}, eax`],
      slips: [{ answer: 3, misconception: "data-rpl-is-cpl", text }],
    }
  },
  () => ({
    lines: [`jmp ${hexadecimal(CONFORMING)}:.on`, ".on:"],
    slips: [
      {
        answer: 0,
        misconception: "conforming-raises-privilege",
        text: `The code segment at ${hex(CONFORMING, 4)} has DPL 0. But it is conforming: in which ring does that run?`,
      },
    ],
  }),
  (_, { iopl }) => ({
    lines: ["pushfd", "popfd"],
    slips: [
      {
        answer: iopl,
        misconception: "iopl-is-cpl",
        text: `${iopl} is IOPL. It says who may use ports and IF; the ring that runs is CPL.`,
      },
    ],
  }),
  () => ({
    lines: ["call .near", ".near:", "add esp, 4"],
  }),
  (choose) => ({ lines: [choose.pick(["push cs\n  pop eax", "smsw eax", "inc ebx", "mov ecx, cs"])] }),
]

const hexadecimal = (value: number) => `0x${value.toString(16)}`

/** INT to a handler in the same ring or further in. */
function interrupt(choose: Random, { ring }: Visit): Move {
  const handlerRing = choose.below(Math.min(ring, 2) + 1)
  const stays = {
    answer: ring,
    misconception: "interrupt-keeps-ring",
    text: "INT goes through a gate, and a gate names a code segment. In which ring is this one's?",
  }
  const zero = {
    answer: 0,
    misconception: "handlers-are-ring-0",
    text: "A handler need not be ring 0's. Look up where the gate of this vector leads.",
  }
  return {
    lines: [`int ${hexadecimal(0x20 + handlerRing)}`],
    handler: true,
    slips: [stays, zero],
  }
}

/** IRET to a ring further out, or to the same. */
function returnOutwards(choose: Random, { ring }: Visit): Move {
  const outer = ring + choose.below(4 - ring)
  const selector = codeSelector(outer)
  const frame = outer === ring ? [] : [`push ${hexadecimal(dataSelector(outer))}`, "push esp"]
  const text = "IRET takes CS from the stack, too. Which selector does it find there?"
  return {
    lines: [...frame, "pushfd", `push ${hexadecimal(selector)}`, "push .out", "iretd", ".out:"],
    slips: [{ answer: ring, misconception: "iret-keeps-ring", text }],
  }
}

/** Two things that happen, one after the other. */
function chooseMoves(choose: Random, to: Visit): Move[] {
  const change = choose.pick([interrupt, returnOutwards, undefined])
  const still = choose.shuffled(STILL).slice(0, change ? 1 : 2)
  const moves = still.map((move) => move(choose, to))
  return change ? choose.shuffled([...moves, change(choose, to)]) : moves
}

function listing(moves: readonly Move[]): string {
  const lines = moves.flatMap(({ lines, handler }) => [
    ...lines.map(indented),
    ...(handler ? ["", "handler:"] : []),
  ])
  return ["program:", ...lines, "here:"].join("\n")
}

const indented = (line: string) => (line.endsWith(":") ? line : `  ${line}`)

const TABLE = [
  "The GDT has the usual flat segments: code of ring 0 to 3 at 08h, 18h, 28h, 38h; data of ring 0 to 3 at 10h, 20h, 30h, 40h;",
  `and a conforming code segment with DPL 0 at ${hex(CONFORMING, 2)}. The gates of vectors 20h, 21h and 22h lead to handler, in ring 0, 1 and 2; their DPL is 3.`,
].join(" ")

function pose(choose: Random): Posed {
  const to: Visit = { ring: choose.pick([1, 2, 3, 3]), iopl: choose.below(4) }
  const moves = chooseMoves(choose, to)
  const code = listing(moves)
  const stage = new Stage(`${code}\n  nop`)
  const { cpu } = stage.visit("program", to, "here")
  const slips = moves.flatMap((move) => move.slips ?? [])
  const whole = {
    answer: cpu.selector(1),
    misconception: "selector-is-cpl",
    text: "That is all of CS. CPL is only its low two bits.",
  }
  const row = cpu.selector(1) >> 3
  const index = {
    answer: row,
    misconception: "index-is-cpl",
    text: "That is the selector's index, the row of the GDT. CPL is the low two bits.",
  }
  return {
    text: `The program begins with CPL ${to.ring} and IOPL ${to.iopl}. ${TABLE}\n\nWhat is CPL when the processor is at \`here\`?`,
    listing: code,
    form: { kind: "number", unit: "(0 to 3)" },
    answer: cpu.cpl,
    because: `At \`here\` CS holds ${hex(cpu.selector(1), 4)}, and its low two bits are ${cpu.cpl}. ${RULE}`,
    look: LOOK,
    rule: RULE,
    slips: [...slips, whole, ...(row > 3 ? [index] : [])],
    run: () =>
      recordStage(stage, { title: "The program, up to here", from: "program", visit: to, until: "here" }),
  }
}

/** The program is run to `here`; the student says which ring it is in. */
export const CPL = posedExercise("rings/cpl", "Which ring runs?", pose)
