import { matchesGlob } from "./glob"

/** A cell that was run: session, number, what was typed, and its result's plain text. */
interface Entry {
  readonly session: number
  readonly line: number
  readonly input: string
  output: string | null
}

/** This kernel keeps the history of one session: its own. */
const SESSION = 1

/** The cells that were run, for front ends that let the reader go back to them. */
export class History {
  private readonly entries: Entry[] = []

  add(line: number, input: string): void {
    this.entries.push({ session: SESSION, line, input, output: null })
  }

  /** Notes the result of the cell added last. */
  result(output: string | undefined): void {
    const last = this.entries.at(-1)
    if (last) last.output = output ?? null
  }

  /** Answers a `history_request`. */
  answer(request: Record<string, unknown>): unknown[] {
    const entries = this.select(request)
    return entries.map(({ session, line, input, output }) => [
      session,
      line,
      request.output ? [input, output] : input,
    ])
  }

  private select(request: Record<string, unknown>): Entry[] {
    switch (request.hist_access_type) {
      case "range":
        return this.range(request)
      case "search":
        return this.search(request)
      default:
        return last(this.entries, request.n)
    }
  }

  /** From line `start` to before line `stop`. Session 0 is this one, and so is -0. */
  private range({ session, start, stop }: Record<string, unknown>): Entry[] {
    if (session && session !== SESSION) return []
    const from = Number(start ?? 0)
    const to = stop === null || stop === undefined ? Number.POSITIVE_INFINITY : Number(stop)
    return this.entries.filter(({ line }) => line >= from && line < to)
  }

  private search({ pattern, unique, n }: Record<string, unknown>): Entry[] {
    const found = this.entries.filter(({ input }) => matchesGlob(input, String(pattern ?? "*")))
    return last(unique ? uniqueInputs(found) : found, n)
  }
}

function last(entries: Entry[], n: unknown): Entry[] {
  return typeof n === "number" ? entries.slice(-n || entries.length) : entries
}

function uniqueInputs(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.input, entry])).values()]
}
