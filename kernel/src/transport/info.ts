import { readFileSync } from "node:fs"
import { join } from "node:path"
import { PROTOCOL_VERSION } from "./message"

const readVersion = (path: string): string => JSON.parse(readFileSync(path, "utf8")).version

/**
 * The language, as a notebook that was saved with this kernel holds it. JupyterLab writes it into each notebook that it opens,
 * which then has changes to save, unless it is there already, to the letter. So nothing in it may differ from one release
 * to the next, and TypeScript's version is in the banner.
 */
const LANGUAGE = {
  name: "typescript",
  version: "",
  mimetype: "text/typescript",
  file_extension: ".ts",
  codemirror_mode: "typescript",
}

/** What a front end wants to know about this kernel and its language. */
export function kernelInfo(): object {
  const version = readVersion(join(__dirname, "../../package.json"))
  const typescript = readVersion(require.resolve("typescript/package.json"))
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "ringlab",
    implementation_version: version,
    language_info: LANGUAGE,
    banner: `ringlab ${version}: TypeScript ${typescript}, checked before it runs. Node ${process.version}.`,
    help_links: [
      { text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/intro.html" },
    ],
    supported_features: [],
    debugger: false,
  }
}
