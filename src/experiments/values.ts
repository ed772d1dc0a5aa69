/** Values for parameters, looked at before they are used: they come from cells, sliders and saved notebooks. */
import type { Parameter, Values } from "./experiment"

type Parameters = Readonly<Record<string, Parameter>>

/**
 * The given values, and each other parameter's own.
 * @param of who has these parameters, for the message: `experiment "rings/iopl"`
 * @throws RangeError naming the parameter that does not exist or is out of range
 */
export function valuesOf(of: string, parameters: Parameters, given: Values): Values {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(parameters, name))
      throw new RangeError(`${of} has no parameter "${name}"; it has: ${Object.keys(parameters).join(", ")}`)
    if (!accepts(parameters[name], value))
      throw new RangeError(`${name} cannot be ${value}: ${domain(parameters[name])}`)
  }
  const own = Object.entries(parameters).map(([name, { value }]) => [name, value])
  return { ...Object.fromEntries(own), ...given }
}

function accepts(parameter: Parameter, value: Values[string]): boolean {
  switch (parameter.kind) {
    case "range":
      return typeof value === "number" && value >= parameter.min && value <= parameter.max
    case "choice":
      return parameter.options.includes(String(value))
    case "toggle":
      return typeof value === "boolean"
  }
}

function domain(parameter: Parameter): string {
  switch (parameter.kind) {
    case "range":
      return `${parameter.min} to ${parameter.max} ${parameter.unit}`.trim()
    case "choice":
      return `one of ${parameter.options.join(", ")}`
    case "toggle":
      return "true or false"
  }
}
