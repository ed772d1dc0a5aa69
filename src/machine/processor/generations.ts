/** Processor generations: who a processor is, how fast its clock is, and what things cost on it. They belong together. */
import { withCard } from "../../numbers/card"
import { type Costs, PENTIUM_PRO, PENTIUM4 } from "../events/costs"
import { FEATURE, type Identity, STRUCTURED_FEATURE } from "./identity"

/** One generation. */
export interface Generation {
  /** What a reader calls it. */
  readonly title: string
  /** Cycles in a second. */
  readonly hertz: number
  /** What things cost on it, in cycles. */
  readonly costs: Costs
  /** What CPUID answers, and with it which features there are. */
  readonly identity: Identity
}

const FEATURES = Object.values(FEATURE).reduce((all, bit) => all | bit, 0)
/** Family 6, model 1, stepping 9: a Pentium Pro, without floating point and with UMIP, which came much later. */
const P6: Identity = {
  signature: 0x619,
  features: FEATURES,
  structured: STRUCTURED_FEATURE.UMIP,
  brand: "ringlab, a simulated P6",
}
/** Family 15, model 4, stepping 3. */
const P4: Identity = {
  signature: 0xf43,
  features: FEATURES,
  structured: 0,
  brand: "ringlab, a simulated Pentium 4",
}

/**
 * Generations by name. "p6" is what a machine is made of if nothing is said: so slow a clock that a run of some thousand
 * steps meets the timer, with the prices of a processor whose prices are known. For drivers that measure time by a timer its
 * ports are slow: an IN takes 97 µs. On the others clock and prices fit together.
 */
export const GENERATIONS = withCard(
  {
    p6: { title: "a P6 with a slow clock", hertz: 33_000_000, costs: PENTIUM4, identity: P6 },
    "pentium-pro": { title: "a Pentium Pro of 1996", hertz: 200_000_000, costs: PENTIUM_PRO, identity: P6 },
    "pentium-4": { title: "a Pentium 4 672 of 2005", hertz: 3_800_000_000, costs: PENTIUM4, identity: P4 },
  } as const satisfies Readonly<Record<string, Generation>>,
  (all) => ({
    title: "Generations of processors",
    rows: Object.entries(all).map(([name, { title, hertz }]) => [name, title, `${hertz / 1e6} MHz`]),
  }),
)

/** The name of a generation. */
export type GenerationName = keyof typeof GENERATIONS

/** @throws RangeError if there is no generation of that name */
export function generationNamed(name = "p6"): Generation {
  if (Object.hasOwn(GENERATIONS, name)) return GENERATIONS[name as GenerationName]
  const known = Object.keys(GENERATIONS).join(", ")
  throw new RangeError(`there is no processor generation "${name}": the generations are ${known}`)
}
