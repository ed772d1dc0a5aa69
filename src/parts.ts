/** The built-in parts of machines by kind, whatever they are: devices, and what else a recording names. */
import { HYPERVISORS } from "./hypervisors/kinds"
import type { Device } from "./machine/board/device"
import { Machine, type MachineOptions } from "./machine/machine"
import { type DeviceShape, type JournalReader, replayed } from "./machine/time/journal"
import type { Recorded } from "./machine/time/recording"
import { DEVICES, type MakePart } from "./pc"

const PARTS: Readonly<Record<string, MakePart>> = { ...DEVICES, ...HYPERVISORS }

/** A machine with a recording's parts, for its replay. @throws RangeError if it names a part that does not exist */
export function rebuild({ options, devices }: Recorded, journal: JournalReader): Machine {
  const parts = devices.map((shape) => part(shape, options) ?? replayed(shape, journal))
  return new Machine(options).attach(...parts)
}

/** A built-in part; undefined for a foreign device, whose code a replay has not. */
function part({ kind, options }: DeviceShape, machine: MachineOptions): Device | undefined {
  if (kind === undefined) return undefined
  if (!Object.hasOwn(PARTS, kind)) throw new RangeError(`there is no built-in device "${kind}"`)
  return PARTS[kind](machine, options)
}
