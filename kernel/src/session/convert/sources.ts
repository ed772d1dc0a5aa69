import ts from "typescript"
import type { Library } from "./library"
import { TARGET } from "./options"
import { isOfPackage } from "./paths"

/** Parse trees of everything but cells, shared by checking, completing and inspecting. */
export class Sources {
  private readonly kept = new Map<string, { version: string; file: ts.SourceFile }>()

  constructor(
    private readonly library: Library,
    private readonly system: ts.System,
    private readonly folder: string,
  ) {}

  /** The parse tree of a file on disk as it is now, or undefined if there is none. */
  get(name: string): ts.SourceFile | undefined {
    const kept = this.kept.get(name)
    if (kept && this.isPackaged(name)) return kept.file
    const version = this.version(name)
    if (kept?.version === version) return kept.file
    const text = this.library.text(name) ?? this.system.readFile(name)
    if (text === undefined) return undefined
    const file = parse(name, text, version)
    this.kept.set(name, { version, file })
    return file
  }

  /** Changes whenever the file does. */
  version(name: string): string {
    if (this.isPackaged(name)) return "1"
    return String(this.system.getModifiedTime?.(name)?.getTime() ?? 0)
  }

  /** Files that never change while a kernel runs need to be looked at once only. */
  private isPackaged(file: string): boolean {
    return isOfPackage(file, this.folder) || file.includes("/typescript/lib/")
  }
}

/** Doc comments are skipped here, since they are half the work; `docs.ts` reads them when somebody asks. */
function parse(name: string, text: string, version: string): ts.SourceFile {
  const declaration = name.endsWith(".d.ts") || name.endsWith(".d.mts") || name.endsWith(".d.cts")
  const jsDocParsingMode = declaration ? ts.JSDocParsingMode.ParseNone : ts.JSDocParsingMode.ParseAll
  const options = { languageVersion: TARGET, jsDocParsingMode }
  return withVersion(ts.createSourceFile(name, text, options, !declaration), version)
}

/** The language service expects a version on the trees that it is given. */
export function withVersion(file: ts.SourceFile, version: string): ts.SourceFile {
  return Object.defineProperty(file, "version", { value: version, writable: true })
}
