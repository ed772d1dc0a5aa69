/**
 * Debug registers: four breakpoints, and what DR6 tells the handler of #DB. They cost nothing while they are off: armed
 * data breakpoints make their pages slow, and one on execution makes the engine go step by step.
 * @see SDM Vol. 3B §17.2 "Debug Registers", §17.3.1 "Debug Exception (#DB)—Interrupt Vector 1"
 */
import { Fault } from "../events/fault"

/**
 * DR6 tells what happened: breakpoints 0-3 met, access to a debug register, single step, task switch.
 *
 *      31 16 15 14 13 12 11 4  3  2  1  0
 *     ┌─────┬──┬──┬──┬──┬────┬──┬──┬──┬──┐
 *     │ 1   │BT│BS│BD│ 0│ 1  │B3│B2│B1│B0│
 *     └─────┴──┴──┴──┴──┴────┴──┴──┴──┴──┘
 *
 * DR7 says what each breakpoint waits for, and whether it is on, for this task (L) or for all (G):
 *
 *      31 30 29 28 27 26 25 24 23 22 21 20 19 18 17 16
 *     ┌─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┐
 *     │ LEN3│ R/W3│ LEN2│ R/W2│ LEN1│ R/W1│ LEN0│ R/W0│
 *     └─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┘
 *
 *      15 14 13 12 11 10  9  8  7  6  5  4  3  2  1  0
 *     ┌─────┬──┬─────┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┐
 *     │ 0   │GD│ 0   │ 1│GE│LE│G3│L3│G2│L2│G1│L1│G0│L0│
 *     └─────┴──┴─────┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┘
 *
 * These are the bits that always read 1 or 0, and those of DR6 that can be written.
 */
const DR6_ONES = 0xffff_0ff0 | 0
const DR6_WRITABLE = 0xe00f
const DR7_ONES = 0x400
const DR7_ZEROS = 0xdc00
/** DR6.BD, BS and BT. */
const DEBUG_REGISTER = 1 << 13
const SINGLE_STEP = 1 << 14
const TASK_SWITCH = 1 << 15
/** DR7.GD: MOV from and to debug registers faults. */
const GENERAL_DETECT = 1 << 13
/** L0-L3 and LE of DR7: breakpoints of the present task only. */
const LOCAL_ENABLES = 0x155

/** DR0 to DR7 after a reset. */
export const INITIAL_DEBUG: readonly number[] = [0, 0, 0, 0, 0, 0, DR6_ONES, DR7_ONES]

/** DR7's R/W field: what a breakpoint breaks on. I/O needs CR4.DE. */
const EXECUTION = 0
const WRITE = 1
const PORT = 2
/** DR7's LEN field. The third value is undefined; later processors take it as 8. */
const LENGTHS = [1, 2, 8, 4]

/** An enabled breakpoint. LEN masks the low bits of its address. */
interface Breakpoint {
  /** Its bit in DR6. */
  readonly bit: number
  readonly kind: number
  readonly first: number
  readonly last: number
}

const touches = ({ first, last }: Breakpoint, address: number, bytes: number) =>
  address <= last && address + bytes > first

export class DebugRegisters {
  private readonly values: Int32Array = Int32Array.from(INITIAL_DEBUG)
  private armed: readonly Breakpoint[] = []
  /** Any breakpoint is on execution; on data; on ports. */
  onExecution = false
  onData = false
  onPorts = false
  /** DR6's bits of the data and port breakpoints that were met and not reported yet. */
  met = 0

  /** The engine must look after each step. */
  get attentive(): boolean {
    return this.onExecution || this.met !== 0
  }

  /** There are breakpoints. */
  get isArmed(): boolean {
    return this.onExecution || this.onData || this.onPorts
  }

  /** DR4 and DR5 are other names of DR6 and DR7, or do not exist while CR4.DE is set. @faults #UD */
  index(register: number, extensions: boolean): number {
    if (register !== 4 && register !== 5) return register
    if (!extensions) return register + 2
    const says = `DR${register} does not exist while CR4.DE is set`
    throw new Fault("#UD", null, says, 'SDM Vol. 3B §17.2.2 "Debug Registers DR4 and DR5"')
  }

  read(register: number): number {
    return this.values[register]
  }

  /** Write a register; the caller arms the breakpoints anew. */
  write(register: number, value: number): void {
    if (register === 6) this.values[6] = (value & DR6_WRITABLE) | DR6_ONES
    else if (register === 7) this.values[7] = (value & ~DR7_ZEROS) | DR7_ONES
    else this.values[register] = value
  }

  /** Refuse an access while DR7.GD is set. @faults #DB, with DR6.BD */
  checkAccess(): void {
    if (!(this.values[7] & GENERAL_DETECT)) return
    this.values[6] |= DEBUG_REGISTER
    const says = "DR7.GD is set, and this instruction accesses a debug register"
    throw new Fault(
      "#DB",
      null,
      says,
      'SDM Vol. 3B §17.3.1.3 "General-Detect Exception Condition"',
    ).resuming()
  }

  /** The handler of #DB may use debug registers. */
  enterHandler(): void {
    this.values[7] &= ~GENERAL_DETECT
  }

  /** Have the breakpoints be what DR0 to DR3 and DR7 say. */
  arm(extensions: boolean): void {
    this.armed = [0, 1, 2, 3].flatMap((n) => this.breakpoint(n) ?? [])
    this.onExecution = this.armed.some(({ kind }) => kind === EXECUTION)
    this.onPorts = extensions && this.armed.some(({ kind }) => kind === PORT)
    this.onData = this.armed.some(({ kind }) => kind & WRITE)
  }

  private breakpoint(n: number): Breakpoint | undefined {
    const control = this.values[7]
    if (!((control >> (2 * n)) & 3)) return undefined
    const length = LENGTHS[(control >> (18 + 4 * n)) & 3]
    const first = (this.values[n] & -length) >>> 0
    return { bit: 1 << n, kind: (control >> (16 + 4 * n)) & 3, first, last: first + length - 1 }
  }

  /** Whether the instruction at a linear address has a breakpoint; DR6 says so then. */
  meetsExecution(linear: number): boolean {
    const address = linear >>> 0
    const met = this.bits(({ kind, first }) => kind === EXECUTION && first === address)
    this.values[6] |= met
    return met !== 0
  }

  /** Note an access to data. Returns whether a breakpoint was met. */
  noteData(linear: number, bytes: number, write: boolean): boolean {
    const wanted = write ? [WRITE, WRITE | PORT] : [WRITE | PORT]
    return this.note((b) => wanted.includes(b.kind) && touches(b, linear >>> 0, bytes))
  }

  /** Note the use of a port. Returns whether a breakpoint was met. */
  notePort(port: number, bytes: number): boolean {
    return this.note((b) => b.kind === PORT && touches(b, port, bytes))
  }

  private note(meets: (breakpoint: Breakpoint) => boolean): boolean {
    const bits = this.bits(meets)
    this.met |= bits
    return bits !== 0
  }

  private bits(meets: (breakpoint: Breakpoint) => boolean): number {
    return this.armed.reduce((bits, breakpoint) => (meets(breakpoint) ? bits | breakpoint.bit : bits), 0)
  }

  /** Whether a data breakpoint lies in a linear page. */
  watches(page: number): boolean {
    return this.armed.some(({ kind, first }) => kind & WRITE && first >>> 12 === page)
  }

  /** A trap is due: DR6 tells the handler of single step and breakpoints. Returns what to tell a reader. */
  report(singleStep: boolean): string {
    const names = [0, 1, 2, 3].filter((n) => this.met & (1 << n)).map((n) => `DR${n}`)
    this.values[6] |= this.met | (singleStep ? SINGLE_STEP : 0)
    this.met = 0
    const met = names.length > 0 ? [`the instruction touched what ${names.join(" and ")} watches`] : []
    const step = singleStep ? ["TF was set when the instruction began: single step"] : []
    return [...met, ...step].join("; ")
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
