/**
 * Kernels that ask for a boot loader of the Multiboot standard: the header in their first 8 KiB says what they want, and
 * they start with a magic number in EAX and the address of an information structure in EBX.
 * @see Multiboot Specification version 0.6.96, §3.1 "OS image format", §3.2 "Machine state", §3.3 "Boot information format"
 */
import { EAX, EBX } from "../isa/registers"
import type { Machine } from "../machine/machine"
import { hex } from "../numbers/int"
import { isElf, readElf } from "./elf"
import { endOf, type Image, loadImage, type Piece, roomBeside } from "./image"

const HEADER_MAGIC = 0x1bad_b002
/** In EAX at the kernel's first instruction. */
const BOOT_MAGIC = 0x2bad_b002
/** The header lies in so many first bytes. */
const SEARCHED = 8192

/** Flags 0-15 must be obeyed; these are: modules on page borders (they always are), memory map, video mode (text). */
const KNOWN_DEMANDS = 0b111
const HAS_ADDRESSES = 1 << 16

/**
 * The information structure, with offsets in bytes; what stands between is left 0.
 *
 *      0      4               8               12  16       20          24        28
 *     ┌──────┬───────────────┬───────────────┬───┬────────┬───────────┬──────────┐
 *     │ flags│ mem_lower, KiB│ mem_upper, KiB│ … │ cmdline│ mods_count│ mods_addr│
 *     └──────┴───────────────┴───────────────┴───┴────────┴───────────┴──────────┘
 *
 *      44           48         52  64                68  88            116
 *     ┌────────────┬──────────┬───┬─────────────────┬───┬──────────────┐
 *     │ mmap_length│ mmap_addr│ … │ boot_loader_name│ … │ framebuffer …│
 *     └────────────┴──────────┴───┴─────────────────┴───┴──────────────┘
 *
 * Bits of its first field, which say what else there is:
 */
const INFO = {
  MEMORY: 1 << 0,
  COMMAND_LINE: 1 << 2,
  MODULES: 1 << 3,
  MEMORY_MAP: 1 << 6,
  LOADER_NAME: 1 << 9,
  FRAMEBUFFER: 1 << 12,
} as const
/** Offsets of its fields, and its size. */
const AT = {
  flags: 0,
  memoryLower: 4,
  memoryUpper: 8,
  commandLine: 16,
  moduleCount: 20,
  moduleTable: 24,
  mapLength: 44,
  mapAddress: 48,
  loaderName: 64,
  framebuffer: 88,
} as const
const INFO_SIZE = 116
const MAP_ENTRY_SIZE = 24
const PAGE = 4096

const LOADER_NAME = "ringlab"
const KIBIBYTE = 1024
const LOWER_END = 0xa_0000
const ROM_START = 0xf_0000
const UPPER_START = 0x10_0000

/** A file that is loaded beside the kernel. */
export interface MultibootModule {
  /** What the kernel is told about it: its name, by custom. */
  readonly text: string
  /** The file, loaded at the start of a page behind the kernel. */
  readonly bytes: Uint8Array
}

/** A module with its place. */
interface PlacedModule extends MultibootModule, Piece {}

/**
 * The header's fields, with offsets in bytes. The addresses are there if bit 16 of the flags is set.
 *
 *      0      4      8         12           16        20
 *     ┌──────┬──────┬─────────┬────────────┬──────────┐
 *     │ magic│ flags│ checksum│ header_addr│ load_addr│
 *     └──────┴──────┴─────────┴────────────┴──────────┘
 *
 *      20             24            28         32
 *     ┌──────────────┬─────────────┬───────────┐
 *     │ load_end_addr│ bss_end_addr│ entry_addr│
 *     └──────────────┴─────────────┴───────────┘
 *
 * @see Multiboot Specification version 0.6.96, §3.1.1 "The layout of Multiboot header"
 */
interface Header {
  /** Offset of the header in the file. */
  readonly at: number
  readonly flags: number
  readonly view: DataView
}

/** Whether a file has a Multiboot header: magic, flags and checksum add up to 0. */
export const isMultiboot = (bytes: Uint8Array): boolean => findHeader(bytes) !== undefined

function findHeader(bytes: Uint8Array): Header | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at + 12 <= Math.min(bytes.length, SEARCHED); at += 4) {
    const [magic, flags, checksum] = [0, 4, 8].map((n) => view.getUint32(at + n, true))
    if (magic === HEADER_MAGIC && (magic + flags + checksum) % 0x1_0000_0000 === 0) return { at, flags, view }
  }
  return undefined
}

/**
 * Read a Multiboot kernel: an ELF executable, or a flat one whose header says where it goes.
 * @throws RangeError if it is damaged, or demands what this loader cannot do
 */
export function readMultiboot(bytes: Uint8Array): Image {
  const header = findHeader(bytes)
  if (!header) throw new RangeError("it has no Multiboot header in its first 8 KiB")
  const unknown = header.flags & 0xffff & ~KNOWN_DEMANDS
  if (unknown)
    throw new RangeError(`its Multiboot header demands what is not known here: flags ${hex(unknown, 4)}`)
  if (header.flags & HAS_ADDRESSES) return readByAddresses(header, bytes)
  if (isElf(bytes)) return readElf(bytes)
  throw new RangeError("its Multiboot header holds no addresses (flag 16), and it is not an ELF file")
}

/** The address fields: where the header itself goes tells where the rest of the file does. */
function readByAddresses({ at, view }: Header, bytes: Uint8Array): Image {
  if (at + 32 > bytes.length) throw new RangeError("it is cut short: its Multiboot header is not complete")
  const [header, load, loadEnd, bssEnd, entry] = [12, 16, 20, 24, 28].map((n) => view.getUint32(at + n, true))
  const offset = at - (header - load)
  if (load > header || offset < 0)
    throw new RangeError(
      `its Multiboot header cannot be at ${hex(header)} when loading begins at ${hex(load)}`,
    )
  const length = loadEnd === 0 ? bytes.length - offset : loadEnd - load
  if (length < 0 || offset + length > bytes.length)
    throw new RangeError(`it is cut short: its Multiboot header wants ${length} bytes from byte ${offset} on`)
  const size = Math.max(length, bssEnd === 0 ? 0 : bssEnd - load)
  const piece = { address: load, bytes: bytes.subarray(offset, offset + length), size, executable: true }
  return { pieces: [piece], entry }
}

/** Modules lie behind the kernel and above the first MiB, each on a page border. */
function placeModules(kernel: Image, modules: readonly MultibootModule[]): PlacedModule[] {
  let end = Math.max(endOf(kernel), UPPER_START)
  return modules.map((module) => {
    const address = Math.ceil(end / PAGE) * PAGE
    const size = module.bytes.length
    end = address + size
    return { ...module, address, size, executable: false }
  })
}

/**
 * Load a Multiboot kernel with its modules and leave memory and registers as the standard says: flat segments, A20 open, paging and
 * interrupts off, EAX and EBX set. The machine must be as it was made.
 * @throws RangeError as `readMultiboot`, and if memory is too small
 */
export function loadMultiboot(
  machine: Machine,
  bytes: Uint8Array,
  commandLine = "",
  modules: readonly MultibootModule[] = [],
): void {
  const kernel = readMultiboot(bytes)
  const placed = placeModules(kernel, modules)
  const image = { ...kernel, pieces: [...kernel.pieces, ...placed] }
  loadImage(machine, image)
  const place = roomBeside(image)
  const information = bootInformation(place, machine.memory.size, commandLine, placed)
  if (place + information.length > machine.memory.size)
    throw new RangeError("memory is too small: there is no room for the boot information")
  machine.memory.write(place, information)
  machine.cpu.reg[EAX] = BOOT_MAGIC
  machine.cpu.reg[EBX] = place
}

/** The information structure at `place`, with all that it points to behind it. */
function bootInformation(
  place: number,
  memory: number,
  commandLine: string,
  modules: readonly PlacedModule[],
): Uint8Array {
  const pile = new Pile(place)
  const information = new DataView(new ArrayBuffer(INFO_SIZE))
  pile.add(new Uint8Array(information.buffer))
  const map = memoryMap(memory)
  const texts = modules.map(({ text }) => pile.add(textBytes(text)))
  const fields: Readonly<Record<keyof typeof AT, number>> = {
    flags: Object.values(INFO).reduce((all, bit) => all | bit, 0),
    memoryLower: LOWER_END / KIBIBYTE,
    memoryUpper: Math.max(0, memory - UPPER_START) / KIBIBYTE,
    commandLine: pile.add(textBytes(commandLine)),
    moduleCount: modules.length,
    moduleTable: pile.add(moduleTable(modules, texts)),
    mapLength: map.length,
    mapAddress: pile.add(map),
    loaderName: pile.add(textBytes(LOADER_NAME)),
    framebuffer: 0xb_8000,
  }
  for (const [name, value] of Object.entries(fields))
    information.setUint32(AT[name as keyof typeof AT], value, true)
  putTextMode(information)
  return pile.bytes()
}

/** Things in memory one behind the other, each at an address that 4 divides. */
class Pile {
  private readonly things: Uint8Array[] = []
  private size = 0

  constructor(private readonly place: number) {}

  /** Where it lies. */
  add(thing: Uint8Array): number {
    const at = this.size
    this.things.push(thing)
    this.size = (at + thing.length + 3) & ~3
    return this.place + at
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.size)
    let at = 0
    for (const thing of this.things) {
      all.set(thing, at)
      at = (at + thing.length + 3) & ~3
    }
    return all
  }
}

/**
 * Four words a module.
 *
 *      0           4                     8     12 16
 *     ┌───────────┬─────────────────────┬─────┬───┐
 *     │ first byte│ byte behind the last│ text│ 0 │
 *     └───────────┴─────────────────────┴─────┴───┘
 */
const moduleTable = (modules: readonly PlacedModule[], texts: readonly number[]) =>
  wordBytes(modules.flatMap(({ address, size }, n) => [address, address + size, texts[n], 0]))

/** Words as bytes, the lowest first. */
function wordBytes(words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length))
  words.forEach((word, n) => {
    view.setUint32(4 * n, word, true)
  })
  return new Uint8Array(view.buffer)
}

/** Characters as bytes, with the zero that ends them. */
const textBytes = (text: string) => Uint8Array.from([...text, "\0"], (letter) => letter.charCodeAt(0) & 0xff)

/**
 * The screen is text, 80 columns of 2 bytes by 25 rows at B8000h, which here is plain memory. Offsets are
 * those from the structure's field on; 16 bits a character, type 2.
 *
 *      0                 8      12     16      20   21    22 28
 *     ┌─────────────────┬──────┬──────┬───────┬────┬─────┬───┐
 *     │ address, 8 bytes│ pitch│ width│ height│ bpp│ type│ … │
 *     └─────────────────┴──────┴──────┴───────┴────┴─────┴───┘
 */
function putTextMode(view: DataView): void {
  const size = [160, 80, 25]
  size.forEach((value, n) => {
    view.setUint32(AT.framebuffer + 8 + 4 * n, value, true)
  })
  view.setUint8(AT.framebuffer + 20, 16)
  view.setUint8(AT.framebuffer + 21, 2)
}

const AVAILABLE = 1
const RESERVED = 2

/**
 * Which memory there is, in entries of 24 bytes; an entry's first field does not count itself.
 *
 *      0     4               12               20   24
 *     ┌─────┬───────────────┬────────────────┬─────┐
 *     │ size│ start, 8 bytes│ length, 8 bytes│ type│
 *     └─────┴───────────────┴────────────────┴─────┘
 */
function memoryMap(memory: number): Uint8Array {
  const ranges = [
    [0, LOWER_END, AVAILABLE],
    [ROM_START, UPPER_START, RESERVED],
    [UPPER_START, memory, AVAILABLE],
  ].filter(([start, end]) => end > start)
  return wordBytes(
    ranges.flatMap(([start, end, type]) => [MAP_ENTRY_SIZE - 4, start, 0, end - start, 0, type]),
  )
}
