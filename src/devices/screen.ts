/**
 * The text screen: 25 rows of 80 characters at B8000h, which is plain memory, and its controller, of which programs use the
 * cursor, the start address and the retrace. Nothing is drawn; the text can be read.
 * @see IBM Personal System/2 Hardware Interface Technical Reference, "Video Subsystem", CRT controller registers
 */

import type { Device, DeviceHost } from "../machine/board/device"
import type { Machine } from "../machine/machine"
import { withCard } from "../numbers/card"

/** Plain data. */
interface ScreenState {
  /** Which register port 3D5h is. */
  index: number
  registers: number[]
}

const INDEX = 0x3d4
const DATA = 0x3d5
const STATUS = 0x3da

/** As firmware sets mode 3 up: 80 by 25, cursor in the last two lines of a character, everything at 0. */
const MODE_3: readonly number[] = [
  0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28,
  0x1f, 0x96, 0xb9, 0xa3, 0xff,
]
const START_HIGH = 0x0c
const START_LOW = 0x0d

/** Frames a second, lines of a frame and those of them that show. */
const FRAMES = 70
const LINES = 449
const SHOWN = 400
/** Bits of the status port: nothing is shown now; vertical retrace. */
const NOT_SHOWN = 1
const RETRACE = 8

function status({ now, hertz }: DeviceHost): number {
  const line = Math.floor((now * FRAMES * LINES) / hertz) % LINES
  return line < SHOWN ? 0 : NOT_SHOWN | RETRACE
}

/** The screen's controller at ports 3D4h, 3D5h and 3DAh. */
export function screen(): Device {
  const state = (device: Device) => device.state as ScreenState
  const device: Device = {
    name: "screen",
    kind: "screen",
    byteWide: true,
    state: { index: 0, registers: [...MODE_3] } satisfies ScreenState,
    ports: [
      [INDEX, DATA],
      [STATUS, STATUS],
    ],
    in(port, _size, host) {
      const { index, registers } = state(this)
      if (port === STATUS) return status(host)
      return port === INDEX ? index : (registers[index] ?? 0)
    },
    out(port, _size, value) {
      const s = state(this)
      if (port === INDEX) s.index = value & 0x1f
      if (port === DATA) put(s, value)
    },
  }
  return withCard(device, () => ({
    title: "Screen of a PC, 80 × 25 characters: attach it to a machine, and read it with screenText",
  }))
}

function put(s: ScreenState, value: number): void {
  if (s.index < s.registers.length) s.registers[s.index] = value & 0xff
}

const TEXT = 0xb_8000
const TEXT_SIZE = 0x8000
const COLUMNS = 80
const ROWS = 25
/** Code page 437, which the screen's characters are numbered by; 0 is as blank as a space. */
const CHARACTERS =
  " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼ !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ "

/** What the text screen shows, a line a row, without blanks at the ends of lines and of the screen. */
export function screenText({ bus, memory }: Machine): string[] {
  const controller = bus.devices.find(({ kind }) => kind === "screen")?.state as ScreenState | undefined
  const [high, low] = [START_HIGH, START_LOW].map((register) => controller?.registers[register] ?? 0)
  const characterAt = (cell: number) =>
    CHARACTERS[memory.get(TEXT + ((2 * ((high << 8) | low) + 2 * cell) % TEXT_SIZE), 8) & 0xff]
  const rows = Array.from({ length: ROWS }, (_, row) =>
    Array.from({ length: COLUMNS }, (_, column) => characterAt(row * COLUMNS + column))
      .join("")
      .trimEnd(),
  )
  return rows.slice(0, rows.findLastIndex((row) => row !== "") + 1)
}
