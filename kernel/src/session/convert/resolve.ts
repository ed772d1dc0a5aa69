import ts from "typescript"
import { OWN_PACKAGES } from "../own-packages"
import { isOfPackage } from "./paths"
import type { Place } from "./place"

/** Finds the types of what a cell imports: from the notebook's folder upward, then in the kernel's own copy. @param folder where the notebook lies */
export function resolveTypes(
  name: string,
  from: string,
  options: ts.CompilerOptions,
  host: ts.ModuleResolutionHost,
  own: Place,
  folder: string,
): ts.ResolvedModuleWithFailedLookupLocations {
  if (name === "tslab") return provided(own.tslabTypes)
  if (name === "notebook") return provided(own.notebookTypes)
  const found = asOwn(ts.resolveModuleName(name, from, options, host), folder)
  if (found.resolvedModule || !OWN_PACKAGES.has(name.split("/")[0])) return found
  return ts.resolveModuleName(name, own.kernelFile, options, host)
}

/** To the compiler all below a `node_modules` is a package's, and is not to be translated. */
function asOwn(
  found: ts.ResolvedModuleWithFailedLookupLocations,
  folder: string,
): ts.ResolvedModuleWithFailedLookupLocations {
  const { resolvedModule } = found
  if (!resolvedModule?.isExternalLibraryImport || isOfPackage(resolvedModule.resolvedFileName, folder))
    return found
  return { ...found, resolvedModule: { ...resolvedModule, isExternalLibraryImport: false } }
}

/** Finds a package of declarations by its name. Of Node those of the running release are taken, unless the notebook has others. */
export function resolveDeclarations(
  name: string,
  from: string,
  options: ts.CompilerOptions,
  host: ts.ModuleResolutionHost,
  { nodeTypes, kernelTypes }: Place,
): ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations {
  const found = ts.resolveTypeReferenceDirective(name, from, options, host)
  const file = found.resolvedTypeReferenceDirective?.resolvedFileName
  if (name !== "node" || (file && !file.startsWith(kernelTypes))) return found
  const resolved = { primary: true, resolvedFileName: nodeTypes, isExternalLibraryImport: true }
  return { ...found, resolvedTypeReferenceDirective: resolved }
}

function provided(file: string): ts.ResolvedModuleWithFailedLookupLocations {
  return {
    resolvedModule: { resolvedFileName: file, extension: ts.Extension.Dts, isExternalLibraryImport: true },
  }
}
