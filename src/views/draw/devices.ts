/** The panels of the devices' states. */
import type { Frame } from "../view"
import { finish, notedRows, type Panel, panel } from "./panel"
import { count } from "./svg"

/** Most device values that are drawn. */
const MOST_DEVICES = 200

/** What the step changed in devices. */
export function drawDevices(frame: Frame, width: number): Panel | null {
  if (frame.devices.length === 0) return null
  const cells = frame.devices.filter(({ old }) => old !== undefined)
  const none = `None of ${count(frame.devices.length)} values changed.`
  const rows = notedRows(cells.slice(0, MOST_DEVICES), width, 2)
  return panel("Devices", "what this step changed", width, finish(rows, cells.length, none, MOST_DEVICES))
}

/** The state of one device, by its name. */
export function drawDevice(frame: Frame, width: number, which: string): Panel {
  const cells = frame.devices.filter(({ name }) => deviceOf(name) === which)
  const rows = notedRows(cells.slice(0, MOST_DEVICES), width, 2)
  return panel(which, "its state, hexadecimal", width, finish(rows, cells.length, "", MOST_DEVICES))
}

/** The device that a value is of: "pic" of "pic.irr". */
const deviceOf = (name: string): string => name.split(".", 1)[0]

/** The names of a frame's devices, each once. */
export const deviceNames = ({ devices }: Frame): string[] => [
  ...new Set(devices.map(({ name }) => deviceOf(name))),
]
