import ts from "typescript"

/** What the compiler knows of the ways that lead to a statement; its declarations leave it out, so a test watches over it. */
interface WithFlow extends ts.Node {
  readonly flowNode?: { flags: number }
}

/** Says that a part of the ways is asked for more than once: the compiler then remembers its answers about that part. */
const { Shared } = (ts as unknown as { FlowFlags: { Shared: number } }).FlowFlags

/** Characters of code below which there is nothing to gain. */
const SHORT = 3000

/**
 * Makes the compiler remember what it finds out about the ways that lead to each statement. For each `q += 1` it goes back to
 * where `q` got its type, and at each step on this way back to the beginning: 2000 of them take seconds.
 */
export function shareFlow(program: ts.Program, file: ts.SourceFile): void {
  if (file.text.length < SHORT) return
  program.getTypeChecker() // finds the ways
  const share = (node: WithFlow): void => {
    if (node.flowNode) node.flowNode.flags |= Shared
    ts.forEachChild(node, share)
  }
  share(file)
}

/**
 * The compiler goes back 2000 steps and no further, says so, and lets the rest of the cell pass unchecked. That is no mistake of
 * the reader's.
 */
export const isAboutFlow = ({ code }: ts.Diagnostic): boolean => code === 2563
