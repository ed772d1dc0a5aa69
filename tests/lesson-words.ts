/** How long a lesson's texts are: words outside of what is folded, of tables, of code and of where links lead. */

const NOT_READ = [
  /<details>[\s\S]*?<\/details>/g,
  /`[^`]*`/g,
  /\]\([^)\s]+(?:\s+"[^"]*")?\)/g, // an address, with what its step says
  /^\s*\|.*$/gm,
]
/** Where a paragraph ends: at an empty line, or before an item of a list. */
const PARAGRAPHS = /\n\s*\n|\n(?=>? ?(?:[-*]|\d+\.) )/

/** The paragraphs of a notebook's texts, each with its number of words. */
export function paragraphsOf(cells: readonly { cell_type: string; source: string | readonly string[] }[]) {
  const texts = cells.filter(({ cell_type }) => cell_type === "markdown")
  return texts
    .map(({ source }) => NOT_READ.reduce((text, part) => text.replace(part, " "), [source].flat().join("")))
    .flatMap((text) => text.split(PARAGRAPHS))
    .map((text) => ({ text, words: text.match(/[\p{L}\d][\p{L}\d.’'-]*/gu)?.length ?? 0 }))
}
