/** The name that a cell gives itself as a module, in the comment that it begins with, or undefined. */
export function moduleName(code: string): string | undefined {
  return code.match(/^\s*\/\*\*(?:(?!\*\/)[\s\S])*?@module\s+([\w-]+)/)?.[1]
}
