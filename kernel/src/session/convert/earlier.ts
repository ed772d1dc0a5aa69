import ts from "typescript"
import type { DeclaredName } from "./names"

/** A cell that has run, as the cells after it see it. */
interface EarlierCell {
  readonly file: string
  readonly text: string
  readonly names: readonly DeclaredName[]
  /** Files of cells whose names this one uses. */
  readonly uses: ReadonlySet<string>
}

/** Does an import in a cell's text lead to an earlier cell? */
export const isEarlierCell = (specifier: string): boolean => /(^|\/)__cell_\d+__(\.ts)?$/.test(specifier)

/** What a cell is told about the cells before it. */
export interface Prelude {
  /** One line of TypeScript, to stand before the cell. */
  readonly text: string
  readonly uses: ReadonlySet<string>
}

/**
 * The cells that have run, kept as modules: a later cell imports the types it needs from them. A name belongs to the
 * last cell that declared it. Cells that nobody can reach any more are dropped.
 */
export class EarlierCells {
  private readonly cells = new Map<string, EarlierCell>()
  private readonly owners = new Map<string, { cell: EarlierCell; declared: DeclaredName }>()
  private serial = 0

  /** @param folder where the notebook lies, so that relative imports of a cell mean the same here */
  constructor(private readonly folder: string) {}

  /** All names that a next cell may use, oldest first. */
  get names(): string[] {
    return [...this.owners.keys()]
  }

  /** The text of a kept cell, or undefined if `file` is none. */
  read(file: string): string | undefined {
    return this.cells.get(file)?.text
  }

  /** Declares those of the earlier names that `wanted` accepts and that are not `declared` anew. */
  prelude(declared: ReadonlySet<string>, wanted: (name: string) => boolean): Prelude {
    const uses = new Set<string>()
    const lines: string[] = []
    for (const [name, owner] of this.owners) {
      if (declared.has(name) || !wanted(name)) continue
      uses.add(owner.cell.file)
      lines.push(introduce(name, owner.declared, owner.cell.file))
    }
    return { text: lines.join(" "), uses }
  }

  /** Keeps a cell that starts to run, if it declares anything. `text` is the whole checked text, prelude and exports included. */
  add(text: string, names: readonly DeclaredName[], uses: ReadonlySet<string>): void {
    if (names.length === 0) return
    const file = `${this.folder}/__cell_${++this.serial}__.ts`
    const cell: EarlierCell = { file, text: widened(text), names, uses }
    this.cells.set(file, cell)
    for (const declared of names) this.owners.set(declared.name, { cell, declared })
    this.forgetUnreachable()
  }

  private forgetUnreachable(): void {
    const kept = new Set<string>()
    const keep = (file: string): void => {
      if (kept.has(file)) return
      kept.add(file)
      for (const used of this.cells.get(file)?.uses ?? []) keep(used)
    }
    for (const { cell } of this.owners.values()) keep(cell.file)
    for (const file of this.cells.keys()) if (!kept.has(file)) this.cells.delete(file)
  }
}

/** A variable must stay assignable, which an import is not. */
function introduce(name: string, declared: DeclaredName, file: string): string {
  const from = `"./${file.slice(file.lastIndexOf("/") + 1, -3)}"`
  if (declared.kind === "variable") return `declare let ${name}: typeof import(${from}).${name};`
  return `import { ${name} } from ${from};`
}

/**
 * The same text with `const a = 2` turned into `let a = 2`: to a later cell `a` is then any number, and asking there
 * whether it is 1 is no error. Every position stays where it was.
 */
function widened(text: string): string {
  const file = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ES2022, false)
  let result = text
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement) || !isWidenable(statement.declarationList)) continue
    const at = statement.declarationList.getStart(file)
    result = `${result.slice(0, at)}let  ${result.slice(at + "const".length)}`
  }
  return result
}

/** A unique symbol is one only as a `const`, and an exported enum member or ambient name needs no widening. */
function isWidenable(list: ts.VariableDeclarationList): boolean {
  const isConst = (list.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Const
  return isConst && list.declarations.every(({ initializer }) => initializer && !isSymbolCall(initializer))
}

function isSymbolCall(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Symbol"
}
