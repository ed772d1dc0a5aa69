/**
 * Versions of Node.js under which every attack in `tests/grading` was tried and held off: from one minor version of a major
 * one to another. Node's permission model changes from one to the next, so what is not in here does not grade. Before you
 * add one, run `npm run soak -- attacks` under it.
 */
const TRIED: readonly { readonly major: number; readonly from: number; readonly to: number }[] = [
  { major: 20, from: 20, to: 20 },
  { major: 22, from: 23, to: 23 },
  { major: 24, from: 22, to: 22 },
]

/**
 * @param version such as 24.22.3
 * @throws an Error with a sentence for the teacher, unless attacks were tried under this version
 */
export function requireTriedNode(version: string): void {
  const [major, minor] = version.split(".").map(Number)
  if (TRIED.some((tried) => tried.major === major && tried.from <= minor && minor <= tried.to)) return
  const known = TRIED.map(({ major, from, to }) => `${major}.${from}${to > from ? ` to ${major}.${to}` : ""}`)
  throw new Error(
    `The kernel does not grade under Node.js ${version}, because attacks by students were not tried there: install one of ${known.join(", ")}, or a newer ringlab.`,
  )
}
