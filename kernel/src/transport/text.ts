/** The protocol counts places in code points; JavaScript counts UTF-16 units. */
export function toUnits(text: string, points: number): number {
  let units = 0
  for (let count = 0; count < points && units < text.length; count++)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1
  return units
}

/** How many code points the first `units` UTF-16 units of a text are. */
export function toPoints(text: string, units: number): number {
  return [...text.slice(0, units)].length
}
