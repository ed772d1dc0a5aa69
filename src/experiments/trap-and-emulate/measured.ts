/** The guest kernel with a program, on bare metal or in a virtual machine: what it costs while there are applications. */
import { type KernelName, kernelProgram } from "../../guests/kernel/index"
import { hypervise } from "../../hypervisors/kinds"
import type { TrapAndEmulate } from "../../hypervisors/trap-and-emulate"
import { loadMultiboot } from "../../loaders/multiboot"
import type { Cause } from "../../machine/events/costs"
import type { Event } from "../../machine/events/events"
import type { Machine } from "../../machine/machine"
import { GENERATIONS, type GenerationName } from "../../machine/processor/generations"
import type { Work } from "../../numbers/slices"
import { pc } from "../../pc"

/** A program of the guest kernel's command line, and the processor. */
export interface Workload {
  readonly kernel: KernelName
  /** "calls 1" … */
  readonly commandLine: string
  readonly generation: GenerationName
}

/** What a run cost from the first step of an application to the last one's. */
export interface Measured {
  /** Cycles by cause; "work" is the one cycle of every step, time asleep is left out. */
  readonly cycles: Readonly<Partial<Record<Cause, number>>>
  /** Their sum. */
  readonly sum: number
  /** Exits by reason; none on bare metal. */
  readonly exits: Readonly<Record<string, number>>
  /** What the guest printed in all. */
  readonly printed: string
}

/** MiB of the guest, and of the machine under it. */
const [GUEST, MACHINE] = [8, 18]
const MOST_STEPS = 3_000_000
/** Steps between two yields. */
const SLICE = 20_000

/** Run it on bare metal. */
export function* onBareMetal({ kernel, commandLine, generation }: Workload): Work<Measured> {
  const machine = pc({ memory: GUEST, ...processor(generation) })
  loadMultiboot(machine, kernelProgram(kernel).bytes, commandLine)
  return yield* measured(machine, machine, () => ({}))
}

/** Run it as the only virtual machine of trap-and-emulate. */
export function* inVirtualMachine(workload: Workload): Work<Measured> {
  const { machine, hypervisor } = hosted(workload)
  const [{ vm }] = hypervisor.guests
  return yield* measured(machine, vm.machine, () => ({ ...hypervisor.guests[0].exits }))
}

/** A machine with the guest as its only virtual machine. */
export function hosted({ kernel, commandLine, generation }: Workload): {
  readonly machine: Machine
  readonly hypervisor: TrapAndEmulate
} {
  const machine = pc({ memory: MACHINE, ...processor(generation) })
  const hypervisor = hypervise(machine, "trap-and-emulate", { vms: [{ name: "guest", memory: GUEST }] })
  loadMultiboot(hypervisor.guests[0].vm.machine, kernelProgram(kernel).bytes, commandLine)
  return { machine, hypervisor }
}

const processor = (generation: GenerationName) => ({ generation, hertz: GENERATIONS[generation].hertz })

type Counts = Readonly<Record<string, number>>
/** What was counted by a moment. */
interface Moment {
  readonly steps: number
  readonly ledger: Counts
  readonly exits: Counts
}

/** Run to the end, and look at what was counted when an application first ran, and when one last did. */
function* measured(machine: Machine, guest: Machine, exits: () => Counts): Work<Measured> {
  const moment = (): Moment => ({
    steps: machine.clock.steps,
    ledger: machine.ledger.entries(),
    exits: exits(),
  })
  let first: Moment | undefined
  let last = moment()
  const tell = (event: Event) => {
    if (event.is !== "ring") return
    if (event.to === 3) first ??= moment()
    if (event.from === 3) last = moment()
  }
  machine.listener = { detail: false, tell }
  for (let done = 0; done < MOST_STEPS; done += SLICE) {
    if (machine.run({ steps: SLICE }).why !== "limit") break
    yield { done, of: MOST_STEPS }
  }
  machine.listener = undefined
  return between(first ?? last, last, guest.serial)
}

function between(first: Moment, last: Moment, printed: string): Measured {
  const { idle: _, work: __, ...booked } = less(last.ledger, first.ledger)
  const cycles = { work: last.steps - first.steps, ...booked }
  const sum = Object.values(cycles).reduce((all, each) => all + each, 0)
  return { cycles, sum, exits: less(last.exits, first.exits), printed }
}

/** What came between, without what did not. */
function less(last: Counts, first: Counts): Record<string, number> {
  const all = Object.keys(last).map((name) => [name, last[name] - (first[name] ?? 0)] as const)
  return Object.fromEntries(all.filter(([, count]) => count !== 0))
}
