/** Hypervisors by name: for recordings, experiments and the command line. */
import type { Machine, MachineOptions } from "../machine/machine"
import { BinaryTranslation, type TranslationOptions } from "./binary-translation"
import { type HypervisorOptions, TrapAndEmulate } from "./trap-and-emulate"

/** Built-in hypervisors. */
export const HYPERVISORS = {
  "trap-and-emulate": (host: MachineOptions, options?: unknown) =>
    new TrapAndEmulate(host, options as HypervisorOptions),
  "binary-translation": (host: MachineOptions, options?: unknown) =>
    new BinaryTranslation(host, options as TranslationOptions),
} as const

/** Who has the machine's rings under each: the innermost first. */
export const LANES = {
  "trap-and-emulate": [
    { ring: 0, name: "monitor", note: "ring 0" },
    { ring: 1, name: "guest kernel", note: "ring 1" },
    { ring: 3, name: "application", note: "ring 3" },
  ],
  "binary-translation": [
    { ring: 0, name: "monitor", note: "ring 0" },
    { ring: 1, name: "translated kernel", note: "ring 1" },
    { ring: 3, name: "application", note: "ring 3" },
  ],
} as const satisfies Record<keyof typeof HYPERVISORS, unknown>

/** The name of a built-in hypervisor. */
export type HypervisorName = keyof typeof HYPERVISORS

/**
 * Put a hypervisor on a machine, in place of an operating system: it has the processor from the first step on.
 * @throws RangeError if the machine's memory does not suffice, or there is no such hypervisor
 */
export function hypervise(
  machine: Machine,
  name: HypervisorName,
  options: HypervisorOptions,
): TrapAndEmulate {
  if (!Object.hasOwn(HYPERVISORS, name))
    throw new RangeError(`there is no hypervisor "${name}": there are ${Object.keys(HYPERVISORS).join(", ")}`)
  return HYPERVISORS[name](machine.options, options).connect(machine)
}
