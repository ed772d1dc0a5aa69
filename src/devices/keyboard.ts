/**
 * The keyboard controller, an 8042 at ports 60h and 64h, and its keyboard: it answers commands and sends what is typed, in
 * scan codes of set 1. Through its output port the controller also drives the A20 gate and the processor's reset line. @see Intel 8042/UPI-42 and IBM PC/AT
 * Technical Reference, "Keyboard Controller"
 */
import type { Device, DeviceHost } from "../machine/board/bus"
import type { Machine } from "../machine/machine"
import { scanCodes } from "./scan-codes"

/** Plain data. */
interface KeyboardState {
  /** Bytes that wait to be read at port 60h. */
  output: number[]
  /** What was typed and not yet sent, a character a key or two. */
  input: string
  /** Scan codes of the key that is being sent. */
  codes: number[]
  /** The controller's command byte: bit 0 interrupt on output, bit 2 system flag, bit 4 keyboard disabled. */
  mode: number
  /** The command that waits for its parameter at port 60h; 0: none. */
  expects: number
  /** The last byte written was a command. */
  command: boolean
  /** The keyboard's own command that waits for its parameter. */
  keyboardExpects: boolean
}

/** Seconds from typing, or from the keyboard's being enabled, to the first code, and from one code that was read to the next. */
const PAUSE = 0.01
const CODE_TIME = 0.001
/** Tags of events: a code comes; somebody typed. */
const SENDS = 0
const TYPED = 1

const DATA = 0x60
const COMMAND = 0x64
const LINE = 1

/** Status: output buffer full; system flag (in the command byte, too); last byte was a command; keyboard not locked. */
const OUTPUT_FULL = 1
const SYSTEM = 4
const WAS_COMMAND = 8
const NOT_LOCKED = 0x10

/** Bits of the output port. Reset is active low. */
const NO_RESET = 1
const A20 = 2
const OUTPUT_INTERRUPT = 0x10
const OUTPUT_FIXED = 0xcc

type Act = (s: KeyboardState, host: DeviceHost) => void
const answer =
  (...bytes: number[]): Act =>
  (s) => {
    s.output = bytes
  }
const expect =
  (command: number): Act =>
  (s) => {
    s.expects = command
  }
const setMode =
  (bits: number, on: boolean): Act =>
  (s) => {
    s.mode = on ? s.mode | bits : s.mode & ~bits
  }
const gate =
  (open: boolean): Act =>
  (_s, host) =>
    host.gateA20(open)

function outputPort(s: KeyboardState, host: DeviceHost): number {
  return OUTPUT_FIXED | NO_RESET | (host.a20 ? A20 : 0) | (s.output.length > 0 ? OUTPUT_INTERRUPT : 0)
}

const DISABLED = 0x10
const INTERRUPTS = 1
/** As firmware leaves it: interrupts, system flag, translation to set 1. */
const ENABLED_MODE = 0x45

/** Commands to the controller, at port 64h. */
const COMMANDS: Readonly<Record<number, Act>> = {
  32: (s) => {
    s.output = [s.mode]
  },
  96: expect(0x60),
  /** Self-test: it passes. */
  170: (s) => {
    s.mode |= SYSTEM
    s.output = [0x55]
  },
  /** Interface test: no fault. */
  171: answer(0),
  173: setMode(DISABLED, true),
  174: setMode(DISABLED, false),
  /** Input port: keyboard not locked, no jumper set. */
  192: answer(0xbf),
  208: (s, host) => {
    s.output = [outputPort(s, host)]
  },
  209: expect(0xd1),
  210: expect(0xd2),
  221: gate(false),
  223: gate(true),
}

/** Parameters of such commands, at port 60h. */
const PARAMETERS: Readonly<Record<number, (s: KeyboardState, value: number, host: DeviceHost) => void>> = {
  96: (s, value) => {
    s.mode = value
  },
  209: (_s, value, host) => {
    host.gateA20((value & A20) !== 0)
    if (!(value & NO_RESET)) host.reset()
  },
  210: (s, value) => {
    s.output = [value]
  },
}

const ACKNOWLEDGE = 0xfa
/** What the keyboard answers beside an acknowledgement; its other commands get that alone. */
const ANSWERS: Readonly<Record<number, readonly number[]>> = {
  238: [0xee],
  242: [ACKNOWLEDGE, 0xab, 0x83],
  255: [ACKNOWLEDGE, 0xaa],
}
/** Keyboard commands with a parameter: lights, scan code set, repeat rate. */
const WITH_PARAMETER = [0xed, 0xf0, 0xf3]
/** F0h to FFh pulse the output port's low lines whose bit is 0. */
const PULSE = 0xf0

/** The next code comes in so many seconds, if there is one and nothing keeps it back. */
function expectCode(s: KeyboardState, host: DeviceHost, seconds: number): void {
  host.cancel(SENDS)
  const waiting = s.codes.length > 0 || s.input.length > 0
  if (waiting && s.output.length === 0 && !(s.mode & DISABLED)) host.after(seconds * host.hertz, SENDS)
}

function send(s: KeyboardState): void {
  while (s.codes.length === 0 && s.input.length > 0) {
    s.codes = scanCodes(s.input[0])
    s.input = s.input.slice(1)
  }
  s.output = s.codes.slice(0, 1)
  s.codes = s.codes.slice(1)
}

function writeCommand(s: KeyboardState, value: number, host: DeviceHost): void {
  s.command = true
  s.expects = 0
  if (value >= PULSE && !(value & NO_RESET)) host.reset()
  else COMMANDS[value]?.(s, host)
}

function writeData(s: KeyboardState, value: number, host: DeviceHost): void {
  s.command = false
  const parameter = PARAMETERS[s.expects]
  s.expects = 0
  if (parameter) parameter(s, value, host)
  else tellKeyboard(s, value)
}

function tellKeyboard(s: KeyboardState, value: number): void {
  s.output = s.keyboardExpects ? [ACKNOWLEDGE] : [...(ANSWERS[value] ?? [ACKNOWLEDGE])]
  s.keyboardExpects = !s.keyboardExpects && WITH_PARAMETER.includes(value)
}

function readStatus(s: KeyboardState): number {
  return (
    NOT_LOCKED | (s.output.length > 0 ? OUTPUT_FULL : 0) | (s.mode & SYSTEM) | (s.command ? WAS_COMMAND : 0)
  )
}

/** A byte that waits requests interrupt 1, if the command byte allows; reading it lowers the line. */
function update(s: KeyboardState, host: DeviceHost): void {
  host.interrupt(LINE, s.output.length > 0 && (s.mode & INTERRUPTS) !== 0)
}

/** Whether what is typed now would wake the processor, as far as the controller decides it. */
export function awaitsKeys({ bus, cpu }: Machine): boolean {
  const s = bus.devices.find(({ kind }) => kind === "keyboard")?.state as KeyboardState | undefined
  return s !== undefined && cpu.canBeWoken() && (s.mode & (INTERRUPTS | DISABLED)) === INTERRUPTS
}

/** Keyboard controller and keyboard at ports 60h and 64h, interrupt line 1. */
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
      const value = s.output[0] ?? 0
      s.output = s.output.slice(1)
      host.interrupt(LINE, false)
      update(s, host)
      expectCode(s, host, CODE_TIME)
      return value
    },
    out(port, _size, value, host) {
      const s = state(this)
      if (port === COMMAND) writeCommand(s, value & 0xff, host)
      else writeData(s, value & 0xff, host)
      update(s, host)
      expectCode(s, host, PAUSE)
    },
    tick(tag, host) {
      const s = state(this)
      if (tag === TYPED) expectCode(s, host, PAUSE)
      else send(s)
      update(s, host)
    },
  }
}
