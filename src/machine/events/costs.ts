/**
 * What things cost, in cycles: primitive prices of processor generations, each with its source. What an operation costs
 * follows from the primitives it executes; no price is named after a whole operation. A generation's clock stands with its
 * identity in `processor/generations.ts`.
 */

/** Where cycles go. "work" is the one cycle that every step costs. New causes are put at the end. */
export const CAUSES = ["work", "gate", "walk", "port", "system", "idle", "monitor"] as const
/** One of the causes that the ledger knows. */
export type Cause = (typeof CAUSES)[number]

/** A price: cycles, to whose account, and where the figure is from. */
export interface Price {
  /** Cycles of the processor's clock, beyond the one that every step costs. */
  readonly cycles: number
  /** The account in the ledger that they go to. */
  readonly cause: Cause
  /** Title and place of the source; or undefined for an assumption. */
  readonly source?: string
  /** Bounds of an assumption. */
  readonly range?: readonly [low: number, high: number]
}

const cited = (cycles: number, cause: Cause, source: string): Price => ({ cycles, cause, source })
const assumed = (cycles: number, cause: Cause, low: number, high: number): Price => ({
  cycles,
  cause,
  range: [low, high],
})

const ADAMS = "Adams & Agesen 2006, A Comparison of Software and Hardware Techniques for x86 Virtualization"

/**
 * A 3.8 GHz Pentium 4 672 of 2005. The same paper gives two sums that bare metal must come near to, a #DE to its handler
 * and back in 889 cycles and a true page fault in 1093: the assumed gate prices are chosen so that they do.
 */
export const PENTIUM4 = {
  /** Enter a handler through the IDT: gate and descriptor checks, three doublewords pushed. */
  gateEntry: assumed(430, "gate", 200, 700),
  /** Switch to another ring's stack: TSS read, SS loaded, two more doublewords. */
  stackSwitch: assumed(110, "gate", 40, 250),
  /** IRET: three doublewords, a code descriptor. */
  interruptReturn: assumed(340, "gate", 150, 600),
  /** A far transfer that loads CS without an interrupt: descriptor read and checks. */
  farTransfer: assumed(60, "gate", 20, 120),
  /** SYSENTER or SYSEXIT: no descriptor is read, nothing is pushed. */
  fastSystemCall: assumed(120, "gate", 50, 250),
  /** Write or read the state in a task-state segment: 26 doublewords. */
  taskState: assumed(150, "gate", 60, 400),
  /** Read one page-table entry in a walk, the caches being warm. */
  walkReference: assumed(15, "walk", 4, 40),
  /** One IN or OUT: the bus of port 80h. */
  port: cited(3209, "port", `${ADAMS}, native "in" from port 80h`),
  /** CLI and STI beyond their step. */
  cli: assumed(60, "system", 20, 100),
  /** LGDT and LIDT, LLDT and LTR: all that load a table register. */
  descriptorTable: assumed(50, "system", 10, 120),
  /** A MOV to a control register. */
  controlRegister: assumed(80, "system", 20, 300),
  /** INVLPG: one translation out of the TLB. */
  invlpg: assumed(100, "system", 50, 500),
  /** CPUID, which also serializes. */
  cpuid: assumed(200, "system", 100, 500),
  /** One instruction of a monitor that is written in TypeScript: the cycle that every step costs. */
  monitor: assumed(1, "monitor", 1, 2),
} as const satisfies Readonly<Record<string, Price>>

/** Names of the primitive prices. */
export type PriceName = keyof typeof PENTIUM4
/** Prices by name. */
export type Costs = Readonly<Record<PriceName, Price>>

/**
 * A Pentium Pro of 1996 at 200 MHz. No measurement of its primitives is at hand, so all are assumptions: transfers through
 * descriptors take some tens of cycles on processors with short pipelines, and a port of the ISA bus takes about a
 * microsecond on every PC.
 */
export const PENTIUM_PRO: Costs = {
  gateEntry: assumed(110, "gate", 40, 250),
  stackSwitch: assumed(30, "gate", 10, 80),
  interruptReturn: assumed(80, "gate", 30, 160),
  farTransfer: assumed(25, "gate", 15, 60),
  fastSystemCall: assumed(40, "gate", 20, 100),
  taskState: assumed(60, "gate", 30, 200),
  walkReference: assumed(6, "walk", 2, 20),
  port: assumed(200, "port", 100, 400),
  cli: assumed(9, "system", 5, 20),
  descriptorTable: assumed(20, "system", 10, 60),
  controlRegister: assumed(30, "system", 10, 100),
  invlpg: assumed(20, "system", 10, 60),
  cpuid: assumed(40, "system", 23, 100),
  monitor: assumed(1, "monitor", 1, 2),
}
/** Other prices than a generation's: cycles by name. */
export type PriceChanges = Readonly<Partial<Record<PriceName, number>>>

/** Nothing costs more than its step: cycles are steps, and a run's time depends on nothing else. */
export const FREE: PriceChanges = Object.fromEntries(Object.keys(PENTIUM4).map((name) => [name, 0]))

const MOST_CYCLES = 1_000_000

/**
 * Prices with some of them changed.
 * @throws RangeError if there is no such price, or it is not a whole number of cycles from 0 to a million
 */
export function withPrices(costs: Costs, changes: PriceChanges): Costs {
  const changed = Object.entries(changes).map(([name, cycles]) => {
    if (!Object.hasOwn(costs, name))
      throw new RangeError(`there is no price "${name}": the prices are ${Object.keys(costs).join(", ")}`)
    if (!(Number.isInteger(cycles) && cycles >= 0 && cycles <= MOST_CYCLES))
      throw new RangeError(
        `the price ${name} is ${cycles}: it must be a whole number of cycles from 0 to 1,000,000`,
      )
    return [name, { ...costs[name as PriceName], cycles }]
  })
  return { ...costs, ...Object.fromEntries(changed) }
}
