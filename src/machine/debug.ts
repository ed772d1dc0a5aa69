/** Debug registers. Breakpoints are kept, but do not break yet; DR6 tells of single steps and task switches. */
import { Fault } from "./fault"

/** Bits of DR6 and DR7 that always read 1, and those that can be written. @see SDM Vol. 3B §17.2 "Debug Registers" */
const DR6_ONES = 0xffff_0ff0 | 0
const DR6_WRITABLE = 0xe00f
const DR7_ONES = 0x400
const DR7_ZEROS = 0xdc00
const SINGLE_STEP = 1 << 14
const TASK_SWITCH = 1 << 15
/** L0-L3 and LE of DR7: breakpoints of the present task only. */
const LOCAL_ENABLES = 0x155

/** DR0 to DR7 after a reset. */
export const INITIAL_DEBUG: readonly number[] = [0, 0, 0, 0, 0, 0, DR6_ONES, DR7_ONES]

export class DebugRegisters {
  private readonly values: Int32Array = Int32Array.from(INITIAL_DEBUG)

  /** DR4 and DR5 are other names of DR6 and DR7, or do not exist while CR4.DE is set. @faults #UD */
  private index(register: number, extensions: boolean): number {
    if (register !== 4 && register !== 5) return register
    if (!extensions) return register + 2
    const says = `DR${register} does not exist while CR4.DE is set`
    throw new Fault("#UD", null, says, 'SDM Vol. 3B §17.2.2 "Debug Registers DR4 and DR5"')
  }

  read(register: number, extensions: boolean): number {
    return this.values[this.index(register, extensions)]
  }

  write(register: number, value: number, extensions: boolean): void {
    const n = this.index(register, extensions)
    if (n === 6) this.values[n] = (value & DR6_WRITABLE) | DR6_ONES
    else if (n === 7) this.values[n] = (value & ~DR7_ZEROS) | DR7_ONES
    else this.values[n] = value
  }

  /** A single step is done: DR6.BS says so to the handler of #DB. */
  noteSingleStep(): void {
    this.values[6] |= SINGLE_STEP
  }

  /** A task was entered whose T bit is set: DR6.BT says so to the handler of #DB. */
  noteTaskSwitch(): void {
    this.values[6] |= TASK_SWITCH
  }

  /** A task switch ends the breakpoints of the task that is left. */
  clearLocal(): void {
    this.values[7] &= ~LOCAL_ENABLES
  }

  save(): number[] {
    return Array.from(this.values)
  }

  restore(values: readonly number[]): void {
    this.values.set(values)
  }
}
