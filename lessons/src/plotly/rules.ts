/**
 * Rules for what of a figure is drawn. A rule takes a value and gives what plotly.js gets in its place: the same, something
 * tamer, or nothing. So what no rule speaks of is not drawn, and a value of the wrong kind is left to plotly's own default.
 */
import { LIMITS, Malformed } from "ringlab"

const { chart: MOST } = LIMITS

/** What a figure has used up so far. */
export class Budget {
  private values = 0

  /** @throws Malformed if there are too many values in the figure's lists */
  spend(values: number, where: string): void {
    this.values += values
    if (this.values > MOST.values)
      throw new Malformed(where, `shorter: a chart has at most ${MOST.values.toLocaleString("en")} values`)
  }
}

/** Undefined: it is left out. */
export type Rule = (value: unknown, where: string, budget: Budget) => unknown

/** A number within bounds. */
export const number =
  (min = -Number.MAX_VALUE, max = Number.MAX_VALUE): Rule =>
  (value) =>
    typeof value === "number" && value >= min && value <= max ? value : undefined

export const truth: Rule = (value) => (typeof value === "boolean" ? value : undefined)

/** A text that looks like this. */
const like =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? value : undefined

/** One of plotly's own words, or some with a plus between: "lines+markers", "circle-open", "x2". */
export const word = like(/^[\w+\-. ]{0,60}$/)
/** A colour that names no place to fetch something from. */
export const colour = like(/^(#[\da-f]{3,8}|[a-z]{3,30}|(rgb|hsl|hsv)a?\([\d\s.,%+-]{1,60}\))$/i)
export const family = like(/^[\w\s,'"-]{0,200}$/)
export const dash = like(/^(solid|dot|dash|longdash|dashdot|longdashdot)$/)
/** How numbers and dates are written. A width of a thousand digits and more would be written, too. */
export const format = like(/^(?!.*\d{3})[\w\s%~,.:;$()+^<>=#*/-]{0,40}$/)
export const separators = like(/^.{0,2}$/)
export const path = like(/^[MLHVQCTSZ\d\s.,e+-]{0,1000}$/i)

/** The tags that plotly knows in texts; what else a tag says, such as a style, is left out. */
const TAG = /<(\/?)(sub|sup|s|u|b|i|em|strong|br|span|extra)(\s[^<>]*)?\/?>/gi
const BARE = /<(?!\/?(sub|sup|s|u|b|i|em|strong|br|span|extra)>)/gi

/** A text to be read, of which no style and no link is kept: either would be fetched. */
export const caption: Rule = (value) => {
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  if (typeof value !== "string" || value.length > MOST.text) return undefined
  return value.replace(TAG, "<$1$2>").replace(BARE, "&lt;")
}

/** A caption with places for values, each perhaps with a format. */
export const template: Rule = (value, where, budget) =>
  typeof value === "string" && /%\{[^}]*\d{3}/.test(value) ? undefined : caption(value, where, budget)

/** The first rule that gives something. */
export function either(...rules: readonly Rule[]): Rule {
  return (value, where, budget) => {
    for (const rule of rules) {
      const kept = rule(value, where, budget)
      if (kept !== undefined) return kept
    }
    return undefined
  }
}

/** A list that is no data. @throws Malformed if it is too long */
export function list(rule: Rule, most: number = MOST.items): Rule {
  return (value, where, budget) => {
    if (!Array.isArray(value)) return undefined
    if (value.length > most)
      throw new Malformed(where, `a list of at most ${most.toLocaleString("en")} items`)
    return value.map((item, n) => rule(item, `${where}[${n}]`, budget)).filter((item) => item !== undefined)
  }
}

/** An object with these fields; others are left out. */
export function object(fields: Readonly<Record<string, Rule>>): Rule {
  const rules = Object.entries(fields)
  return (value, where, budget) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    const kept = rules.flatMap(([name, rule]) => {
      const field = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
      const tame = field === undefined ? undefined : rule(field, `${where}.${name}`, budget)
      return tame === undefined ? [] : [[name, tame] as const]
    })
    return Object.fromEntries(kept)
  }
}

/** A datum: a number, a text, or a gap. */
const datum: Rule = (value, where, budget) =>
  typeof value === "number" || value === null ? value : (caption(value, where, budget) ?? null)

const row = (value: unknown, where: string, budget: Budget, item: Rule): unknown => {
  const items = Array.isArray(value) ? value : typed(value, where)
  if (!items) return undefined
  budget.spend(items.length, where)
  return items.map((one) => item(one, where, budget))
}

/** A list of data, or a list of such lists; plotly.py writes numbers as bytes in base64. @throws Malformed if there are too many */
export const data: Rule = (value, where, budget) =>
  row(value, where, budget, (one) => row(one, where, budget, datum) ?? datum(one, where, budget))

/** Data, or one of it for all. */
export const each = (rule: Rule): Rule =>
  either(rule, (value, where, budget) => row(value, where, budget, (one) => rule(one, where, budget) ?? null))

const TYPES = {
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  f4: Float32Array,
  f8: Float64Array,
} as const

/** Numbers as bytes, in rows if a shape says so. */
function typed(value: unknown, where: string): unknown[] | undefined {
  const { dtype, bdata, shape } = (value ?? {}) as Record<string, unknown>
  if (typeof bdata !== "string" || !Object.hasOwn(TYPES, String(dtype))) return undefined
  const type = TYPES[dtype as keyof typeof TYPES]
  if (bdata.length > MOST.values * 12) throw new Malformed(where, "shorter")
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0))
  const numbers = Array.from(new type(bytes.buffer, 0, Math.floor(bytes.length / type.BYTES_PER_ELEMENT)))
  const [, columns] = /^\s*\d+\s*,\s*([1-9]\d*)\s*$/.exec(String(shape)) ?? []
  return columns === undefined ? numbers : inRows(numbers, Number(columns))
}

function inRows(numbers: readonly number[], columns: number): number[][] {
  const rows = Math.ceil(numbers.length / columns)
  return Array.from({ length: rows }, (_, n) => numbers.slice(n * columns, (n + 1) * columns))
}
