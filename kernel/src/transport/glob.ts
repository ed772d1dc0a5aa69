/**
 * Does a text match a pattern as Python's `fnmatch` reads it? `*` is anything, `?` any character, `[a-z]` one of these and
 * `[!a-z]` one of the others. Takes a step per character of text and part of the pattern at most, whatever the pattern: of all
 * that a star may stand for, only the shortest for the last one is ever given up.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  const parts = partsOf(pattern)
  const characters = [...text]
  let [at, part, star, resume] = [0, 0, -1, 0]
  while (at < characters.length) {
    const matches = parts[part]
    if (matches === ANYTHING) [star, resume] = [part++, at]
    else if (matches?.(characters[at])) [at, part] = [at + 1, part + 1]
    else if (star < 0) return false
    else [at, part] = [++resume, star + 1]
  }
  return parts.slice(part).every((left) => left === ANYTHING)
}

/** Is it this character? A star is no test of one character. */
type Part = ((character: string) => boolean) | typeof ANYTHING
const ANYTHING = "*"

/** A set, whose first character may be a closing bracket, or any one character. */
const PART = /\[(?:(?<not>!)|(?!!))(?<set>\][^\]]*|[^\]]+)\]|(?<other>.)/gsu
const CHARACTER = /(?<other>.)/gsu

function partsOf(pattern: string): Part[] {
  const end = pattern.lastIndexOf("]") + 1 // from there on no bracket is closed: each is itself
  const found = [...pattern.slice(0, end).matchAll(PART), ...pattern.slice(end).matchAll(CHARACTER)]
  return found.map(({ groups: { not, set, other } = {} }) => {
    if (set !== undefined) return inSet(set, not === "!")
    if (other === "*") return ANYTHING
    return other === "?" ? () => true : (character) => character === other
  })
}

function inSet(set: string, isNegated: boolean): Part {
  const ranges = [...set.matchAll(/(.)-(.)|(.)/gsu)].map(([, from, to, one]) => [from ?? one, to ?? one])
  return (character) =>
    ranges.some(([from, to]) => points(from) <= points(character) && points(character) <= points(to)) !==
    isNegated
}

const points = (character: string): number => character.codePointAt(0) ?? 0
