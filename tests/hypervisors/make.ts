/** Guests under hypervisors, for tests. */
import { type KernelName, kernelProgram } from "../../src/guests/kernel/index"
import type { Pair } from "../../src/hypervisors/equivalence"
import { type HypervisorName, hypervise } from "../../src/hypervisors/kinds"
import type { HypervisorOptions, TrapAndEmulate } from "../../src/hypervisors/trap-and-emulate"
import type { Program } from "../../src/isa/program"
import { loadMultiboot } from "../../src/loaders/multiboot"
import { FREE } from "../../src/machine/events/costs"
import type { Machine } from "../../src/machine/machine"
import { pc } from "../../src/pc"

/** Put the guest kernel onto a machine, bare or virtual. */
export function loadKernel(machine: Machine, name: KernelName, commandLine: string): Machine {
  loadMultiboot(machine, kernelProgram(name).bytes, commandLine)
  return machine
}

export const MEMORY = 8

/** A machine with so many virtual machines, each with the guest kernel. */
export function virtual(
  commandLines: readonly string[],
  { name = "kernel-well-behaved", time = "machine", prices, kind = "trap-and-emulate" }: Options = {},
): { readonly machine: Machine; readonly hypervisor: TrapAndEmulate } {
  const machine = pc({ memory: 8 + (MEMORY + 2) * commandLines.length, ...(prices ? { prices } : {}) })
  const vms = commandLines.map((_, n) => ({ name: `vm${n}`, memory: MEMORY }))
  const hypervisor = hypervise(machine, kind, { vms, time })
  for (const [n, commandLine] of commandLines.entries())
    loadKernel(hypervisor.guests[n].vm.machine, name, commandLine)
  return { machine, hypervisor }
}

interface Options {
  readonly name?: KernelName
  readonly time?: HypervisorOptions["time"]
  readonly prices?: typeof FREE
  readonly kind?: HypervisorName
}

/** The guest kernel twice: on bare metal, and under the hypervisor. */
export function kernelPair(name: KernelName, commandLine: string): Pair {
  const bare = loadKernel(pc({ memory: MEMORY, prices: FREE }), name, commandLine)
  return { bare, ...virtual([commandLine], { name, time: "steps", prices: FREE }) }
}

/** A program twice. */
export function pairOf(program: Program): Pair {
  const bare = pc({ memory: MEMORY, prices: FREE }).load(program)
  const machine = pc({ memory: MEMORY + 10, prices: FREE })
  const hypervisor = hypervise(machine, "trap-and-emulate", {
    vms: [{ name: "vm", memory: MEMORY }],
    time: "steps",
  })
  hypervisor.guests[0].vm.load(program)
  return { bare, machine, hypervisor }
}
