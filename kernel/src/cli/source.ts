/** Assembly sources: to a program, and how a program starts. What is doubtful about the size of its code is told. */
import {
  type AssembleOptions,
  AssemblyError,
  assemble,
  isBootSector,
  isMultiboot,
  loadBootSector,
  type Machine,
  type Program,
  sizeAt,
} from "ringlab"
import { MEBIBYTE, tooLarge } from "./files"
import { standardError } from "./output"
import { badFile, checkReach, EXIT, Trouble } from "./trouble"

/** A source of this size has a hundred thousand lines and more. */
export const MOST_SOURCE = 4 * MEBIBYTE

/** Assemble a source, and say on standard error how it was taken where it may mean something else. @throws Trouble with a line a mistake */
export function assembled(file: string, bytes: Uint8Array, options: AssembleOptions): Program {
  if (bytes.length > MOST_SOURCE) throw tooLarge(file, MOST_SOURCE)
  const source = Buffer.from(bytes).toString("utf8")
  try {
    const program = assemble(source, options)
    checkReach(file, program.origin, program.bytes.length)
    const doubt = doubtAbout(program)
    if (doubt) standardError.print(`${file}: ${doubt}\n`)
    return program
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error
    const lines = error.mistakes.map(
      ({ line, column, message, expected }) => `${file}:${line}:${column}: ${message}; ${expected}`,
    )
    throw new Trouble(EXIT.file, [...lines, ...otherSize(file, source, options)].join("\n"))
  }
}

/** Mistakes that only 16-bit code has come from the size that a boot sector is taken to have. */
function otherSize(file: string, source: string, options: AssembleOptions): string[] {
  if (options.bits !== undefined) return []
  try {
    assemble(source, { ...options, bits: 32 })
  } catch {
    return []
  }
  return [
    `${file}: it makes a boot sector, so its code was taken for 16-bit code; --bits 32 takes it for 32-bit code.`,
  ]
}

/** Where programs without a boot sector's signature expect to be 16-bit code, and what such programs are. */
const SMALL_ORIGINS: ReadonlyMap<number, string> = new Map([
  [0x100, "a DOS program"],
  [0x7c00, "a boot sector"],
])
const SIGNATURE = "55h and AAh at byte 510"
const CHOOSE = "write bits 16 or bits 32 at its beginning, or give --bits"

/** What may be meant otherwise in a source that does not say the size of its first code. */
function doubtAbout(program: Program): string | undefined {
  const { bytes, origin } = program
  const first = sizeAt(program, origin)
  if (!first || first.said) return undefined
  if (first.bits === 16)
    return isMultiboot(bytes)
      ? `it makes a boot sector and has a Multiboot header, too, and was taken for 16-bit code: ${CHOOSE}.`
      : undefined
  if (isBootSector(bytes) && BOOT_ORIGINS.includes(origin))
    return `only as 32-bit code it has ${SIGNATURE}, and so it was taken: ${CHOOSE}.`
  const like = SMALL_ORIGINS.get(origin)
  return (
    like &&
    `its origin is that of ${like}, but it has not ${SIGNATURE}, and was taken for 32-bit code: ${CHOOSE}.`
  )
}

/** Origins of boot sectors: some say 7C00h, and some nothing, and put 07C0h into the segment registers. */
const BOOT_ORIGINS = [0, 0x7c00]

/**
 * Load a program. One that makes a boot sector is started as the file of its bytes is; if it is 16-bit code, whatever its
 * origin: some copy themselves there first.
 * @throws Trouble if it begins with 16-bit code and is no boot sector
 */
export function loadSource(machine: Machine, file: string, program: Program): void {
  const { bytes, origin, entry } = program
  const [first, begins] = [origin, entry].map((address) => sizeAt(program, address)?.bits)
  if (isBootSector(bytes) && (first === 16 || BOOT_ORIGINS.includes(origin)))
    startBootSector(machine, file, program)
  else if (begins === 16)
    throw badFile(
      file,
      `it begins with 16-bit code, and only a boot sector may: give it org 0x7c00, and ${SIGNATURE} by times 510 - ($ - $$) db 0 and dw 0xaa55.`,
    )
  else machine.load(program)
}

function startBootSector(machine: Machine, file: string, program: Program): void {
  const { bytes, origin } = program
  const first = sizeAt(program, origin)
  if (first?.bits === 32 && first.said)
    standardError.print(
      `${file}: a boot sector starts in 16-bit mode, but this one begins with 32-bit code: begin it with bits 16.\n`,
    )
  loadBootSector(machine, bytes)
  if (origin !== 0) machine.program = program
}
