/**
 * What is asked of a monitor, measured for one guest: that it does what it does on bare metal (equivalence), that no guest gets out
 * (safety), and that most of it runs on the processor itself (performance).
 */
import { HOSTILE_GUESTS } from "../../guests/hostile/index"
import { type KernelName, kernelProgram } from "../../guests/kernel/index"
import { type Difference, firstDifference, type Pair } from "../../hypervisors/equivalence"
import { hypervise } from "../../hypervisors/kinds"
import type { TrapAndEmulate } from "../../hypervisors/trap-and-emulate"
import { assemble } from "../../isa/assemble"
import { loadMultiboot } from "../../loaders/multiboot"
import { FREE } from "../../machine/events/costs"
import type { Machine } from "../../machine/machine"
import type { Work } from "../../numbers/slices"
import { pc } from "../../pc"
import { inVirtualMachine, onBareMetal, type Workload } from "./measured"

/** What one hostile guest came to. */
export interface Attempt {
  /** Its name, and what it tries, in a sentence. */
  readonly name: string
  readonly tries: string
  /** Exits that it caused. */
  readonly exits: number
  /** Pages of others, and of nobody, that are not as they are beside an idle guest. */
  readonly changed: number
  /** Whether its neighbour had its share of the processor, and came to its end. */
  readonly neighbourEnded: boolean
}

/** The three, as plain data. */
export interface Principles {
  readonly equivalence: {
    /** Steps of the guest that were compared. */
    readonly steps: number
    /** The first step after which the guest could tell; none if there is none. */
    readonly difference?: Difference
  }
  readonly safety: {
    readonly attempts: readonly Attempt[]
    /** How many changed anything outside, or kept the neighbour from its share. */
    readonly gotOut: number
  }
  readonly performance: {
    /** Cycles while there are applications. */
    readonly bare: number
    readonly virtual: number
    /** Instructions of the guest for each exit. */
    readonly stepsPerExit: number
    /** Whether it printed in the virtual machine what it prints on bare metal. */
    readonly samePrinted: boolean
  }
}

/** Steps of the guest that are compared. */
const COMPARED = 20_000
/** One for each kind of way out. */
const TRIED = [
  "top-without-paging",
  "tables-that-name-others",
  "forged-segments",
  "every-vector-from-ring-3",
  "interrupts-off-for-ever",
]

/** Measure all three for the guest kernel with a program: of the guest's steps so many are compared. */
export function* measurePrinciples(workload: Workload, steps = COMPARED): Work<Principles> {
  const of = TRIED.length + 3
  const difference = firstDifference(() => pairOf(workload), steps)
  yield { done: 1, of }
  const attempts: Attempt[] = []
  const idle = beside(IDLE)
  for (const name of TRIED) {
    attempts.push(attempt(name, idle))
    yield { done: 1 + attempts.length, of }
  }
  const performance = yield* performanceOf(workload)
  const isOut = ({ changed, neighbourEnded }: Attempt) => changed > 0 || !neighbourEnded
  return {
    equivalence: { steps: difference?.step ?? steps, ...(difference ? { difference } : {}) },
    safety: { attempts, gotOut: attempts.filter(isOut).length },
    performance,
  }
}

/** MiB of the guest kernel. */
const KERNEL = 8

/** The guest kernel twice. */
export function pairOf({ kernel, commandLine }: Pick<Workload, "kernel" | "commandLine">): Pair {
  const bare = loaded(pc({ memory: KERNEL, prices: FREE }), kernel, commandLine)
  const machine = pc({ memory: KERNEL + 10, prices: FREE })
  const hypervisor = hypervise(machine, "trap-and-emulate", {
    vms: [{ name: "guest", memory: KERNEL }],
    time: "steps",
  })
  loaded(hypervisor.guests[0].vm.machine, kernel, commandLine)
  return { bare, machine, hypervisor }
}

function loaded(machine: Machine, kernel: KernelName, commandLine: string): Machine {
  loadMultiboot(machine, kernelProgram(kernel).bytes, commandLine)
  return machine
}

function* performanceOf(workload: Workload): Work<Principles["performance"]> {
  const bare = yield* onBareMetal(workload)
  const virtual = yield* inVirtualMachine(workload)
  const exits = Object.values(virtual.exits).reduce((all, count) => all + count, 0)
  return {
    bare: bare.sum,
    virtual: virtual.sum,
    stepsPerExit: Math.round((virtual.cycles.work ?? 0) / Math.max(1, exits)),
    samePrinted: untimed(virtual.printed) === untimed(bare.printed),
  }
}

/** What is printed, but for times. */
const untimed = (text: string) => text.replace(/^time:.*$/m, "")

// Safety

/** MiB of each of the two; a clock so slow that both have many turns in a short run. */
const [MEBIBYTES, HERTZ] = [4, 200_000]
const STEPS = 60_000
const PAGE_SHIFT = 12
const IDLE = "org 0x100000\n  cli\n  hlt"
/** Fills 32 KiB, and ends: with half of the processor it is through long before the end of the run. */
const NEIGHBOUR = `org 0x100000
  mov edi, 0x200000
  mov eax, 1
.next:
  imul eax, eax, 1664525
  add eax, 1013904223
  mov [edi], eax
  add edi, 16
  cmp edi, 0x208000
  jb .next
  cli
  hlt`

interface Beside {
  readonly machine: Machine
  readonly hypervisor: TrapAndEmulate
}

/** A guest beside the neighbour, for a while. */
function beside(source: string): Beside {
  const machine = pc({ memory: 2 * MEBIBYTES + 5, hertz: HERTZ, prices: FREE })
  const vms = ["tried", "neighbour"].map((name) => ({ name, memory: MEBIBYTES }))
  const hypervisor = hypervise(machine, "trap-and-emulate", { vms })
  hypervisor.guests[0].vm.load(assemble(source))
  hypervisor.guests[1].vm.load(assemble(NEIGHBOUR))
  machine.run({ steps: STEPS })
  return { machine, hypervisor }
}

function attempt(name: string, idle: Beside): Attempt {
  const { source, tries } = HOSTILE_GUESTS.find(
    (guest) => guest.name === name,
  ) as (typeof HOSTILE_GUESTS)[number]
  const { machine, hypervisor } = beside(source)
  const [tried, neighbour] = hypervisor.guests
  return {
    name,
    tries,
    exits: Object.values(tried.exits).reduce((all, count) => all + count, 0),
    changed: changedPages(machine, idle.machine, hypervisor),
    neighbourEnded: neighbour.vm.machine.cpu.activity === "halted",
  }
}

/** Pages that are neither the monitor's nor the tried guest's, and differ. */
function changedPages(one: Machine, other: Machine, { pages }: TrapAndEmulate): number {
  const own = ["monitor", "tried"]
  let changed = 0
  for (let page = 0; page < one.memory.size >>> PAGE_SHIFT; page++)
    if (!own.includes(pages.ownerOf(page) ?? "") && !isSame(one.memory.page(page), other.memory.page(page)))
      changed++
  return changed
}

const isSame = (one: Uint8Array, other: Uint8Array) => one.every((byte, n) => byte === other[n])
