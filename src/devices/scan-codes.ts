/** What a US keyboard sends for a character: scan codes of set 1, as the controller hands them on. @see IBM PC/AT Technical Reference, "Keyboard" */

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

/** Codes of the keys that make a character, pressed and let go; none if no key does. */
export function scanCodes(character: string): number[] {
  const stroke = strokeOf(SAME_KEY[character] ?? character) ?? controlStrokeOf(character)
  if (!stroke) return []
  const [code, held] = stroke
  const pressed = [code, code | RELEASE]
  return held === undefined ? pressed : [held, ...pressed, held | RELEASE]
}
