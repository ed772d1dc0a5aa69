/** The processor's registers after a reset, as data. */
import { CS, EDX } from "../../isa/registers"
import { CR0 } from "./control"
import { INITIAL_DEBUG } from "./debug"
import {
  NOT_SYSTEM,
  PRESENT_BIT,
  TYPE_ACCESSED,
  TYPE_LDT,
  TYPE_TSS_BUSY,
  TYPE_WRITE_READ,
} from "./descriptors"
import type { Identity } from "./identity"
import { INITIAL_MODEL_SPECIFIC } from "./model-specific"
import type { CpuState } from "./state"

const LIMIT = 0xffff
const DATA = PRESENT_BIT | NOT_SYSTEM | TYPE_WRITE_READ | TYPE_ACCESSED
const SELECTOR = 0xf000
/** 64 KiB below the top: with EIP FFF0h, execution begins 16 bytes below 4 GiB. The next far jump makes it F0000h. */
const CODE_BASE = 0xffff_0000 | 0
const START = 0xfff0

/** Linear, and physical, address of the first instruction after a reset. */
export const RESET_VECTOR = (CODE_BASE + START) >>> 0

/** Selector, base, limit and rights by register number: ES CS SS DS FS GS, LDTR, TR. */
const SEGMENTS = [
  DATA,
  DATA,
  DATA,
  DATA,
  DATA,
  DATA,
  PRESENT_BIT | TYPE_LDT,
  PRESENT_BIT | TYPE_TSS_BUSY,
].map((access, register) =>
  register === CS ? ([SELECTOR, CODE_BASE, LIMIT, access] as const) : ([0, 0, LIMIT, access] as const),
)

/**
 * What RESET# leaves: real-address mode at F000:FFF0, caches off, the processor's signature in EDX. The TLB is empty.
 * @see SDM Vol. 3A §9.1 Table 9-1 "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT"
 */
export const resetState = ({ signature }: Identity): Omit<CpuState, "tlb"> => ({
  reg: [0, 0, 0, 0, 0, 0, 0, 0].map((zero, register) => (register === EDX ? signature : zero)),
  eip: START,
  flags: 2,
  segments: SEGMENTS,
  gdtr: { base: 0, limit: LIMIT },
  idtr: { base: 0, limit: LIMIT },
  control: [CR0.CD | CR0.NW | CR0.ET, 0, 0, 0, 0],
  pointers: [0, 0, 0, 0],
  debug: INITIAL_DEBUG,
  modelSpecific: INITIAL_MODEL_SPECIFIC,
  breakpointsMet: 0,
  activity: "running",
  shadow: "none",
  repeatFlags: null,
  suspended: false,
  nmi: [false, false],
})
