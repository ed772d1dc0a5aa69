/** Ring against a gate's DPL: who gets through. */
import { once } from "../../guests/once"
import { GATE_TRIES } from "../../guests/traps"
import { assemble } from "../../isa/assemble"
import { EBX } from "../../isa/registers"
import type { Event } from "../../machine/events/events"
import type { Machine, MachineState } from "../../machine/machine"
import { hex } from "../../numbers/int"
import { pc } from "../../pc"
import type { Experiment, Result, Values } from "../experiment"
import { gridChart } from "../rings/grid"

/** What goes through the gate, and where the guest does it. */
const DEEDS: Readonly<Record<string, { readonly label: string; readonly vector: number }>> = {
  "INT 80h": { label: "asks", vector: 0x80 },
  "the exception #UD, by UD2": { label: "errs", vector: 6 },
}
const FOUR = [0, 1, 2, 3]
const PRESENT = "present"
const MOST_STEPS = 40

const guest = once(() => assemble(GATE_TRIES))

/** A machine whose kernel is ready, and its state there: every try begins from it. */
interface Ready {
  readonly machine: Machine
  readonly state: MachineState
}

function ready(): Ready {
  const machine = pc({ memory: 2 }).load(guest())
  while (machine.cpu.eip !== guest().labels.main) machine.step()
  return { machine, state: machine.save() }
}

/** Try one ring and one gate; gives the fault that refused it, or nothing. */
function attempt(
  { machine, state }: Ready,
  ring: number,
  rights: number,
  deed: string,
): Extract<Event, { is: "fault" }> | undefined {
  const { labels } = guest()
  const { label, vector } = DEEDS[deed]
  machine.restore(state)
  machine.memory.set(labels.choice, 32, labels[`to_ring_${ring}`])
  machine.memory.set(labels.idt + 8 * vector + 5, 8, rights)
  machine.cpu.reg[EBX] = labels[label]
  const faults: Event[] = []
  machine.listener = { detail: false, tell: (event) => void (event.is === "fault" && faults.push(event)) }
  machine.run({ steps: MOST_STEPS })
  machine.listener = undefined
  return faults.findLast(
    (event): event is Extract<Event, { is: "fault" }> => event.is === "fault" && event.name !== "#UD",
  )
}

const PRESENT_INTERRUPT_GATE = 0x8e
const MISSING_INTERRUPT_GATE = 0x0e
const word = (fault: ReturnType<typeof attempt>) =>
  fault ? `${fault.name}(${hex(fault.errorCode ?? 0, 4)})` : "handler runs"

function run({ ring, dpl, deed, gate }: Values): Result {
  const name = String(deed)
  if (!Object.hasOwn(DEEDS, name))
    throw new RangeError(`"${name}" cannot be tried here; there are: ${Object.keys(DEEDS).join(", ")}`)
  const base = gate === PRESENT ? PRESENT_INTERRUPT_GATE : MISSING_INTERRUPT_GATE
  const start = ready()
  const tries = FOUR.map((r) => FOUR.map((d) => attempt(start, r, base | (d << 5), name)))
  const words = tries.map((row) => row.map(word))
  const [r, d] = [Number(ring), Number(dpl)]
  const chosen = tries[r][d]
  return {
    sentence: `Ring ${r}, ${name}, gate with DPL ${d}: ${chosen ? `${word(chosen)}, for ${chosen.says}` : "the handler runs"}.`,
    table: {
      columns: ["", ...FOUR.map((n) => `DPL ${n}`)],
      rows: FOUR.map((n) => [`ring ${n}`, ...words[n]]),
      mark: r,
    },
    chart: gridChart(
      { title: "DPL of the gate", values: FOUR },
      { title: "ring (CPL)", values: FOUR },
      tries.map((row) => row.map((fault) => (fault ? "faults" : "completes"))),
      words,
      [d, r],
    ),
  }
}

const four = (label: string, value: number) =>
  ({ kind: "range", label, unit: "", min: 0, max: 3, step: 1, value }) as const

/** Sixteen runs: every ring, every DPL. */
export const GATE_EXPERIMENT: Experiment = {
  name: "traps/gate",
  title: "Who gets through a gate",
  about:
    "The handler is in ring 0. Compare INT 80h with an exception, and a gate that is present with one that is not.",
  parameters: {
    ring: four("Ring that runs (CPL)", 3),
    dpl: four("DPL of the gate", 0),
    deed: { kind: "choice", label: "What goes through it", options: Object.keys(DEEDS), value: "INT 80h" },
    gate: { kind: "choice", label: "The gate is", options: [PRESENT, "not present"], value: PRESENT },
  },
  run,
}
