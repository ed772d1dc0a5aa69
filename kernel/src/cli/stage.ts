/** Where a guest runs: on the machine itself, or under a hypervisor. */
import {
  FREE,
  firstDifference,
  type GuestDifference,
  HYPERVISORS,
  type HypervisorName,
  hypervise,
  type Machine,
  type Pair,
  pc,
  post,
  screen,
  type TrapAndEmulate,
} from "ringlab"
import { badUsage } from "./trouble"

/** MiB that a hypervisor needs beside its guest's. */
const FOR_MONITOR = 8
const DEVICES = ["pic", "pit", "uart", "keyboard", "port92", "rtc", "post", "screen"]
const BARE = "bare"

/** A machine that can be run, and the one that the guest takes for its own. */
export interface Stage {
  readonly machine: Machine
  /** On bare metal the same. */
  readonly guest: Machine
  readonly hypervisor?: TrapAndEmulate
}

/** What is to be chosen. */
interface Choice {
  /** "bare", or a hypervisor's name. */
  readonly hypervisor: string
  /** MiB that the guest has. */
  readonly memory: number
  readonly generation: string
}

/** A hypervisor by the name that the command line gives. @throws Trouble */
function named(name: string): HypervisorName {
  if (Object.hasOwn(HYPERVISORS, name)) return name as HypervisorName
  const known = [BARE, ...Object.keys(HYPERVISORS)].join(", ")
  throw badUsage(`There is no hypervisor "${name}": --hypervisor takes ${known}.`)
}

/** A machine for a guest. @throws Trouble if there is no such hypervisor */
export function stageFor({ hypervisor: name, memory, generation }: Choice): Stage {
  if (name === BARE) return bareStage(pc({ memory, generation, devices: [post(), screen()] }))
  return virtualStage(pc({ memory: memory + FOR_MONITOR, generation }), named(name), memory, "machine")
}

const bareStage = (machine: Machine): Stage => ({ machine, guest: machine })

function virtualStage(
  machine: Machine,
  name: HypervisorName,
  memory: number,
  time: "machine" | "steps",
): Stage {
  const vms = [{ name: "guest", memory, devices: DEVICES }]
  const hypervisor = hypervise(machine, name, { vms, time })
  return { machine, guest: hypervisor.guests[0].vm.machine, hypervisor }
}

/**
 * The first step at which a guest differs from itself on bare metal.
 * @param load puts the guest onto a machine that is as it was made
 * @throws Trouble if there is no hypervisor to compare with
 */
export function differenceOf(
  choice: Choice,
  load: (guest: Machine) => void,
  steps: number,
): GuestDifference | undefined {
  const { hypervisor: name, memory, generation } = choice
  if (name === BARE)
    throw badUsage("--difference compares a hypervisor with bare metal: name one with --hypervisor.")
  const make = (): Pair => {
    const bare = pc({ memory, generation, prices: FREE, devices: [post(), screen()] })
    const host = pc({ memory: memory + FOR_MONITOR, generation, prices: FREE })
    const { machine, guest, hypervisor } = virtualStage(host, named(name), memory, "steps")
    load(bare)
    load(guest)
    return { bare, machine, hypervisor: hypervisor as TrapAndEmulate }
  }
  return firstDifference(make, steps)
}
