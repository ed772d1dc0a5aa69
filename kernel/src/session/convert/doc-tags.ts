import ts from "typescript"

/** A tag of a doc comment: `@param name text`. */
interface Tag {
  readonly tag: string
  /** What a tag such as `@param` speaks of. */
  readonly name?: string | undefined
  readonly text: string
}

/** What is shown of tags, in this order; those that are not named here come last but one, before what else to see. */
const HEADINGS: readonly (readonly [tags: string, heading: string])[] = [
  ["param|property|prop|arg|argument", "Parameters"],
  ["template|typeParam", "Type parameters"],
  ["returns|return", "Returns"],
  ["yields", "Yields"],
  ["throws|exception", "Throws"],
  ["default|defaultValue", "Default"],
  ["since", "Since"],
  ["example", "Example"],
]

/** What tools say to each other is nothing to a reader. */
const HIDDEN =
  /^(internal|public|private|protected|readonly|override|overload|module|packageDocumentation|inheritDoc)$/

/** A doc comment as Markdown. */
export function docMarkdown(description: string, tags: readonly Tag[]): string {
  const shown = tags.filter(({ tag }) => !HIDDEN.test(tag))
  const known = HEADINGS.flatMap(([names, heading]) => section(heading, shown.filter(isOneOf(names))))
  const rest = shown.filter(
    (tag) => !isOneOf(`deprecated|see|${HEADINGS.map(([names]) => names).join("|")}`)(tag),
  )
  const blocks = [
    ...shown.filter(isOneOf("deprecated")).map(({ text }) => `**Deprecated** ${text}`),
    description,
    ...known,
    ...rest.flatMap((tag) => section(capital(tag.tag), [tag])),
    ...section("See", shown.filter(isOneOf("see"))),
  ]
  return withLinks(
    blocks
      .map((block) => block.trim())
      .filter(Boolean)
      .join("\n\n"),
  )
}

const isOneOf =
  (names: string) =>
  ({ tag }: Tag): boolean =>
    names.split("|").includes(tag)

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Named things are a list, code stands by itself, and anything else is told in its heading's line. */
function section(heading: string, tags: readonly Tag[]): string[] {
  if (heading === "Example") return tags.map(({ text }) => `**Example**\n\n${asCode(text)}`)
  const lines = tags.map(({ name, text }) => (name ? item(name, text) : text))
  if (tags.some(({ name }) => name)) return [`**${heading}**\n\n${lines.join("\n")}`]
  return lines.map((line) => `**${heading}** ${line}`)
}

const item = (name: string, text: string): string =>
  `- \`${name}\`${text && `: ${text.replaceAll("\n", "\n  ")}`}`

const asCode = (text: string): string =>
  text.includes("```") ? text : `\`\`\`typescript\n${text.trim()}\n\`\`\``

/** `{@link what}`, `{@link what|words}` and `{@link what words}`. */
const LINK = /\{@link(?:code|plain)?\s+([^\s|}]+)\s*\|?\s*([^}]*)\}/g

const withLinks = (text: string): string =>
  text.replace(LINK, (_, what: string, words: string) =>
    /^\w+:\/\//.test(what) ? `[${words.trim() || what}](${what})` : words.trim() || `\`${what}\``,
  )

/** A tag as the parser gives it. */
export function tagOf(tag: ts.JSDocTag): Tag {
  const name = ts.isJSDocParameterTag(tag) || ts.isJSDocPropertyTag(tag) ? tag.name.getText() : undefined
  const thrown = ts.isJSDocThrowsTag(tag) ? tag.typeExpression?.getText() : undefined
  const seen = ts.isJSDocSeeTag(tag) ? tag.name?.getText() : undefined
  const words = [thrown ?? seen ?? "", ts.getTextOfJSDocComment(tag.comment) ?? ""]
  return { tag: tag.tagName.text, name, text: cleaned(words.join(" ")) }
}

/** A tag as the compiler explains it. */
export function tagOfInfo({ name: tag, text = [] }: ts.JSDocTagInfo): Tag {
  const isAlone = /^(param|property|prop|arg|argument)$/.test(tag) && text.length === 1
  const isNamed = isAlone || /arameterName$/.test(text[0]?.kind)
  const name = isNamed ? text[0].text : undefined
  return { tag, name, text: cleaned(ts.displayPartsToString(isNamed ? text.slice(1) : [...text])) }
}

/** Without the dash before a parameter's text, and the braces around a type; the parser sets the word behind `@see` apart. */
const cleaned = (text: string): string =>
  text
    .trim()
    .replace(/^- */, "")
    .replace(/^\{([^@}]+)\}/, "`$1`")
    .replace(/^(\S+) ([,.;:])/, "$1$2")
