/** A line of source as tokens. */
import { readEscapes, readNumber, utf8 } from "./literal"
import { fail } from "./mistake"

/** What a token is; "end" stands behind the last one of a line. */
type TokenKind = "word" | "symbol" | "number" | "string" | "sign" | "end"

/** One token. `column` counts from 1. A "symbol" is a name after `$`, which is never taken for a register. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly column: number
  /** number: its value. */
  readonly value: bigint
  /** string: its bytes. */
  readonly bytes: readonly number[]
}

const SPACE = /[ \t\r\f]*(?:;.*)?/y
const WORD = /[A-Za-z_.@][\w.$#@?~]*/y
const ESCAPED_WORD = /\$[A-Za-z_.@][\w.$#@?~]*/y
const NUMBER = /(?:[0-9]|\$[0-9])\w*(?:\.\w*)?/y
const STRING = /'[^']*'|"[^"]*"|`(?:[^`\\]|\\.)*`/y
const SIGN = /<<<|>>>|<<|>>|\/\/|%%|==|!=|<>|<=|>=|&&|\|\||\^\^|\$\$|[-+*/%&|^~!()[\],:?=<>$]/y

/** Cut a line into tokens; the last one is the end of the line. Comments vanish. */
export function tokenize(line: string): Token[] {
  const tokens: Token[] = []
  let at = skip(line, 0)
  while (at < line.length) {
    const token = readToken(line, at)
    tokens.push(token)
    at = skip(line, at + token.text.length)
  }
  tokens.push(make("end", "", at))
  return tokens
}

function skip(line: string, at: number): number {
  return at + (match(SPACE, line, at) ?? "").length
}

function match(pattern: RegExp, line: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(line)?.[0]
}

function make(kind: TokenKind, text: string, at: number, more: Partial<Token> = {}): Token {
  return { kind, text, column: at + 1, value: 0n, bytes: [], ...more }
}

function readToken(line: string, at: number): Token {
  const word = match(WORD, line, at)
  if (word !== undefined) return make("word", word, at)
  const escaped = match(ESCAPED_WORD, line, at)
  if (escaped !== undefined) return make("symbol", escaped, at)
  const number = match(NUMBER, line, at)
  if (number !== undefined) return numberToken(number, at)
  const string = match(STRING, line, at)
  if (string !== undefined) return stringToken(string, at)
  const sign = match(SIGN, line, at)
  if (sign !== undefined) return make("sign", sign, at)
  return reject(line[at], at)
}

function numberToken(text: string, at: number): Token {
  const value = readNumber(text)
  if (value === undefined)
    fail(at + 1, `"${text}" is no number`, "write it as 200, 0xc8, 0c8h, 310o or 11001000b")
  if (value >= 1n << 64n) fail(at + 1, `${text} is too large`, "numbers have at most 64 bits")
  return make("number", text, at, { value: BigInt.asIntN(64, value) })
}

function stringToken(text: string, at: number): Token {
  const inside = text.slice(1, -1)
  const bytes = text[0] === "`" ? readEscapes(inside) : utf8(inside)
  if (bytes === undefined)
    fail(at + 1, "unknown escape in a string", "write it as in C: \\n, \\t, \\0, \\x41")
  return make("string", text, at, { bytes })
}

function reject(character: string, at: number): never {
  if (`'"\``.includes(character))
    fail(at + 1, "a string without an end", `close it with ${character} on the same line`)
  return fail(
    at + 1,
    `unexpected character "${character}"`,
    "expected an instruction, an operand or a comment after ;",
  )
}

/** Reads the tokens of one line from left to right. */
export class Reader {
  private at = 0

  constructor(private readonly tokens: readonly Token[]) {}

  /** The token `ahead` places from here. */
  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]
  }

  next(): Token {
    const token = this.peek()
    this.at++
    return token
  }

  /** Take the next token if it is this sign. */
  accept(sign: string): boolean {
    const found = this.peek().kind === "sign" && this.peek().text === sign
    if (found) this.at++
    return found
  }

  /** The next token as a lower-case word, or "" if it is none. */
  word(ahead = 0): string {
    const token = this.peek(ahead)
    return token.kind === "word" ? token.text.toLowerCase() : ""
  }

  get atEnd(): boolean {
    return this.peek().kind === "end"
  }

  /** Fail at the next token. */
  unexpected(expected: string): never {
    const token = this.peek()
    const what = token.kind === "end" ? "the line ends too early" : `unexpected "${token.text}"`
    return fail(token.column, what, expected)
  }
}
