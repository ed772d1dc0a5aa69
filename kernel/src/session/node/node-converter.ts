import { dirname, join } from "node:path"
import ts from "typescript"
import { type Converter, createConverter } from "../convert/converter"

const slashed = (path: string): string => path.replaceAll("\\", "/")

/** A converter that finds Node's types and the kernel's own. @param folder where the notebook lies */
export function createNodeConverter(folder: string): Converter {
  lookInside()
  const types = slashed(dirname(dirname(require.resolve("@types/node/package.json"))))
  const declared = (name: string): string => slashed(join(dirname(__dirname), "display", `${name}.d.ts`))
  return createConverter(folder, types, {
    kernelFile: slashed(__filename),
    tslabTypes: declared("tslab"),
    notebookTypes: declared("notebook"),
  })
}

/** The compiler asks whether a folder is there before it looks inside. Where that is not permitted, it shall look at once. */
function lookInside(): void {
  const { permission } = process as { permission?: { has(scope: string, path: string): boolean } }
  const { directoryExists } = ts.sys
  if (permission) ts.sys.directoryExists = (path) => !permission.has("fs.read", path) || directoryExists(path)
}
