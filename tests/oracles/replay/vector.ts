/** Reads lines of tests/vectors/silicon; FORMAT.md there says what they mean. */

/** What a line says of a state: only what differs from the usual, or from the state before. */
export interface Settings {
  readonly numbers: ReadonlyMap<string, number>
  readonly flags: ReadonlySet<string>
  readonly memory: readonly { readonly address: number; readonly bytes: readonly number[] }[]
}

export interface Vector {
  readonly line: string
  readonly bytes: readonly number[]
  readonly before: Settings
  readonly after: Settings
  /** "#GP(0)" and the like; empty if the instruction completed. */
  readonly fault: string
}

const hexBytes = (text: string) =>
  (text.match(/[0-9a-f]{2}/gi) ?? []).map((byte) => Number.parseInt(byte, 16))

/** @throws RangeError naming the line if it has too few columns */
export function readVector(line: string): Vector {
  const columns = line.split("|").map((column) => column.trim())
  if (columns.length < 3) throw new RangeError(`a vector needs three columns: ${line}`)
  const [bytes, before, after, fault = ""] = columns
  return { line, bytes: hexBytes(bytes), before: readSettings(before), after: readSettings(after), fault }
}

function readSettings(text: string): Settings {
  const numbers = new Map<string, number>()
  const flags = new Set<string>()
  const memory: { address: number; bytes: number[] }[] = []
  for (const word of text.split(" ").filter(Boolean)) {
    const [name, value] = word.split("=")
    if (value === undefined) flags.add(name)
    else if (name.startsWith("["))
      memory.push({ address: Number.parseInt(name.slice(1), 16), bytes: hexBytes(value) })
    else numbers.set(name, Number.parseInt(value, 16))
  }
  return { numbers, flags, memory }
}
