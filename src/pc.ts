/** An ordinary PC, as a list of its parts. */
import { keyboard } from "./devices/keyboard"
import { pic } from "./devices/pic"
import { pit } from "./devices/pit"
import { port92 } from "./devices/port92"
import { post } from "./devices/post"
import { rtc } from "./devices/rtc"
import { screen } from "./devices/screen"
import { uart } from "./devices/uart"
import type { Device } from "./machine/board/bus"
import { Machine, type MachineOptions } from "./machine/machine"
import { type JournalReader, replayed } from "./machine/time/journal"
import type { Recorded } from "./machine/time/recording"

/** What may be chosen about a PC. */
export interface PcOptions {
  /** MiB of memory; 16 if not said. */
  readonly memory?: number
  /** Cycles in a second; 33 MHz if not said. It decides how many instructions fit between two timer ticks. */
  readonly hertz?: number
  /** Devices beside the ordinary ones. */
  readonly devices?: readonly Device[]
}

/** Built-in parts by kind. */
const PARTS: Readonly<Record<string, (options: MachineOptions) => Device>> = {
  pic,
  pit,
  uart,
  keyboard,
  port92,
  rtc: ({ memory }) => rtc(memory),
  screen,
  post,
}
const ORDINARY = ["pic", "pit", "uart", "keyboard", "port92", "rtc"]

/**
 * A PC with interrupt controller, timer, serial port, keyboard controller, port 92h and clock, in 32-bit protected mode as
 * a boot loader leaves it.
 * @throws RangeError if an option is out of range or a device's name or port is taken
 */
export function pc({ memory = 16, hertz = 33_000_000, devices = [] }: PcOptions = {}): Machine {
  const options = { memory, hertz }
  return new Machine(options).attach(...ORDINARY.map((kind) => PARTS[kind](options)), ...devices)
}

/** A machine with a recording's parts, for its replay. @throws RangeError if it names a part that does not exist */
export function rebuild({ options, devices }: Recorded, journal: JournalReader): Machine {
  const parts = devices.map((shape) =>
    shape.kind === undefined ? replayed(shape, journal) : part(shape.kind, options),
  )
  return new Machine(options).attach(...parts)
}

function part(kind: string, options: MachineOptions): Device {
  if (!Object.hasOwn(PARTS, kind)) throw new RangeError(`there is no built-in device "${kind}"`)
  return PARTS[kind](options)
}
