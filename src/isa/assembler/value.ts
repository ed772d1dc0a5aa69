/**
 * What expressions are worth. A value is a 64-bit number; it also knows whether it is a plain constant or an address,
 * since only constants may be stored in fewer bytes, and which registers it adds, since `[ebx+4*ecx]` is an expression too.
 */
import { fail } from "./mistake"

/** A register in an address, times a factor. `multiplied`: the source wrote a `*`. */
export interface Term {
  readonly register: number
  readonly size: 16 | 32
  readonly factor: number
  readonly multiplied: boolean
}

/** A value depends on nothing ("constant"), is an address in the section of that name, or was computed from addresses ("layout"). */
export type Base = "constant" | "layout" | `.${string}`

/** What an expression is worth in a pass. */
export interface Value {
  /** Signed, 64 bits. Addresses count from 0, not from their section. */
  readonly number: bigint
  readonly base: Base
  /** False in the first pass for what is defined further down. */
  readonly known: boolean
  readonly terms: readonly Term[]
}

/** A symbol that is defined further down, in the first pass. */
export const UNKNOWN: Value = { number: 0n, base: "constant", known: false, terms: [] }

/** A value without registers. */
export function value(number: bigint | number, base: Base = "constant", known = true): Value {
  return { number: BigInt.asIntN(64, BigInt(number)), base, known, terms: [] }
}

/** Whether two values without registers are the same. */
export function same(a: Value, b: Value): boolean {
  return a.number === b.number && a.base === b.base && a.known === b.known
}

type Arithmetic = (a: bigint, b: bigint) => bigint

const natural = (n: bigint) => BigInt.asUintN(64, n)
const truth = (yes: boolean) => (yes ? 1n : 0n)
/**
 * The operators by precedence, loosest first, as NASM has them: / % and >> are unsigned, // %% and >>> signed.
 * @see NASM manual §3.5 "Expressions"
 */
export const OPERATORS: readonly Readonly<Record<string, Arithmetic>>[] = [
  { "||": (a, b) => truth(a !== 0n || b !== 0n) },
  { "^^": (a, b) => truth((a !== 0n) !== (b !== 0n)) },
  { "&&": (a, b) => truth(a !== 0n && b !== 0n) },
  {
    "=": (a, b) => truth(a === b),
    "==": (a, b) => truth(a === b),
    "!=": (a, b) => truth(a !== b),
    "<>": (a, b) => truth(a !== b),
    "<": (a, b) => truth(a < b),
    "<=": (a, b) => truth(a <= b),
    ">": (a, b) => truth(a > b),
    ">=": (a, b) => truth(a >= b),
  },
  { "|": (a, b) => a | b },
  { "^": (a, b) => a ^ b },
  { "&": (a, b) => a & b },
  {
    "<<": (a, b) => a << b,
    "<<<": (a, b) => a << b,
    ">>": (a, b) => natural(a) >> b,
    ">>>": (a, b) => a >> b,
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  {
    "*": (a, b) => a * b,
    "/": (a, b) => natural(a) / natural(b),
    "//": (a, b) => a / b,
    "%": (a, b) => natural(a) % natural(b),
    "%%": (a, b) => a % b,
  },
]

/** The operators that stand in front of one value. */
export const UNARY: Readonly<Record<string, (a: bigint) => bigint>> = {
  "-": (a) => -a,
  "+": (a) => a,
  "~": (a) => ~a,
  "!": (a) => truth(a === 0n),
}

const DIVISIONS = new Set(["/", "//", "%", "%%"])
const SHIFTS = new Set(["<<", "<<<", ">>", ">>>"])

/** `a sign b`. @param column where to point if it cannot be computed */
export function combine(sign: string, compute: Arithmetic, a: Value, b: Value, column: number): Value {
  if (isImpossible(sign, b.number)) {
    if (a.known && b.known)
      fail(
        column,
        `${b.number} cannot stand behind "${sign}"`,
        "divide by something other than 0, shift by 0 to 63 bits",
      )
    return UNKNOWN
  }
  // In the first pass the distance of two unknown symbols is taken for 0, as NASM does: later passes start from there.
  if (sign === "-" && !a.known && !b.known) return { ...a, number: 0n, known: true }
  const number = BigInt.asIntN(64, compute(a.number, b.number))
  return {
    number,
    base: baseOf(sign, a.base, b.base),
    known: a.known && b.known,
    terms: termsOf(sign, a, b, column),
  }
}

function isImpossible(sign: string, right: bigint): boolean {
  return (DIVISIONS.has(sign) && right === 0n) || (SHIFTS.has(sign) && natural(right) > 63n)
}

/** An address plus a constant is an address; the distance of two addresses in one section is a constant. */
function baseOf(sign: string, a: Base, b: Base): Base {
  if (b === "constant" && (a === "constant" || sign === "+" || sign === "-")) return a
  if (a === "constant" && sign === "+") return b
  return sign === "-" && a === b && a !== "layout" ? "constant" : "layout"
}

function termsOf(sign: string, a: Value, b: Value, column: number): readonly Term[] {
  if (a.terms.length + b.terms.length === 0) return a.terms
  if (sign === "+") return [...a.terms, ...b.terms]
  if (sign === "-" && b.terms.length === 0) return a.terms
  if (sign === "*" && isFactor(b)) return scale(a.terms, b)
  if (sign === "*" && isFactor(a)) return scale(b.terms, a)
  return fail(
    column,
    `a register cannot stand beside "${sign}" here`,
    "an address is base + index*scale + number",
  )
}

/** An address is no factor of a register, whatever its number: it could lie elsewhere. */
const isFactor = ({ terms, base }: Value) => terms.length === 0 && base === "constant"

function scale(terms: readonly Term[], by: Value): Term[] {
  return terms.map((term) => ({ ...term, factor: term.factor * Number(by.number), multiplied: true }))
}
