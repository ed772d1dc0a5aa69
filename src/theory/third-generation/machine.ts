/**
 * A small computer of the third generation: user and supervisor mode, and a relocation-bounds register that every address
 * goes through, in both modes. A trap stores the program status word (PSW) and loads another one.
 * @see G. J. Popek and R. P. Goldberg, "Formal Requirements for Virtualizable Third Generation Architectures", 1974
 */
import type { Trap } from "../subject"

/** What a trap saves and replaces. */
interface Psw {
  supervisor: boolean
  /** Program counter, in words from the base. */
  pc: number
  /** Relocation: where the program's word 0 stands. */
  base: number
  /** Addresses of the program are below this. */
  bound: number
}

/** Words of storage. */
const STORAGE = 256
/** A trap stores the old PSW in the four words from here, and loads the new one from the four words behind them. */
export const OLD_PSW = 0
export const NEW_PSW = 4
const PSW_WORDS = 4
const OPCODE_SHIFT = 16
const ADDRESS_MASK = 0xffff

/** One instruction: a word with an opcode and an address. */
interface Instruction {
  readonly name: string
  readonly group: "storage" | "transfers" | "processor state"
  readonly does: (machine: SmallMachine, address: number) => Trap | undefined
}

const instruction = (name: string, group: Instruction["group"], does: Instruction["does"]): Instruction => ({
  name,
  group,
  does,
})

/** By opcode. */
export const INSTRUCTIONS: readonly Instruction[] = [
  instruction("LOAD", "storage", (machine, at) => machine.load(at, (word) => word)),
  instruction("STORE", "storage", (machine, at) => machine.store(at, [machine.accumulator])),
  instruction("ADD", "storage", (machine, at) => machine.load(at, (word) => machine.accumulator + word)),
  instruction("JUMP", "transfers", (machine, at) => machine.enter({ pc: at })),
  instruction("JZERO", "transfers", (machine, at) =>
    machine.accumulator === 0 ? machine.enter({ pc: at }) : undefined,
  ),
  instruction("SVC", "transfers", () => SUPERVISOR_CALL),
  instruction("JRST 1", "transfers", (machine, at) => machine.enter({ pc: at, supervisor: false })),
  instruction("LPSW", "processor state", (machine, at) =>
    machine.withWords(at, PSW_WORDS, (words) => machine.enter(pswOf(words))),
  ),
  instruction("SPSW", "processor state", (machine, at) => machine.store(at, wordsOf(machine.psw))),
  instruction("LRB", "processor state", (machine, at) =>
    machine.withWords(at, 2, ([base, bound]) => machine.enter({ base, bound })),
  ),
  instruction("SRB", "processor state", (machine, at) =>
    machine.store(at, [machine.psw.base, machine.psw.bound]),
  ),
  instruction("HALT", "processor state", (machine) => machine.halt()),
]

/** What touches the processor's state, and so traps in user mode. */
export const PRIVILEGED: readonly string[] = ["JRST 1", "LPSW", "SPSW", "LRB", "SRB", "HALT"]

const SUPERVISOR_CALL: Trap = {
  name: "a supervisor call",
  says: "SVC traps in either mode",
  aside: false,
}
const UNDEFINED: Trap = {
  name: "an undefined instruction",
  says: "no instruction has this opcode",
  aside: false,
}
const privileged = (name: string): Trap => ({
  name: "a privileged-instruction trap",
  says: `${name} needs supervisor mode`,
  aside: false,
})
const memoryTrap = (address: number, { base, bound }: Psw): Trap => ({
  name: "a memory trap",
  says: `word ${address} is not below the bound ${bound}, or ${base} words further not in storage`,
  aside: true,
})

/** A PSW as it stands in storage. */
export const wordsOf = ({ supervisor, pc, base, bound }: Psw): number[] => [
  supervisor ? 1 : 0,
  pc,
  base,
  bound,
]
const pswOf = ([mode, pc, base, bound]: readonly number[]): Psw => ({
  supervisor: (mode & 1) === 1,
  pc,
  base,
  bound,
})

/** An instruction as a word. `address` is from 0 to 65535. */
export const encode = (name: string, address = 0): number =>
  (INSTRUCTIONS.findIndex((each) => each.name === name) << OPCODE_SHIFT) | address

export class SmallMachine {
  readonly storage: Int32Array = new Int32Array(STORAGE)
  psw: Psw = { supervisor: true, pc: 0, base: 0, bound: STORAGE }
  accumulator = 0
  halted = false

  /** @param trapping names of the instructions that trap in user mode */
  constructor(private readonly trapping: ReadonlySet<string>) {}

  /** Run one instruction. If it traps, the PSWs are swapped, and the old one points at the instruction. */
  step(): Trap | undefined {
    const old = { ...this.psw }
    const trap = this.execute()
    if (trap) this.swap(old)
    return trap
  }

  private execute(): Trap | undefined {
    return this.withWords(this.psw.pc, 1, ([word]) => this.executeWord(word))
  }

  private executeWord(word: number): Trap | undefined {
    const instruction = INSTRUCTIONS[word >>> OPCODE_SHIFT]
    if (!instruction) return UNDEFINED
    if (!this.psw.supervisor && this.trapping.has(instruction.name)) return privileged(instruction.name)
    this.psw.pc++
    return instruction.does(this, word & ADDRESS_MASK)
  }

  private swap(old: Psw): void {
    this.storage.set(wordsOf(old), OLD_PSW)
    this.psw = pswOf([...this.storage.subarray(NEW_PSW, NEW_PSW + PSW_WORDS)])
  }

  /** Go on with another PSW, or parts of one. */
  enter(psw: Partial<Psw>): undefined {
    this.psw = { ...this.psw, ...psw }
  }

  halt(): undefined {
    this.halted = true
  }

  /** Put into the accumulator what `value` makes of a word. */
  load(address: number, value: (word: number) => number): Trap | undefined {
    return this.withWords(address, 1, ([word]) => {
      this.accumulator = value(word) | 0
      return undefined
    })
  }

  /** Do something with words of the program, if it may reach all of them. */
  withWords(
    address: number,
    count: number,
    use: (words: readonly number[]) => Trap | undefined,
  ): Trap | undefined {
    const outside = this.outside(address, count)
    if (outside) return outside
    const at = this.psw.base + address
    return use([...this.storage.subarray(at, at + count)])
  }

  /** Store words, if the program may reach all of them. */
  store(address: number, words: readonly number[]): Trap | undefined {
    const outside = this.outside(address, words.length)
    if (!outside) this.storage.set(words, this.psw.base + address)
    return outside
  }

  private outside(address: number, count: number): Trap | undefined {
    const { base, bound } = this.psw
    const last = address + count - 1
    const inside = address >= 0 && last < bound && base >= 0 && base + last < STORAGE
    return inside ? undefined : memoryTrap(last, this.psw)
  }
}
