/**
 * Model-specific registers: those of a P6 that software meets on a processor without APIC, MTRRs and machine checks.
 * @see SDM Vol. 3C §35.20 "MSRs in the P6 Family Processors", Table 35-46
 */
import { hex } from "../../numbers/int"
import type { Clock } from "../board/clock"
import { Fault } from "../events/fault"

const TIME_STAMP_COUNTER = 0x10
export const SYSENTER_CS = 0x174
export const SYSENTER_ESP = 0x175
export const SYSENTER_EIP = 0x176
/** Registers that keep what is written to them, by name. IA32_BIOS_SIGN_ID is the microcode update's signature: 0, for there is none. */
export const PLAIN: Readonly<Record<string, number>> = {
  IA32_BIOS_SIGN_ID: 0x8b,
  SYSENTER_CS,
  SYSENTER_ESP,
  SYSENTER_EIP,
}
const NUMBERS = Object.values(PLAIN)
const TWO_32 = 0x1_0000_0000

/** Both halves of a register. */
export type Wide = readonly [low: number, high: number]

/** Plain data: what the time-stamp counter is ahead of the clock, and the plain registers' lower halves. */
export interface ModelSpecificState {
  readonly timeStampOffset: number
  readonly values: readonly number[]
}

export const INITIAL_MODEL_SPECIFIC: ModelSpecificState = { timeStampOffset: 0, values: NUMBERS.map(() => 0) }

export class ModelSpecificRegisters {
  private timeStampOffset = 0
  private readonly values = new Int32Array(NUMBERS.length)

  constructor(private readonly clock: Clock) {}

  /** The time-stamp counter, in cycles. */
  get timeStamp(): Wide {
    const time = this.clock.now + this.timeStampOffset
    return [time | 0, Math.floor(time / TWO_32) | 0]
  }

  /** @faults #GP(0) if there is no such register */
  read(register: number): Wide {
    if (register === TIME_STAMP_COUNTER) return this.timeStamp
    return [this.values[indexOf(register, "RDMSR—Read from Model Specific Register")], 0]
  }

  /**
   * A P6 writes the time-stamp counter's lower half and clears the upper one. Other registers have 32 bits.
   * @faults #GP(0) if there is no such register
   */
  write(register: number, low: number): void {
    if (register === TIME_STAMP_COUNTER) this.timeStampOffset = (low >>> 0) - this.clock.now
    else this.values[indexOf(register, "WRMSR—Write to Model Specific Register")] = low
  }

  save(): ModelSpecificState {
    return { timeStampOffset: this.timeStampOffset, values: Array.from(this.values) }
  }

  restore({ timeStampOffset, values }: ModelSpecificState): void {
    this.timeStampOffset = timeStampOffset
    this.values.set(values)
  }
}

function indexOf(register: number, title: string): number {
  const index = NUMBERS.indexOf(register)
  if (index >= 0) return index
  throw new Fault("#GP", 0, `there is no model-specific register ${hex(register)}`, `SDM Vol. 2B "${title}"`)
}
