/** `ringlab run`: a machine without a notebook. */
import { setImmediate } from "node:timers/promises"
import { type GuestDifference, hex, type Machine, type Outcome, traceStep } from "ringlab"
import { address, codeSize, generation, noFile, number, onlyFile, read } from "./arguments"
import { checkOutputs, STANDARD_INPUT, STANDARD_OUTPUT, type Use } from "./clash"
import { MEBIBYTE, MOST, readBytes } from "./files"
import { listGuests, loadGuest } from "./guests"
import { type Hand, handsAt } from "./input"
import { load } from "./load"
import { closeAll, FileOutput, type Sink, standardError, standardOutput } from "./output"
import { Counter, reportOf, summary } from "./report"
import { Stop } from "./signals"
import { differenceOf, type Stage, stageFor } from "./stage"
import { EXIT } from "./trouble"

/** As `node:util` wants them; --help tells them, too. */
export const OPTIONS = {
  guest: { type: "string" },
  guests: { type: "boolean", default: false },
  at: { type: "string" },
  bits: { type: "string" },
  bios: { type: "boolean", default: false },
  cmdline: { type: "string" },
  module: { type: "string", multiple: true },
  memory: { type: "string", default: "16" },
  generation: { type: "string", default: "pentium-pro" },
  "max-instructions": { type: "string" },
  serial: { type: "string" },
  keyboard: { type: "string" },
  hypervisor: { type: "string", default: "bare" },
  difference: { type: "boolean", default: false },
  trace: { type: "string" },
  json: { type: "boolean", default: false },
} as const

/** Steps between two looks at the world outside; with a trace they are slow. */
const SLICE = 1_000_000
const TRACED_SLICE = 2_000

/** Run a file or a built-in guest. @returns the exit code @throws Trouble */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = read(args, OPTIONS)
  if (values.guests) return listGuests()
  const memory = number(values.memory, "--memory", 1, 2048)
  const choice = { hypervisor: values.hypervisor, memory, generation: generation(values.generation) }
  const stage = stageFor(choice)
  const { guest } = stage
  const steps = limit(values["max-instructions"])
  const file = values.guest === undefined ? onlyFile(positionals, "run") : noFile(positionals, "--guest")
  checkOutputs(inputsOf(file, values), outputsOf(values))
  const at = address(values.at, "--at")
  const bytesOf = (name: string) => readBytes(name, Math.max(MOST, memory * MEBIBYTE))
  const modules = values.module?.map((name) => ({ text: name, bytes: bytesOf(name) }))
  const options = { at, bits: codeSize(values.bits), bios: values.bios, commandLine: values.cmdline, modules }
  const put = (onto: Machine) => {
    if (file === undefined) loadGuest(onto, values.guest as string, options)
    else load(onto, file, bytesOf(file), options)
  }
  if (values.difference) return tellDifference(differenceOf(choice, put, steps), values.json)
  put(guest)
  const counter = new Counter()
  const hands = handsAt(guest, values.serial, values.keyboard)
  const typists = hands.map(({ typist }) => typist)
  const stop = new Stop(() => closeAll(typists))
  const { serial, trace } = openOutputs(values, [...typists, stop])
  // However the run ends: a listener to standard input would keep the process alive.
  const ends = [...typists, stop, serial, ...(trace ? [trace] : [])]
  const why = await runAll(stage, counter, { steps, serial, trace, hands, stop }).finally(() =>
    closeAll(ends),
  )
  await standardOutput.taken()
  const report = reportOf(stage, why, counter)
  if (values.json) standardOutput.print(`${JSON.stringify(report)}\n`)
  else standardError.print(`${summary(report)}\n`)
  return report.missing ? EXIT.missing : why === "stopped" ? (stop.exitCode ?? EXIT.stopped) : EXIT[why]
}

/** Say where a guest first differs from itself on bare metal. */
function tellDifference(found: GuestDifference | undefined, json: boolean): number {
  if (json) standardOutput.print(`${JSON.stringify(found ?? null)}\n`)
  else
    standardOutput.print(
      `${found ? differenceText(found) : "No difference: the guest does what it does on bare metal."}\n`,
    )
  return EXIT.halted
}

const differenceText = ({ step, at, instruction, what, bare, virtual }: GuestDifference) =>
  `Step ${step.toLocaleString("en")}, ${hex(at)}: after "${instruction}" ${what} is ${hex(bare)} on bare metal and ${hex(virtual)} in the virtual machine.`

type Values = ReturnType<typeof read<typeof OPTIONS>>["values"]

const STDIO = "stdio"

/** What is read. */
const inputsOf = (file: string | undefined, { module = [], serial, keyboard }: Values): Use[] => [
  ["what is run", file],
  ...module.map((name): Use => ["--module", name]),
  ...([serial, keyboard].includes(STDIO) ? [STANDARD_INPUT] : []),
  ["--keyboard", keyboard === STDIO ? undefined : keyboard],
]

/** What is written. */
const outputsOf = ({ serial, trace, json }: Values): Use[] => [
  ...(json || serial === undefined || serial === STDIO ? [STANDARD_OUTPUT] : []),
  ["--serial", serial === STDIO ? undefined : serial],
  ["--trace", trace],
]

const limit = (text: string | undefined) =>
  text === undefined
    ? Number.POSITIVE_INFINITY
    : number(text, "--max-instructions", 1, Number.MAX_SAFE_INTEGER)

const NOWHERE: Sink = { write: () => {}, close: () => {} }

/** Where serial output goes as it comes; with --json standard output is the report's alone. */
function openSerial(where: string | undefined, json: boolean): Sink {
  if (where === undefined && json) return NOWHERE
  if (where === undefined || where === STDIO) return json ? standardError : standardOutput
  return new FileOutput(where)
}

/** Open what is written. All that is read was found before, so that a missing file empties no other; if this fails, nobody listens any more. */
function openOutputs({ serial, json, trace }: Values, listeners: readonly Pick<Sink, "close">[]) {
  try {
    return { serial: openSerial(serial, json), trace: openTrace(trace) }
  } catch (error) {
    closeAll(listeners)
    throw error
  }
}

const openTrace = (file: string | undefined) => (file === undefined ? undefined : new FileOutput(file))

interface Running {
  readonly steps: number
  readonly serial: Sink
  readonly trace: Sink | undefined
  readonly hands: readonly Hand[]
  readonly stop: Stop
}

/** Run in slices, so that Ctrl-C is heard, what is typed goes in, and output goes out as it comes. */
async function runAll(stage: Stage, counter: Counter, { steps, serial, trace, hands, stop }: Running) {
  const { machine, guest } = stage
  const isStopped = () => stop.exitCode !== undefined
  const slice = trace ? TRACED_SLICE : SLICE
  let shown = 0
  let why: Outcome["why"] = "limit"
  while (why === "limit" && machine.clock.steps < steps) {
    typeIn(stage, hands, counter)
    const count = Math.min(steps - machine.clock.steps, slice)
    why = trace ? traced(machine, count, counter, trace) : plain(machine, count, counter)
    const sent = guest.serial
    if (sent.length > shown) serial.write(sent.slice(shown))
    shown = sent.length
    await setImmediate()
    if (why === "halted" && ((await moreTyped(hands)) || isStopped())) why = "limit"
    if (isStopped() && why === "limit") why = "stopped"
  }
  return why
}

function typeIn({ machine, hypervisor }: Stage, hands: readonly Hand[], counter: Counter): void {
  for (const { on, typist, put } of hands) {
    const text = typist.take()
    if (text === "") continue
    counter.typed.push({ step: machine.clock.steps, on, text })
    put(text)
    hypervisor?.wake(machine)
  }
}

/** Wait for what would wake a halted machine; false if nothing will come. */
async function moreTyped(hands: readonly Hand[]): Promise<boolean> {
  const more = hands.filter(({ awaited }) => awaited()).map(({ typist }) => typist.more())
  return (await Promise.all(more)).includes(true)
}

function plain(machine: Machine, steps: number, counter: Counter): Outcome["why"] {
  machine.listener = counter
  return machine.run({ steps }).why
}

function traced(machine: Machine, steps: number, counter: Counter, trace: Sink): Outcome["why"] {
  for (let n = 0; n < steps; n++) {
    const { line, outcome, events } = traceStep(machine)
    for (const event of events) counter.tell(event)
    // A machine that cannot go on takes no step.
    if (outcome.steps > 0) trace.write(`${line}\n`)
    if (outcome.why !== "limit") return outcome.why
  }
  return "limit"
}
