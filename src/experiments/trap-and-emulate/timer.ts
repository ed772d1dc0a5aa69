/** How much a guest's timer leaves to the guest, on bare metal and in a virtual machine. */
import { PIT_HERTZ } from "../../devices/pit"
import { kit } from "../../guests/kit"
import { once } from "../../guests/once"
import { startController, startTimer } from "../../guests/traps"
import { hypervise } from "../../hypervisors/kinds"
import { assemble } from "../../isa/assemble"
import type { Machine } from "../../machine/machine"
import { GENERATIONS, type GenerationName } from "../../machine/processor/generations"
import type { Work } from "../../numbers/slices"
import { pc } from "../../pc"
import { type Experiment, type Result, type Run, type Values, yourChoice } from "../experiment"
import { chosen, PROCESSORS } from "./workload"

/** Ticks a second at which the curve is measured. */
const RATES = [1000, 2000, 4000, 8000, 20_000, 50_000, 100_000]
/** Ticks that are measured, or a time in which a virtual timer comes through some times: it may be 50 µs late. */
const TICKS = 3
const LEAST_SECONDS = 0.5e-3
/** So many looks at most, until the guest counts: it never does if ticks take all. */
const LOOKS_AT_START = 200
/** Steps between two looks at the clock: where ticks follow one another each step may take thousands of cycles. */
const SLICE = 2000
/** Where the guest counts its rounds of so many instructions. */
const [ROUNDS, CYCLES_OF_ROUND] = [0x8_0000, 2]
const PLACEHOLDER = 0x1234
/** All processors: the slow one meets its timer soonest. */
const ALL_PROCESSORS = { [GENERATIONS.p6.title]: "p6", ...PROCESSORS } as const

/** Counts for ever; ticks come in between. The divisor is put into its memory, so that it is assembled once. */
const guest = once(() =>
  assemble(`${kit({ origin: 0x1000, gates: [{ vector: 0x20, handler: "tick" }] })}
main:
  mov bx, [divisor]
${startTimer(PLACEHOLDER).replace(String(PLACEHOLDER), "bx")}
${startController([0])}
  sti
again:
  inc dword [${ROUNDS}]
  jmp again
tick:
  push eax
  mov al, 0x20
  out 0x20, al
  pop eax
  iretd
align 4
divisor: dd 0`),
)

/** A machine and its guest's memory. */
interface Place {
  readonly machine: Machine
  readonly memory: Pick<Machine["memory"], "get" | "set">
}

function bare(generation: GenerationName): Place {
  const machine = pc({ memory: 1, generation, hertz: GENERATIONS[generation].hertz }).load(guest())
  return { machine, memory: machine.memory }
}

function hosted(generation: GenerationName): Place {
  const machine = pc({ memory: 5, generation, hertz: GENERATIONS[generation].hertz })
  const { guests } = hypervise(machine, "trap-and-emulate", { vms: [{ name: "guest", memory: 1 }] })
  guests[0].vm.load(guest())
  return { machine, memory: guests[0].vm.memory }
}

/** Per cent of the time that the guest counts. */
function* shareAt(
  rate: number,
  make: (generation: GenerationName) => Place,
  generation: GenerationName,
): Work<number> {
  const { machine, memory } = make(generation)
  const { hertz } = GENERATIONS[generation]
  memory.set(guest().labels.divisor, 32, Math.round(PIT_HERTZ / rate))
  for (let n = 0; n < LOOKS_AT_START && !memory.get(ROUNDS, 32); n++) machine.run({ steps: 10 })
  const cycles = hertz * Math.max(LEAST_SECONDS, TICKS / rate)
  const [from, rounds] = [machine.clock.now, memory.get(ROUNDS, 32) >>> 0]
  while (machine.clock.now - from < cycles) {
    machine.run({ steps: SLICE })
    yield { done: Math.min(cycles, machine.clock.now - from), of: cycles }
  }
  return (100 * CYCLES_OF_ROUND * ((memory.get(ROUNDS, 32) >>> 0) - rounds)) / (machine.clock.now - from)
}

function* run({ rate, processor }: Values): Run {
  const generation = chosen("processor", ALL_PROCESSORS, processor)
  const [onBare, inVm]: [number[], number[]] = [[], []]
  for (const each of RATES) {
    onBare.push(yield* shareAt(each, bare, generation))
    inVm.push(yield* shareAt(each, hosted, generation))
  }
  const mine = [
    yield* shareAt(Number(rate), bare, generation),
    yield* shareAt(Number(rate), hosted, generation),
  ]
  return resultOf(Number(rate), onBare, inVm, mine)
}

const percent = (share: number) => `${share.toFixed(1)} %`

function resultOf(
  rate: number,
  onBare: readonly number[],
  inVm: readonly number[],
  mine: readonly number[],
): Result {
  const line = { type: "scatter", mode: "lines+markers", x: RATES }
  return {
    sentence: `With ${rate.toLocaleString("en")} ticks a second the guest has ${percent(mine[0])} of the processor for itself on bare metal, and ${percent(mine[1])} in the virtual machine.`,
    table: {
      columns: ["ticks a second", "bare metal", "virtual machine"],
      rows: RATES.map((each, n) => [each.toLocaleString("en"), percent(onBare[n]), percent(inVm[n])]),
    },
    chart: {
      data: [
        { ...line, name: "bare metal", y: onBare },
        { ...line, name: "virtual machine", y: inVm },
        yourChoice([rate, rate], mine),
      ],
      layout: {
        xaxis: { title: { text: "timer ticks a second" }, type: "log" },
        yaxis: { title: { text: "time left to the guest's program (%)" }, range: [0, 105] },
        height: 380,
      },
    },
  }
}

/** The rate of a guest's timer against what is left. */
export const TIMER_RATE: Experiment = {
  name: "trap-and-emulate/timer",
  title: "What a guest's timer leaves",
  about:
    "The guest counts, and its timer interrupts it. In the virtual machine a tick is an interrupt of the machine's, a delivery, and an exit each for the end of interrupt and for IRET. How much is left to the program, and at which rate is nothing left?",
  parameters: {
    rate: {
      kind: "range",
      label: "Ticks a second",
      unit: "Hz",
      min: 100,
      max: 100_000,
      step: 100,
      value: 1000,
    },
    processor: {
      kind: "choice",
      label: "Processor",
      options: Object.keys(ALL_PROCESSORS),
      value: GENERATIONS.p6.title,
    },
  },
  run,
}
