/** Finding things by their names. */

/**
 * The entry with this name.
 * @param kind what the entries are, for the message: "exercise"
 * @throws RangeError naming the entries there are
 */
export function named<Entry extends { readonly name: string }>(
  kind: string,
  entries: readonly Entry[],
  name: string,
): Entry {
  const found = entries.find((entry) => entry.name === name)
  if (found) return found
  const names = entries.map((entry) => entry.name).join(", ")
  throw new RangeError(`there is no ${kind} "${name}"; there are: ${names}`)
}
