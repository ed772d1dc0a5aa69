/** Ring against IOPL: who may run what. */
import { once } from "../../guests/once"
import { Stage, type Tried } from "../../guests/rings"
import type { Experiment, Result, Values } from "../experiment"
import { type Field, gridChart } from "./grid"

/** What a reader can choose: the instruction, and lines that run before it in the same ring. Interrupts are on. */
const INSTRUCTIONS: Readonly<Record<string, { readonly line: string; readonly before?: string }>> = {
  CLI: { line: "cli" },
  POPFD: { line: "popfd", before: "pushfd\n  and dword [esp], ~0x200" },
  PUSHFD: { line: "pushfd" },
  "IN AL, DX": { line: "in al, dx", before: "mov edx, 0x3f8" },
  "OUT DX, AL": { line: "out dx, al", before: "mov edx, 0x3f8" },
  HLT: { line: "hlt" },
  "LGDT m": { line: "lgdt [gdt_register]" },
  "SGDT m": { line: "sgdt [scratch]" },
  "MOV EAX, CR0": { line: "mov eax, cr0" },
  "SMSW EAX": { line: "smsw eax" },
  "ADD EAX, ECX": { line: "add eax, ecx", before: "mov ecx, 5" },
}
const NAMES = Object.keys(INSTRUCTIONS)
const FOUR = [0, 1, 2, 3]

const code = NAMES.map((name, n) => {
  const { line, before = "" } = INSTRUCTIONS[name]
  return `try${n}:\n  ${before}\n.here:\n  ${line}\n  nop`
})
const stage = once(() => new Stage(code.join("\n")))

function tryIn(name: string, ring: number, iopl: number): Tried {
  const label = `try${NAMES.indexOf(name)}`
  return stage().try(label, { ring, iopl, interrupts: true }, `${label}.here`)
}

interface Outcome {
  readonly field: Field
  readonly word: string
  readonly says: string
}

/** Compare a run with the same in ring 0. */
function outcome({ fault, effects }: Tried, inRing0: Tried): Outcome {
  if (fault) {
    const word = `${fault.name}(${fault.errorCode})`
    return { field: "faults", word, says: `faults with ${word}: ${fault.says} (${fault.see})` }
  }
  const [here, there] = [effects, inRing0.effects].map((all) => all.join(", ") || "nothing")
  if (here === there)
    return { field: "completes", word: "completes", says: `completes as in ring 0: ${here}` }
  const says = `completes, but silently does something else: ${here}; in ring 0 it does ${there}`
  return { field: "differs", word: "differs silently", says }
}

/** By ring, then by IOPL. */
function outcomes(name: string): Outcome[][] {
  const tries = FOUR.map((ring) => FOUR.map((iopl) => tryIn(name, ring, iopl)))
  return tries.map((row) => row.map((tried, iopl) => outcome(tried, tries[0][iopl])))
}

function run({ instruction, ring, iopl }: Values): Result {
  const name = String(instruction)
  if (!NAMES.includes(name))
    throw new RangeError(`there is no instruction "${name}" here; there are: ${NAMES.join(", ")}`)
  const [column, row] = [Number(iopl), Number(ring)]
  const grid = outcomes(name)
  const words = grid.map((line) => line.map(({ word }) => word))
  return {
    sentence: `${name} in ring ${row} with IOPL ${column} ${grid[row][column].says}.`,
    table: {
      columns: ["", ...FOUR.map((i) => `IOPL ${i}`)],
      rows: FOUR.map((r) => [`ring ${r}`, ...words[r]]),
      mark: row,
    },
    chart: gridChart(
      { title: "IOPL", values: FOUR },
      { title: "ring (CPL)", values: FOUR },
      grid.map((line) => line.map(({ field }) => field)),
      words,
      [column, row],
    ),
  }
}

/** Sixteen runs of one instruction, and the same in ring 0 to compare with. */
export const IOPL_EXPERIMENT: Experiment = {
  name: "rings/iopl",
  title: "Ring against IOPL",
  about:
    "Choose an instruction: it is run in every ring under every IOPL. Is the border a staircase, a line, or is there none?",
  parameters: {
    instruction: { kind: "choice", label: "Instruction", options: NAMES, value: "CLI" },
    ring: { kind: "range", label: "Ring (CPL)", unit: "", min: 0, max: 3, step: 1, value: 3 },
    iopl: { kind: "range", label: "IOPL", unit: "", min: 0, max: 3, step: 1, value: 0 },
  },
  run,
}
