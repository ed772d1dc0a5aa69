type Exports = Record<string, unknown> | undefined

/** Something of a module, "*" being the module itself. CommonJS modules stand for their default export, unless they say otherwise. */
export function exportOf(module: unknown, name: string): unknown {
  if (name === "*" || (name === "default" && !isNamespace(module))) return module
  return (module as Exports)?.[name]
}

/** Is it an ES module, or what a compiler has made of one? Its exports may change while it is in use. */
export function isNamespace(module: unknown): boolean {
  const exports = module as Exports
  return exports?.__esModule === true || exports?.[Symbol.toStringTag as unknown as string] === "Module"
}

/** What `import()` gives of a module. */
export function namespaceOf(module: unknown): unknown {
  if (isNamespace(module)) return module
  const exports = Object.getOwnPropertyDescriptors(Object(module))
  return Object.defineProperties({}, { ...exports, default: { value: module, enumerable: true } })
}
