/** `ringlab disasm`: bytes to assembly. */
import { disassemble, isElf, type Piece, readElf } from "ringlab"
import { address, codeSize, number, onlyFile, read } from "./arguments"
import { checkOutputs, STANDARD_OUTPUT } from "./clash"
import { readBytes } from "./files"
import { usable } from "./load"
import { standardOutput } from "./output"
import { checkReach } from "./trouble"

/** As `node:util` wants them; --help tells them, too. */
export const OPTIONS = {
  at: { type: "string" },
  bits: { type: "string" },
  skip: { type: "string", default: "0" },
  length: { type: "string" },
} as const

/** Disassemble a file. @returns the exit code @throws Trouble */
export async function disasm(args: readonly string[]): Promise<number> {
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
  for (const { address, bytes } of pieces) checkReach(file, address, bytes.length)
  for (const piece of pieces) await write(piece, bits)
  return 0
}

/** What an executable would run. */
const code = (bytes: Uint8Array) => readElf(bytes).pieces.filter(({ executable }) => executable)

type Part = Pick<Piece, "address" | "bytes">

/** Bytes whose text is written at once: that of a whole disk would not fit into memory, and its reader may leave before. */
const AT_ONCE = 1 << 14

async function write({ address, bytes }: Part, bits: 16 | 32 | undefined): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    let text = ""
    for (const end = Math.min(at + AT_ONCE, bytes.length); at < end; ) {
      const rest = bytes.subarray(at)
      const instruction = disassemble(rest, address + at, { bits })
      text += line(address + at, rest.subarray(0, instruction.length), instruction.text)
      at += instruction.length
    }
    standardOutput.print(text)
    await standardOutput.taken()
  }
}

const BYTES_WIDTH = 24

function line(address: number, bytes: Uint8Array, text: string): string {
  const made = Buffer.from(bytes).toString("hex").padEnd(BYTES_WIDTH)
  return `${address.toString(16).padStart(8, "0")}  ${made}  ${text}\n`
}
