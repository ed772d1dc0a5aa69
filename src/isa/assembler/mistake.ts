/** Mistakes in a source: how they are raised, collected and shown. */
import type { TemplatePlace } from "./template"

/** One mistake. `line` and `column` count from 1; `text` is the source line; `message` and `expected` are sentences' halves. */
export interface Mistake {
  /** The line of the source, from 1. */
  readonly line: number
  /** The line is one of the text that a template inserted here: 1 for its first insertion. */
  readonly inserted?: number
  /** The call that wrote the line: `kit()`. The line is then shown in the words of that call. */
  readonly call?: string
  /** Where in the line the mistake begins, from 1. */
  readonly column: number
  /** The whole line, as it was written. */
  readonly text: string
  /** What is wrong: `unknown instruction "mvo"`. */
  readonly message: string
  /** What was expected: `did you mean mov?` */
  readonly expected: string
}

/** A source could not be assembled. `mistakes` holds all of them in the order of the source; `message` shows them as a compiler does. */
export class AssemblyError extends Error {
  /** "AssemblyError", as a traceback shows it. */
  override readonly name = "AssemblyError"

  /** The first mistake's place in the template literal that was assembled, and its line; undefined if it has none there. */
  readonly inTemplate: Pick<Mistake, "line" | "column" | "text"> | undefined

  /** All mistakes, in the order of the source; at least one. */
  readonly mistakes: readonly Mistake[]

  /** @param fromTemplate lines are those of a template literal, not of a whole source */
  constructor(mistakes: readonly Mistake[], fromTemplate = false) {
    const told = inWordsOfCalls(mistakes)
    super(told.map(show).join("\n"))
    this.mistakes = told
    const [{ line, column, text, inserted }] = told
    this.inTemplate = fromTemplate && inserted === undefined ? { line, column, text } : undefined
  }

  /** The same mistakes, at the places where the lines of the source were written. */
  placed(places: readonly TemplatePlace[]): AssemblyError {
    const placed = this.mistakes.map((mistake) => ({ ...mistake, ...places[mistake.line - 1] }))
    return new AssemblyError(placed, true)
  }
}

/**
 * A comment that says who wrote a line, and for what: `; kit(): interrupt gate 80h to timer`. Who has called kit() has never seen
 * the line, and a name in it may be in the next one, too.
 */
const WRITTEN_BY = /;\s*(\w+\(\)): (.*)$/

/** Of such words the last one is a label that the call was given: `gate 13 (0Dh) to timer`, `ring 3 at user`. */
const LEADS_TO = /^(.*) (?:to|at) \S+$/

function inWordsOfCalls(mistakes: readonly Mistake[]): Mistake[] {
  const told = mistakes.map(inWordsOfCall)
  const key = ({ call, text, message }: Mistake): string => `${call} ${text} ${message}`
  return told.filter(
    (mistake, n) => !mistake.call || told.findIndex((other) => key(other) === key(mistake)) === n,
  )
}

function inWordsOfCall(mistake: Mistake): Mistake {
  const [, call, words] = mistake.text.match(WRITTEN_BY) ?? []
  if (call === undefined) return mistake
  const [name = ""] = mistake.text.slice(mistake.column - 1).match(/^[\w.$@?#~]+/) ?? []
  const [, who] = words.match(LEADS_TO) ?? []
  if (who && words.endsWith(` ${name}`))
    return {
      ...mistake,
      call,
      text: words,
      column: words.length - name.length + 1,
      message: `${who} names no label: ${name}`,
    }
  return { ...mistake, call, text: words, column: words.indexOf(name) + 1 || 1 }
}

function show({ line, inserted, call, column, text, message, expected }: Mistake): string {
  // Tabs stay tabs, so that the caret stands below its character.
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ")
  const which = inserted === undefined ? "" : ` of inserted text ${inserted}`
  const where = call ?? `line ${line}${which}, column ${column}`
  return `${where}: ${message}; ${expected}\n    ${text}\n    ${indent}^`
}

/** Thrown while one line is read or encoded; whoever knows the line turns it into a `Mistake`. */
export class Problem extends Error {
  constructor(
    readonly column: number,
    message: string,
    readonly expected: string,
  ) {
    super(message)
  }
}

/** Stop work on this line. `column` counts from 1. */
export function fail(column: number, message: string, expected: string): never {
  throw new Problem(column, message, expected)
}

/** The word of `known` that `word` may have meant: a third of its letters may differ, or one of two. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let least = Math.max(wanted.length > 1 ? 1 : 0, Math.floor(wanted.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), least)
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** Letters to insert, delete, change or swap with a neighbour; distances of `limit` and more are not told apart. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    before = above
    above = row
  }
  return above[b.length]
}
