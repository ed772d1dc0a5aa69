/**
 * What a device is, and what it may ask of the machine.
 *
 * A device is a plain object. Its `state` must be plain data (what JSON can hold), for the machine copies it into
 * snapshots and puts it back when a reader steps back.
 */
import type { Program } from "../../isa/program"
import type { Size } from "../../numbers/int"
import type { Access } from "./physical-space"

/** What a device may do to the machine. Handed to each of its methods. */
export interface DeviceHost {
  /** The clock, in cycles. */
  readonly now: number
  /** Cycles in a second. */
  readonly hertz: number
  /** Set an interrupt request line, 0-15, high or low. */
  interrupt(line: number, level: boolean): void
  /** Have `tick(tag)` called after that many cycles (at least one). */
  after(cycles: number, tag: number): void
  /** Forget what was asked for with `after` under this tag. */
  cancel(tag: number): void
  /** DMA: read physical memory, 8, 16 or 32 bits; -1 where no memory is. */
  readMemory(physical: number, size: Size): number
  /** DMA: write physical memory; what is written to ROM, or where no memory is, is lost. */
  writeMemory(physical: number, size: Size, value: number): void
  /** Whether address line 20 is connected. */
  readonly a20: boolean
  /** Connect address line 20, or have bit 20 of every address of the processor be 0. */
  gateA20(open: boolean): void
  /** Pull the processor's reset line: it begins anew after the step at hand. */
  reset(): void
}

/**
 * What code in TypeScript may ask of the processor that called it, at the privilege that it was called with. Registers hold
 * what the code before left in them, and EIP points at the page of code: end with `interruptReturn` or `jump`.
 *
 * A call costs what the instruction costs that does the same, on the account "monitor" the one cycle that each instruction
 * takes; what lies between two calls is stated by `work`. What reads without a trace (`register`, `now`, `readPhysical` …)
 * costs nothing by itself. Calls that change or cost anything are logged by a recording, which a replay makes again without the
 * TypeScript.
 *
 * A caller's mistake (nothing is mapped there, no such register) is a RangeError with the numbers in it, and nothing is done.
 */
export interface Ring0 extends DeviceHost {
  /** Steps that the machine has made, as a counter of retired instructions would tell. */
  readonly steps: number
  /** EAX ECX EDX EBX ESP EBP ESI EDI by number, as signed 32 bits. */
  register(number: number): number
  /** As `register`, the upper half as it is. */
  setRegister(number: number, value: number): void
  /** What a segment register holds: ES 0, CS 1, SS 2, DS 3, FS 4, GS 5, LDTR 6, TR 7. */
  selector(segment: number): number
  /** MOV to DS, ES, FS, GS or SS. @throws RangeError with the fault that it raises */
  loadSegment(segment: number, selector: number): void
  /** CR0, CR2, CR3 or CR4, as signed 32 bits. */
  control(number: number): number
  /** MOV to a control register. @throws RangeError with the fault that it raises */
  setControl(number: number, value: number): void
  /** A debug register, DR0 to DR7, as signed 32 bits. */
  debug(number: number): number
  /** MOV to a debug register. */
  setDebug(number: number, value: number): void
  /** LGDT: linear address of the table, and its last byte's offset, 0 to FFFFh. */
  loadGdt(base: number, limit: number): void
  /** LIDT, as `loadGdt`. */
  loadIdt(base: number, limit: number): void
  /** LTR. @throws RangeError with the fault that it raises */
  loadTask(selector: number): void
  /** LLDT; 0: no local descriptor table. @throws RangeError with the fault that it raises */
  loadLdt(selector: number): void
  /** RDMSR: both halves, signed. @throws RangeError if there is no such register */
  modelSpecific(number: number): readonly [low: number, high: number]
  /** WRMSR; of all registers only the lower halves are kept. @throws RangeError if there is no such register */
  setModelSpecific(number: number, low: number): void
  /** Memory at a linear address, signed for 32 bits. @throws RangeError with the fault that it raises */
  read(linear: number, size: Size): number
  /** Write memory at a linear address. @throws RangeError with the fault that it raises */
  write(linear: number, size: Size, value: number): void
  /** Memory by its physical address, as through a map of all of it; all ones where nothing is. */
  readPhysical(physical: number, size: Size): number
  /** As `readPhysical`; what is written where no memory is, is lost. */
  writePhysical(physical: number, size: Size, value: number): void
  /** Physical address that a linear one leads to, as the page tables say now; undefined: the access would fault. Nothing is marked. */
  translate(linear: number, access: Access, user: boolean): number | undefined
  /** INVLPG. */
  invalidate(linear: number): void
  /** IN, whatever IOPL says: unsigned. */
  in(port: number, size: Size): number
  /** OUT, whatever IOPL says. */
  out(port: number, size: Size, value: number): void
  /** IRETD with the frame at SS:ESP: whatever was interrupted goes on. @throws RangeError with the fault that it raises */
  interruptReturn(): void
  /** A near jump: the next instruction is at this offset of CS. */
  jump(offset: number): void
  /** So many instructions of the monitor's own lie here: one cycle each, and an assumption. */
  work(instructions: number): void
  /** A line for whoever looks at this step: it, or what makes it, which is called only if somebody does. */
  tell(text: string | (() => string)): void
  /** End `machine.run` after this step: the loop stands outside of it. */
  leave(): void
}

/** First and last number of a range, both included. */
export type Span = readonly [first: number, last: number]

/** A device. All methods are optional; `size` is 8, 16 or 32 bits. */
export interface Device {
  /** Unique on its bus. */
  readonly name: string
  /** Names a built-in part, which a replay makes anew. Leave it out: your device's calls are logged, and played back. */
  readonly kind?: string
  /** What a built-in part is made from beside the machine's own options: plain data, which recordings carry. */
  readonly options?: unknown
  /** Plain data. The machine may replace it: read it anew in every call. */
  state: unknown
  /** Port numbers that are its own, 0 to FFFFh. */
  readonly ports?: readonly Span[]
  /** Its registers have 8 bits: a wider access comes as one for each byte, lowest port first, as from the ISA bus. */
  readonly byteWide?: true
  /** Physical addresses, whole pages of 4 KiB. Memory at these addresses is hidden. */
  readonly memory?: readonly Span[]
  /** IN from one of its ports: the value, of which `size` bits count. All ones without this method. */
  in?(port: number, size: Size, host: DeviceHost): number
  /** OUT to one of its ports. The value is unsigned. Lost without this method. */
  out?(port: number, size: Size, value: number, host: DeviceHost): void
  /** A read at one of its physical addresses: the value, of which `size` bits count. All ones without this method. */
  read?(physical: number, size: Size, host: DeviceHost): number
  /** A write to one of its physical addresses. Lost without this method. */
  write?(physical: number, size: Size, value: number, host: DeviceHost): void
  /**
   * Its memory is code: the processor wants to run what stands here, and it is TypeScript. `entry` is the offset from the first
   * of its physical addresses. It is one step; interrupts wait until it is done.
   */
  execute?(entry: number, ring0: Ring0): void
  /** A program that it has the processor run, as a hypervisor its guest's: pictures name places after it. */
  readonly runs?: Program | undefined
  /** What a reader calls its entries: "#GP", "INT 80h", "the timer". Plain data, which recordings carry. */
  readonly entries?: Readonly<Record<number, string>>
  /** Somebody outside of the machine types at it: `machine.type`. @throws RangeError if the text cannot be typed */
  type?(text: string, host: DeviceHost): void
  /** The time that it asked for with `after` has come. The tag is its own, to tell one wish from another. */
  tick?(tag: number, host: DeviceHost): void
}

/** A device that gathers interrupt requests for the processor. */
export interface InterruptController extends Device {
  /** A request line, 0-15, goes high or low. */
  request(line: number, level: boolean): void
  /** Whether an interrupt waits for the processor. */
  pending(): boolean
  /** The processor takes it: its vector. */
  acknowledge(): number
  /** How a request line stands, for people; without it changes of lines are not told. */
  look?(line: number): LineState
}

/** A request line: its level, and what keeps its request from the processor, as a clause. */
export interface LineState {
  /** Whether the line is at the level that asks for an interrupt. */
  readonly high: boolean
  /** A clause for people; undefined: nothing keeps it. */
  readonly held?: string
}
