/** How much of the processor a timer and its handler take. */
import { PIT_HERTZ } from "../../devices/pit"
import { once } from "../../guests/once"
import { TIMER_LOAD } from "../../guests/traps"
import { assemble } from "../../isa/assemble"
import type { Machine } from "../../machine/machine"
import { pc } from "../../pc"
import { type Experiment, type Result, type Values, yourChoice } from "../experiment"

/** Processors by clock, Hz. The prices of the ledger are those of the fastest. */
const CLOCKS: Readonly<Record<string, number>> = { "33 MHz": 33e6, "300 MHz": 300e6, "3.8 GHz": 3.8e9 }
/** Ticks that are handled while we measure; the first one only starts the measurement. */
const TICKS = 4
const MOST_STEPS = 100_000
/** Where the curve is measured. */
const DIVISORS = [50, 100, 150, 200, 300, 450, 700, 1000, 1500, 2500, 4000]

const guest = once(() => assemble(TIMER_LOAD))

/** What a run showed. */
interface Load {
  /** Of the processor's time, 0-1. */
  readonly share: number
  /** Cycles from one handled tick to the next, and of them not asleep. */
  readonly apart: number
  readonly busy: number
}

/** When the handler was entered, and how long the processor had been asleep until then, in cycles. */
interface Entry {
  readonly now: number
  readonly asleep: number
}

function entries(machine: Machine): Entry[] {
  const found: Entry[] = []
  machine.listener = {
    detail: false,
    tell(event) {
      if (event.is === "interrupt")
        found.push({ now: machine.clock.now, asleep: machine.ledger.entries().idle })
    },
  }
  machine.run({ steps: MOST_STEPS })
  machine.listener = undefined
  return found
}

/** Measures one setting after another, each from the same beginning, on a machine with a clock of so many Hz. */
function meter(hertz: number): (divisor: number, length: number) => Load {
  const { labels, symbols } = guest()
  const machine = pc({ memory: 2, hertz }).load(guest())
  while (machine.cpu.eip !== labels.main) machine.step()
  const beginning = machine.save()
  return (divisor, length) => {
    machine.restore(beginning)
    machine.memory.set(symbols.divisor, 32, divisor)
    machine.memory.set(symbols.length, 32, length)
    machine.memory.set(symbols.ticks_wanted, 32, TICKS + 1)
    return loadOf(entries(machine), (divisor * hertz) / PIT_HERTZ)
  }
}

/** The first tick comes while the controller is set up, and is handled late: what follows it may be closer than `period`. */
function loadOf(all: readonly Entry[], period: number): Load {
  const [first, last] = [all[0], all[all.length - 1]]
  const apart = (last.now - first.now) / (all.length - 1)
  const busy = apart - (last.asleep - first.asleep) / (all.length - 1)
  return { share: busy / Math.max(apart, period), apart, busy }
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const whole = (cycles: number) => Math.round(cycles).toLocaleString("en")

function sentence(load: Load, hertz: number, divisor: number): string {
  const period = (divisor * hertz) / PIT_HERTZ
  const rate = `The timer ticks ${whole(PIT_HERTZ / divisor)} times a second, every ${whole(period)} cycles.`
  const LATE = 1.01
  if (load.apart > LATE * period)
    return `${rate} Handling one takes ${whole(load.busy)} cycles, so the next is waiting already: the handler has the processor for itself, and ${percent(1 - period / load.apart)} of the ticks are lost.`
  return `${rate} Handling one takes ${whole(load.busy)} cycles: ${percent(load.share)} of the processor's time.`
}

function run({ divisor, length, clock }: Values): Result {
  const hertz = CLOCKS[String(clock)]
  if (hertz === undefined)
    throw new RangeError(`there is no clock "${clock}" here; there are: ${Object.keys(CLOCKS).join(", ")}`)
  const measure = meter(hertz)
  const chosen = measure(Number(divisor), Number(length))
  const curve = (rounds: number) => DIVISORS.map((each) => 100 * measure(each, rounds).share)
  const line = { type: "scatter", mode: "lines+markers", x: DIVISORS }
  return {
    sentence: sentence(chosen, hertz, Number(divisor)),
    chart: {
      data: [
        { ...line, name: `handler with ${length} rounds of work`, y: curve(Number(length)) },
        { ...line, name: "handler without work", y: curve(0), line: { dash: "dot" } },
        yourChoice([Number(divisor)], [100 * chosen.share]),
      ],
      layout: {
        xaxis: { title: { text: "divisor (timer ticks of 1.193182 MHz)" }, type: "log" },
        yaxis: { title: { text: "time not asleep (%)" }, range: [0, 105] },
        height: 380,
      },
    },
  }
}

/** Divisor and handler against the share of time that is left. */
export const TIMER: Experiment = {
  name: "traps/timer",
  title: "What a timer takes",
  about:
    "The processor sleeps (HLT) until the timer wakes it. How much of its time do the ticks take? At which divisor is nothing left? The end of interrupt alone is a port access of 3209 cycles.",
  parameters: {
    divisor: {
      kind: "range",
      label: "Divisor of the timer",
      unit: "ticks of 1.193182 MHz",
      min: 50,
      max: 4000,
      step: 10,
      value: 700,
    },
    length: {
      kind: "range",
      label: "Work in the handler",
      unit: "rounds of one cycle",
      min: 0,
      max: 2000,
      step: 50,
      value: 500,
    },
    clock: { kind: "choice", label: "Clock of the processor", options: Object.keys(CLOCKS), value: "33 MHz" },
  },
  run,
}
