/** A property that could stand after a dot. */
export interface Property {
  readonly name: string
  readonly kind: "method" | "property"
}

/** Is it a proxy? Looking at one runs code. */
type IsProxy = (value: unknown) => boolean

/** More names than this nobody reads. */
const MOST_NAMES = 2000

/** An object with more names than this is a table, whose entries are its only properties. */
const TABLE = 10_000

/**
 * The properties of a value, its own first and then those that it inherits. Runs no code: a getter is not called, and a proxy
 * is not asked.
 * @param path names that lead from `root` to the value
 * @param isWanted which names to look for
 */
export function propertiesAt(
  root: unknown,
  path: readonly string[],
  isProxy: IsProxy,
  isWanted: (name: string) => boolean,
): Property[] {
  try {
    const value = path.reduce((value, name) => fieldOf(value, name, isProxy), root)
    return propertiesOf(value, isProxy, isWanted)
  } catch {
    return [] // a module that has not run yet throws when it is looked at
  }
}

function propertiesOf(value: unknown, isProxy: IsProxy, isWanted: (name: string) => boolean): Property[] {
  const found = new Map<string, Property>()
  for (const object of chainOf(value, isProxy))
    for (const name of namesOf(object)) {
      if (found.size === MOST_NAMES) break
      if (!found.has(name) && isWanted(name) && standsAfterDot(name))
        found.set(name, { name, kind: kindOf(object, name) })
    }
  return [...found.values()]
}

/** The object and what it inherits from. */
function chainOf(value: unknown, isProxy: IsProxy): object[] {
  const chain: object[] = []
  if (value === null || value === undefined) return chain
  for (let next = Object(value); next && !isProxy(next); next = Object.getPrototypeOf(next)) chain.push(next)
  return chain
}

function fieldOf(value: unknown, name: string, isProxy: IsProxy): unknown {
  const owner = chainOf(value, isProxy).find((object) => Object.hasOwn(object, name))
  return owner && Object.getOwnPropertyDescriptor(owner, name)?.value
}

/**
 * The numbers of a list may be millions, and stand after no dot. A table may have millions of entries; they can be counted only by
 * listing them, and V8 takes more than twice as long to list hidden names, too.
 */
function namesOf(object: object): string[] {
  if (Array.isArray(object) || ArrayBuffer.isView(object) || object instanceof String) return ["length"]
  const enumerable = Object.keys(object)
  return enumerable.length > TABLE ? enumerable : Object.getOwnPropertyNames(object)
}

const standsAfterDot = (name: string): boolean =>
  /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && !name.startsWith("__")

const kindOf = (object: object, name: string): Property["kind"] =>
  typeof Object.getOwnPropertyDescriptor(object, name)?.value === "function" ? "method" : "property"
