import { expect, test } from "vitest"
import { matchesGlob } from "../../kernel/src/transport/glob"

/** What Python's `fnmatch.fnmatchcase` answers. */
test.each([
  ["abc", "a*c", true],
  ["abc", "a?c", true],
  ["abc", "a*d", false],
  ["abc", "[a-b]bc", true],
  ["abc", "[!b-z]bc", true],
  ["abc", "[!a-z]bc", false],
  ["]", "[]]", true],
  ["x", "[!]]", true],
  ["b", "[]-a]", false],
  ["-", "[a-]", true],
  ["a*c", "a[*]c", true],
  ["a[b", "a[b", true],
  ["[]", "[]", true],
  ["[!]", "[!]", true],
  ["^", "[^a]", true],
  ["one\ntwo", "one*two", true],
  ["😀x", "?x", true],
  ["", "*", true],
  ["", "?", false],
  ["abc", "", false],
  ["", "", true],
  ["aXbXc", "a*X?", true],
])("%j and the pattern %j: %s", (text, pattern, matches) => {
  expect(matchesGlob(text, pattern)).toBe(matches)
})

/** So long that whoever tries all that a star may stand for, or begins anew at each bracket, comes to no end. */
test("of a pattern each part is read once, and given up at most once for a place", () => {
  const text = "a".repeat(10_000)
  expect(matchesGlob(text, `${"*a".repeat(50)}*b`)).toBe(false)
  expect(matchesGlob(text, `${"*?a".repeat(50)}*[!a]`)).toBe(false)
  expect(matchesGlob(text, "[".repeat(500_000))).toBe(false)
})
