/**
 * Whether the host lets us generate code. Where it does not (a page's content security policy, `node
 * --disallow-code-generation-from-strings`), nothing but speed differs.
 */
export function mayGenerate(): boolean {
  try {
    return new Function("return true")() === true
  } catch {
    return false
  }
}
