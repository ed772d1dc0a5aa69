import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping"
import type { Mistake } from "../convert/diagnostics"
import { cut } from "../cut"
import { limits } from "../limits"
import type { ErrorContent } from "../protocol"

/** Code that ran, so that places in it can be told in the reader's terms. */
interface RanCode {
  /** What the reader calls it: "cell 3", or a file's path. */
  readonly label: string
  readonly source: string
  /** Source maps, the last one leading to `source` with `skippedLines` lines before it. */
  readonly maps: readonly string[]
  readonly skippedLines: number
}

interface Place {
  readonly label: string
  readonly line: number
  readonly column: number
  readonly source: string
}

/** Cells and files whose lines are still known. An error in an older one is told without its line. */
const MOST_REMEMBERED = 2000

/** Turns errors into what the protocol wants to hear, told in the lines of the reader's own cell. */
export class Tracebacks {
  private readonly ran = new Map<string, RanCode>()
  /** What V8 says of the calls of an error whose stack was told in the reader's terms. */
  private readonly told = new WeakMap<object, { readonly stack: string; readonly calls: readonly string[] }>()

  /** Remembers code whose stack frames carry `fileName`. */
  remember(fileName: string, code: RanCode): void {
    this.ran.set(fileName, code)
    const [oldest] = this.ran.keys()
    if (this.ran.size > MOST_REMEMBERED) this.ran.delete(oldest)
  }

  /**
   * Never throws, whatever the error's getters and proxies do.
   * @param inspect text of a thrown value that is no error
   */
  describe(error: unknown, inspect: (value: unknown) => string, depth = 0): ErrorContent {
    if (!isError(error)) return thrownValue(textOf(() => inspect(error), "(a value that cannot be shown)"))
    const ename = textOf(() => error.name) || "Error"
    const evalue = readable(textOf(() => error.message))
    const places = this.placesOf(error)
    const behind = depth < MAX_DEPTH ? errorsBehind(error) : []
    return {
      ename,
      evalue,
      traceback: [
        heading(ename, evalue),
        ...excerpt(places[0] && inTemplate(error, places[0])),
        ...frames(places),
        ...behind.flatMap(([says, inner]) => ["", says, ...this.shortly(inner, inspect, depth + 1)]),
      ],
    }
  }

  private shortly(error: unknown, inspect: (value: unknown) => string, depth: number): string[] {
    return this.describe(error, inspect, depth).traceback.slice(0, 12)
  }

  /** The text of an error's `stack`, in the reader's terms. @param calls what V8 says of them, innermost first */
  stackOf(error: Error, calls: readonly string[]): string {
    const lines = withoutOuter(calls).flatMap((call) => this.tell(call))
    const stack = [headOf(error), ...lines.map((line) => `    at ${line}`)].join("\n")
    this.told.set(error, { stack, calls })
    return stack
  }

  /** A call as the reader knows it; nothing, if it stands in what the converter has added to a cell. */
  private tell(call: string): string[] {
    if (!this.codeOf(call)) return [call.replace(CELL_PLACE, (place) => this.tell(place)[0] ?? place)]
    return this.callOf(call).map(describePlace)
  }

  /** The reader's own places among the calls, innermost first. */
  private placesOf(error: Error): Called[] {
    try {
      return this.callsOf(error).flatMap((call) => this.callOf(call))
    } catch {
      return []
    }
  }

  private callsOf(error: Error): readonly string[] {
    const { stack } = error
    const told = this.told.get(error)
    if (told && told.stack === stack) return told.calls
    return framesIn(error)
      .split("\n")
      .map((line) => line.replace(/^\s+at /, ""))
  }

  private callOf(call: string): Called[] {
    const found = this.codeOf(call)
    const place = found ? locate(found.code, found.line, found.column) : this.readPlace(call)
    return place ? [{ ...place, name: functionName(call.match(V8_CALL)?.[1]) }] : []
  }

  private codeOf(call: string): { code: RanCode; line: number; column: number } | undefined {
    const [, , file, line, column] = call.match(V8_CALL) ?? []
    const code = this.ran.get(file)
    return code && { code, line: Number(line), column: Number(column) }
  }

  /** A stack that was told already may have been given to another error. */
  private readPlace(call: string): Place | undefined {
    const [, label, line, column] = call.match(TOLD_PLACE) ?? []
    const code = label && [...this.ran.values()].findLast((code) => code.label === label)
    return code ? { label, line: Number(line), column: Number(column), source: code.source } : undefined
  }
}

/** A call as V8 writes it: `name (file:line:column)`, or without the name. */
const V8_CALL = /^(?:(.*) \()?(?:async )?(.+?):(\d+):(\d+)\)?$/

/** A place as `describePlace` writes it. */
const TOLD_PLACE = /^(?:.*, )?(.+), line (\d+):(\d+)$/

/** A place in a cell, inside of what V8 says of evaluated code. */
const CELL_PLACE = /ringlab-cell-\d+:\d+:\d+/g

/** A call into the reader's code. */
type Called = Place & { readonly name: string }

const describePlace = ({ name, label, line, column }: Called): string =>
  `${name ? `${name}, ` : ""}${label}, line ${line}:${column}`

/** What Node does around the outermost call of a reader's own or of a package: every cell is called in the same way. */
function withoutOuter(calls: readonly string[]): readonly string[] {
  const outermost = calls.findLastIndex((call) => !/(^|\(|\s)(node:|<anonymous>\)?$)/.test(call))
  return outermost < 0 ? calls : calls.slice(0, outermost + 1)
}

const { toString: describeError } = Error.prototype

function headOf(error: unknown): string {
  try {
    return String(describeError.call(error))
  } catch {
    return "Error"
  }
}

/** Causes of causes that are told, and errors of an `AggregateError`. A cause may be its own cause. */
const MAX_DEPTH = 4
const MAX_TOGETHER = 5

/** What led to an error: its cause, and the errors that it stands for, each with the words before it. */
function errorsBehind(error: Error): (readonly [says: string, error: unknown])[] {
  const { cause, errors } = errorsIn(error)
  const together = errors.slice(0, MAX_TOGETHER)
  return [
    ...together.map((inner, index) => [`error ${index + 1} of ${errors.length}:`, inner] as const),
    ...(cause === undefined ? [] : [["caused by:", cause] as const]),
  ]
}

function errorsIn(error: Error): { cause?: unknown; errors: readonly unknown[] } {
  try {
    const { cause, errors } = error as Error & { errors?: unknown }
    return { cause, errors: Array.isArray(errors) ? [...errors] : [] }
  } catch {
    return { errors: [] }
  }
}

/** An error about a template literal (`inTemplate`: line and column there, and the line) is shown at that line, if it is found. */
function inTemplate(error: Error, place: Place): Place {
  try {
    const { line, column, text } = (error as Error & { inTemplate: Record<string, unknown> }).inTemplate
    const at = place.line + Number(line) - 1
    const found = place.source.split("\n")[at - 1] === text
    return found ? { ...place, line: at, column: Number(column) } : place
  } catch {
    return place
  }
}

/** The stack without the message, which may be long, or look like frames. */
const framesIn = ({ stack, message }: Error): string => String(stack ?? "").replace(String(message), "")

function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]"
  } catch {
    return false
  }
}

function thrownValue(text: string): ErrorContent {
  return { ename: "Thrown", evalue: text, traceback: [heading("Thrown", text)] }
}

/** A student's error may throw when it is looked at, or be longer than a browser can bear. */
function textOf(read: () => unknown, otherwise = ""): string {
  try {
    return clipped(String(read()))
  } catch {
    return otherwise
  }
}

function clipped(text: string): string {
  const shown = cut(text, limits.errorText)
  const more = text.length - shown.length
  return more === 0 ? text : `${shown} … (${more} more characters)`
}

/** The reader's names for what the converter calls boxes. */
export const readable = (message: string): string =>
  message
    .replace(/\(0 ?, ?box\$([\p{ID_Continue}$]+)\.value\)/gu, "$1")
    .replace(/box\$([\p{ID_Continue}$]+)\.value/gu, "$1")

/**
 * The top frame is a method of the converter's making; what the reader wrote has no name there. Nor is a callback the timer's own
 * method, though the timer is its `this`.
 */
function functionName(name: string | undefined): string {
  return (name ?? "")
    .replace(/^(async )?(eval|(Object|Timeout|Immediate)\.<anonymous>|Runner\.call)$/, "")
    .replace(/^(Object|Timeout|Immediate)\./, "")
}

function locate(code: RanCode, line: number, column: number): Place | undefined {
  let place = { line, column: column - 1 }
  for (const map of mapsOf(code)) {
    const found = originalPositionFor(map, place)
    if (found.line === null) return undefined
    place = { line: found.line, column: found.column }
  }
  const own = { line: place.line - code.skippedLines, column: place.column + 1 }
  return own.line > 0 ? { ...own, label: code.label, source: code.source } : undefined
}

/** Making maps takes longer than looking into them, and a loop may print a thousand stacks. */
const readMaps = new WeakMap<RanCode, readonly TraceMap[]>()

function mapsOf(code: RanCode): readonly TraceMap[] {
  const maps = readMaps.get(code) ?? code.maps.map((map) => new TraceMap(map))
  readMaps.set(code, maps)
  return maps
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
function frames(places: readonly Called[]): string[] {
  const lines = places.map((place) => `    at ${describePlace(place)}`)
  const shown = lines.filter((line, index) => line !== lines[index - 1])
  return shown.length > 12 ? [...shown.slice(0, 12), `    … ${shown.length - 12} more`] : shown
}

/** The kernel's own code failed. Cells share its objects, and may have changed them. */
export function describeFailure(message: string): ErrorContent {
  const evalue = `The kernel cannot work on this cell: ${clipped(message)}. Make the cell simpler. If an earlier cell has changed something built in, such as Array.prototype, restart the kernel.`
  return { ename: "KernelError", evalue, traceback: [heading("KernelError", evalue)] }
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
