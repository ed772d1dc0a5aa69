import { analyze, type Scope, type Variable } from "eslint-scope"
import type { Program } from "estree"
import { isEarlierCell } from "./earlier"
import { isFunction, type Placed, walk } from "./syntax"

/** What a cell does with the names of the notebook. */
export interface Variables {
  /** Names that live in a box from the start: other code may look at them while the cell runs. */
  readonly boxed: ReadonlySet<string>
  /** Those of them that `var` declares. */
  readonly hoisted: ReadonlySet<string>
  /** Names that are plain local variables while the cell runs, and are put into their box when it ends. */
  readonly local: ReadonlySet<string>
  /** Names of earlier cells that this one uses. */
  readonly earlier: ReadonlySet<string>
  /** Names of the notebook that functions of the cell use: those may be called at any time. */
  readonly captured: ReadonlySet<string>
  /** Every identifier in the code that stands for a boxed or earlier name. */
  readonly mentions: readonly Placed[]
}

/**
 * Decides where each variable lives. A variable that no function captures, of this cell or of an earlier one, in a cell that
 * does not await, cannot be seen by anybody before the cell ends: it stays a local variable, and loops run at full speed.
 * @param exported names that the cell offers to later cells
 * @param known names of earlier cells
 * @param captured those that functions of earlier cells use
 */
export function placeVariables(
  program: Program,
  exported: ReadonlySet<string>,
  known: ReadonlySet<string>,
  captured: ReadonlySet<string>,
  awaits: boolean,
): Variables {
  const { scopes } = analyze(program as never, { ecmaVersion: 2022, sourceType: "module" })
  const top = scopes.find(({ type }) => type === "module") as Scope
  const own = top.variables.filter(({ name }) => exported.has(name))
  const boxed = own.filter((variable) => awaits || captured.has(variable.name) || isShared(variable, top))
  const introduced = top.variables.filter(isIntroduced)
  const through = top.through.filter(({ identifier }) => known.has(identifier.name))
  return {
    boxed: namesOf(boxed),
    hoisted: namesOf(boxed.filter(isVar)),
    local: namesOf(own.filter((variable) => !boxed.includes(variable))),
    earlier: new Set([...namesOf(introduced), ...through.map(({ identifier }) => identifier.name)]),
    captured: new Set([
      ...namesOf([...own, ...introduced].filter((variable) => isCaptured(variable.references, top))),
      ...through.filter((reference) => isCaptured([reference], top)).map(({ identifier }) => identifier.name),
    ]),
    mentions: [...[...boxed, ...introduced].flatMap(mentionsOf), ...through.map(placeOf)],
  }
}

const namesOf = (variables: readonly Variable[]): Set<string> => new Set(variables.map(({ name }) => name))

const placeOf = (reference: { identifier: unknown }): Placed => reference.identifier as Placed

/** The cell's prelude imports it from an earlier cell. */
function isIntroduced({ defs }: Variable): boolean {
  return defs.some((def) => def.type === "ImportBinding" && isEarlierCell(String(def.parent.source.value)))
}

const isVar = ({ defs }: Variable): boolean =>
  defs.some((def) => def.type === "Variable" && def.parent?.kind === "var")

/** Functions and imports are always shared: they are what other cells call. */
function isShared(variable: Variable, top: Scope): boolean {
  if (variable.defs.some(({ type }) => type === "FunctionName" || type === "ImportBinding")) return true
  return isCaptured(variable.references, top)
}

const isCaptured = (references: readonly { from: { variableScope: unknown } }[], top: Scope): boolean =>
  references.some(({ from }) => from.variableScope !== top)

/** Where the code names the variable, the names in its declarations included. */
function mentionsOf(variable: Variable): Placed[] {
  const declared = variable.defs
    .filter(({ type }) => type === "Variable")
    .map(({ name }) => name as unknown as Placed)
  return [...new Set([...declared, ...variable.references.map(placeOf)])]
}

/** Does the cell itself await, outside of its functions? */
export function awaitsAtTop(program: Placed): boolean {
  let found = false
  walk(program, (node) => {
    if (isFunction(node)) return false
    if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await)) found = true
    return !found
  })
  return found
}
