/** What somebody outside of the machine types at a device. */

/** Refuse text that cannot be typed. @throws RangeError naming the first character above `highest` */
export function needCharacters(text: string, highest: number): void {
  const other = [...text].find((character) => character.charCodeAt(0) > highest)
  if (other) throw new RangeError(`"${other}" cannot be typed: characters are 0 to ${highest} here`)
}
