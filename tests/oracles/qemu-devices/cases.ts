/**
 * Cases of the comparison of devices with QEMU, as people write them: one line each, see
 * tests/vectors/qemu-devices/FORMAT.md.
 *
 *     begin | out 21 ff
 *     a name | out 20 13, drop 60, wait 1000, in 21 64, ack -> bc 1c --
 */

/** What a case does, one after the other. */
export type Step =
  | { readonly is: "out"; readonly port: number; readonly value: number }
  | { readonly is: "in" | "drop"; readonly port: number }
  | { readonly is: "wait"; readonly microseconds: number }
  | { readonly is: "ack" }

export interface Case {
  readonly name: string
  /** The steps as they are written, without those that the file begins each case with. */
  readonly text: string
  readonly steps: readonly Step[]
  /** What was read, as it is written; "" if nobody was asked yet. */
  readonly answers: string
}

const number = (word: string, most: number): number => {
  const value = /^[0-9a-f]+$/.test(word) ? Number.parseInt(word, 16) : Number.NaN
  if (!(value <= most)) throw new SyntaxError(`"${word}" is no hexadecimal number up to ${most.toString(16)}`)
  return value
}
const decimal = (word: string): number => {
  if (!/^[0-9]+$/.test(word)) throw new SyntaxError(`"${word}" is no decimal number of microseconds`)
  return Number.parseInt(word, 10)
}
const byte = (word: string) => number(word, 0xff)
const port = (word: string) => number(word, 0xffff)

/** Steps by their first word. */
const STEPS: Readonly<Record<string, (words: readonly string[]) => Step[]>> = {
  out: ([at, ...values]) => values.map((word) => ({ is: "out", port: port(at), value: byte(word) })),
  in: (ports) => ports.map((at) => ({ is: "in", port: port(at) })),
  drop: (ports) => ports.map((at) => ({ is: "drop", port: port(at) })),
  wait: ([time]) => [{ is: "wait", microseconds: decimal(time) }],
  ack: () => [{ is: "ack" }],
}

function stepsOf(text: string): Step[] {
  return text.split(",").flatMap((part) => {
    const [word, ...rest] = part.trim().split(/ +/)
    if (!Object.hasOwn(STEPS, word)) throw new SyntaxError(`"${part.trim()}" is no step of a case`)
    return STEPS[word](rest)
  })
}

const isCase = (line: string) => line !== "" && !line.startsWith("#")
const BEGIN = "begin"

/** The cases of a file. @throws SyntaxError if a line is not as it should be, or a name comes twice */
export function readCases(file: string): Case[] {
  const cases: Case[] = []
  let begin: Step[] = []
  for (const line of file.split("\n").filter(isCase)) {
    const [name, rest] = line.split(" | ")
    if (rest === undefined) throw new SyntaxError(`"${line}" has no " | " between a name and its steps`)
    const [text, answers = ""] = rest.split("->").map((part) => part.trim())
    if (cases.some((other) => other.name === name)) throw new SyntaxError(`two cases are called "${name}"`)
    if (name === BEGIN) begin = stepsOf(text)
    else cases.push({ name, text, steps: [...begin, ...stepsOf(text)], answers })
  }
  return cases
}

/** A file with other answers. */
export function withAnswers(file: string, answers: ReadonlyMap<string, string>): string {
  const renew = (line: string) => {
    const [name, rest] = line.split(" | ")
    return answers.has(name) ? `${name} | ${rest.split("->")[0].trim()} -> ${answers.get(name)}` : line
  }
  return file
    .split("\n")
    .map((line) => (isCase(line) ? renew(line) : line))
    .join("\n")
}

/** What a case reads, from the bytes that were read; an interrupt that did not come is vector 0. */
export function answersOf({ steps }: Case, bytes: ArrayLike<number>): string {
  const asked = steps.filter(({ is }) => is === "in" || is === "ack")
  if (bytes.length !== asked.length) throw new Error(`${bytes.length} answers for ${asked.length} questions`)
  const told = asked.map(({ is }, n) =>
    is === "ack" && bytes[n] === 0 ? "--" : bytes[n].toString(16).padStart(2, "0"),
  )
  return told.join(" ")
}
