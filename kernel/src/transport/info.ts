import { readFileSync } from "node:fs"
import { join } from "node:path"
import { PROTOCOL_VERSION } from "./message"

const readVersion = (path: string): string => JSON.parse(readFileSync(path, "utf8")).version

/** What a front end wants to know about this kernel and its language. */
export function kernelInfo(): object {
  const version = readVersion(join(__dirname, "../../package.json"))
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "ringlab",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: readVersion(require.resolve("typescript/package.json")),
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: "typescript",
      nbconvert_exporter: "script",
    },
    banner: `ringlab ${version}: TypeScript, checked before it runs. Node ${process.version}.`,
    help_links: [
      { text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/intro.html" },
    ],
    supported_features: [],
    debugger: false,
  }
}
