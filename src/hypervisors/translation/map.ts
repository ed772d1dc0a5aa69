/**
 * A unit in the cache, as bytes of the machine's memory: what it stands for lies before its code, so that whoever has the memory can tell
 * what any byte of the cache means. From its start, in doublewords unless said otherwise:
 *
 *     start         the guest's address of its first instruction
 *     first, last   the guest's physical pages of its first and of its last byte
 *     bytes         of the guest's that it stands for, and of the whole of this: 16 bits each
 *     sizes         bytes of code 16 bits, pieces 8, exits 8
 *     tail, use     offset of the jump behind its pieces; 16 bits that are 0 when the unit is no longer used
 *     pieces        ┌ guest offset 10 ┬ cache offset 12 ┬ bytes in the guest 4 ┬ how 3 ┬ spills 2 ┐
 *     exits         the guest's target; offsets of the distance and of the call-out, 16 bits each
 *     guest's bytes as they were when they were translated, up to a doubleword
 *     code          where the processor runs
 */
import type { Exit, How, Piece, Unit } from "./translate"

const HOWS: readonly How[] = ["identical", "inline", "call-out", "chain", "look-up"]
const HEADER_WORDS = 6
const EXIT_WORDS = 2

/** A unit that has a place. */
export interface Placed {
  /** Offset of its first byte in the cache, and of its code; what it takes up. */
  readonly at: number
  readonly code: number
  readonly bytes: number
  readonly start: number
  readonly length: number
  /** The guest's physical pages of its first and of its last byte. */
  readonly pages: readonly [first: number, last: number]
  readonly codeLength: number
  readonly tail: number
  readonly pieces: readonly Piece[]
  readonly exits: readonly Exit[]
  /** The guest's bytes that were translated. */
  readonly source: readonly number[]
  /** The guest's code is what it was. */
  readonly isUsed: boolean
}

/** Words of memory by offset in the cache. */
export interface Words {
  get(offset: number): number
  set(offset: number, value: number): void
}

const rounded = (bytes: number) => (bytes + 3) & ~3
const pair = (low: number, high: number) => (low & 0xffff) | (high << 16)
const halves = (word: number): readonly [number, number] => [word & 0xffff, word >>> 16]

/** Bytes that a unit takes up. */
export const bytesOf = ({ pieces, exits, length, code }: Unit): number =>
  4 * (HEADER_WORDS + pieces.length + EXIT_WORDS * exits.length) + rounded(length) + rounded(code.length)

/** Offset of a unit's mark of use. */
const useOf = (at: number) => at + 20

/** Put a unit into memory. */
export function write(
  words: Words,
  at: number,
  unit: Unit,
  pages: Placed["pages"],
  source: readonly number[],
): void {
  const { start, length, code, pieces, exits, tail } = unit
  const header = [
    start,
    ...pages,
    pair(length, bytesOf(unit)),
    code.length | (pieces.length << 16) | (exits.length << 24),
    pair(tail, 1),
  ]
  const ways = exits.flatMap(({ target, distance, stub }) => [target, pair(distance, stub)])
  const all = [...header, ...pieces.map(packPiece), ...ways, ...packed(source), ...packed(code)]
  for (const [n, word] of all.entries()) words.set(at + 4 * n, word)
}

function packPiece({ guest, at, length, how, spills }: Piece): number {
  const second = spills.length
  return (guest & 0x3ff) | (at << 10) | ((length & 15) << 22) | (HOWS.indexOf(how) << 26) | (second << 29)
}

function unpackPiece(word: number): Piece {
  const spills = (["eax", "ecx"] as const).slice(0, (word >>> 29) & 3)
  const how = HOWS[(word >>> 26) & 7]
  return { guest: word & 0x3ff, at: (word >>> 10) & 0xfff, length: (word >>> 22) & 15, how, spills }
}

/** Bytes as doublewords. */
function packed(bytes: readonly number[]): number[] {
  const word = (n: number) =>
    (bytes[n] ?? 0) | ((bytes[n + 1] ?? 0) << 8) | ((bytes[n + 2] ?? 0) << 16) | ((bytes[n + 3] ?? 0) << 24)
  return Array.from({ length: rounded(bytes.length) / 4 }, (_, n) => word(4 * n))
}

/** Read the unit that begins at an offset. */
export function read(words: Words, at: number): Placed {
  const word = (n: number) => words.get(at + 4 * n)
  const [tail, use] = halves(word(5))
  const [length, bytes] = halves(word(3))
  const [pieceCount, exitCount] = [(word(4) >>> 16) & 0xff, word(4) >>> 24]
  const firstExit = HEADER_WORDS + pieceCount
  const firstByte = 4 * (firstExit + EXIT_WORDS * exitCount)
  const exits = Array.from({ length: exitCount }, (_, n): Exit => {
    const [distance, stub] = halves(word(firstExit + EXIT_WORDS * n + 1))
    return { target: word(firstExit + EXIT_WORDS * n) >>> 0, distance, stub }
  })
  const source = Array.from(
    { length },
    (_, n) => (words.get(at + firstByte + (n & ~3)) >>> (8 * (n & 3))) & 0xff,
  )
  const pieces = Array.from({ length: pieceCount }, (_, n) => unpackPiece(word(HEADER_WORDS + n)))
  const [start, pages, codeLength] = [word(0) >>> 0, [word(1), word(2)] as const, word(4) & 0xffff]
  const code = at + firstByte + rounded(length)
  return { at, code, bytes, start, length, pages, codeLength, tail, pieces, exits, source, isUsed: use !== 0 }
}

/** Mark a unit as no longer used. */
export function disuse(words: Words, at: number): void {
  words.set(useOf(at), words.get(useOf(at)) & 0xffff)
}
