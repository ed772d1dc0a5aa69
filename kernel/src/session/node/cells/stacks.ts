import { join } from "node:path"
import type { Tracebacks } from "../../display/traceback"

const slashed = (path: string): string => path.replaceAll("\\", "/")

type Prepare = NonNullable<ErrorConstructor["prepareStackTrace"]>

/** The kernel's own files: what runs there is nothing to a reader. */
const KERNEL = slashed(join(__dirname, "../../../"))

/**
 * Makes the stack of any error speak of cells and their own lines, and leave the kernel's frames out. V8 asks for the text
 * when somebody first reads a stack, so an error that nobody looks at costs nothing more. A cell or a package may put a
 * function of its own in the place of ours; when it takes it away, ours is there again.
 */
export function installStacks(tracebacks: Tracebacks): void {
  const ours: Prepare = (error, sites) => tracebacks.stackOf(error, sites.filter(isReaders).map(String))
  let theirs: unknown
  Object.defineProperty(Error, "prepareStackTrace", {
    get: () => theirs ?? ours,
    set: (value) => {
      theirs = value === ours ? undefined : value
    },
    configurable: true,
  })
}

const isReaders = (site: NodeJS.CallSite): boolean => !slashed(site.getFileName() ?? "").startsWith(KERNEL)
