/**
 * Executables in the Executable and Linking Format: the program headers say which bytes of the file go where.
 * @see Tool Interface Standard: Executable and Linking Format Specification 1.2, book I
 */
import { withCard } from "../numbers/card"
import { type Image, imageCard, type Piece } from "./image"

/**
 * The file's header, with offsets in bytes. Of its 52 bytes these are read: magic, class 32 bits, data
 * little-endian, type executable, machine 386, and where the program headers are, how long and how many.
 *
 *      0          4      5     6  16      18         20 24
 *     ┌──────────┬──────┬─────┬──┬───────┬──────────┬───┐
 *     │ 7Fh E L F│ class│ data│ …│ e_type│ e_machine│ … │
 *     └──────────┴──────┴─────┴──┴───────┴──────────┴───┘
 *
 *      24       28       32  42           44       46 52
 *     ┌────────┬────────┬───┬────────────┬────────┬───┐
 *     │ e_entry│ e_phoff│ … │ e_phentsize│ e_phnum│ … │
 *     └────────┴────────┴───┴────────────┴────────┴───┘
 *
 * @see Executable and Linking Format Specification 1.2, book I, "ELF Header"
 */
const MAGIC = [0x7f, 0x45, 0x4c, 0x46]
const CLASS_32 = 1
const LITTLE_ENDIAN = 1
const MACHINE_386 = 3
const HEADER_SIZE = 52
const PROGRAM_HEADER_SIZE = 32
const EXECUTABLE = 2
/** Types of program headers, and the flag of executable segments. */
const LOAD = 1
const INTERPRETER = 3
const FLAG_X = 1

/** What a file is whose e_type is not "executable". */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  1: "it is an object file: link it first",
  3: "it is a shared object or position-independent: link it with -static -no-pie",
}

/**
 * A program header: 32 bytes in eight words. p_vaddr is a linear address.
 *
 *      0       4         8        12       16        20       24       28      32
 *     ┌───────┬─────────┬────────┬────────┬─────────┬────────┬────────┬────────┐
 *     │ p_type│ p_offset│ p_vaddr│ p_paddr│ p_filesz│ p_memsz│ p_flags│ p_align│
 *     └───────┴─────────┴────────┴────────┴─────────┴────────┴────────┴────────┘
 *
 * @see Executable and Linking Format Specification 1.2, book I, "Program Header"
 */
interface Segment {
  readonly type: number
  readonly offset: number
  readonly linear: number
  readonly physical: number
  readonly inFile: number
  readonly inMemory: number
  readonly flags: number
}

/** Whether a file begins as an ELF file does. */
export const isElf = (bytes: Uint8Array): boolean => MAGIC.every((byte, n) => bytes[n] === byte)

/**
 * Read an executable for the 386. Its segments go to their physical addresses (p_paddr), and an entry that lies in a
 * segment's linear addresses is moved with it, for it runs before the kernel has turned paging on.
 * @throws RangeError if it is no such executable, or is cut short
 */
export function readElf(bytes: Uint8Array): Image {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  checkHeader(bytes, view)
  const segments = readSegments(view)
  if (segments.some(({ type }) => type === INTERPRETER))
    throw new RangeError("it needs a dynamic linker: link it with -static")
  const loaded = segments.filter(({ type, inMemory }) => type === LOAD && inMemory > 0)
  if (loaded.length === 0) throw new RangeError("it has no segment to load")
  const pieces = loaded.map((segment) => pieceOf(segment, bytes))
  return withCard({ pieces, entry: entryOf(view, loaded) }, imageCard)
}

function checkHeader(bytes: Uint8Array, view: DataView): void {
  if (!isElf(bytes)) throw new RangeError("it is not an ELF file")
  if (bytes.length < HEADER_SIZE)
    throw new RangeError(`it is cut short: ${bytes.length} bytes do not hold an ELF header of ${HEADER_SIZE}`)
  if (bytes[4] !== CLASS_32) throw new RangeError("it is a 64-bit ELF file: this machine runs 32-bit ones")
  if (bytes[5] !== LITTLE_ENDIAN || view.getUint16(18, true) !== MACHINE_386)
    throw new RangeError("it is an ELF file for another processor than the 386")
  const type = view.getUint16(16, true)
  if (type !== EXECUTABLE)
    throw new RangeError(OTHER_TYPES[type] ?? `it is not an executable: its ELF type is ${type}`)
}

function readSegments(view: DataView): Segment[] {
  const first = view.getUint32(28, true)
  const size = view.getUint16(42, true)
  const count = view.getUint16(44, true)
  if (count > 0 && size < PROGRAM_HEADER_SIZE)
    throw new RangeError(`its program headers are ${size} bytes long, and not ${PROGRAM_HEADER_SIZE}`)
  if (first + count * size > view.byteLength)
    throw new RangeError(`it is cut short: its program headers are not among its ${view.byteLength} bytes`)
  return Array.from({ length: count }, (_, n) => readSegment(view, first + n * size))
}

function readSegment(view: DataView, at: number): Segment {
  const field = (n: number) => view.getUint32(at + 4 * n, true)
  const [type, offset, linear, physical, inFile, inMemory, flags] = [0, 1, 2, 3, 4, 5, 6].map(field)
  return { type, offset, linear, physical, inFile, inMemory, flags }
}

function pieceOf({ offset, physical, inFile, inMemory, flags }: Segment, bytes: Uint8Array): Piece {
  if (inFile > inMemory)
    throw new RangeError(`a segment has ${inFile} bytes in the file and only ${inMemory} in memory`)
  if (offset + inFile > bytes.length)
    throw new RangeError(
      `it is cut short: a segment ends at byte ${offset + inFile}, and the file has ${bytes.length}`,
    )
  return {
    address: physical,
    bytes: bytes.subarray(offset, offset + inFile),
    size: inMemory,
    executable: (flags & FLAG_X) !== 0,
  }
}

function entryOf(view: DataView, segments: readonly Segment[]): number {
  const entry = view.getUint32(24, true)
  const home = segments.find(({ linear, inMemory }) => entry >= linear && entry - linear < inMemory)
  return home ? entry - home.linear + home.physical : entry
}
