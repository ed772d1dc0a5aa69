import type { Pattern } from "estree"
import MagicString from "magic-string"
import { commonJsNames } from "./common-js"
import { isEarlierCell } from "./earlier"
import { hooks, insertGuards } from "./guards"
import { endStatements, isHeadOfLoop } from "./semicolons"
import { isFunction, type Placed, parseModule, walk } from "./syntax"
import { awaitsAtTop, placeVariables, type Variables } from "./variables"

/** Something that a cell imports: `names` say which export goes into which variable, "*" being the module itself. */
export interface Import {
  readonly from: string
  readonly names: readonly { readonly exported: string; readonly local: string }[]
}

/** A cell as a function's source, ready to be evaluated. */
export interface RewrittenCell {
  /** An expression that gives a function of `parameters`, then of the boxes of `boxes`. */
  readonly code: string
  readonly boxes: readonly string[]
  /** Those of the boxes that the cell itself fills. */
  readonly declares: readonly string[]
  /** Those that it fills only when it ends: inside it they are variables of its own, which are faster. */
  readonly late: readonly string[]
  /** Those of them that are there before the cell has come to the line that declares them, as `var` has it. */
  readonly hoisted: readonly string[]
  /** Names of the notebook that its functions use. */
  readonly captured: ReadonlySet<string>
  readonly imports: readonly Import[]
  /** The function is asynchronous. */
  readonly awaits: boolean
  /** From the rewritten text back to the compiler's. */
  readonly map: string
}

/** What every rewritten cell takes before its boxes, and every local file, in this order. */
const parameters = [hooks.flag, hooks.stop, hooks.resume, hooks.load, hooks.meta, ...commonJsNames] as const

/** How code names the box of a variable. */
const boxName = (name: string): string => `box$${name}`

/**
 * Turns a cell into a function. Variables of the notebook become boxes `{ value }` that all cells share by name, so that
 * a variable can be declared again, assigned from any cell, and seen by functions of earlier cells.
 * @param module JavaScript with `import` and `export`, as the compiler writes it
 * @param known names of earlier cells
 * @param captured those of them that functions of earlier cells use
 * @param hasValue the last expression is the cell's value
 */
export function rewriteCell(
  module: string,
  known: ReadonlySet<string>,
  hasValue: boolean,
  captured: ReadonlySet<string> = new Set(),
): RewrittenCell {
  const program = parseModule(module)
  const body = program.body as unknown as Placed[]
  const awaits = awaitsAtTop(program as unknown as Placed)
  const variables = placeVariables(program, exportedNames(body), known, captured, awaits)
  const text = new MagicString(module)
  if (hasValue) returnLast(text, body)
  for (const statement of body) rewriteStatement(text, statement, variables)
  endStatements(text, program as unknown as Placed)
  insertGuards(text, program as unknown as Placed)
  boxMentions(text, program as unknown as Placed, variables)
  const declares = [...variables.boxed, ...variables.local]
  const boxes = [...new Set([...declares, ...variables.earlier])]
  wrap(text, body, variables, boxes, awaits)
  const imports = importsOf(body)
  return {
    code: text.toString(),
    boxes,
    declares,
    late: [...variables.local],
    captured: variables.captured,
    hoisted: [...variables.hoisted],
    imports,
    awaits,
    map: text.generateMap({ hires: "boundary" }).toString(),
  }
}

/** A cell has an `export { … }` of all values that it declares. */
function exportedNames(body: readonly Placed[]): Set<string> {
  const names = new Set<string>()
  for (const statement of body) {
    if (statement.type !== "ExportNamedDeclaration") continue
    for (const { local } of statement.specifiers) if (local.type === "Identifier") names.add(local.name)
    if (statement.declaration) for (const name of declaredBy(statement.declaration as Placed)) names.add(name)
  }
  return names
}

function declaredBy(node: Placed): string[] {
  if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration")
    return node.id ? [node.id.name] : []
  if (node.type !== "VariableDeclaration") return []
  return node.declarations.flatMap(({ id }) => namesInPattern(id))
}

function namesInPattern(pattern: Pattern | null): string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name]
    case "ObjectPattern":
      return pattern.properties.flatMap((part) =>
        namesInPattern(part.type === "Property" ? part.value : part),
      )
    case "ArrayPattern":
      return pattern.elements.flatMap(namesInPattern)
    case "AssignmentPattern":
      return namesInPattern(pattern.left)
    case "RestElement":
      return namesInPattern(pattern.argument)
    default:
      return []
  }
}

function importsOf(body: readonly Placed[]): Import[] {
  return body.flatMap((statement) => {
    if (statement.type !== "ImportDeclaration" || isEarlierCell(String(statement.source.value))) return []
    const names = statement.specifiers.map((specifier) => ({
      exported: importedName(specifier as unknown as Placed),
      local: specifier.local.name,
    }))
    return [{ from: String(statement.source.value), names }]
  })
}

function importedName(specifier: Placed): string {
  if (specifier.type === "ImportDefaultSpecifier") return "default"
  if (specifier.type !== "ImportSpecifier") return "*"
  const { imported } = specifier
  return imported.type === "Identifier" ? imported.name : String(imported.value)
}

const WITHOUT_VALUE = /^(ExportNamedDeclaration|ImportDeclaration|EmptyStatement)$/

function returnLast(text: MagicString, body: readonly Placed[]): void {
  const last = body.findLast(({ type }) => !WITHOUT_VALUE.test(type))
  if (last?.type !== "ExpressionStatement") return
  const semicolon = text.original[last.end - 1] === ";" ? 1 : 0
  text.appendRight(last.start, "return (")
  text.prependLeft(last.end - semicolon, ")")
}

function rewriteStatement(text: MagicString, statement: Placed, variables: Variables): void {
  if (statement.type === "ImportDeclaration" || statement.type === "ExportAllDeclaration")
    text.remove(statement.start, statement.end)
  else if (statement.type === "ExportNamedDeclaration" && !statement.declaration)
    text.remove(statement.start, statement.end)
  else if (statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration") {
    const inner = statement.declaration as Placed
    text.remove(statement.start, inner.start)
    if (isDeclaration(inner)) rewriteStatement(text, inner, variables)
    else parenthesize(text, inner)
  } else if (statement.type === "ClassDeclaration") rewriteClass(text, statement, variables)
  else if (statement.type === "VariableDeclaration") rewriteDeclaration(text, statement, variables, "top")
  else if (!isFunction(statement)) rewriteHoisted(text, statement, variables)
}

/** A default export may be an expression, or lack the name that makes it a declaration. */
const isDeclaration = (node: Placed): boolean =>
  node.type === "VariableDeclaration" || (/Declaration$/.test(node.type) && "id" in node && node.id !== null)

/** `var` in a block or in the head of a loop belongs to the cell as well. */
function rewriteHoisted(text: MagicString, statement: Placed, variables: Variables): void {
  walk(statement, (node, parents) => {
    if (isFunction(node)) return false
    if (node.type !== "VariableDeclaration" || node.kind !== "var") return
    const parent = parents[parents.length - 1]
    rewriteDeclaration(text, node, variables, isHeadOfLoop(node, parent) ? "head" : "block")
  })
}

function rewriteClass(
  text: MagicString,
  node: Placed & { type: "ClassDeclaration" },
  variables: Variables,
): void {
  const name = node.id?.name
  if (name === undefined || !isNotebookName(name, variables)) return
  text.appendRight(node.start, `${target(name, variables)} = `)
  text.prependLeft(node.end, ";")
}

/** Makes assignments of a declaration: the variables themselves exist already, as boxes or at the function's head. */
function rewriteDeclaration(
  text: MagicString,
  node: Placed & { type: "VariableDeclaration" },
  variables: Variables,
  place: "top" | "block" | "head",
): void {
  const names = declaredBy(node)
  if (!names.some((name) => isNotebookName(name, variables))) return
  const first = node.declarations[0] as unknown as Placed
  text.remove(node.start, first.start)
  for (const declarator of node.declarations) {
    const id = declarator.id as Placed
    const init = declarator.init as Placed | null | undefined
    if (id.type !== "Identifier" && place !== "head") parenthesize(text, declarator as unknown as Placed)
    else if (id.type === "Identifier" && init) keepFunctionName(text, id.name, init, variables)
    else if (id.type === "Identifier" && place === "top" && !keepsValue(node, id.name, variables))
      text.appendLeft(id.end, " = void 0")
  }
}

/** `x = 1; var x` leaves `x` as it is: a local variable began without a value, but a box may hold one of an earlier cell. */
const keepsValue = ({ kind }: { kind: string }, name: string, { local }: Variables): boolean =>
  kind === "var" && local.has(name)

function parenthesize(text: MagicString, node: Placed): void {
  text.appendRight(node.start, "(")
  text.prependLeft(node.end, ")")
}

/** `const f = () => …` names the function "f", but assigning to a box would not. */
function keepFunctionName(text: MagicString, name: string, init: Placed, variables: Variables): void {
  const anonymous = isFunction(init) || init.type === "ClassExpression"
  if (!anonymous || !variables.boxed.has(name) || (init as unknown as { id?: unknown }).id) return
  text.appendRight(init.start, `({ ${name}: `)
  text.prependLeft(init.end, ` }).${name}`)
}

const isNotebookName = (name: string, { boxed, local }: Variables): boolean =>
  boxed.has(name) || local.has(name)

const target = (name: string, { boxed }: Variables): string =>
  boxed.has(name) ? `${boxName(name)}.value` : name

function boxMentions(text: MagicString, program: Placed, variables: Variables): void {
  const mentions = new Set(variables.mentions)
  walk(program, (node, parents) => {
    if (node.type === "ImportDeclaration" || node.type === "ExportNamedDeclaration")
      return (node as { declaration?: unknown }).declaration ? undefined : false
    if (node.type !== "Identifier" || !mentions.has(node)) return
    text.update(node.start, node.end, mention(node, parents))
  })
}

/** The box of a name, as the place where it stands needs it. */
function mention(node: Placed & { type: "Identifier" }, parents: readonly Placed[]): string {
  const box = `${boxName(node.name)}.value`
  const parent = parents[parents.length - 1]
  if (isShorthand(node, parents)) return `${node.name}: ${box}`
  const called = parent.type === "CallExpression" && (parent.callee as Placed) === node
  const tagged = parent.type === "TaggedTemplateExpression" && (parent.tag as Placed) === node
  return called || tagged ? `(0, ${box})` : box
}

/** `{ x }` and `{ x = 1 }` say the name once, where it is a property and a variable at the same time. */
function isShorthand(node: Placed, parents: readonly Placed[]): boolean {
  const parent = parents[parents.length - 1]
  const property =
    parent.type === "AssignmentPattern" && (parent.left as Placed) === node ? parents.at(-2) : parent
  return property?.type === "Property" && property.shorthand && property.start === node.start
}

function wrap(
  text: MagicString,
  body: readonly Placed[],
  variables: Variables,
  boxes: readonly string[],
  awaits: boolean,
): void {
  // A notebook may have a variable of its own called `require`.
  const given = parameters.map((name) => (boxes.includes(name) ? `given$${name}` : name))
  const head = [...given, ...boxes.map(boxName)].join(", ")
  const locals = [...variables.local]
  const declared = locals.length > 0 ? `let ${locals.join(", ")}; ` : ""
  const functions = functionNames(body).filter((name) => variables.boxed.has(name))
  const hoisted = functions.map((name) => `${boxName(name)}.value = ${name}; `).join("")
  const kept = locals.map((name) => `${boxName(name)}.value = ${name};`).join(" ")
  text.prepend(`(${awaits ? "async " : ""}function (${head}) { "use strict"; ${declared}try { ${hoisted}`)
  text.append(`\n} finally { ${kept} } })`)
}

function functionNames(body: readonly Placed[]): string[] {
  return body.flatMap((statement) => {
    const node = (statement as { declaration?: Placed | null }).declaration ?? statement
    return node.type === "FunctionDeclaration" && node.id ? [node.id.name] : []
  })
}

/** A local file that a cell imports: CommonJS already, it only has to be interruptible. */
export function rewriteFile(commonJs: string): { code: string; map: string } {
  const text = new MagicString(commonJs)
  insertGuards(text, parseModule(commonJs) as unknown as Placed)
  text.prepend(FILE_HEAD)
  text.append("\n})")
  return { code: text.toString(), map: text.generateMap({ hires: "boundary" }).toString() }
}

/** A local file of data that a cell imports. */
export function moduleOfJson(json: string): string {
  return `${FILE_HEAD}module.exports = JSON.parse(${JSON.stringify(json)}) })`
}

const FILE_HEAD = `(async function (${parameters.join(", ")}) { `
