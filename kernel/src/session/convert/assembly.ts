import type { InstructionHelp } from "ringlab"
import ts from "typescript"
import { type Explanation, wordAround } from "./explain"
import type { Workspace } from "./workspace"

/** Explains the instruction that stands at a place inside of a template asm`…`; anything else there is the compiler's. */
export function explainAssembly(
  { questions, cellFile }: Workspace,
  at: number,
  describe: (name: string) => InstructionHelp | undefined,
): Explanation | undefined {
  const file = questions.getProgram()?.getSourceFile(cellFile)
  if (!file || !isInAssembly(file, at) || isComment(file.text, at)) return undefined
  const help = describe(wordAround(file.text, at))
  return help && { signature: formsOf(help), documentation: help.says.join("\n\n") }
}

/** More forms than these fill the reader's screen. */
const MOST_FORMS = 12

function formsOf({ forms }: InstructionHelp): string {
  const rest = forms.length - MOST_FORMS
  return [...forms.slice(0, MOST_FORMS), ...(rest > 0 ? [`… ${rest} more forms`] : [])].join("\n")
}

/** Is this place in the text of a template of asm, and not in what is inserted? */
function isInAssembly(file: ts.SourceFile, at: number): boolean {
  let isAssembly = false
  let node: ts.Node | undefined = file
  while (node) {
    if (ts.isTaggedTemplateExpression(node)) isAssembly = /(^|\.)asm$/.test(node.tag.getText(file))
    else if (ts.isTemplateSpan(node)) isAssembly &&= at >= node.literal.getStart(file)
    const within: ts.Node | undefined = ts.forEachChild(node, (child) =>
      child.getStart(file) <= at && at <= child.end ? child : undefined,
    )
    if (!within) return isAssembly && isText(node)
    node = within
  }
  return false
}

const isText = (node: ts.Node): boolean =>
  ts.isNoSubstitutionTemplateLiteral(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddleOrTemplateTail(node)

const isComment = (text: string, at: number) =>
  text.slice(text.lastIndexOf("\n", at - 1) + 1, at).includes(";")
