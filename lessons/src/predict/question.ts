/**
 * Questions that ask what a cell will do before it runs: ordinary Markdown, which other front-ends show as text.
 *
 *     > **Predict.** What does POPF do in ring 1 with IOPL 0?      a choice: at least two options
 *     > - [ ] It faults: #GP
 *     > - [ ] Nothing, silently
 *
 *     > **Predict.** How many visits does one letter take?         a number, decimal or hexadecimal, and its unit
 *     > [____] visits
 *
 *     > **Predict.** Which instruction runs next? [`____`]         a line of code, or of words
 *
 * What has none of these forms, or two of them, stays text.
 */

/** A question, with what stands in backticks in it. */
export type Question =
  | { readonly kind: "choice"; readonly text: string; readonly options: readonly string[] }
  | { readonly kind: "number"; readonly text: string; readonly unit: string }
  | { readonly kind: "line"; readonly text: string; readonly unit: string }

const LEAD = "**Predict.**"
const NUMBER = /\[_{2,}\]/
const LINE = /\[`_{2,}`\]/
const OPTION = /^[-*] \[ \](?: +|$)(.*)$/

/** The questions of a Markdown cell in order; undefined for a quotation that begins as one and has none of the forms. */
export function questionsIn(markdown: string): (Question | undefined)[] {
  return markdown.includes(LEAD) ? quotesIn(markdown).filter(isAsked).map(readQuestion) : []
}

const isAsked = (lines: readonly string[]) => lines[0].startsWith(LEAD)

/** The quotations in a text, each as its lines without their marks. A quotation ends at an empty line; code has none. */
function quotesIn(markdown: string): string[][] {
  const quotes: string[][] = []
  let fence = ""
  let quote: string[] | undefined
  for (const line of markdown.split("\n")) {
    const [, mark = ""] = /^ {0,3}(```+|~~~+)/.exec(line) ?? []
    if (fence !== "" || mark !== "") {
      quote = undefined
      if (fence === "") fence = mark
      else if (mark.startsWith(fence)) fence = ""
    } else if (line.trim() === "") quote = undefined
    else if (quote) quote.push(unmarked(line))
    else if (/^ {0,3}>/.test(line)) quotes.push((quote = [unmarked(line)]))
  }
  return quotes
}

const unmarked = (line: string) => line.replace(/^ {0,3}> ?/, "").trimEnd()

function readQuestion(lines: readonly string[]): Question | undefined {
  const first = lines.findIndex((line) => OPTION.test(line))
  const [above, below] = first < 0 ? [lines, []] : [lines.slice(0, first), lines.slice(first)]
  const text = above.join(" ").slice(LEAD.length)
  const options = below.length > 0 ? readOptions(below) : undefined
  const forms = [options && choice(text, options), blank(text, "number", NUMBER), blank(text, "line", LINE)]
  const found = forms.filter((form) => form !== undefined)
  return found.length === 1 ? found[0] : undefined
}

/** An option goes on in the lines below it. */
function readOptions(lines: readonly string[]): string[] {
  const options: string[] = []
  for (const line of lines) {
    const option = OPTION.exec(line)?.[1]
    if (option !== undefined) options.push(option)
    else options.push(`${options.pop()} ${line.trim()}`)
  }
  return options.map(tidy)
}

function choice(text: string, options: readonly string[]): Question | undefined {
  const isSound = options.length > 1 && options.every((option) => option !== "") && !areAlike(options)
  return isSound ? { kind: "choice", text: tidy(text), options } : undefined
}

const areAlike = (options: readonly string[]) => new Set(options).size < options.length

function blank(text: string, kind: "number" | "line", form: RegExp): Question | undefined {
  const [before, after, ...more] = text.split(form)
  return after !== undefined && more.length === 0
    ? { kind, text: tidy(before), unit: tidy(after) }
    : undefined
}

const tidy = (text: string) => text.replace(/\s+/g, " ").trim()

/** What is wrong with a guess, in a sentence; empty if it may be kept. */
export function objection({ kind }: Question, guess: string): string {
  if (kind !== "number" || /^[-+]?(\d+([.,]\d+)*|0x[\da-f]+|\d[\da-f]*h)$/i.test(guess)) return ""
  return "This should be a number, such as 12, 0x2A or 2Ah."
}

/** A guess as it is told, with code in backticks: an option without its other marks, a number with its unit. */
export function told(question: Question, guess: string): string {
  if (question.kind === "choice") return unadorned(guess)
  const given = question.kind === "line" ? `\`${guess.replaceAll("`", "'")}\`` : guess
  return `${given} ${unadorned(question.unit)}`.trim()
}

/** Without emphasis, and the words of links alone; code stays as it is. */
const unadorned = (text: string) =>
  text
    .split("`")
    .map((part, n) => (n % 2 === 1 ? part : part.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/\*+/g, "")))
    .join("`")
