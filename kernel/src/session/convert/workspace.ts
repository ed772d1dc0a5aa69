import ts from "typescript"
import type { EarlierCells } from "./earlier"
import { GLOBALS, moreGlobals } from "./globals"
import { Library } from "./library"
import { TARGET } from "./options"
import { inFolder } from "./paths"
import type { Place } from "./place"
import { resolveDeclarations, resolveTypes } from "./resolve"
import { Sources, withVersion } from "./sources"

/** Which decorators a cell means: those of JavaScript's coming standard, or the experimental ones of earlier TypeScript. */
export type Decorators = "experimental" | "standard"

const STANDARD: ts.CompilerOptions = { experimentalDecorators: false, emitDecoratorMetadata: false }

/**
 * One notebook as the compiler sees it: the cell at hand, the cells before it, and files on disk. Gives programs for
 * checking, and a language service for questions about a place in the cell.
 */
export class Workspace {
  /** The name of the cell at hand. It is never on disk. */
  readonly cellFile: string
  private readonly globalsFile: string
  private readonly moreFile: string
  private readonly fullOptions: ts.CompilerOptions
  private readonly sources: Sources
  private readonly host: ts.CompilerHost
  private cellText = ""
  private cellVersion = 0
  private cellTree: ts.SourceFile | undefined
  private program: ts.Program | undefined
  private service: ts.LanguageService | undefined
  private readonly trees = new Map<string, ts.SourceFile>()
  /** Files that only the notebook knows. */
  private readonly files = new Map<string, string>()
  /** Cells that are modules, by name. */
  readonly modules = new Map<string, string>()

  /** @param options for cells that need Node's declarations; most do without */
  constructor(
    readonly folder: string,
    private options: ts.CompilerOptions,
    private readonly earlier: EarlierCells,
    private readonly place: Place,
  ) {
    this.cellFile = inFolder(folder, "__cell__.ts")
    this.globalsFile = inFolder(folder, "__globals__.d.ts")
    this.files.set(this.globalsFile, GLOBALS)
    this.moreFile = inFolder(folder, "__more_globals__.d.ts")
    this.fullOptions = options
    this.options = { ...options, types: options.types?.filter((name) => name !== "node") }
    this.sources = new Sources(new Library(options, place), place.system, folder)
    this.host = this.createHost()
  }

  /** Makes `text` the cell at hand. */
  setCell(text: string): void {
    this.cellText = text
    this.cellVersion++
    this.cellTree = undefined
    for (const name of this.trees.keys()) if (this.virtualText(name) === undefined) this.trees.delete(name)
  }

  /** Makes `text` a file beside the notebook, as if it were on disk. */
  addModule(name: string, text: string): void {
    this.modules.set(name, text)
    this.files.set(inFolder(this.folder, `${name}.ts`), `${text}\nexport {}\n`)
  }

  /** A program of the cell at hand and all that it imports; what did not change is taken from the last one. */
  check(decorators: Decorators): { program: ts.Program; cell: ts.SourceFile } {
    const { rootNames, host, program: oldProgram } = this
    const options = decorators === "experimental" ? this.options : { ...this.options, ...STANDARD }
    this.program = ts.createProgram({ rootNames, options, host, oldProgram })
    return { program: this.program, cell: this.program.getSourceFile(this.cellFile) as ts.SourceFile }
  }

  /** Do cells know all of Node already? */
  get knowsNode(): boolean {
    return this.options === this.fullOptions
  }

  /** Reads Node's declarations, once and for all. */
  learnNode(): void {
    this.files.set(this.moreFile, moreGlobals(this.place, this.fullOptions))
    this.options = this.fullOptions
  }

  /** Answers questions about places in the cell at hand. Made when first asked for. */
  get questions(): ts.LanguageService {
    this.service ??= ts.createLanguageService(this.createServiceHost(), this.createRegistry())
    return this.service
  }

  private get rootNames(): string[] {
    return [this.cellFile, this.knowsNode ? this.moreFile : this.globalsFile]
  }

  private createHost(): ts.CompilerHost {
    const { system, library } = this.place
    const host: ts.CompilerHost = {
      getSourceFile: (name) => this.sourceFile(name),
      getDefaultLibFileName: (options) => `${library}/${ts.getDefaultLibFileName(options)}`,
      getDefaultLibLocation: () => library,
      writeFile: () => {},
      getCurrentDirectory: () => this.folder,
      useCaseSensitiveFileNames: () => system.useCaseSensitiveFileNames,
      getCanonicalFileName: (name) => (system.useCaseSensitiveFileNames ? name : name.toLowerCase()),
      getNewLine: () => "\n",
      fileExists: (name) => this.virtualText(name) !== undefined || system.fileExists(name),
      readFile: (name) => this.virtualText(name) ?? system.readFile(name),
      directoryExists: system.directoryExists,
      getDirectories: system.getDirectories,
      readDirectory: system.readDirectory,
      realpath: system.realpath,
    }
    const packages = ts.createModuleResolutionCache(this.folder, host.getCanonicalFileName, this.options)
    return Object.assign(host, this.resolution(host), { getModuleResolutionCache: () => packages })
  }

  private createServiceHost(): ts.LanguageServiceHost {
    const { host } = this
    return {
      ...this.resolution(host),
      getCompilationSettings: () => this.options,
      getScriptFileNames: () => this.rootNames,
      getScriptVersion: (name) => this.version(name),
      getScriptSnapshot: (name) => this.snapshot(name),
      getCurrentDirectory: host.getCurrentDirectory,
      useCaseSensitiveFileNames: host.useCaseSensitiveFileNames,
      getDefaultLibFileName: host.getDefaultLibFileName,
      fileExists: host.fileExists,
      readFile: host.readFile,
      directoryExists: host.directoryExists,
      getDirectories: host.getDirectories,
      readDirectory: host.readDirectory,
    }
  }

  private resolution(host: ts.ModuleResolutionHost) {
    return {
      resolveModuleNameLiterals: (literals: readonly ts.StringLiteralLike[], from: string) =>
        literals.map(({ text }) => resolveTypes(text, from, this.options, host, this.place, this.folder)),
      resolveTypeReferenceDirectiveReferences: (
        references: readonly (ts.FileReference | string)[],
        from: string,
      ) =>
        references.map((reference) => {
          const name = typeof reference === "string" ? reference : reference.fileName
          return resolveDeclarations(name, from, this.options, host, this.place)
        }),
    }
  }

  /** Hands the language service the trees that checking has already parsed. */
  private createRegistry(): ts.DocumentRegistry {
    const acquire = (name: string): ts.SourceFile => this.sourceFile(name) as ts.SourceFile
    return {
      acquireDocument: acquire,
      acquireDocumentWithKey: acquire,
      updateDocument: acquire,
      updateDocumentWithKey: acquire,
      getKeyForCompilationSettings: () => "notebook" as ts.DocumentRegistryBucketKey,
      releaseDocument: () => {},
      releaseDocumentWithKey: () => {},
      reportStats: () => "",
    }
  }

  private sourceFile(name: string): ts.SourceFile | undefined {
    if (name === this.cellFile) return (this.cellTree ??= this.parse(name, this.cellText))
    const text = this.virtualText(name)
    return text === undefined ? this.sources.get(name) : this.parse(name, text)
  }

  /** Cells keep their doc comments. An earlier cell never changes, so it is parsed once. */
  private parse(name: string, text: string): ts.SourceFile {
    const kept = this.trees.get(name)
    if (kept?.text === text && name !== this.cellFile) return kept
    const tree = withVersion(ts.createSourceFile(name, text, TARGET, true), this.version(name))
    if (name !== this.cellFile) this.trees.set(name, tree)
    return tree
  }

  private virtualText(name: string): string | undefined {
    if (name === this.cellFile) return this.cellText
    return this.earlier.read(name) ?? this.files.get(name)
  }

  private version(name: string): string {
    if (name === this.cellFile || this.files.has(name)) return String(this.cellVersion)
    return this.earlier.read(name) === undefined ? this.sources.version(name) : "1"
  }

  private snapshot(name: string): ts.IScriptSnapshot | undefined {
    const text = this.sourceFile(name)?.text
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
  }
}
