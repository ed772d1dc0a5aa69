import { sep } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { expect, test } from "vitest"

/**
 * Doc comments are the notebook's help (Shift-Tab), so each public name has one, and so has each of its members: also
 * those of a base class that is not public itself, and of each kind of a union. A comment of an interface counts for the
 * class that says it implements it, as it does for the help.
 */
const src = fileURLToPath(new URL("../src/", import.meta.url)).replaceAll(sep, "/")

test("every public name has a doc comment, and so has each of its members", () => {
  const program = publicProgram()
  const checker = program.getTypeChecker()
  const undocumented = publicNames(program, checker)
    .flatMap((name) => withMembers(name, checker))
    .filter(({ symbol }) => symbol.getDocumentationComment(checker).length === 0)
  expect(undocumented.map(({ says }) => says)).toEqual([])
})

function publicProgram(): ts.Program {
  const { config } = ts.readConfigFile(`${src}tsconfig.json`, ts.sys.readFile)
  return ts.createProgram([`${src}index.ts`], ts.parseJsonConfigFileContent(config, ts.sys, src).options)
}

function publicNames(program: ts.Program, checker: ts.TypeChecker): ts.Symbol[] {
  const index = checker.getSymbolAtLocation(program.getSourceFile(`${src}index.ts`) as ts.Node) as ts.Symbol
  return checker
    .getExportsOfModule(index)
    .map((name) => (name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name))
}

interface Named {
  readonly symbol: ts.Symbol
  readonly says: string
}

function withMembers(name: ts.Symbol, checker: ts.TypeChecker): Named[] {
  const members = membersOf(name, checker).filter(isPublic)
  return [
    { symbol: name, says: name.name },
    ...members.map((symbol) => ({ symbol, says: `${name.name}.${symbol.name}` })),
  ]
}

/** What a type has, of its own and by inheritance, and what a class has without an object of it. */
function membersOf(name: ts.Symbol, checker: ts.TypeChecker): ts.Symbol[] {
  const own = name.flags & ts.SymbolFlags.Type ? propertiesOf(checker.getDeclaredTypeOfSymbol(name)) : []
  const shared = name.flags & ts.SymbolFlags.Class ? checker.getTypeOfSymbol(name).getProperties() : []
  return [...own, ...shared]
}

function propertiesOf(type: ts.Type): ts.Symbol[] {
  return type.isUnion() ? type.types.flatMap(propertiesOf) : type.getProperties()
}

/** Not private, not the language's own, and not named by a symbol as `[DISPLAY]` is. */
function isPublic({ name, declarations = [] }: ts.Symbol): boolean {
  return !name.startsWith("__") && declarations.some((at) => isOurs(at) && !isHidden(at))
}

const isOurs = (at: ts.Declaration) => at.getSourceFile().fileName.startsWith(src)
const isHidden = (at: ts.Declaration) =>
  (ts.getCombinedModifierFlags(at) & ts.ModifierFlags.NonPublicAccessibilityModifier) !== 0
