import type { InstructionHelp } from "ringlab"
import type ts from "typescript"

/** Where the compiler works: the files that it sees, and where the kernel's own lie. Full paths with forward slashes. */
export interface Place {
  /** A disk, or what stands for one. */
  readonly system: ts.System
  /** The folder of the compiler's declarations of JavaScript itself. */
  readonly library: string
  /** Declarations of what cells find beside JavaScript: those of Node, for the release that runs. */
  readonly nodeTypes: string
  /** A folder whose declarations of Node are the kernel's, and not a choice of the notebook's. */
  readonly kernelTypes: string
  /** A file inside the kernel's package: its packages are found from here. */
  readonly kernelFile: string
  /** Declarations of the module `tslab` that the kernel provides. */
  readonly tslabTypes: string
  /** Declarations of the module `notebook` that graded cells import. */
  readonly notebookTypes: string
  /** What "ringlab" says of an instruction; undefined: no instruction is called so. Asked when a reader asks. */
  readonly describeInstruction: (name: string) => InstructionHelp | undefined
}
