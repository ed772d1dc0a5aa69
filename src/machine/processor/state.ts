/** The processor's state as plain data. */
import type { TableRegister } from "../../isa/processor"
import type { TlbState } from "../address/tlb"
import type { ModelSpecificState } from "./model-specific"
import type { Segments } from "./segments"

/**
 * Whether the processor executes, waits for an interrupt, is lost until an NMI or a reset, or is being reset. "called": it came to
 * code in TypeScript, which is called before the step ends; so no saved state says that.
 */
export type Activity = "running" | "halted" | "shutdown" | "reset" | "called"
/** What holds interrupts off for one more instruction. @see SDM Vol. 3C §24.4.2 Table 24-3 */
export type Shadow = "none" | "STI" | "MOV SS"

/** The CPU's registers as plain data. */
export interface CpuState {
  readonly reg: readonly number[]
  readonly eip: number
  readonly flags: number
  readonly segments: ReturnType<Segments["save"]>
  readonly gdtr: TableRegister
  readonly idtr: TableRegister
  readonly control: readonly number[]
  /** PDPTEs of PAE paging. */
  readonly pointers: readonly number[]
  readonly debug: readonly number[]
  readonly modelSpecific: ModelSpecificState
  /** DR6's bits of breakpoints whose trap waits for the end of a MOV SS shadow. */
  readonly breakpointsMet: number
  readonly activity: Activity
  readonly shadow: Shadow
  readonly repeatFlags: number | null
  readonly suspended: boolean
  readonly nmi: readonly [pending: boolean, blocked: boolean]
  readonly tlb: TlbState
}
