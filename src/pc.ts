/** An ordinary PC, as a list of its parts. */
import { keyboard } from "./devices/keyboard"
import { pic } from "./devices/pic"
import { pit } from "./devices/pit"
import { port92 } from "./devices/port92"
import { post } from "./devices/post"
import { rtc } from "./devices/rtc"
import { screen } from "./devices/screen"
import { uart } from "./devices/uart"
import type { Device } from "./machine/board/device"
import type { PriceChanges } from "./machine/events/costs"
import { Machine, type MachineOptions } from "./machine/machine"
import { generationNamed } from "./machine/processor/generations"

/** What may be chosen about a PC. */
export interface PcOptions {
  /** MiB of memory; 16 if not said. */
  readonly memory?: number
  /** The processor's generation, a name of `GENERATIONS`; "p6" if not said. */
  readonly generation?: string
  /** Cycles in a second; the generation's if not said, 33 MHz for "p6". It decides how many instructions fit between two timer ticks. */
  readonly hertz?: number
  /** Prices that are not the generation's, in cycles: `{ gateEntry: 300 }`. */
  readonly prices?: PriceChanges
  /** Devices beside the ordinary ones. */
  readonly devices?: readonly Device[]
}

/** Makes a built-in device for a machine, from plain options of its own if it has any. */
export type MakePart = (machine: MachineOptions, options?: unknown) => Device

/** The devices of a PC by kind. */
export const DEVICES: Readonly<Record<string, MakePart>> = {
  pic,
  pit,
  uart,
  keyboard,
  port92,
  rtc: ({ memory }, options) => rtc(memory, (options as { start?: number } | undefined)?.start),
  screen,
  post,
}
const ORDINARY = ["pic", "pit", "uart", "keyboard", "port92", "rtc"]

/**
 * A PC with interrupt controller, timer, serial port, keyboard controller, port 92h and clock, in 32-bit protected mode as
 * a boot loader leaves it.
 * @throws RangeError if an option is out of range or a device's name, port or address is taken
 */
export function pc({ memory = 16, devices = [], generation, hertz, prices }: PcOptions = {}): Machine {
  const options = {
    memory,
    hertz: hertz ?? generationNamed(generation).hertz,
    ...(generation === undefined ? {} : { generation }),
    ...(prices === undefined ? {} : { prices }),
  }
  return new Machine(options).attach(...ORDINARY.map((kind) => DEVICES[kind](options)), ...devices)
}
