import { createRequire, isBuiltin } from "node:module"
import { dirname, isAbsolute, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import vm from "node:vm"
import type { LocalFile } from "../../convert/converter"
import { OWN_PACKAGES } from "../../own-packages"
import type { Cell } from "../../run/cell"
import { namespaceOf } from "../../run/exports"
import type { Hooks } from "../../run/hooks"
import type { CommonJs, Modules } from "../../run/platform"

// Taken before cells are, from whom grading hides the module.
const { Script } = vm
const { USE_MAIN_CONTEXT_DEFAULT_LOADER } = vm.constants

interface LocalModule {
  readonly path: string
  readonly code: string
  /** The cell for which it runs. */
  readonly cell: Cell | undefined
  exports: unknown
  /** Settled when the module has run. */
  ready: Promise<void>
  hasRun: boolean
  /** Local files that it imports itself. */
  readonly imports: Set<string>
}

/** Modules of Node and of the notebook's folder. Local TypeScript is run anew when it, or what it imports, has changed. */
export class NodeModules implements Modules {
  readonly require: NodeJS.Require
  readonly commonJs: CommonJs
  readonly meta: { readonly url: string; readonly dirname: string; readonly filename: string }
  private readonly requireOwn = createRequire(__filename)
  private readonly sources = new Map<string, string>()
  private readonly local = new Map<string, LocalModule>()
  private readonly provided = new Map<string, unknown>()

  /**
   * @param folder where the notebook lies
   * @param currentCell the cell on whose behalf code runs
   */
  constructor(
    folder: string,
    private readonly hooks: Hooks,
    private readonly currentCell: () => Cell | undefined,
  ) {
    const filename = join(folder, "notebook.ts")
    this.meta = { url: pathToFileURL(filename).href, dirname: folder, filename }
    const exports = {}
    this.require = this.requireFor(folder)
    const own = { module: { exports }, exports, __filename: filename, __dirname: folder }
    this.commonJs = { ...own, require: this.require }
  }

  /** Makes a module that is no file, under a name of its own. */
  define(name: string, exports: unknown): void {
    this.provided.set(name, exports)
  }

  provide(files: readonly LocalFile[]): void {
    const changed = files.filter(({ path, code }) => this.sources.get(path) !== code).map(({ path }) => path)
    for (const { path, code } of files) this.sources.set(path, code)
    for (const path of changed) this.forget(path)
  }

  readonly load = (specifier: string): Promise<unknown> => this.loadFrom(this.meta.dirname, String(specifier))

  /** Forgets a local module and those that import it. */
  private forget(path: string): void {
    if (!this.local.delete(path)) return
    for (const [importer, module] of this.local) if (module.imports.has(path)) this.forget(importer)
  }

  private async loadFrom(folder: string, specifier: string, importer?: LocalModule): Promise<unknown> {
    if (this.provided.has(specifier)) return this.provided.get(specifier)
    const file = this.localFile(folder, specifier)
    if (file !== undefined) return this.runLocal(slashed(file), importer)
    if (isBuiltin(specifier)) return this.requireOwn(specifier)
    return this.loadPackage(folder, specifier)
  }

  /** CommonJS first, since it is what most packages are; then the kernel's own copy, or as an ES module. */
  private async loadPackage(folder: string, specifier: string): Promise<unknown> {
    const from = createRequire(join(folder, "notebook.js"))
    try {
      return from(specifier)
    } catch (error) {
      if (!isAboutFinding(error, specifier)) throw error
    }
    const isOwn = OWN_PACKAGES.has(specifier.split("/")[0])
    return isOwn ? this.requireOwn(specifier) : importFrom(folder, specifier)
  }

  /** The path of a source file that the converter has provided, or undefined. */
  private localFile(folder: string, specifier: string): string | undefined {
    if (!specifier.startsWith(".") && !isAbsolute(specifier)) return undefined
    const base = resolve(folder, specifier)
    const stem = base.replace(/\.([cm]?)[jt]sx?$/, "")
    const candidates = [
      base,
      ...EXTENSIONS.flatMap((extension) => [
        stem + extension,
        base + extension,
        join(base, `index${extension}`),
      ]),
    ]
    return candidates.find((path) => this.sources.has(slashed(path)))
  }

  /** Whoever imports a module that others have begun to run waits for its end, but not in a circle: there nobody would come to it. */
  private async runLocal(path: string, importer: LocalModule | undefined): Promise<unknown> {
    importer?.imports.add(path)
    const running = this.local.get(path)
    const isAbandoned = running?.cell?.stopped && !running.hasRun
    if (!running || isAbandoned) return this.runAnew(path)
    if (!importer || !this.leadsTo(path, importer.path)) await running.ready
    return running.exports
  }

  private async runAnew(path: string): Promise<unknown> {
    const module = this.createLocal(path)
    this.local.set(path, module)
    module.ready = this.execute(module)
    try {
      await module.ready
    } catch (error) {
      if (this.local.get(path) === module) this.local.delete(path)
      throw error
    }
    module.hasRun = true
    return module.exports
  }

  /** Does a local file import another one, or a file that does? */
  private leadsTo(from: string, to: string, seen = new Set<string>()): boolean {
    if (from === to) return true
    if (seen.has(from)) return false
    seen.add(from)
    return [...(this.local.get(from)?.imports ?? [])].some((next) => this.leadsTo(next, to, seen))
  }

  private createLocal(path: string): LocalModule {
    return {
      path,
      code: this.sources.get(path) ?? "",
      cell: this.currentCell(),
      exports: {},
      ready: Promise.resolve(),
      hasRun: false,
      imports: new Set(),
    }
  }

  private async execute(module: LocalModule): Promise<void> {
    const { path } = module
    const folder = dirname(path)
    const ready = await this.loadRequired(folder, module)
    const fallback = this.requireFor(folder)
    const require = (specifier: string): unknown =>
      ready.has(specifier) ? ready.get(specifier) : fallback(specifier)
    const run = evaluate(module.code, path) as (...values: unknown[]) => Promise<void>
    const { flag, stop, resume } = this.hooks
    const load = async (specifier: string): Promise<unknown> =>
      namespaceOf(await this.loadFrom(folder, specifier, module))
    const meta = { url: pathToFileURL(path).href, filename: path, dirname: folder }
    await run(flag, stop, resume, load, meta, require, module, module.exports, path, folder)
  }

  /** Loads beforehand what the module requires, since an ES module cannot be had at once. */
  private async loadRequired(folder: string, module: LocalModule): Promise<Map<string, unknown>> {
    const ready = new Map<string, unknown>()
    for (const specifier of requiredBy(module.code))
      ready.set(specifier, await this.loadFrom(folder, specifier, module))
    return ready
  }

  private requireFor(folder: string): NodeJS.Require {
    const from = createRequire(join(folder, "notebook.js"))
    const require = (specifier: string): unknown => {
      if (this.provided.has(specifier)) return this.provided.get(specifier)
      return from(specifier)
    }
    return Object.assign(require, from)
  }
}

const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"]

const slashed = (path: string): string => path.replaceAll("\\", "/")

/** What CommonJS code of the compiler requires. */
function requiredBy(code: string): Set<string> {
  return new Set([...code.matchAll(/\brequire\("([^"\n]+)"\)/g)].map(([, specifier]) => specifier))
}

/** Evaluates an expression in global scope. */
export function evaluate(code: string, fileName: string): unknown {
  return script(code, fileName, undefined).runInThisContext()
}

/** Names every option that matters: whoever has changed `Object.prototype` shall not hand V8 compiled code of their own. */
function script(
  code: string,
  filename: string,
  importModuleDynamically: typeof USE_MAIN_CONTEXT_DEFAULT_LOADER | undefined,
): vm.Script {
  return new Script(code, {
    filename,
    importModuleDynamically,
    cachedData: undefined,
    produceCachedData: false,
  })
}

function importFrom(folder: string, specifier: string): Promise<unknown> {
  const filename = join(folder, "notebook.js")
  const load = script("(specifier) => import(specifier)", filename, USE_MAIN_CONTEXT_DEFAULT_LOADER)
  return (load.runInThisContext() as (specifier: string) => Promise<unknown>)(specifier)
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code

/** The package is there for `import` only, or is not there; an error inside the package is something else. */
function isAboutFinding(error: unknown, specifier: string): boolean {
  const code = codeOf(error)
  if (code === "MODULE_NOT_FOUND") return String((error as Error).message).includes(`'${specifier}'`)
  return (
    code === "ERR_REQUIRE_ESM" ||
    code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ||
    code === "ERR_REQUIRE_ASYNC_MODULE"
  )
}
