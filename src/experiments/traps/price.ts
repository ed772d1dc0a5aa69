/** What it costs to go to another piece of code and back, by the primitive prices that were paid on the way. */
import { once } from "../../guests/once"
import { PRICES } from "../../guests/traps"
import { assemble } from "../../isa/assemble"
import { PENTIUM4, type PriceChanges, type PriceName } from "../../machine/events/costs"
import { Machine } from "../../machine/machine"
import { GENERATIONS } from "../../machine/processor/generations"
import { type Experiment, MARK_COLOUR, type RangeParameter, type Result, type Values } from "../experiment"

/** The ways, by their label in the guest. `measured` is what a real processor took. */
const WAYS: readonly { readonly label: string; readonly name: string; readonly measured?: number }[] = [
  { label: "near_call", name: "near call", measured: 11 },
  { label: "far_call", name: "far call" },
  { label: "same_ring", name: "INT within ring 0" },
  { label: "system_call", name: "INT from ring 3" },
  { label: "ring_0_fault", name: "#DE within ring 0", measured: 889 },
  { label: "ring_3_fault", name: "#DE from ring 3", measured: 889 },
  { label: "page_fault", name: "#PF from ring 3", measured: 1093 },
]

/** Parts of a sum: a name for the reader, and the prices in it. "work" is the one cycle of every step. */
const PARTS: readonly { readonly name: string; readonly prices: readonly PriceName[] }[] = [
  { name: "entry through the IDT", prices: ["gateEntry"] },
  { name: "stack switches", prices: ["stackSwitch"] },
  { name: "IRET", prices: ["interruptReturn"] },
  { name: "far transfers", prices: ["farTransfer"] },
  { name: "page walks", prices: ["walkReference"] },
  {
    name: "CR2 and others",
    prices: ["controlRegister", "descriptorTable", "cli", "invlpg", "cpuid", "port"],
  },
]

const guest = once(() => assemble(PRICES))
const MOST_STEPS = 200
const GENERATION = "pentium-4"
const { hertz: HERTZ } = GENERATIONS[GENERATION]

/** What the machine had counted when it stood at a label: steps, and the cycles charged at each price. */
interface Pass {
  readonly steps: number
  readonly charged: Readonly<Partial<Record<PriceName, number>>>
}

/** The counts at each place, as the guest passes it the first time. */
function passes(prices: PriceChanges): ReadonlyMap<number, Pass> {
  const machine = new Machine({ memory: 4, hertz: HERTZ, generation: GENERATION, prices }).load(guest())
  const charged: Partial<Record<PriceName, number>> = {}
  machine.listener = {
    detail: true,
    tell(event) {
      if (event.is === "charge") charged[event.price] = (charged[event.price] ?? 0) + event.cycles
    },
  }
  const passed = new Map<number, Pass>()
  for (let n = 0; n < MOST_STEPS && machine.cpu.activity === "running"; n++) {
    const here = machine.cpu.eip >>> 0
    if (!passed.has(here)) passed.set(here, { steps: machine.clock.steps, charged: { ...charged } })
    machine.step()
  }
  return passed
}

/** A part of the cost: cycles of each way. */
interface Part {
  readonly name: string
  readonly cycles: readonly number[]
}

/** The parts that anything was paid for; the last one is the work. */
function measure(prices: PriceChanges): readonly Part[] {
  const { labels } = guest()
  const passed = passes(prices)
  const between = (count: (pass: Pass) => number) =>
    WAYS.map(({ label }) => {
      const [from, to] = [passed.get(labels[label]), passed.get(labels[`${label}_done`])]
      return from && to ? count(to) - count(from) : 0
    })
  const parts = PARTS.map(({ name, prices }) => ({
    name,
    cycles: between(({ charged }) => sum(prices.map((price) => charged[price] ?? 0))),
  }))
  const work = { name: "work (one cycle a step)", cycles: between(({ steps }) => steps) }
  return [...parts, work].filter(({ cycles }) => cycles.some(Boolean))
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0)
const totals = (parts: readonly Part[]) => WAYS.map((_, way) => sum(parts.map(({ cycles }) => cycles[way])))

/** The prices that the sliders stand at. */
function pricesOf({ gateEntry, stackSwitch, interruptReturn }: Values): PriceChanges {
  return {
    gateEntry: Number(gateEntry),
    stackSwitch: Number(stackSwitch),
    interruptReturn: Number(interruptReturn),
  }
}

function run(values: Values): Result {
  const parts = measure(pricesOf(values))
  const all = totals(parts)
  const at = (label: string) => all[WAYS.findIndex((way) => way.label === label)]
  const times = Math.round(at("system_call") / at("near_call"))
  return {
    sentence: `A system call by INT from ring 3 and back costs ${at("system_call")} cycles, ${times} times a near call. A division error to its handler and back costs ${at("ring_0_fault")} cycles within ring 0 and ${at("ring_3_fault")} from ring 3; 889 were measured on a 3.8 GHz Pentium 4.`,
    table: {
      columns: ["there and back", ...parts.map(({ name }) => name), "sum, cycles", "measured, cycles"],
      rows: WAYS.map(({ name, measured }, way) => [
        name,
        ...parts.map(({ cycles }) => String(cycles[way])),
        String(all[way]),
        measured === undefined ? "–" : String(measured),
      ]),
      mark: WAYS.findIndex(({ label }) => label === "system_call"),
    },
    chart: {
      data: [
        ...parts.map(({ name, cycles }) => ({
          type: "bar",
          name,
          x: WAYS.map((way) => way.name),
          y: cycles,
        })),
        measuredMarks,
      ],
      layout: {
        barmode: "stack",
        xaxis: { title: { text: "way there and back" } },
        yaxis: { title: { text: "cycles" }, rangemode: "tozero" },
        height: 420,
      },
    },
  }
}

const known = WAYS.filter(({ measured }) => measured !== undefined)
const measuredMarks = {
  type: "scatter",
  mode: "markers",
  name: "measured (Adams & Agesen 2006)",
  x: known.map(({ name }) => name),
  y: known.map(({ measured }) => measured),
  marker: { symbol: "diamond", size: 10, color: MARK_COLOUR, line: { color: "#ffffff", width: 1 } },
}

function price(label: string, name: PriceName): RangeParameter {
  const { cycles, range = [cycles, cycles] } = PENTIUM4[name]
  return { kind: "range", label, unit: "cycles", min: range[0], max: range[1], step: 10, value: cycles }
}

/** Prices that are assumptions, as sliders over the range of each. */
export const PRICE: Experiment = {
  name: "traps/price",
  title: "What a trap costs",
  about:
    "The three prices are assumptions, each with a range. Move them: which of the sums come near to what was measured? The diamonds are from Adams & Agesen 2006, a 3.8 GHz Pentium 4 672; we do not know from which ring #DE was measured, so its diamond stands at both.",
  parameters: {
    gateEntry: price("Entry through the IDT", "gateEntry"),
    stackSwitch: price("Stack switch", "stackSwitch"),
    interruptReturn: price("IRET", "interruptReturn"),
  },
  run,
}
