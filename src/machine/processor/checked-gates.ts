/** Gates that were checked, and what the processor must know of them: `delivery/gate-functions.ts` keeps them. */
import type { SoftwareInterrupt } from "../../isa/processor"
import type { Cache, Descriptor } from "./descriptors"

/** What is being delivered. */
export interface Delivery {
  readonly vector: number
  readonly errorCode: number | null
  /** The instruction that asked for it; then the gate's DPL counts, and EXT is 0. */
  readonly software?: SoftwareInterrupt
  /** RF is set in the saved EFLAGS, whatever it is: for faults, so that a restarted instruction does not hit its breakpoint again. */
  readonly resume: boolean
}

/** Code that control goes to, and the stack it has there; undefined: the one it had. */
export interface Target<Segment extends Cache = Cache> {
  readonly selector: number
  readonly code: Segment
  readonly ring: number
  readonly stack: { readonly selector: number; readonly segment: Segment } | undefined
}

/** A gate to a handler that was checked, and where it leads. */
export interface CheckedEntry extends Target<Descriptor> {
  readonly gate: Descriptor
  readonly offset: number
  /** EFLAGS bits that the gate clears. */
  readonly clears: number
  /** ESP from the TSS. */
  readonly esp: number
  /** An instruction may ask for it: CPL ≤ the gate's DPL. */
  readonly open: boolean
}

/** While all that the checks of a gate looked at is as it was, they need not be made again. */
export interface CheckedGates {
  /** Go to a handler through a checked gate. Returns false, with nothing done, if the checks must be made. */
  enter(delivery: Delivery): boolean
  /** Come back from a handler by IRETD where that was checked. Returns false, with nothing done, if not. */
  comeBack(flagMask: number): boolean
  /** A gate of 32 bits was checked. */
  checkedEntry(vector: number, cpl: number, entry: CheckedEntry): void
  /** A return by IRETD was checked. */
  checkedReturn(cpl: number, target: Target<Descriptor>): void
}
