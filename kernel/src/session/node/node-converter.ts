import { dirname, join } from "node:path"
import { type Converter, createConverter } from "../convert/converter"

const slashed = (path: string): string => path.replaceAll("\\", "/")

/** A converter that finds Node's types and the kernel's own. @param folder where the notebook lies */
export function createNodeConverter(folder: string): Converter {
  const types = slashed(dirname(dirname(require.resolve("@types/node/package.json"))))
  const declared = (name: string): string => slashed(join(dirname(__dirname), "display", `${name}.d.ts`))
  return createConverter(folder, types, {
    kernelFile: slashed(__filename),
    tslabTypes: declared("tslab"),
    notebookTypes: declared("notebook"),
  })
}
