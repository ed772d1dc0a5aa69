/** What a kind of work costs in a virtual machine, beside bare metal, and where the cycles go. */
import type { Cause } from "../../machine/events/costs"
import { GENERATIONS, type GenerationName } from "../../machine/processor/generations"
import type { Experiment, Result, Run, Values } from "../experiment"
import { inVirtualMachine, type Measured, onBareMetal } from "./measured"

/** Programs of the guest kernel, by what the reader sees. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  "computes only": "compute",
  "system calls": "calls",
  "fork and wait": "forks",
  "page faults": "faults",
  "changes of page tables": "tables",
  "changes of process": "switches",
  ports: "ports",
}
/** Processors by what the reader sees: those whose prices fit their clocks. */
export const PROCESSORS: Readonly<Record<string, GenerationName>> = {
  [GENERATIONS["pentium-pro"].title]: "pentium-pro",
  [GENERATIONS["pentium-4"].title]: "pentium-4",
}

/** Causes of the ledger in words. */
const CAUSES: Readonly<Partial<Record<Cause, string>>> = {
  work: "instructions, one cycle each",
  gate: "gates, stack switches and IRET",
  walk: "page walks",
  port: "ports of real devices",
  system: "CLI, control registers and the like",
  monitor: "the monitor's own instructions",
}
/** Rows of the table, the most frequent reasons. */
const MOST_ROWS = 8

const whole = (cycles: number) => Math.round(cycles).toLocaleString("en")
const ofExits = (exits: Measured["exits"]) =>
  Object.entries(exits)
    .filter(([reason]) => reason !== "event" && reason !== "interpreted")
    .sort(([, a], [, b]) => b - a)

/** Look up what a reader chose. @throws RangeError if there is no such thing */
export function chosen<Value>(what: string, all: Readonly<Record<string, Value>>, name: unknown): Value {
  if (!Object.hasOwn(all, String(name)))
    throw new RangeError(`there is no ${what} "${name}" here; there are: ${Object.keys(all).join(", ")}`)
  return all[String(name)]
}

function* run({ program, size, processor }: Values): Run {
  const workload = {
    kernel: "kernel-well-behaved",
    commandLine: `${chosen("program", PROGRAMS, program)} ${size}`,
    generation: chosen("processor", PROCESSORS, processor),
  } as const
  const bare = yield* onBareMetal(workload)
  const virtual = yield* inVirtualMachine(workload)
  return resultOf(String(program), bare, virtual)
}

function resultOf(program: string, bare: Measured, virtual: Measured): Result {
  const reasons = ofExits(virtual.exits)
  const exits = reasons.reduce((all, [, count]) => all + count, 0)
  const [[most, count]] = reasons
  const times = (virtual.sum / bare.sum).toFixed(2)
  return {
    sentence: `“${program}” takes ${whole(bare.sum)} cycles on bare metal and ${whole(virtual.sum)} in the virtual machine: ${times} times as many. There are ${whole(exits)} exits, and each adds ${whole((virtual.sum - bare.sum) / exits)} cycles; most are for ${words(most)}, ${whole(count)} of them.`,
    table: {
      columns: ["exits for", "how many", "one in so many instructions"],
      rows: reasons
        .slice(0, MOST_ROWS)
        .map(([reason, n]) => [words(reason), whole(n), whole((virtual.cycles.work ?? 0) / n)]),
    },
    chart: {
      data: (Object.keys(CAUSES) as Cause[]).map((cause) => ({
        type: "bar",
        name: CAUSES[cause],
        x: ["bare metal", "virtual machine"],
        y: [bare.cycles[cause] ?? 0, virtual.cycles[cause] ?? 0],
      })),
      layout: {
        barmode: "stack",
        xaxis: { title: { text: "where the kernel runs" } },
        yaxis: { title: { text: "cycles" }, rangemode: "tozero" },
        height: 420,
      },
    },
  }
}

const words = (reason: string) => (reason === "shadow" ? "filling shadow tables" : reason)

/** Program, size and processor against cycles. */
export const WORKLOAD: Experiment = {
  name: "trap-and-emulate/workload",
  title: "What work costs in a virtual machine",
  about:
    "The same kernel runs the same program twice, and the cycles are counted while there are applications. Which work costs nearly nothing more, and which some times as much? Compare the exits. Ports of a virtual machine are the monitor's own program: no real device is waited for.",
  parameters: {
    program: {
      kind: "choice",
      label: "What the applications do",
      options: Object.keys(PROGRAMS),
      value: "page faults",
    },
    size: { kind: "range", label: "How much of it", unit: "", min: 1, max: 3, step: 1, value: 1 },
    processor: {
      kind: "choice",
      label: "Processor",
      options: Object.keys(PROCESSORS),
      value: GENERATIONS["pentium-4"].title,
    },
  },
  run,
}
