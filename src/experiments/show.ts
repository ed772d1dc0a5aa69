/** An experiment as a cell's value: controls in the browser, the default result everywhere. */
import { VERSION } from "../version"
import { type ExperimentOutput, MIME_TYPE } from "../views/output"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "../views/show"
import { experimentNamed } from "./catalogue"
import type { Experiment, Parameter, Result, Values } from "./experiment"

/** An experiment with values for its parameters. */
export class Exploration implements Shown {
  readonly values: Values

  constructor(
    private readonly experiment: Experiment,
    values: Values,
  ) {
    this.values = { ...defaults(experiment), ...checked(experiment, values) }
  }

  /** What comes out with these values. */
  get result(): Result {
    return this.experiment.run(this.values)
  }

  [DISPLAY](): MimeBundle {
    const output: ExperimentOutput = {
      kind: "experiment",
      core: VERSION,
      experiment: this.experiment.name,
      values: this.values,
    }
    return { [MIME_TYPE]: output, "text/markdown": this.markdown(), "text/plain": this[INSPECT]() }
  }

  [INSPECT](): string {
    return `${this.experiment.title}: ${this.result.sentence}`
  }

  private markdown(): string {
    const { sentence, table } = this.result
    const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
    const lines = table
      ? [[row(table.columns), row(table.columns.map(() => "--")), ...table.rows.map(row)].join("\n")]
      : []
    return [`**${this.experiment.title}**`, this.experiment.about, sentence, ...lines].join("\n\n")
  }
}

function defaults({ parameters }: Experiment): Values {
  return Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]))
}

/** @throws RangeError naming the parameter that does not exist or is out of range */
function checked({ name, parameters }: Experiment, values: Values): Values {
  for (const [key, value] of Object.entries(values)) {
    if (!Object.hasOwn(parameters, key))
      throw new RangeError(
        `experiment "${name}" has no parameter "${key}"; it has: ${Object.keys(parameters).join(", ")}`,
      )
    if (!accepts(parameters[key], value))
      throw new RangeError(`${key} cannot be ${value}: ${range(parameters[key])}`)
  }
  return values
}

function accepts(parameter: Parameter, value: number | string): boolean {
  if (parameter.kind === "choice") return parameter.options.includes(String(value))
  return typeof value === "number" && value >= parameter.min && value <= parameter.max
}

const range = (parameter: Parameter) =>
  parameter.kind === "choice"
    ? `one of ${parameter.options.join(", ")}`
    : `${parameter.min} to ${parameter.max} ${parameter.unit}`.trim()

/**
 * Explore a built-in experiment: its controls work at once, in a saved notebook without a kernel too.
 * @param values to begin with; the experiment's own defaults for the rest
 * @throws RangeError if there is no such experiment or parameter, or a value is out of range
 */
export function explore(name: string, values: Values = {}): Exploration {
  return new Exploration(experimentNamed(name), values)
}
