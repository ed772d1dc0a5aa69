/** A moment of a recording, to be asked: `run.at(25).eax`, `run.at(25).memory("ticks")`. */
import { nearest } from "../isa/assembler/mistake"
import type { Machine, MachineState } from "../machine/machine"
import { type AnswersByName, answerByName } from "../machine/processor/by-name"
import { flagsLine, registerRows } from "../machine/processor/cards"
import { peekByte } from "../machine/time/peek"
import type { Replay } from "../machine/time/replay"
import { type At, type Card, cardBundle, inspected } from "../numbers/card"
import { hex } from "../numbers/int"
import type { Listing } from "./context"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "./show"
import type { Frame } from "./view"
import { addressOf } from "./watches"

/** How much memory is asked for, as assembly declares it: a byte, a word of 16 bits, a doubleword of 32. */
export type MemorySize = "db" | "dw" | "dd"

const BYTES: Readonly<Record<MemorySize, number>> = { db: 1, dw: 2, dd: 4 }

/** What a moment is made from. */
interface Source {
  readonly replay: Replay
  readonly listing: Listing | undefined
  readonly steps: number
}

/** Registers by name: `eax`, `cs`, `cr0` as unsigned numbers; `flags.IF`. */
export interface RecordedMoment extends AnswersByName {}

/** The machine as it was after a step of a recording. As a cell's value it shows its registers, in hexadecimal. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: answerByName, at the end, gives it what the interface says
export class RecordedMoment implements Shown {
  /** @internal Given by `Recording.at`; the replay stands at this step. */
  constructor(
    /** All that the picture of this step shows, as plain data. */
    readonly frame: Frame,
    private readonly source: Source,
  ) {}

  /** The step that led here, from 1; 0 is the beginning. */
  get step(): number {
    return this.frame.step
  }

  /** The ring that the processor is in, CPL: 0 to 3. */
  get ring(): number {
    return this.frame.ring
  }

  /** What the step did, in a sentence or two. */
  get sentence(): string {
    return this.frame.sentence
  }

  /** The instruction that the step ran; undefined if it ran none: before the first step, or when an interrupt came. */
  get instruction(): string | undefined {
    return this.frame.code.find(({ ran }) => ran)?.text
  }

  /** The instruction at CS:EIP, which the next step runs unless an interrupt comes. */
  get next(): string | undefined {
    return this.frame.code.find(({ next }) => next)?.text
  }

  /**
   * What memory held, as an unsigned number: `memory("ticks")`, `memory("esp+4")`, `memory(0x1000, "db")`.
   * @param where a label, a register, a sum of these and numbers, or a linear address
   * @param size how much: "dd", a doubleword, if not said
   * @throws RangeError if there is no such label or address, or nothing is mapped there
   */
  memory(where: string | number, size: MemorySize = "dd"): number {
    const { replay, listing } = this.source
    const machine = this.machine()
    const address = typeof where === "number" ? where : addressOf(where, machine, listing)
    if (address === undefined || address >>> 0 !== address) throw new RangeError(noPlace(where, listing))
    const bytes = Array.from({ length: BYTES[size] }, (_, n) => peekByte(replay.machine, (address + n) | 0))
    if (bytes.includes(null))
      throw new RangeError(
        `after step ${this.step} there is no memory at ${hex(address)}: nothing is mapped there`,
      )
    return bytes.reduceRight<number>((value, byte) => value * 256 + (byte ?? 0), 0)
  }

  [DISPLAY](): MimeBundle {
    return cardBundle(this.card())
  }

  [INSPECT](...at: At): string {
    return inspected(this.card(), ...at)
  }

  private card(): Card {
    const { cpu } = this.state()
    const { step, ring, instruction, next } = this
    return {
      title: `Step ${step} of ${this.source.steps}, ring ${ring}${instruction ? `: ${instruction}` : ""}`,
      says: [this.sentence, flagsLine(cpu), ...(next ? [`Next: ${next}`] : [])],
      rows: registerRows(cpu),
    }
  }

  /** The machine's state at this moment, as plain data. @internal */
  state(): MachineState {
    return this.machine().save()
  }

  /** The machine at this moment, to be looked at and left alone until another moment is asked for. @internal */
  machine(): Machine {
    const { replay } = this.source
    replay.seek(this.step)
    return replay.machine
  }

  /** The program's listing, for names of places. @internal */
  get listing(): Listing | undefined {
    return this.source.listing
  }
}

answerByName(RecordedMoment.prototype, (moment) => moment.state().cpu)

function noPlace(where: string | number, listing: Listing | undefined): string {
  if (typeof where === "number")
    return `${where} is no address: it must be a whole number from 0 to FFFFFFFFh`
  const guess = nearest(where, Object.keys(listing?.labels ?? {}))
  return `"${where}" names no place in memory: ${guess ? `did you mean ${guess}?` : "write a label of the program, a register, or an address"}`
}
