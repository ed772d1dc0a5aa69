/**
 * What a US keyboard sends for a character, in scan codes of set 1, 2 or 3, and how the controller translates set 2 to set 1.
 * @see IBM Personal System/2 Hardware Interface Technical Reference, "Keyboards"
 */

/** Characters by key, in the order of the keys' codes: without Shift, and with it. */
const ROWS: readonly (readonly [first: number, plain: string, shifted: string])[] = [
  [0x01, "\x1b1234567890-=\b\tqwertyuiop[]\n", "\x1b!@#$%^&*()_+\b\tQWERTYUIOP{}\n"],
  [0x1e, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
  [0x2b, "\\zxcvbnm,./", "|ZXCVBNM<>?"],
  [0x39, " ", " "],
]
const CONTROL = 0x1d
const SHIFT = 0x2a
/** Set in the code of a key that is let go. */
const RELEASE = 0x80

/** What terminals send for Enter and for the key that erases. */
const SAME_KEY: Readonly<Record<string, string>> = { "\r": "\n", "\x7f": "\b" }
/** Ctrl with a letter is that letter's place in the alphabet. */
const LETTERS = 0x60

/** A key's code, and that of the key that is held with it. */
type Stroke = readonly [code: number, held?: number]

function strokeOf(character: string): Stroke | undefined {
  for (const [first, plain, shifted] of ROWS) {
    const [at, above] = [plain, shifted].map((row) => row.indexOf(character))
    if (at >= 0) return [first + at]
    if (above >= 0) return [first + above, SHIFT]
  }
  return undefined
}

function controlStrokeOf(character: string): Stroke | undefined {
  const letter = strokeOf(String.fromCharCode(LETTERS + character.charCodeAt(0)))
  return character > "\0" && character < " " && letter?.length === 1 ? [letter[0], CONTROL] : undefined
}

/** Codes in set 1 of the keys that make a character, pressed and let go; none if no key does. */
export function scanCodes(character: string): number[] {
  const stroke = strokeOf(SAME_KEY[character] ?? character) ?? controlStrokeOf(character)
  if (!stroke) return []
  const [code, held] = stroke
  const pressed = [code, code | RELEASE]
  return held === undefined ? pressed : [held, ...pressed, held | RELEASE]
}

/**
 * What an 8042 makes of the codes 00h to 7Fh of set 2: the same key's code in set 1, each once.
 * @see IBM PC/AT Technical Reference, "Keyboard Controller", on scan-code translation
 */
const TRANSLATION: readonly number[] = [
  "ff 43 41 3f 3d 3b 3c 58 64 44 42 40 3e 0f 29 59",
  "65 38 2a 70 1d 10 02 5a 66 71 2c 1f 1e 11 03 5b",
  "67 2e 2d 20 12 05 04 5c 68 39 2f 21 14 13 06 5d",
  "69 31 30 23 22 15 07 5e 6a 72 32 24 16 08 09 5f",
  "6b 33 25 17 18 0b 0a 60 6c 34 35 26 27 19 0c 61",
  "6d 73 28 74 1a 0d 62 6e 3a 36 1c 1b 75 2b 63 76",
  "55 56 77 78 79 7a 0e 7b 7c 4f 7d 4b 47 7e 7f 6f",
  "52 53 50 4c 4d 48 01 45 57 4e 51 4a 37 49 46 54",
]
  .flatMap((row) => row.split(" "))
  .map((code) => Number.parseInt(code, 16))
/** Codes above them stay what they are, but for these. */
const TRANSLATED_APART: Readonly<Record<number, number>> = { 131: 0x41, 132: 0x54 }

/** Comes before the code of a key that is let go, in sets 2 and 3; makes RELEASE of it when it is translated. */
const BREAK = 0xf0

/** What a 8042 that translates hands on of what its keyboard sends. */
export function translate(codes: readonly number[]): number[] {
  return codes.flatMap((code, n) => {
    if (code === BREAK) return []
    const translated = TRANSLATION[code] ?? TRANSLATED_APART[code] ?? code
    return [codes[n - 1] === BREAK ? translated | RELEASE : translated]
  })
}

/** Keys that have another code in set 3 than in set 2, by their code in set 1: Esc, Ctrl and the backslash. */
const SET_3: Readonly<Record<number, number>> = { 1: 0x08, [CONTROL]: 0x11, 43: 0x5c }

/** The code of a key in another set, by its code in set 1. */
export function keyIn(set: number, key: number): number {
  return (set === 3 ? SET_3[key] : undefined) ?? TRANSLATION.indexOf(key)
}

/** Codes of set 1 in another set. `tells` says of a key, by its code there, whether it tells that it is let go. */
export function codesIn(set: number, codes: readonly number[], tells: (key: number) => boolean): number[] {
  if (set === 1) return [...codes]
  return codes.flatMap((code) => {
    const key = keyIn(set, code & ~RELEASE)
    if (!(code & RELEASE)) return [key]
    return tells(key) ? [BREAK, key] : []
  })
}

/** Keys of set 3 that tell that they are let go unless they are told otherwise: Shift and Ctrl; others only repeat. */
export const TELLS_IN_SET_3: readonly number[] = [0x11, 0x12]
