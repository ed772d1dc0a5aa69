import ts from "typescript"
import { type DeclaredName, isAugmentation } from "./names"
import { inFolder } from "./paths"

/** A cell that has run, as the cells after it see it. */
interface EarlierCell {
  readonly file: string
  readonly text: string
  readonly names: readonly DeclaredName[]
  /** Files of cells whose names this one uses. */
  readonly uses: ReadonlySet<string>
  /** What it adds to declarations of globals and of modules. */
  readonly added: ReadonlySet<string>
}

/** The earlier cells of a notebook, as plain data. */
export interface KnownCells {
  readonly cells: Map<string, EarlierCell>
  /** The last cell that declared a name. */
  readonly owners: Map<string, { cell: EarlierCell; declared: DeclaredName }>
  /** Cells that add to declarations of globals and of modules: every later cell sees that. */
  adding: EarlierCell[]
  readonly made: Set<string>
  serial: number
}

const noCells = (): KnownCells => ({
  cells: new Map(),
  owners: new Map(),
  adding: [],
  made: new Set(),
  serial: 0,
})

/** Does an import in a cell's text lead to an earlier cell? */
export const isEarlierCell = (specifier: string): boolean => /(^|\/)__cell_\d+__(\.ts)?$/.test(specifier)

/** What a cell is told about the cells before it. */
interface Prelude {
  /** One line of TypeScript, to stand before the cell. */
  readonly text: string
  readonly uses: ReadonlySet<string>
}

/**
 * The cells that have run, kept as modules: a later cell imports the types it needs from them. A name belongs to the
 * last cell that declared it. Cells that nobody can reach any more are dropped.
 */
export class EarlierCells {
  /**
   * @param folder where the notebook lies, so that relative imports of a cell mean the same here
   * @param known what another one knew of the same notebook
   */
  constructor(
    private readonly folder: string,
    readonly known: KnownCells = noCells(),
  ) {}

  /** All names of the notebook that a next cell may use. */
  get names(): ReadonlySet<string> {
    return this.known.made
  }

  /** The text of a kept cell, or undefined if `file` is none. */
  read(file: string): string | undefined {
    return this.known.cells.get(file)?.text
  }

  /** Declares those of the earlier names that `wanted` accepts and that the cell in `file` does not declare anew. */
  prelude(file: ts.SourceFile, names: readonly DeclaredName[], wanted: (name: string) => boolean): Prelude {
    const declared = new Set(names.map(({ name }) => name))
    const uses = new Set(this.stillAdding(additions(file)).map(({ file }) => file))
    const lines = [...uses].map((file) => `import ${specifier(file)};`)
    for (const [name, owner] of this.known.owners) {
      if (declared.has(name) || !wanted(name)) continue
      uses.add(owner.cell.file)
      lines.push(introduce(name, owner.declared, owner.cell.file))
    }
    return { text: lines.join(" "), uses }
  }

  /** Keeps a cell that starts to run, if it declares anything. `text` is the whole checked text, prelude and exports included. */
  add(text: string, names: readonly DeclaredName[], uses: ReadonlySet<string>): void {
    const tree = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ES2022, false)
    const added = additions(tree)
    if (names.length === 0 && added.size === 0) return
    const file = inFolder(this.folder, `__cell_${++this.known.serial}__.ts`)
    const cell: EarlierCell = { file, text: widened(text, tree), names, uses, added }
    this.known.cells.set(file, cell)
    for (const declared of names) this.known.owners.set(declared.name, { cell, declared })
    for (const { name, kind } of names) if (kind !== "ambient") this.known.made.add(name)
    this.known.adding = [...this.stillAdding(added), ...(added.size > 0 ? [cell] : [])]
    this.forgetUnreachable()
  }

  /** A cell that adds all that another has added takes its place: it is most often the same cell, edited. */
  private stillAdding(added: ReadonlySet<string>): EarlierCell[] {
    return this.known.adding.filter((cell) => [...cell.added].some((what) => !added.has(what)))
  }

  private forgetUnreachable(): void {
    const kept = new Set<string>()
    const keep = (file: string): void => {
      if (kept.has(file)) return
      kept.add(file)
      for (const used of this.known.cells.get(file)?.uses ?? []) keep(used)
    }
    for (const { cell } of this.known.owners.values()) keep(cell.file)
    for (const { file } of this.known.adding) keep(file)
    for (const file of this.known.cells.keys()) if (!kept.has(file)) this.known.cells.delete(file)
  }
}

/** A variable must stay assignable, which an import is not, and what is ambient must not be imported when the cell runs. */
function introduce(name: string, { kind }: DeclaredName, file: string): string {
  const from = specifier(file)
  if (kind !== "other") return `declare let ${name}: typeof import(${from}).${name};`
  return `import { ${name} } from ${from};`
}

const specifier = (file: string): string => `"./${file.slice(file.lastIndexOf("/") + 1, -3)}"`

/** What `declare global` and `declare module` of a cell add, each with its place: "global Array last". */
function additions(file: ts.SourceFile): Set<string> {
  return new Set(file.statements.filter(isAugmentation).flatMap(addedBy))
}

function addedBy({ name, body }: ts.ModuleDeclaration): string[] {
  if (!body || !ts.isModuleBlock(body)) return []
  return body.statements.flatMap((statement) => {
    const parts = ts.isInterfaceDeclaration(statement) ? statement.members : [statement]
    const whose = ts.isInterfaceDeclaration(statement) ? ` ${statement.name.text}` : ""
    return parts.map((part) => `${name.text}${whose} ${nameOf(part)}`)
  })
}

/** The name of a declaration, as far as two of them must be told apart. */
function nameOf(part: ts.Node): string {
  const named = ts.isVariableStatement(part) ? part.declarationList.declarations[0] : part
  const { name } = named as { readonly name?: ts.Node }
  return name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : ts.SyntaxKind[part.kind]
}

/**
 * The same text with `const a = 2` turned into `let a = 2`: to a later cell `a` is then any number, and asking there
 * whether it is 1 is no error. Every position stays where it was.
 */
function widened(text: string, file: ts.SourceFile): string {
  const pieces: string[] = []
  let end = 0
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement) || !isWidenable(statement.declarationList)) continue
    const at = statement.declarationList.getStart(file)
    pieces.push(text.slice(end, at), "let  ")
    end = at + "const".length
  }
  return pieces.join("") + text.slice(end)
}

/** A unique symbol is one only as a `const`, and an exported enum member or ambient name needs no widening. */
function isWidenable(list: ts.VariableDeclarationList): boolean {
  const isConst = (list.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Const
  return isConst && list.declarations.every(({ initializer }) => initializer && !isSymbolCall(initializer))
}

function isSymbolCall(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Symbol"
}
