/** The small machine of 1974 as a subject of the classification. */
import type { Random } from "../../numbers/random"
import type { Family, Form, Part, Run, Subject } from "../subject"
import { encode, INSTRUCTIONS, NEW_PSW, SmallMachine, wordsOf } from "./machine"

/** Where one instruction of the small machine begins. Plain data. */
export interface Start {
  readonly supervisor: boolean
  /** In words from the base. */
  readonly pc: number
  readonly base: number
  readonly bound: number
  readonly accumulator: number
  /** The program's words, from the base. */
  readonly words: readonly number[]
}

const LISTED = ["mode", "relocation", "bound", "halted"]
const MODE_WORDS: Pick<Part, "words" | "means"> = {
  words: ["user", "supervisor"],
  means: (mode) => `it runs in ${modeName(mode === 1)}`,
}
const PARTS: readonly Part[] = ["mode", "PC", "relocation", "bound", "A", "halted"].map((name) => ({
  name,
  listed: LISTED.includes(name),
  digits: 0,
  ...(name === "mode" ? MODE_WORDS : {}),
}))
const modeName = (supervisor: boolean) => (supervisor ? "supervisor mode" : "user mode")

/** Where a program may stand, and how long it may be. */
const BASES = [32, 128] as const
const BOUNDS = [24, 32] as const
const WORDS = 32
/** The supervisor's PSW after a trap. */
const HANDLER = { supervisor: true, pc: 0, base: 16, bound: 16 }

/** A twin has another value of one resource, and its program where that says. */
const DIFFERENCES: readonly { readonly name: string; readonly twin: (start: Start) => Start }[] = [
  { name: "relocation", twin: (start) => ({ ...start, base: other(BASES, start.base) }) },
  { name: "bound", twin: (start) => ({ ...start, bound: other(BOUNDS, start.bound) }) },
]

const other = (values: readonly number[], value: number) => values.find((each) => each !== value) ?? value

const FORMS: readonly Form[] = INSTRUCTIONS.map(({ name, group }) => ({ form: name, mnemonic: name, group }))

export class ThirdGeneration implements Subject<Start> {
  readonly parts = PARTS
  readonly forms = FORMS

  /** @param trapping names of the instructions that trap in user mode */
  constructor(private readonly trapping: ReadonlySet<string>) {}

  begin({ form }: Form, random: Random): (round: number) => Family<Start> {
    return (round) => {
      const user = someStart(form, random)
      const supervisor = { ...user, supervisor: true }
      const { name, twin } = DIFFERENCES[round % DIFFERENCES.length]
      const twinOf = Math.floor(round / DIFFERENCES.length) % 2 === 0 ? "user" : "supervisor"
      const base = twinOf === "user" ? user : supervisor
      return { user, supervisor, twin: twin(base), twinOf, differs: name, outside: false }
    }
  }

  run(start: Start): Run {
    const machine = situate(start, this.trapping)
    const storage = machine.storage.slice()
    const before = values(machine)
    const trap = machine.step()
    const changed = changedWords(storage, machine.storage)
    return {
      trap,
      before,
      after: values(machine),
      memory: changed.flatMap((at) => [at, machine.storage[at]]),
      places: changed.flatMap((at) => [at - start.base, machine.storage[at]]),
    }
  }

  inUserMode({ supervisor }: Start): boolean {
    return !supervisor
  }

  modeOf({ supervisor }: Start): string {
    return modeName(supervisor)
  }

  fixedIn(): undefined {
    return undefined
  }

  nameOf({ base, bound }: Start, differs: string): string {
    return differs === "bound" ? `bound ${bound}` : `relocation ${base}`
  }
}

function changedWords(before: Int32Array, after: Int32Array): number[] {
  const changed: number[] = []
  for (let at = 0; at < after.length; at++) if (before[at] !== after[at]) changed.push(at)
  return changed
}

/** A machine that is about to run a start's instruction. */
function situate(
  { supervisor, pc, base, bound, accumulator, words }: Start,
  trapping: ReadonlySet<string>,
): SmallMachine {
  const machine = new SmallMachine(trapping)
  machine.storage.set(wordsOf(HANDLER), NEW_PSW)
  machine.storage.set(words, base)
  machine.psw = { supervisor, pc, base, bound }
  machine.accumulator = accumulator
  return machine
}

function values({ psw, accumulator, halted }: SmallMachine): Int32Array {
  const [mode, pc, base, bound] = wordsOf(psw)
  return Int32Array.of(mode, pc, base, bound, accumulator, halted ? 1 : 0)
}

/** In user mode, with the instruction somewhere in a program of any words. */
function someStart(name: string, random: Random): Start {
  const words = Array.from({ length: WORDS }, () => someWord(random))
  const pc = random.below(BOUNDS[0])
  words[pc] = encode(name, random.below(WORDS))
  const [base, bound] = [random.pick(BASES), random.pick(BOUNDS)]
  return { supervisor: false, pc, base, bound, accumulator: someWord(random), words }
}

/** A word that may be a mode, a base, a bound or a zero; now and then any. */
const someWord = (random: Random) =>
  random.below(4) === 0 ? random.below(2 ** 32) | 0 : random.pick([0, 1, ...BASES, ...BOUNDS])
