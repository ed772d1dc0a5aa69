/** What Node's own CommonJS modules know besides globals; cells and local files know it, too. */
export const commonJsNames = ["require", "module", "exports", "__filename", "__dirname"] as const
