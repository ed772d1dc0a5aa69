/** Checks of data that nobody vouches for, made of small shapes: the page's of outputs, and the core's of recordings. */

/** Data is not what it should be; the message names the place and what belongs there. */
export class Malformed extends Error {
  constructor(where: string, expected: string) {
    super(`${where} should be ${expected}`)
  }
}

/** Look at a value; `where` is its place, for people. */
export type Check = (value: unknown, where: string) => void

/** A finite number within bounds. */
function number(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Check {
  return (value, where) => {
    if (typeof value !== "number" || !(value >= min && value <= max))
      throw new Malformed(where, `a number from ${min} to ${max}`)
  }
}

/** A whole number within bounds. */
function whole(min: number, max: number): Check {
  return (value, where) => {
    number(min, max)(value, where)
    if (!Number.isInteger(value)) throw new Malformed(where, "a whole number")
  }
}

/** A text of at most so many characters. */
function text(most = 2000): Check {
  return (value, where) => {
    if (typeof value !== "string") throw new Malformed(where, "text")
    if (value.length > most) throw new Malformed(where, `a text of at most ${most} characters`)
  }
}

/** `true` or `false`. */
const truth: Check = (value, where) => {
  if (typeof value !== "boolean") throw new Malformed(where, "true or false")
}

/** Anything at all: something else looks at it later. */
const anything: Check = () => {}

/** One of a few texts. */
function oneOf(...texts: readonly string[]): Check {
  return (value, where) => {
    if (!texts.includes(value as string)) throw new Malformed(where, `one of ${texts.join(", ")}`)
  }
}

/** What one check or the other accepts. */
function either(first: Check, second: Check): Check {
  return (value, where) => {
    try {
      first(value, where)
    } catch {
      second(value, where)
    }
  }
}

/** What a check accepts, or null. */
function orNothing(item: Check): Check {
  return (value, where) => {
    if (value !== null) item(value, where)
  }
}

/** A list of at most so many items that all pass. */
function list(item: Check, most: number): Check {
  return (value, where) => {
    if (!Array.isArray(value)) throw new Malformed(where, "a list")
    if (value.length > most) throw new Malformed(where, `a list of at most ${most} items`)
    value.forEach((one, i) => {
      item(one, `${where}[${i}]`)
    })
  }
}

/** A list with exactly these items. */
function tuple(...items: readonly Check[]): Check {
  return (value, where) => {
    if (!Array.isArray(value) || value.length !== items.length)
      throw new Malformed(where, `a list of ${items.length}`)
    items.forEach((item, i) => {
      item(value[i], `${where}[${i}]`)
    })
  }
}

/** A list of exactly so many items that all pass. */
const exactly = (length: number, item: Check): Check => tuple(...Array<Check>(length).fill(item))

/** An object with these fields; a name that ends in "?" may be missing or undefined. Other fields are not looked at. */
function object(fields: Readonly<Record<string, Check>>): Check {
  return (value, where) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Malformed(where, "an object")
    for (const [name, check] of Object.entries(fields))
      checkField(value as Record<string, unknown>, name, check, where)
  }
}

function checkField(value: Record<string, unknown>, name: string, check: Check, where: string): void {
  const optional = name.endsWith("?")
  const key = optional ? name.slice(0, -1) : name
  const field = Object.hasOwn(value, key) ? value[key] : undefined
  if (field !== undefined) check(field, `${where}.${key}`)
  else if (!optional) throw new Malformed(`${where}.${key}`, "there")
}

/** An object used as a dictionary: at most so many entries, each value passes. */
function dictionary(item: Check, most: number): Check {
  return (value, where) => {
    object({})(value, where)
    const entries = Object.entries(value as object)
    if (entries.length > most) throw new Malformed(where, `at most ${most} entries`)
    for (const [key, one] of entries) item(one, `${where}.${key}`)
  }
}

/** Shapes to check data with: `check.object({ name: check.text() })` is a `Check`, which returns nothing or throws `Malformed`. */
export const check = {
  number,
  whole,
  text,
  truth,
  anything,
  oneOf,
  either,
  orNothing,
  list,
  tuple,
  exactly,
  object,
  dictionary,
}
