import ts from "typescript"
import type { Place } from "./place"

/** Packages that a cell can always import, wherever the notebook lies. */
export const OWN_PACKAGES: ReadonlySet<string> = new Set(["ringlab"])

/** Finds the types of what a cell imports: from the notebook's folder upward, then in the kernel's own copy. */
export function resolveTypes(
  name: string,
  from: string,
  options: ts.CompilerOptions,
  host: ts.ModuleResolutionHost,
  own: Place,
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
