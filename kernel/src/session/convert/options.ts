import ts from "typescript"
import { newerDeclarations } from "./newer"
import { inFolder } from "./paths"
import type { Place } from "./place"

/** The newest JavaScript that each Node.js which we allow runs as it stands, decorators and `using` apart. */
export const TARGET = ts.ScriptTarget.ES2024

/** What a `tsconfig.json` beside the notebook may decide. Everything else would break cells or mean nothing to them. */
const RESPECTED = new Set([
  "strict",
  "noImplicitAny",
  "noImplicitThis",
  "noImplicitOverride",
  "noImplicitReturns",
  "noFallthroughCasesInSwitch",
  "noUncheckedIndexedAccess",
  "noPropertyAccessFromIndexSignature",
  "exactOptionalPropertyTypes",
  "strictNullChecks",
  "strictFunctionTypes",
  "strictBindCallApply",
  "strictPropertyInitialization",
  "strictBuiltinIteratorReturn",
  "useUnknownInCatchVariables",
  "allowUnreachableCode",
  "allowUnusedLabels",
  "lib",
  "types",
  "typeRoots",
  "baseUrl",
  "paths",
  "pathsBasePath",
  "customConditions",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "useDefineForClassFields",
  "allowJs",
  "checkJs",
])

/**
 * The compiler options of a notebook: as lenient as tslab's, unless a `tsconfig.json` in `folder` asks for more.
 * @param folder where the notebook lies
 */
export function compilerOptions(folder: string, { system }: Place): ts.CompilerOptions {
  const own = respectedOptions(folder, system)
  return {
    lib: ["lib.es2023.d.ts", ...newerDeclarations()],
    jsx: ts.JsxEmit.React,
    experimentalDecorators: true,
    allowJs: true,
    ...own,
    types: [...new Set(["node", ...(own.types ?? [])])],
    typeRoots: own.typeRoots ?? ts.getEffectiveTypeRoots({}, { getCurrentDirectory: () => folder }),
    target: TARGET,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    rewriteRelativeImportExtensions: true,
    resolveJsonModule: true,
    esModuleInterop: true,
    skipLibCheck: true,
    sourceMap: true,
    preserveConstEnums: true,
    outDir: "/__emitted__",
  }
}

function respectedOptions(folder: string, system: ts.System): ts.CompilerOptions {
  const path = inFolder(folder, "tsconfig.json")
  if (!system.fileExists(path)) return {}
  const { config } = ts.readConfigFile(path, system.readFile)
  const parsed = ts.parseJsonConfigFileContent(config ?? {}, system, folder)
  return Object.fromEntries(Object.entries(parsed.options).filter(([name]) => RESPECTED.has(name)))
}
