/**
 * The 8042's commands, at port 64h, and their parameters, at port 60h. Through its output port it also drives the A20 gate
 * and the processor's reset line. Nobody has plugged a mouse in.
 *
 *     command byte   7 6         5        4        3 2      1         0
 *                    0 translate no mouse no keys  0 system interrupt interrupt
 *                                                           12        1
 *
 * @see Intel 8042/UPI-42; IBM PC/AT Technical Reference, "Keyboard Controller"; IBM Personal System/2 Hardware Interface
 * Technical Reference, "Keyboard and Auxiliary Device Controller"
 */
import type { DeviceHost } from "../machine/board/device"
import { keep } from "./keep"
import { DISABLED, type KeyboardState, tellKeyboard } from "./keyboard-unit"

/**
 * The command byte.
 *
 *      7         6     5        4 3      2     1   0
 *     ┌─┬─────────┬─────┬────────┬─┬──────┬─────┬───┐
 *     │0│translate│mouse│keyboard│0│system│mouse│IRQ│
 *     │ │         │ off │   off  │ │      │ IRQ │   │
 *     └─┴─────────┴─────┴────────┴─┴──────┴─────┴───┘
 */
const INTERRUPTS = 1
const MOUSE_INTERRUPTS = 2
const SYSTEM = 4
const MOUSE_DISABLED = 0x20
/** As firmware leaves it: interrupts, system flag, translation to set 1. */
export const ENABLED_MODE = 0x45

/**
 * Status, at port 64h.
 *
 *           7        6     5          4       3      2   1   0
 *     ┌──────┬────────┬─────┬──────────┬───────┬──────┬───┬───┐
 *     │parity│time-out│mouse│not locked│command│system│IBF│OBF│
 *     └──────┴────────┴─────┴──────────┴───────┴──────┴───┴───┘
 *
 * Output buffer full; last byte was a command; keyboard not locked; the byte is a mouse's; somebody did not answer.
 */
const OUTPUT_FULL = 1
const WAS_COMMAND = 8
const NOT_LOCKED = 0x10
const FROM_MOUSE = 0x20
const TIMED_OUT = 0x40

/**
 * The output port. Reset is active low.
 *
 *         7     6     5   4 3 2   1        0
 *     ┌────┬─────┬─────┬───┬───┬───┬────────┐
 *     │data│clock│mouse│IRQ│ 1 │A20│no reset│
 *     │    │     │ IRQ │   │   │   │        │
 *     └────┴─────┴─────┴───┴───┴───┴────────┘
 */
const NO_RESET = 1
const A20 = 2
const OUTPUT_INTERRUPT = 0x10
const MOUSE_OUTPUT_INTERRUPT = 0x20
const OUTPUT_FIXED = 0xcc

const SELF_TEST_PASSED = 0x55
const LINES_GOOD = 0
/** Input port: keyboard not locked, no jumper set. */
const INPUT_PORT = 0xbf
const NO_PASSWORD = 0xf1
/** Test inputs: the keyboard's clock and data. */
const CLOCK = 1
const DATA = 2
/** In place of a mouse's answer. */
const NO_ANSWER = 0xfe

/** The controller itself has a byte to be read. */
function put(s: KeyboardState, byte: number, source = 0): void {
  s.output = [byte]
  keep(s, "source", source, 0)
}

const isFromMouse = ({ source = 0 }: KeyboardState) => (source & FROM_MOUSE) !== 0
const hasKeyboardByte = (s: KeyboardState) => s.output.length > 0 && !isFromMouse(s)
const hasMouseByte = (s: KeyboardState) => s.output.length > 0 && isFromMouse(s)

type Act = (s: KeyboardState, host: DeviceHost) => void
const answer =
  (byte: number): Act =>
  (s) =>
    put(s, byte)
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
  const interrupts =
    (hasKeyboardByte(s) ? OUTPUT_INTERRUPT : 0) | (hasMouseByte(s) ? MOUSE_OUTPUT_INTERRUPT : 0)
  return OUTPUT_FIXED | NO_RESET | (host.a20 ? A20 : 0) | interrupts
}

const COMMANDS: Readonly<Record<number, Act>> = {
  164: answer(NO_PASSWORD),
  167: setMode(MOUSE_DISABLED, true),
  168: setMode(MOUSE_DISABLED, false),
  169: answer(LINES_GOOD),
  170: (s) => {
    s.mode |= SYSTEM
    put(s, SELF_TEST_PASSED)
  },
  171: answer(LINES_GOOD),
  173: setMode(DISABLED, true),
  174: setMode(DISABLED, false),
  192: answer(INPUT_PORT),
  208: (s, host) => put(s, outputPort(s, host)),
  209: expect(0xd1),
  210: expect(0xd2),
  211: expect(0xd3),
  212: expect(0xd4),
  221: gate(false),
  223: gate(true),
  224: (s) => put(s, DATA | (s.mode & DISABLED ? 0 : CLOCK)),
}

/** Commands with the address of a byte of memory: 20h to 3Fh read, 60h to 7Fh write. The command byte is the first. */
const READ_MEMORY = 0x20
const WRITE_MEMORY = 0x60
const ADDRESS = 0x1f
/** F0h to FFh pulse the output port's low lines whose bit is 0. */
const PULSE = 0xf0

/** A byte comes to port 64h. */
export function writeCommand(s: KeyboardState, value: number, host: DeviceHost): void {
  s.command = true
  s.expects = 0
  const memory = value & ~ADDRESS
  if (value >= PULSE && !(value & NO_RESET)) host.reset()
  else if (memory === READ_MEMORY) put(s, readMemory(s, value & ADDRESS))
  else if (memory === WRITE_MEMORY) s.expects = value
  else COMMANDS[value]?.(s, host)
}

const readMemory = (s: KeyboardState, address: number) =>
  address === 0 ? s.mode : (s.memory?.[address] ?? 0)

function writeMemory(s: KeyboardState, address: number, value: number): void {
  if (address === 0) s.mode = value
  else s.memory = { ...s.memory, [address]: value }
}

/** What parameters do. */
const PARAMETERS: Readonly<Record<number, (s: KeyboardState, value: number, host: DeviceHost) => void>> = {
  209: (_s, value, host) => {
    host.gateA20((value & A20) !== 0)
    if (!(value & NO_RESET)) host.reset()
  },
  210: (s, value) => put(s, value),
  211: (s, value) => put(s, value, FROM_MOUSE),
  212: (s) => {
    s.mode &= ~MOUSE_DISABLED
    put(s, NO_ANSWER, FROM_MOUSE | TIMED_OUT)
  },
}

/** A byte comes to port 60h: the parameter of a command, or one for the keyboard. */
export function writeData(s: KeyboardState, value: number, host: DeviceHost): void {
  const { expects } = s
  s.command = false
  s.expects = 0
  if (PARAMETERS[expects]) PARAMETERS[expects](s, value, host)
  else if (expects >= WRITE_MEMORY) writeMemory(s, expects & ADDRESS, value)
  else tellKeyboard(s, value)
}

/** Read port 64h. */
export function readStatus(s: KeyboardState): number {
  const full = s.output.length > 0 ? OUTPUT_FULL | (s.source ?? 0) : 0
  return NOT_LOCKED | full | (s.mode & SYSTEM) | (s.command ? WAS_COMMAND : 0)
}

/** Read port 60h. */
export function readData(s: KeyboardState): number {
  const value = s.output[0] ?? 0
  s.output = s.output.slice(1)
  keep(s, "source", 0, 0)
  return value
}

/** A byte that waits requests an interrupt, if the command byte allows. */
export const interruptsKeyboard = (s: KeyboardState): boolean =>
  hasKeyboardByte(s) && (s.mode & INTERRUPTS) !== 0
export const interruptsMouse = (s: KeyboardState): boolean =>
  hasMouseByte(s) && (s.mode & MOUSE_INTERRUPTS) !== 0

/** Whether a key would interrupt. */
export const hearsKeys = (s: KeyboardState): boolean =>
  (s.mode & (INTERRUPTS | DISABLED)) === INTERRUPTS && !s.silent
