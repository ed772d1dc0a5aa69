import ts from "typescript"

/**
 * How later cells see a name: a variable can be assigned from there, what is ambient (`declare const …`) is a global's
 * type and no variable of the notebook, and everything else cannot be assigned.
 */
type NameKind = "variable" | "ambient" | "other"

/** A name that a cell declares at its top level. */
export interface DeclaredName {
  readonly name: string
  readonly kind: NameKind
  /** The cell exports it under this name itself. */
  readonly exported: boolean
}

/** All names that the cell declares for the cells after it, types among them. */
export function declaredNames(file: ts.SourceFile): DeclaredName[] {
  const found = new Map<string, DeclaredName>()
  const listed = new Set(file.statements.flatMap(listedExports))
  const add = (name: string, kind: NameKind, exported: boolean): void => {
    found.set(name, { name, kind, exported: exported || listed.has(name) })
  }
  for (const statement of file.statements) namesOfStatement(statement, add)
  return [...found.values()]
}

type Add = (name: string, kind: NameKind, exported: boolean) => void

function namesOfStatement(statement: ts.Statement, add: Add): void {
  const isDefault = hasModifier(statement, ts.SyntaxKind.DefaultKeyword)
  const exported = hasModifier(statement, ts.SyntaxKind.ExportKeyword) && !isDefault
  const ambient = hasModifier(statement, ts.SyntaxKind.DeclareKeyword)
  if (ts.isVariableStatement(statement)) namesOfList(statement.declarationList, add, exported, ambient)
  else if (ts.isImportDeclaration(statement)) namesOfImport(statement.importClause, add)
  else if (isAugmentation(statement)) return
  else if (isNamed(statement))
    add(statement.name.text, ambient && ts.isFunctionDeclaration(statement) ? "ambient" : "other", exported)
  else hoistedVars(statement, add)
}

/** The names in `export { … }`. */
function listedExports(statement: ts.Statement): string[] {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier) return []
  const { exportClause } = statement
  return exportClause && ts.isNamedExports(exportClause)
    ? exportClause.elements.map(({ name }) => name.text)
    : []
}

/** Does it add to the declarations of globals, or of another module? */
export function isAugmentation(statement: ts.Statement): statement is ts.ModuleDeclaration {
  if (!ts.isModuleDeclaration(statement)) return false
  return ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0
}

function isNamed(node: ts.Node): node is ts.DeclarationStatement & { readonly name: ts.Identifier } {
  const named =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isModuleDeclaration(node) ||
    ts.isImportEqualsDeclaration(node)
  return named && node.name !== undefined && ts.isIdentifier(node.name)
}

function namesOfList(list: ts.VariableDeclarationList, add: Add, exported: boolean, ambient = false): void {
  const kind: NameKind = ambient ? "ambient" : list.flags & ts.NodeFlags.Const ? "other" : "variable"
  for (const declaration of list.declarations) namesOfBinding(declaration.name, kind, add, exported)
}

function namesOfBinding(name: ts.BindingName, kind: NameKind, add: Add, exported: boolean): void {
  if (ts.isIdentifier(name)) add(name.text, kind, exported)
  else
    for (const element of name.elements)
      if (ts.isBindingElement(element)) namesOfBinding(element.name, kind, add, exported)
}

function namesOfImport(clause: ts.ImportClause | undefined, add: Add): void {
  if (clause?.name) add(clause.name.text, "other", false)
  const bindings = clause?.namedBindings
  if (bindings && ts.isNamespaceImport(bindings)) add(bindings.name.text, "other", false)
  if (bindings && ts.isNamedImports(bindings))
    for (const element of bindings.elements) add(element.name.text, "other", false)
}

/** `var` inside a block or a loop belongs to the whole cell. */
function hoistedVars(node: ts.Node, add: Add): void {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return
  if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped))
    namesOfList(node, add, false)
  ts.forEachChild(node, (child) => hoistedVars(child, add))
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind)
}

/** Is the value of the cell its last statement? Types after it do not count. */
export function endsInExpression(file: ts.SourceFile): boolean {
  const last = file.statements.findLast((statement) => !isTypeOnly(statement))
  return last !== undefined && ts.isExpressionStatement(last)
}

function isTypeOnly(statement: ts.Statement): boolean {
  return (
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEmptyStatement(statement) ||
    hasModifier(statement, ts.SyntaxKind.DeclareKeyword)
  )
}
