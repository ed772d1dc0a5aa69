/**
 * The keyboard controller, an 8042 at ports 60h and 64h, with its keyboard: what is typed comes as scan codes, one after
 * the other. @see Intel 8042/UPI-42 and IBM PC/AT Technical Reference, "Keyboard Controller"
 */
import type { Device, DeviceHost } from "../machine/board/device"
import type { Machine } from "../machine/machine"
import {
  ENABLED_MODE,
  hearsKeys,
  interruptsKeyboard,
  interruptsMouse,
  readData,
  readStatus,
  writeCommand,
  writeData,
} from "./keyboard-controller"
import { DISABLED, type KeyboardState, keyCodes } from "./keyboard-unit"
import { needCharacters } from "./typing"

/** Seconds from typing, or from the keyboard's being enabled, to the first code, and from one code that was read to the next. */
const PAUSE = 0.01
const CODE_TIME = 0.001
/** Tags of events: a code comes; somebody typed. */
const SENDS = 0
const TYPED = 1

const DATA = 0x60
const COMMAND = 0x64
const LINE = 1
const MOUSE_LINE = 12

/** The next code comes in so many seconds, if there is one and nothing keeps it back. */
function expectCode(s: KeyboardState, host: DeviceHost, seconds: number): void {
  host.cancel(SENDS)
  const waiting = s.codes.length > 0 || s.input.length > 0
  const free = s.output.length === 0 && !(s.mode & DISABLED) && !s.silent
  if (waiting && free) host.after(seconds * host.hertz, SENDS)
}

function send(s: KeyboardState): void {
  while (s.codes.length === 0 && s.input.length > 0) {
    s.codes = keyCodes(s, s.input[0])
    s.input = s.input.slice(1)
  }
  s.output = s.codes.slice(0, 1)
  s.codes = s.codes.slice(1)
}

/** Reading a byte lowers its line. The mouse's is left to others as long as there is no byte from there, now or `before`. */
function update(s: KeyboardState, host: DeviceHost, before: number | undefined): void {
  host.interrupt(LINE, interruptsKeyboard(s))
  if (s.source !== before || s.source) host.interrupt(MOUSE_LINE, interruptsMouse(s))
}

/** Whether what is typed now would wake the processor, as far as the controller decides it. */
export function awaitsKeys({ bus, cpu }: Machine): boolean {
  const s = bus.devices.find(({ kind }) => kind === "keyboard")?.state as KeyboardState | undefined
  return s !== undefined && cpu.canBeWoken() && hearsKeys(s)
}

/** Keyboard controller and keyboard at ports 60h and 64h, interrupt line 1, and 12 for the mouse that is not there. */
export function keyboard(): Device {
  const state = (device: Device) => device.state as KeyboardState
  return {
    name: "keyboard",
    kind: "keyboard",
    byteWide: true,
    state: {
      output: [],
      input: "",
      codes: [],
      mode: ENABLED_MODE,
      expects: 0,
      command: false,
      keyboardExpects: false,
    } satisfies KeyboardState,
    ports: [
      [DATA, DATA],
      [COMMAND, COMMAND],
    ],
    in(port, _size, host) {
      const s = state(this)
      if (port === COMMAND) return readStatus(s)
      const { source } = s
      const value = readData(s)
      host.interrupt(LINE, false)
      update(s, host, source)
      expectCode(s, host, CODE_TIME)
      return value
    },
    out(port, _size, value, host) {
      const s = state(this)
      const { source } = s
      if (port === COMMAND) writeCommand(s, value & 0xff, host)
      else writeData(s, value & 0xff, host)
      update(s, host, source)
      expectCode(s, host, PAUSE)
    },
    type(text, host) {
      needCharacters(text, 0x7f)
      state(this).input += text
      host.after(1, TYPED)
    },
    tick(tag, host) {
      const s = state(this)
      if (tag === TYPED) expectCode(s, host, PAUSE)
      else send(s)
      update(s, host, s.source)
    },
  }
}
