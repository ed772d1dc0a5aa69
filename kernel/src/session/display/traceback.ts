import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping"
import type { Mistake } from "../convert/diagnostics"
import type { ErrorContent } from "../protocol"

/** Code that ran, so that places in it can be told in the reader's terms. */
export interface RanCode {
  /** What the reader calls it: "cell 3", or a file's path. */
  readonly label: string
  readonly source: string
  /** Source maps, the last one leading to `source` with `skippedLines` lines before it. */
  readonly maps: () => readonly string[]
  readonly skippedLines: number
}

interface Place {
  readonly label: string
  readonly line: number
  readonly column: number
  readonly source: string
}

/** Turns errors into what the protocol wants to hear, told in the lines of the reader's own cell. */
export class Tracebacks {
  private readonly ran = new Map<string, RanCode>()

  /** Remembers code whose stack frames carry `fileName`. */
  remember(fileName: string, code: RanCode): void {
    this.ran.set(fileName, code)
  }

  /** @param inspect text of a thrown value that is no error */
  describe(error: unknown, inspect: (value: unknown) => string): ErrorContent {
    if (!isError(error)) return thrownValue(inspect(error))
    const ename = textOf(() => error.name) || "Error"
    const evalue = readable(textOf(() => error.message))
    const places = this.placesOf(textOf(() => error.stack ?? ""))
    return {
      ename,
      evalue,
      traceback: [
        heading(ename, evalue),
        ...excerpt(places[0]),
        ...frames(places),
        ...this.causeOf(error, inspect),
      ],
    }
  }

  private causeOf(error: Error, inspect: (value: unknown) => string): string[] {
    if (error.cause === undefined) return []
    const { traceback } = this.describe(error.cause, inspect)
    return ["", "caused by:", ...traceback.slice(0, 12)]
  }

  /** The reader's own places among the stack frames, innermost first. */
  private placesOf(stack: string): (Place & { readonly name: string })[] {
    const found: (Place & { name: string })[] = []
    for (const line of stack.split("\n")) {
      const frame = line.match(/^\s+at (?:(.*) \()?(.+?):(\d+):(\d+)\)?$/)
      const code = frame && this.ran.get(frame[2])
      const place = code && locate(code, Number(frame[3]), Number(frame[4]))
      if (place) found.push({ ...place, name: functionName(frame[1]) })
    }
    return found
  }
}

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]"
}

function thrownValue(text: string): ErrorContent {
  return { ename: "Thrown", evalue: text, traceback: [heading("Thrown", text)] }
}

/** A student's error may throw when it is looked at. */
function textOf(read: () => unknown): string {
  try {
    return String(read())
  } catch {
    return ""
  }
}

/** The reader's names for what the converter calls boxes. */
const readable = (message: string): string =>
  message
    .replace(/\(0 ?, ?box\$([\p{ID_Continue}$]+)\.value\)/gu, "$1")
    .replace(/box\$([\p{ID_Continue}$]+)\.value/gu, "$1")

/** The top frame is a method of the converter's making; what the reader wrote has no name there. */
function functionName(name: string | undefined): string {
  return (name ?? "")
    .replace(/^(async )?(eval|Object\.<anonymous>|Runner\.call)$/, "")
    .replace(/^Object\./, "")
}

function locate(code: RanCode, line: number, column: number): Place | undefined {
  let place = { line, column: column - 1 }
  for (const map of code.maps()) {
    const found = originalPositionFor(new TraceMap(map), place)
    if (found.line === null) return undefined
    place = { line: found.line, column: found.column }
  }
  const own = { line: place.line - code.skippedLines, column: place.column + 1 }
  return own.line > 0 ? { ...own, label: code.label, source: code.source } : undefined
}

const heading = (ename: string, evalue: string): string => `\u001b[31;1m${ename}\u001b[0m: ${evalue}`

/** The line with its neighbours and an arrow below the column. */
function excerpt(place: Place | undefined): string[] {
  if (!place) return []
  return ["", ...around(place.source.split("\n"), place.line, place.column, 1), ""]
}

function around(lines: readonly string[], line: number, column: number, length: number): string[] {
  const first = Math.max(1, line - 2)
  const last = Math.min(lines.length, line + 1)
  const width = String(last).length
  const shown: string[] = []
  for (let number = first; number <= last; number++) {
    shown.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${lines[number - 1]}`)
    if (number === line) shown.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}${"^".repeat(length)}`)
  }
  return shown
}

/** Where each call stands. A frame that repeats, as in endless recursion, is shown once. */
function frames(places: readonly (Place & { readonly name: string })[]): string[] {
  const lines = places.map(
    ({ name, label, line, column }) => `    at ${name ? `${name}, ` : ""}${label}, line ${line}:${column}`,
  )
  const shown = lines.filter((line, index) => line !== lines[index - 1])
  return shown.length > 12 ? [...shown.slice(0, 12), `    … ${shown.length - 12} more`] : shown
}

/** What the compiler refuses, before anything has run. */
export function describeMistakes(mistakes: readonly Mistake[], code: string): ErrorContent {
  const [first] = mistakes
  const ename = first.syntax ? "SyntaxError" : "TypeScriptError"
  const rest = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : ""
  const evalue = `line ${first.line}: ${first.message.split("\n")[0]}${rest}`
  const shown = mistakes.slice(0, 10).flatMap((mistake) => ["", ...mistakeLines(mistake, code)])
  return { ename, evalue, traceback: [heading(ename, evalue), ...shown] }
}

function mistakeLines(mistake: Mistake, code: string): string[] {
  const { file, line, column, length, message, text } = mistake
  const where = file === undefined ? "" : `${file}, `
  const lines = file === undefined ? around(code.split("\n"), line, column, length) : [`> ${line} | ${text}`]
  return [`${where}line ${line}:${column} - ${message} (TS${mistake.code})`, ...lines]
}
