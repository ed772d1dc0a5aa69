/** `ringlab disasm`: bytes to assembly. */
import { disassembleAll, isElf, type Piece, readElf } from "ringlab"
import { address, codeSize, number, onlyFile, read } from "./arguments"
import { checkOutputs, STANDARD_OUTPUT } from "./clash"
import { readBytes } from "./files"
import { usable } from "./load"
import { standardOutput } from "./output"

const OPTIONS = {
  at: { type: "string" },
  bits: { type: "string" },
  skip: { type: "string", default: "0" },
  length: { type: "string" },
} as const

/** Disassemble a file. @returns the exit code @throws Trouble */
export function disasm(args: readonly string[]): number {
  const { values, positionals } = read(args, OPTIONS)
  const file = onlyFile(positionals, "disasm")
  const bits = codeSize(values.bits)
  const [at, length] = [address(values.at, "--at"), address(values.length, "--length")]
  const skip = number(values.skip, "--skip", 0, Number.MAX_SAFE_INTEGER)
  checkOutputs([["the binary", file]], [STANDARD_OUTPUT])
  const bytes = readBytes(file)
  const part = bytes.subarray(skip, length === undefined ? undefined : skip + length)
  const wholeElf = isElf(part) && at === undefined
  const pieces = wholeElf ? usable(file, () => code(part)) : [{ address: at ?? 0, bytes: part }]
  for (const piece of pieces) standardOutput.print(text(piece, bits))
  return 0
}

/** What an executable would run. */
const code = (bytes: Uint8Array) => readElf(bytes).pieces.filter(({ executable }) => executable)

const BYTES_WIDTH = 24

function text(piece: Pick<Piece, "address" | "bytes">, bits: 16 | 32 | undefined): string {
  return disassembleAll(piece.bytes, piece.address, { bits })
    .map(({ address, text, length }) => {
      const start = address - piece.address
      const made = Buffer.from(piece.bytes.subarray(start, start + length)).toString("hex")
      return `${address.toString(16).padStart(8, "0")}  ${made.padEnd(BYTES_WIDTH)}  ${text}\n`
    })
    .join("")
}
