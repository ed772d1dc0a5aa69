import type { Completion } from "./convert/completions"
import type { Conversion, Converter } from "./convert/converter"
import type { Answered, AnswerRequest, CommRequest, ExecuteRequest, Interrupt, Request } from "./protocol"

/**
 * What the compiler and the session have to say to each other. The compiler works in a thread that runs no cell: it can be
 * let go, or ended, and no variable is lost. The session gets each request with its code converted.
 */

/** A conversion, or why there is none. */
export type Prepared = Conversion | { readonly failed: string } | { readonly interrupted: true }

/** Code, and what the compiler made of it. */
export interface PreparedCode {
  readonly code: string
  readonly conversion: Prepared
}

/** A cell that has been converted, with the expressions that are asked for after it. */
export interface PreparedExecute extends Omit<ExecuteRequest, "code" | "expressions">, PreparedCode {
  readonly expressions: Readonly<Record<string, PreparedCode>>
}

/** An expression of a graded cell that has been converted. */
export interface PreparedAnswer extends AnswerRequest {
  readonly conversion: Prepared
}

/** A completion that only the value itself can give: the compiler knows no properties of it. */
export interface PropertiesRequest {
  readonly kind: "properties"
  readonly id: string
  /** Names that lead to the value. */
  readonly path: readonly string[]
  readonly typed: string
  /** Where the names will stand. */
  readonly completion: Completion
}

export type PreparedRequest = PreparedExecute | PreparedAnswer | PropertiesRequest | CommRequest

/** What the session ran has been ended from outside: it does not know yet. */
export interface BrokenOff {
  readonly kind: "broken-off"
}

/** Nobody has asked anything for a while. */
export interface Rest {
  readonly kind: "rest"
}

export type ToWorker = PreparedRequest | Interrupt | Answered | BrokenOff | Rest

/** Requests that the compiler answers by itself. */
export type CodeRequest = Extract<Request, { kind: "complete" | "inspect" | "is-complete" }>

/** What the compiler is asked. To `keep` code is to let later cells know its names, if it may run. */
export type Question =
  | CodeRequest
  | { readonly kind: "convert"; readonly code: string; readonly keep: boolean }

export const isCodeRequest = (request: Request): request is CodeRequest =>
  /^(complete|inspect|is-complete)$/.test(request.kind)

/** Converts all code of a request, in the order in which it will run. @param convert asks the compiler */
export async function prepare(
  request: ExecuteRequest | AnswerRequest,
  convert: (code: string, keep: boolean) => Promise<Prepared>,
): Promise<PreparedExecute | PreparedAnswer> {
  if (request.kind === "answer") return { ...request, conversion: await convert(request.expression, true) }
  const conversion = await convert(request.code, true)
  const expressions: [string, PreparedCode][] = []
  for (const [name, code] of Object.entries(request.expressions))
    expressions.push([name, { code, conversion: await convert(code, true) }])
  return { ...request, conversion, expressions: Object.fromEntries(expressions) }
}

/** What the session must be asked for, if the compiler's own completion is none. */
export function propertiesWanted(request: CodeRequest, content: unknown): PropertiesRequest | undefined {
  if (request.kind !== "complete") return undefined
  const { valueAt, ...completion } = content as Completion
  const typed = request.code.slice(completion.start, request.cursor)
  return valueAt && { kind: "properties", id: request.id, path: valueAt, typed, completion }
}

/** Answers a question. @throws whatever the compiler throws */
export function answerWith(converter: Converter, question: Question): unknown {
  switch (question.kind) {
    case "convert":
      return converted(converter, question)
    case "complete":
      return converter.complete(question.code, question.cursor)
    case "inspect":
      return converter.inspect(question.code, question.cursor) ?? null
    case "is-complete":
      return converter.isComplete(question.code)
  }
}

function converted(converter: Converter, { code, keep }: { code: string; keep: boolean }): Conversion {
  const conversion = converter.convert(code)
  if (keep && "cell" in conversion) converter.keep()
  return conversion
}
