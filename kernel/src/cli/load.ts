/** From a file to a machine that is ready to run it. */
import { extname } from "node:path"
import {
  flatImage,
  isBootSector,
  isElf,
  isMultiboot,
  loadBootSector,
  loadImage,
  loadMultiboot,
  type Machine,
  type MultibootModule,
  readElf,
} from "ringlab"
import { assembled, loadSource } from "./source"
import { badFile, badUsage } from "./trouble"

/** How a file shall be understood. */
export interface LoadOptions {
  /** Where a flat binary goes, or an assembly source that does not say so. */
  readonly at?: number
  /** The size of a source's code, if it does not say so. */
  readonly bits?: 16 | 32
  /** It is a ROM. */
  readonly bios?: boolean
  readonly commandLine?: string
  readonly modules?: readonly MultibootModule[]
}

const SOURCES = new Set([".asm", ".nasm", ".s"])
const ROM_SIZES = [64 * 1024, 128 * 1024]

type Kind = "source" | "rom" | "flat" | "multiboot" | "elf" | "boot"

/** Load what a file holds. @throws Trouble if it cannot be used */
export function load(machine: Machine, file: string, bytes: Uint8Array, options: LoadOptions): void {
  const kind = kindOf(file, bytes, options)
  for (const [name, value, needed, kinds] of [
    ["--bits", options.bits, "source", "assembly sources"],
    ["--cmdline", options.commandLine, "multiboot", "Multiboot kernels"],
    ["--module", options.modules, "multiboot", "Multiboot kernels"],
  ] as const)
    if (value !== undefined && kind !== needed)
      throw badUsage(`${name} is for ${kinds}, and ${file} is none.`)
  if (options.at !== undefined && kind === "rom")
    throw badUsage("--at is for flat binaries and sources: a ROM ends at FFFFFh, and starts at F000:FFF0.")
  const put = LOADERS[kind]
  usable(file, () => put(machine, bytes, options, file))
}

const LOADERS: Readonly<
  Record<Kind, (machine: Machine, bytes: Uint8Array, options: LoadOptions, file: string) => void>
> = {
  source: (machine, bytes, { at, bits }, file) =>
    loadSource(machine, file, assembled(file, bytes, { origin: at, bits })),
  rom: (machine, bytes) => machine.loadRom(checkRom(bytes)),
  flat: (machine, bytes, { at = 0 }) => loadImage(machine, flatImage(bytes, at)),
  multiboot: (machine, bytes, { commandLine, modules }) =>
    loadMultiboot(machine, bytes, commandLine, modules),
  elf: (machine, bytes) => loadImage(machine, readElf(bytes)),
  boot: loadBootSector,
}

function kindOf(file: string, bytes: Uint8Array, { at, bios }: LoadOptions): Kind {
  if (bios) return "rom"
  if (bytes.length === 0) throw badFile(file, "it is empty.")
  if (SOURCES.has(extname(file).toLowerCase())) return "source"
  if (at !== undefined) return "flat"
  if (isMultiboot(bytes)) return "multiboot"
  if (isElf(bytes)) return "elf"
  if (isBootSector(bytes)) return "boot"
  if (isText(bytes)) return "source"
  throw badFile(
    file,
    "it is no assembly source, Multiboot kernel, ELF file or boot sector; give --at ADDRESS if it is a flat binary, or --bios if it is a ROM.",
  )
}

/** Text has no control characters but those of lines. */
const isText = (bytes: Uint8Array) => bytes.every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13))

function checkRom(bytes: Uint8Array): Uint8Array {
  if (!ROM_SIZES.includes(bytes.length))
    throw new RangeError(`a ROM has ${ROM_SIZES.join(" or ")} bytes, but this file has ${bytes.length}`)
  return bytes
}

/** What a loader refuses is told with the file's name. */
export function usable<T>(file: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw error instanceof RangeError ? badFile(file, `${error.message}.`) : error
  }
}
