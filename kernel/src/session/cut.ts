/** The beginning of a text, no longer than so many UTF-16 units: a character that does not fit as a whole is left out. */
export function cut(text: string, length: number): string {
  const isWithin = length > 0 && length < text.length && (text.codePointAt(length - 1) ?? 0) > 0xffff
  return text.slice(0, isWithin ? length - 1 : length)
}
