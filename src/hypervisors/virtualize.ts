/** A program as a guest: on a machine of its own under a hypervisor, or on two machines, to be compared. */

import type { Program } from "../isa/program"
import { FREE } from "../machine/events/costs"
import type { Machine } from "../machine/machine"
import type { GenerationName } from "../machine/processor/generations"
import { pc } from "../pc"
import type { Pair } from "./equivalence"
import { type HypervisorName, hypervise } from "./kinds"
import type { HypervisorOptions, TrapAndEmulate } from "./trap-and-emulate"

/** What may be chosen for a guest. */
export interface GuestOptions {
  /** MiB of the guest's memory, 1 to 240; 8 if not said. The machine below it has 10 more. */
  readonly memory?: number
  /** Of both processors, the real one and the guest's; "pentium-pro" if not said. */
  readonly generation?: GenerationName
  /** How many virtual machines run the program, each with its own memory and devices: 1 if not said. */
  readonly copies?: number
}

/** A guest, and what is below it. */
export interface Virtualized {
  /** The real machine: the hypervisor has it. Run and record this one. */
  readonly machine: Machine
  /** It has the machine, and its guests. */
  readonly hypervisor: TrapAndEmulate
  /** What the first guest takes for its machine. */
  readonly guest: Machine
}

/** MiB for the hypervisor and its tables. */
const FOR_HYPERVISOR = 10

/**
 * Put a program into a virtual machine, under a hypervisor that has a machine of its own.
 * @throws RangeError if there is no such hypervisor or generation, or if the program does not fit
 * @example record(virtualize(kernel).machine)
 */
export function virtualize(
  program: Program,
  name: HypervisorName = "trap-and-emulate",
  options: GuestOptions = {},
): Virtualized {
  return put(program, name, options, { time: "machine" })
}

/**
 * A guest on bare metal and under a hypervisor, for `firstDifference` and `recordDifference`: each call makes both machines anew. Nothing
 * costs cycles but steps, so that time tells them nothing.
 * @throws RangeError as `virtualize`
 */
export function besideBare(
  program: Program,
  name: HypervisorName = "trap-and-emulate",
  options: GuestOptions = {},
): () => Pair {
  const { memory = MEMORY, generation } = options
  return () => {
    const bare = pc({ memory, prices: FREE, ...(generation ? { generation } : {}) }).load(program)
    const { machine, hypervisor } = put(program, name, options, { time: "steps", prices: FREE })
    return { bare, machine, hypervisor }
  }
}

const MEMORY = 8

function put(
  program: Program,
  name: HypervisorName,
  { memory = MEMORY, generation, copies = 1 }: GuestOptions,
  { time, prices }: Pick<HypervisorOptions, "time"> & { prices?: typeof FREE },
): Virtualized {
  const machine = pc({
    memory: memory * copies + FOR_HYPERVISOR,
    ...(generation ? { generation } : {}),
    ...(prices ? { prices } : {}),
  })
  const vms = Array.from({ length: copies }, (_, n) => ({ name: `guest ${n + 1}`, memory }))
  const hypervisor = hypervise(machine, name, { vms, time })
  for (const { vm } of hypervisor.guests) vm.load(program)
  return { machine, hypervisor, guest: hypervisor.guests[0].vm.machine }
}
