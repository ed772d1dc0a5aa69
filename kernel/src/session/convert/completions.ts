import type ts from "typescript"
import { fits } from "../fits"
import { valuePath } from "./value-path"
import type { Workspace } from "./workspace"

/** What could stand at the cursor. Places are UTF-16 offsets in the reader's code. */
export interface Completion {
  readonly start: number
  readonly end: number
  readonly matches: readonly { readonly name: string; readonly kind: string }[]
  /** The compiler knows no properties of a value; these names lead to it. */
  readonly valueAt?: readonly string[] | undefined
}

/** Names that fit what has been typed so far, best first. */
export function completions(workspace: Workspace, code: string, at: number, offset: number): Completion {
  const cursor = at - offset
  const before = code.slice(0, cursor)
  const found = workspace.questions.getCompletionsAtPosition(workspace.cellFile, at, PREFERENCES)
  const entries = found?.entries ?? []
  const start = found ? startOf(found, before, offset) : cursor - wordBefore(before).length
  const typed = code.slice(start, cursor)
  const matches = entries
    .filter(({ name }) => fits(name, typed) && !name.startsWith("__cell"))
    .sort((a, b) => rank(a, typed) - rank(b, typed) || (a.sortText < b.sortText ? -1 : 1))
    .map(({ name, kind }) => ({ name, kind }))
  const valueAt = entries.length > 0 ? undefined : valuePath(workspace, at)
  return { start, end: cursor, matches, valueAt }
}

const PREFERENCES: ts.GetCompletionsAtPositionOptions = {
  includeCompletionsForModuleExports: false,
  includeCompletionsWithInsertText: false,
}

/** Where that begins which a completion replaces: in a text or a path it may be more than a word. */
function startOf(found: ts.CompletionInfo, before: string, offset: number): number {
  const replaced = found.entries[0]?.replacementSpan ?? found.optionalReplacementSpan
  return replaced ? replaced.start - offset : before.length - wordBefore(before).length
}

const wordBefore = (text: string): string => text.match(/#?[\p{ID_Continue}$]*$/u)?.[0] ?? ""

/** Names with the very letters that were typed come before those that differ in case. */
const rank = (entry: ts.CompletionEntry, typed: string): number => (entry.name.startsWith(typed) ? 0 : 1)
