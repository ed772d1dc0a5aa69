import { dirname, join } from "node:path"
import ts from "typescript"
import { type Converter, createConverter, type Knowledge } from "../../convert/converter"

const slashed = (path: string): string => path.replaceAll("\\", "/")

/**
 * A converter that sees the disk, Node's types and the kernel's own.
 * @param folder where the notebook lies
 */
export function createNodeConverter(folder: string, known?: Knowledge): Converter {
  const declared = (name: string): string => slashed(join(__dirname, "../../display", `${name}.d.ts`))
  const place = {
    system: lookingInside(ts.sys),
    library: slashed(dirname(ts.getDefaultLibFilePath({}))),
    nodeTypes: slashed(
      join(dirname(require.resolve(`${typesOf(process.version)}/package.json`)), "index.d.ts"),
    ),
    kernelTypes: slashed(dirname(require.resolve("@types/node/package.json"))),
    kernelFile: slashed(__filename),
    tslabTypes: declared("tslab"),
    notebookTypes: declared("notebook"),
    describeInstruction: (name: string) => ringlab().describeInstruction(name),
  }
  return createConverter(folder, place, known)
}

/** Loaded when it is first asked: most sessions never do. */
const ringlab = () => require("ringlab") as typeof import("ringlab")

/** The package with the declarations of a release of Node, or of the nearest that there is. @param version as in "v24.1.0" */
function typesOf(version: string): string {
  const major = Number(/\d+/.exec(version)?.[0])
  if (major >= 24) return "node-types-24"
  return major >= 22 ? "node-types-22" : "@types/node"
}

/** The compiler asks whether a folder is there before it looks inside. Where that is not permitted, it shall look at once. */
function lookingInside(system: ts.System): ts.System {
  const { permission } = process as { permission?: { has(scope: string, path: string): boolean } }
  if (!permission) return system
  const directoryExists = (path: string): boolean =>
    !permission.has("fs.read", path) || system.directoryExists(path)
  return { ...system, directoryExists }
}
