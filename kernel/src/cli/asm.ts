/** `ringlab asm`: a source to a flat binary. */
import { extname } from "node:path"
import type { Program } from "ringlab"
import { address, codeSize, onlyFile, read } from "./arguments"
import { checkOutputs, STANDARD_OUTPUT } from "./clash"
import { readBytes, writeBytes } from "./files"
import { standardOutput } from "./output"
import { assembled, MOST_SOURCE } from "./source"
import { badUsage } from "./trouble"

/** As `node:util` wants them; --help tells them, too. */
export const OPTIONS = {
  output: { type: "string", short: "o" },
  at: { type: "string" },
  bits: { type: "string" },
  listing: { type: "boolean", default: false },
} as const

const EXTENSION = ".bin"

/** Assemble a file. @returns the exit code @throws Trouble */
export function asm(args: readonly string[]): number {
  const { values, positionals } = read(args, OPTIONS)
  const file = onlyFile(positionals, "asm")
  const options = { origin: address(values.at, "--at"), bits: codeSize(values.bits) }
  const output = values.output ?? (values.listing ? undefined : defaultOutput(file))
  checkOutputs([["the source", file]], [...(values.listing ? [STANDARD_OUTPUT] : []), ["--output", output]])
  const program = assembled(file, readBytes(file, MOST_SOURCE), options)
  if (values.listing) standardOutput.print(listing(program))
  if (output !== undefined) writeBytes(output, program.bytes)
  return 0
}

function defaultOutput(file: string): string {
  const extension = extname(file)
  if (extension === EXTENSION) throw badUsage(`${file} ends in ${EXTENSION} itself: say --output FILE.`)
  return file.slice(0, file.length - extension.length) + EXTENSION
}

const BYTES_SHOWN = 10

/** Address, bytes and text of each line that made some. */
function listing({ lines, bytes, origin }: Program): string {
  return lines
    .filter(({ length }) => length > 0)
    .map(({ address, length, line, text }) => {
      const start = address - origin
      const made = Buffer.from(bytes.subarray(start, start + Math.min(length, BYTES_SHOWN))).toString("hex")
      const shown = `${made}${length > BYTES_SHOWN ? "…" : ""}`.padEnd(2 * BYTES_SHOWN + 1)
      return `${String(line).padStart(5)}  ${address.toString(16).padStart(8, "0")}  ${shown}  ${text}\n`
    })
    .join("")
}
