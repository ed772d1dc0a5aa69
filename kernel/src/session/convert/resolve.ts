import ts from "typescript"

/** Packages that a cell can always import, wherever the notebook lies. */
export const OWN_PACKAGES: ReadonlySet<string> = new Set(["ringlab"])

/** Where the kernel's own things lie. Absolute paths with forward slashes. */
export interface OwnPlaces {
  /** A file inside the kernel's package: its packages are found from here. */
  readonly kernelFile: string
  /** Declarations of the module `tslab` that the kernel provides. */
  readonly tslabTypes: string
  /** Declarations of the module `notebook` that graded cells import. */
  readonly notebookTypes: string
}

/** Finds the types of what a cell imports: from the notebook's folder upward, then in the kernel's own copy. */
export function resolveTypes(
  name: string,
  from: string,
  options: ts.CompilerOptions,
  host: ts.ModuleResolutionHost,
  own: OwnPlaces,
): ts.ResolvedModuleWithFailedLookupLocations {
  if (name === "tslab") return provided(own.tslabTypes)
  if (name === "notebook") return provided(own.notebookTypes)
  const found = ts.resolveModuleName(name, from, options, host)
  if (found.resolvedModule || !OWN_PACKAGES.has(name.split("/")[0])) return found
  return ts.resolveModuleName(name, own.kernelFile, options, host)
}

function provided(file: string): ts.ResolvedModuleWithFailedLookupLocations {
  return {
    resolvedModule: { resolvedFileName: file, extension: ts.Extension.Dts, isExternalLibraryImport: true },
  }
}
