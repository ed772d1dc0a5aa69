// Lets Node import the tests' own TypeScript: a module hook that takes the types away, and finds "./x" in x.ts.
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }

/** Node's hook: finds a module's file. */
export async function resolve(specifier, context, next) {
  const beside = specifier.startsWith(".") && new URL(`${specifier}.ts`, context.parentURL)
  return beside && existsSync(beside) ? { url: beside.href, shortCircuit: true } : next(specifier, context)
}

/** Node's hook: gives a module's source. */
export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return next(url, context)
  const text = readFileSync(fileURLToPath(url), "utf8")
  const { outputText: source } = ts.transpileModule(text, { compilerOptions })
  return { format: "module", source, shortCircuit: true }
}
