/** An ordinary PC, as a list of its parts. */
import { pic } from "./devices/pic"
import { pit } from "./devices/pit"
import { uart } from "./devices/uart"
import type { Device } from "./machine/bus"
import { Machine } from "./machine/machine"

/** What may be chosen about a PC. */
export interface PcOptions {
  /** MiB of memory; 16 if not said. */
  readonly memory?: number
  /** Cycles in a second; 33 MHz if not said. It decides how many instructions fit between two timer ticks. */
  readonly hertz?: number
  /** Devices beside the ordinary ones. */
  readonly devices?: readonly Device[]
}

/** The devices every PC has, made anew. */
export const ordinaryDevices = (): Device[] => [pic(), pit(), uart()]

/**
 * A PC with interrupt controller, timer and serial port, in 32-bit protected mode as a boot loader leaves it.
 * @throws RangeError if an option is out of range or a device's name or port is taken
 */
export function pc({ memory = 16, hertz = 33_000_000, devices = [] }: PcOptions = {}): Machine {
  return new Machine({ memory, hertz }).attach(...ordinaryDevices(), ...devices)
}
