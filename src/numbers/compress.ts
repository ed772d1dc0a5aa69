/**
 * Text made shorter by naming what stood a little earlier (LZ77), as text again. What came before is copied by `~` with its
 * length in one and its distance in two base64 letters; a tilde of the text itself is written twice. A letter stands for at
 * most 18 characters, so a short text cannot grow without bounds.
 */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
/** Characters that a copy takes. */
const COPY = 4
/** Only what is longer than its copy is worth one. */
const LEAST = 6
const MOST = LEAST + 63
const FARTHEST = 64 ** 2 - 1
/** Size of the table of places seen, a power of two. */
const SEEN = 1 << 14

/** Write a text shorter where it repeats itself. `expand` undoes it. */
export function compress(text: string): string {
  const parts: string[] = []
  const seen = new Int32Array(SEEN).fill(-1)
  let copied = 0
  for (let at = 0; at + LEAST <= text.length; ) {
    const slot = slotOf(text, at)
    const before = seen[slot]
    seen[slot] = at
    const length = lengthInCommon(text, before, at)
    if (length < LEAST) at++
    else {
      parts.push(plain(text.slice(copied, at)), copy(length, at - before))
      at += length
      copied = at
    }
  }
  return parts.join("") + plain(text.slice(copied))
}

const plain = (text: string) => text.replaceAll("~", "~~")

const copy = (length: number, distance: number) =>
  `~${LETTERS[length - LEAST]}${LETTERS[distance >> 6]}${LETTERS[distance & 63]}`

/** Places that begin alike have the same slot. */
function slotOf(text: string, at: number): number {
  let hash = 0
  for (let n = 0; n < LEAST; n++) hash = Math.imul(hash ^ text.charCodeAt(at + n), 0x0100_0193)
  return (hash ^ (hash >>> 15)) & (SEEN - 1)
}

/** How far the text goes on at one place as at an earlier one; 0 if that cannot be named. */
function lengthInCommon(text: string, before: number, at: number): number {
  if (before < 0 || at - before > FARTHEST) return 0
  const most = Math.min(MOST, text.length - at)
  let length = 0
  while (length < most && text.charCodeAt(before + length) === text.charCodeAt(at + length)) length++
  return length
}

/**
 * How long the text is that was compressed, without making it: four characters may stand for 69. What is damaged is counted as
 * plain text.
 */
export function expandedLength(text: string): number {
  let length = text.length
  for (let at = text.indexOf("~"); at >= 0; ) {
    const letter = LETTERS.indexOf(text.charAt(at + 1) || "~")
    length += letter < 0 ? -1 : letter + LEAST - COPY
    at = text.indexOf("~", at + (letter < 0 ? 2 : COPY))
  }
  return length
}

const PARTS = /~~|~([A-Za-z0-9+/])([A-Za-z0-9+/])([A-Za-z0-9+/])|[^~]+/y

/**
 * The text that was compressed.
 * @throws RangeError if this is no compressed text
 */
export function expand(text: string): string {
  const written = new Units()
  let at = 0
  while (at < text.length) {
    PARTS.lastIndex = at
    const [part, ...digits] = PARTS.exec(text) ?? [""]
    if (part === "") throw new RangeError(`the compressed text is damaged at its character ${at}`)
    if (digits[0] === undefined) written.add(part === "~~" ? "~" : part)
    else {
      const [length, high, low] = digits.map((digit) => LETTERS.indexOf(digit))
      written.again(length + LEAST, high * 64 + low)
    }
    at += part.length
  }
  return written.text()
}

/** A text that grows, of which earlier parts are read. */
class Units {
  private units = new Uint16Array(1 << 12)
  private length = 0

  add(text: string): void {
    this.makeRoom(text.length)
    for (let n = 0; n < text.length; n++) this.units[this.length++] = text.charCodeAt(n)
  }

  /** Add what stands at a distance; it may reach into what is being added. */
  again(length: number, distance: number): void {
    if (distance === 0 || distance > this.length)
      throw new RangeError(`the compressed text is damaged: nothing stands ${distance} characters back`)
    this.makeRoom(length)
    const { units } = this
    let at = this.length
    this.length += length
    for (; at < this.length; at++) units[at] = units[at - distance]
  }

  text(): string {
    const CHUNK = 1 << 13
    const chunks = Array.from({ length: Math.ceil(this.length / CHUNK) }, (_, n) =>
      String.fromCharCode(...this.units.subarray(n * CHUNK, Math.min(this.length, (n + 1) * CHUNK))),
    )
    return chunks.join("")
  }

  private makeRoom(more: number): void {
    const needed = this.length + more
    if (needed <= this.units.length) return
    const larger = new Uint16Array(Math.max(needed, 2 * this.units.length))
    larger.set(this.units)
    this.units = larger
  }
}
