import { DISPLAY } from "../display/bundle"

/** The part of a bundle that holds what ringlab's values are made of. */
const RINGLAB = "application/vnd.ringlab.v1+json"

/**
 * A value as a graded cell gets it: what a recording or another value of ringlab carries into the notebook file, and of
 * any other value its plain data.
 * @throws a DataCloneError for functions, and for objects that hold some
 */
export function plainData(value: unknown): unknown {
  return structuredClone(carried(value) ?? value)
}

function carried(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined
  const display = (value as Record<symbol, unknown>)[DISPLAY]
  if (typeof display !== "function") return undefined
  return (display.call(value) as Record<string, unknown> | undefined)?.[RINGLAB]
}
