/** Expressions: read once from tokens, evaluated in every pass. */
import { bytesToNumber } from "./literal"
import { fail } from "./mistake"
import { REGISTERS } from "./names"
import type { Reader, Token } from "./tokens"
import { combine, OPERATORS, type Term, UNARY, UNKNOWN, type Value, value } from "./value"

/** What names and `$` mean where an expression is evaluated. */
export interface Scope {
  /** The value of a symbol by its full name (`main.loop`). Fails at `column` if there is none. */
  symbol(name: string, column: number): Value
  /** `$`: the address of the line. */
  readonly here: Value
  /** `$$`: where the section starts. */
  readonly sectionStart: Value
}

/** An expression, read. */
export interface Expression {
  /** Where it starts; 1 is the first column. */
  readonly column: number
  evaluate(scope: Scope): Value
}

/** Gives a local name such as `.loop` its full one, `main.loop`. */
export type Qualify = (name: string) => string

/** Read an expression. Stops before the first token that cannot go on with it. */
export function readExpression(reader: Reader, qualify: Qualify): Expression {
  const condition = readLevel(reader, qualify, 0)
  if (!reader.accept("?")) return condition
  const yes = readExpression(reader, qualify)
  if (!reader.accept(":")) reader.unexpected('expected ":" and the value for "otherwise"')
  return choice(condition, yes, readExpression(reader, qualify))
}

function choice(condition: Expression, yes: Expression, no: Expression): Expression {
  return {
    column: condition.column,
    evaluate(scope) {
      const decided = condition.evaluate(scope)
      if (!decided.known) return UNKNOWN
      return (decided.number !== 0n ? yes : no).evaluate(scope)
    },
  }
}

/** One level of precedence: operands of the next tighter level, joined from left to right. */
function readLevel(reader: Reader, qualify: Qualify, level: number): Expression {
  if (level === OPERATORS.length) return readUnary(reader, qualify)
  let left = readLevel(reader, qualify, level + 1)
  for (;;) {
    const sign = reader.peek()
    const compute = sign.kind === "sign" ? OPERATORS[level][sign.text] : undefined
    if (!compute) return left
    reader.next()
    left = binary(sign, compute, left, readLevel(reader, qualify, level + 1))
  }
}

function binary(
  sign: Token,
  compute: (a: bigint, b: bigint) => bigint,
  a: Expression,
  b: Expression,
): Expression {
  return {
    column: a.column,
    evaluate: (scope) => combine(sign.text, compute, a.evaluate(scope), b.evaluate(scope), sign.column),
  }
}

const ZERO = value(0)

function readUnary(reader: Reader, qualify: Qualify): Expression {
  const { kind, text, column } = reader.peek()
  const compute = kind === "sign" ? UNARY[text] : undefined
  if (!compute) return readAtom(reader, qualify)
  reader.next()
  const inner = readUnary(reader, qualify)
  if (text === "+") return inner
  return {
    column,
    evaluate: (scope) => combine(text, (_, b) => compute(b), ZERO, inner.evaluate(scope), column),
  }
}

function readAtom(reader: Reader, qualify: Qualify): Expression {
  const token = reader.peek()
  if (token.kind === "sign" && token.text === "(") return readParentheses(reader, qualify)
  const atom = makeAtom(token, qualify)
  if (!atom) reader.unexpected("expected a number, a name or (")
  reader.next()
  return { column: token.column, evaluate: atom }
}

function readParentheses(reader: Reader, qualify: Qualify): Expression {
  reader.next()
  const inner = readExpression(reader, qualify)
  if (!reader.accept(")")) reader.unexpected("expected )")
  return inner
}

function makeAtom(token: Token, qualify: Qualify): Expression["evaluate"] | undefined {
  switch (token.kind) {
    case "number":
      return constant(token.value)
    case "string":
      return characters(token)
    case "symbol":
      return symbol(qualify(token.text.slice(1)), token.column)
    case "word":
      return register(token) ?? symbol(qualify(token.text), token.column)
    case "sign":
      return PLACES[token.text]
    case "end":
      return undefined
  }
}

const PLACES: Readonly<Record<string, Expression["evaluate"]>> = {
  $: (scope) => scope.here,
  $$: (scope) => scope.sectionStart,
}

function constant(number: bigint): Expression["evaluate"] {
  const fixed = value(number)
  return () => fixed
}

function characters({ bytes, column }: Token): Expression["evaluate"] {
  if (bytes.length > 8)
    fail(column, "a string of more than 8 bytes is no number", "use db for longer strings")
  return constant(bytesToNumber(bytes))
}

function symbol(name: string, column: number): Expression["evaluate"] {
  return (scope) => scope.symbol(name, column)
}

/** Registers may stand in an address only, where they have 16 or 32 bits. */
function register(token: Token): Expression["evaluate"] | undefined {
  const found = REGISTERS.get(token.text.toLowerCase())
  if (!found) return undefined
  const { kind, number, size } = found
  if (kind !== "register" || size === 8)
    fail(
      token.column,
      `${token.text} cannot be part of an address or number`,
      "addresses use 32-bit registers, or bx, bp, si, di",
    )
  const term: Term = { register: number, size, factor: 1, multiplied: false }
  const fixed: Value = { ...ZERO, terms: [term] }
  return () => fixed
}
