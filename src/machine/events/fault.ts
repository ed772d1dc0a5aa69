/** Exceptions: their numbers and classes, and the value that carries one from where it arises to where it is delivered. */
import type { ExceptionName, Refusal, Words } from "../../isa/processor"

/** Vectors by mnemonic. @see SDM Vol. 3A §6.3 Table 6-1 "Protected-Mode Exceptions and Interrupts" */
export const VECTORS: Readonly<Record<ExceptionName, number>> = {
  "#DE": 0,
  "#DB": 1,
  "#BP": 3,
  "#OF": 4,
  "#BR": 5,
  "#UD": 6,
  "#NM": 7,
  "#DF": 8,
  "#TS": 10,
  "#NP": 11,
  "#SS": 12,
  "#GP": 13,
  "#PF": 14,
  "#MF": 16,
  "#AC": 17,
}

/** What a vector is called: mnemonic and words. Vectors of 32 and above are the system's own. */
export const VECTOR_NAMES: Readonly<Record<number, readonly [mnemonic: string, words: string]>> = {
  0: ["#DE", "Divide Error"],
  1: ["#DB", "Debug"],
  2: ["NMI", "Non-Maskable Interrupt"],
  3: ["#BP", "Breakpoint"],
  4: ["#OF", "Overflow"],
  5: ["#BR", "BOUND Range Exceeded"],
  6: ["#UD", "Invalid Opcode"],
  7: ["#NM", "Device Not Available"],
  8: ["#DF", "Double Fault"],
  10: ["#TS", "Invalid TSS"],
  11: ["#NP", "Segment Not Present"],
  12: ["#SS", "Stack-Segment Fault"],
  13: ["#GP", "General Protection"],
  14: ["#PF", "Page Fault"],
  16: ["#MF", "x87 Floating-Point Error"],
  17: ["#AC", "Alignment Check"],
}

/** How an exception counts when another one arises while it is being delivered. */
type FaultClass = "benign" | "contributory" | "page fault"

/** @see SDM Vol. 3A §6.15 Table 6-4 "Interrupt and Exception Classes" */
export function classOf(vector: number): FaultClass {
  if (vector === VECTORS["#PF"]) return "page fault"
  const contributory = vector === VECTORS["#DE"] || (vector >= VECTORS["#TS"] && vector <= VECTORS["#GP"])
  return contributory ? "contributory" : "benign"
}

/**
 * An exception on its way. Thrown inside the machine only; never seen by a caller.
 * `says` tells a reader which check failed and with what numbers, as long as nothing has changed since; `see` cites the
 * manual.
 */
export class Fault implements Refusal {
  readonly vector: number

  /** The task that was switched to met it: EIP is that task's already, and stays. */
  newTask = false
  /** The saved EFLAGS has RF set, so that the instruction meets no breakpoint when it is tried again. */
  resumes: boolean

  constructor(
    readonly name: ExceptionName,
    /** 16 bits (#PF: 32), or null where the exception pushes none. */
    readonly errorCode: number | null,
    private readonly words: Words,
    readonly see: string,
    /** #PF: the linear address, for CR2. */
    readonly address = 0,
  ) {
    this.vector = VECTORS[name]
    this.resumes = name !== "#DB" && name !== "#DF"
  }

  get says(): string {
    return typeof this.words === "string" ? this.words : this.words()
  }

  /** The same exception, after which its instruction is tried again without meeting a breakpoint. */
  resuming(): this {
    this.resumes = true
    return this
  }

  /** The same fault, met by the task that was just switched to. */
  inNewTask(): this {
    this.newTask = true
    return this
  }
}
