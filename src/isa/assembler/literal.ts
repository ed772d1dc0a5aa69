/** Numbers and strings as NASM writes them. @see NASM manual §3.4 "Constants" */

const RADIX: Readonly<Record<string, number>> = { b: 2, y: 2, o: 8, q: 8, d: 10, t: 10, h: 16, x: 16 }
const DIGITS: Readonly<Record<number, RegExp>> = {
  2: /^[01_]+$/,
  8: /^[0-7_]+$/,
  10: /^[0-9_]+$/,
  16: /^[0-9a-f_]+$/,
}
const LITERAL_PREFIX: Readonly<Record<number, string>> = { 2: "0b", 8: "0o", 10: "", 16: "0x" }

/**
 * Read a number: 200, 0c8h, 0xc8, $0c8, 310q, 0b1100_1000 and their kin.
 * A radix letter in front and one behind may both be possible (0b1h); the larger radix wins.
 * @returns undefined if the text is no number
 */
export function readNumber(text: string): bigint | undefined {
  const word = text.toLowerCase()
  if (word.startsWith("$")) return inRadix(word.slice(1), 16)
  const front = word.length > 2 && word[0] === "0" ? (RADIX[word[1]] ?? 0) : 0
  const behind = word.length > 1 && word !== "0x" ? (RADIX[word[word.length - 1]] ?? 0) : 0
  if (front > behind) return inRadix(word.slice(2), front)
  if (behind > front) return inRadix(word.slice(0, -1), behind)
  return inRadix(word, 10)
}

function inRadix(digits: string, radix: number): bigint | undefined {
  if (!DIGITS[radix].test(digits)) return undefined
  const plain = digits.replaceAll("_", "")
  return plain === "" ? undefined : BigInt(LITERAL_PREFIX[radix] + plain)
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): number[] {
  return [...text].flatMap((character) => utf8Character(character.codePointAt(0) as number))
}

function utf8Character(code: number): number[] {
  const more = (shift: number) => 0x80 | ((code >> shift) & 0x3f)
  if (code < 0x80) return [code]
  if (code < 0x800) return [0xc0 | (code >> 6), more(0)]
  if (code < 0x10000) return [0xe0 | (code >> 12), more(6), more(0)]
  return [0xf0 | (code >> 18), more(12), more(6), more(0)]
}

const ESCAPES: Readonly<Record<string, number>> = {
  "'": 39,
  '"': 34,
  "`": 96,
  "\\": 92,
  "?": 63,
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  e: 27,
}
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/giu

/**
 * The bytes of a string in backquotes, its C escapes replaced.
 * @returns undefined if an escape is unknown
 */
export function readEscapes(text: string): number[] | undefined {
  const bytes: number[] = []
  let end = 0
  for (const match of text.matchAll(ESCAPE)) {
    const escaped = escapedBytes(match)
    if (escaped === undefined) return undefined
    const start = match.index ?? 0
    bytes.push(...utf8(text.slice(end, start)), ...escaped)
    end = start + match[0].length
  }
  return [...bytes, ...utf8(text.slice(end))]
}

function escapedBytes([, octal, hex, short, long, letter]: RegExpMatchArray): number[] | undefined {
  if (octal !== undefined) return [Number.parseInt(octal, 8) & 0xff]
  if (hex !== undefined) return [Number.parseInt(hex, 16)]
  const code = Number.parseInt(short ?? long ?? "0", 16)
  if (letter === undefined) return code <= 0x10ffff ? utf8Character(code) : undefined
  return ESCAPES[letter] === undefined ? undefined : [ESCAPES[letter]]
}

/** A string used as a number: its first character is the lowest byte. At most eight bytes have room. */
export function bytesToNumber(bytes: readonly number[]): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
