/**
 * The keyboard itself: what it answers to commands, and in which codes it tells of keys. Its lights and its rate are seen by
 * nobody. @see IBM Personal System/2 Hardware Interface Technical Reference, "Keyboards"
 */
import { keep } from "./keep"
import { codesIn, scanCodes, TELLS_IN_SET_3, translate } from "./scan-codes"

/** Controller and keyboard, plain data. What is optional is kept only while it is not as usual. */
export interface KeyboardState {
  /** Bytes that wait to be read at port 60h. */
  output: number[]
  /** What was typed and not yet sent, a character a key or two. */
  input: string
  /** Scan codes of the key that is being sent, as the controller hands them on. */
  codes: number[]
  /** The controller's command byte, see `keyboard-controller.ts`. */
  mode: number
  /** The command that waits for its parameter at port 60h; 0: none. */
  expects: number
  /** The last byte written was a command. */
  command: boolean
  /** The keyboard's own command that waits for its parameter. */
  keyboardExpects: boolean
  /** Which command that is, if it does something with it. */
  keyboardCommand?: number
  /** What is not as after the keyboard's reset. */
  keys?: KeySettings
  /** The keyboard was told not to scan its keys. */
  silent?: boolean
  /** The last byte of the last answer, if it is more than an acknowledgement and a test's result. */
  answered?: number
  /** Status bits that go with the first byte of `output`. */
  source?: number
  /** The controller's memory beside the command byte, by address. */
  memory?: Record<number, number>
}

/** How keys are told. */
interface KeySettings {
  /** Scan code set, 1-3. */
  set: number
  /** In set 3, whether keys tell that they are let go: all of them, and some by their codes. */
  all?: boolean
  some: Record<number, boolean>
}

/** Bits of the command byte: the keyboard's clock is held low; codes of set 2 become codes of set 1. */
export const DISABLED = 0x10
const TRANSLATES = 0x40

const ACKNOWLEDGE = 0xfa
const RESEND = 0xfe
const ECHO = 0xee
const NAME = [0xab, 0x83]
const TEST_PASSED = 0xaa
/** Bytes from here on are commands, also in a parameter's place. */
const FIRST_COMMAND = 0xed

const USUAL: KeySettings = { set: 2, some: {} }

function say(s: KeyboardState, ...bytes: number[]): void {
  const last = bytes[bytes.length - 1]
  keep(s, "answered", last === TEST_PASSED ? ACKNOWLEDGE : last, ACKNOWLEDGE)
  s.output = [...s.output, ...handedOn(s, bytes)]
}

const handedOn = (s: KeyboardState, bytes: number[]) => (s.mode & TRANSLATES ? translate(bytes) : bytes)

/** What waits in the keyboard is forgotten; of its bytes the controller keeps the one that it has. */
function clear(s: KeyboardState): void {
  s.output = s.output.slice(0, 1)
  s.codes = []
}

function useDefaults(s: KeyboardState): void {
  clear(s)
  keep(s, "keys", undefined, undefined)
}

function useKeys(s: KeyboardState, settings: Partial<KeySettings>): void {
  const { set, all, some } = { ...USUAL, ...s.keys, ...settings }
  const isUsual = set === USUAL.set && all === undefined && Object.keys(some).length === 0
  keep(s, "keys", isUsual ? undefined : { set, all, some }, undefined)
}

type Act = (s: KeyboardState, value: number) => void

/** Acknowledge, and take the next byte as a parameter. `noted`: something is done with it. */
const expect =
  (noted: boolean): Act =>
  (s, value) => {
    say(s, ACKNOWLEDGE)
    s.keyboardExpects = true
    keep(s, "keyboardCommand", noted ? value : 0, 0)
  }
const allTell =
  (all: boolean): Act =>
  (s) => {
    useKeys(s, { all, some: {} })
    say(s, ACKNOWLEDGE)
  }

/** The set's number, or the set that is used if it is 0. */
function chooseSet(s: KeyboardState, value: number): void {
  if (value > 3) say(s, RESEND)
  else if (value === 0) say(s, ACKNOWLEDGE, (s.keys ?? USUAL).set)
  else {
    clear(s)
    useKeys(s, { set: value })
    say(s, ACKNOWLEDGE)
  }
}

/** A key that tells, or does not, that it is let go; more may follow, until a command comes. */
const keyTells =
  (tells: boolean): Act =>
  (s, value) => {
    useKeys(s, { some: { ...s.keys?.some, [value]: tells } })
    say(s, ACKNOWLEDGE)
    s.keyboardExpects = true
  }

/** What a parameter does, by the command. */
const PARAMETERS: Readonly<Record<number, Act>> = {
  240: chooseSet,
  251: keyTells(false),
  252: keyTells(true),
  253: keyTells(false),
}

const COMMANDS: Readonly<Record<number, Act>> = {
  // Lights.
  237: expect(false),
  238: (s) => say(s, ECHO),
  240: expect(true),
  242: (s) => say(s, ACKNOWLEDGE, ...NAME),
  // Rate and delay of repetition.
  243: expect(false),
  244: (s) => {
    clear(s)
    keep(s, "silent", false, false)
    say(s, ACKNOWLEDGE)
  },
  245: (s) => {
    useDefaults(s)
    keep(s, "silent", true, false)
    say(s, ACKNOWLEDGE)
  },
  246: (s) => {
    useDefaults(s)
    say(s, ACKNOWLEDGE)
  },
  // All keys: repeat; make and break; make; all of it.
  247: allTell(false),
  248: allTell(true),
  249: allTell(false),
  250: allTell(true),
  // One key: repeat; make and break; make.
  251: expect(true),
  252: expect(true),
  253: expect(true),
  254: (s) => say(s, s.answered ?? ACKNOWLEDGE),
  255: (s) => {
    useDefaults(s)
    keep(s, "silent", false, false)
    say(s, ACKNOWLEDGE, TEST_PASSED)
  },
}

/** A byte comes from the controller, whose clock line is free then. */
export function tellKeyboard(s: KeyboardState, value: number): void {
  s.mode &= ~DISABLED
  const isParameter = s.keyboardExpects && value < FIRST_COMMAND
  s.keyboardExpects = false
  if (isParameter) parameter(s, value)
  else if (COMMANDS[value]) COMMANDS[value](s, value)
  else say(s, RESEND)
  if (!s.keyboardExpects) keep(s, "keyboardCommand", 0, 0)
}

function parameter(s: KeyboardState, value: number): void {
  const act = PARAMETERS[s.keyboardCommand ?? 0]
  if (act) act(s, value)
  else say(s, ACKNOWLEDGE)
}

/** Codes of the keys that make a character, as the controller hands them on. */
export function keyCodes(s: KeyboardState, character: string): number[] {
  const { set, all, some } = s.keys ?? USUAL
  const tells = (key: number) => set === 2 || (some[key] ?? all ?? TELLS_IN_SET_3.includes(key))
  return handedOn(s, codesIn(set, scanCodes(character), tells))
}
