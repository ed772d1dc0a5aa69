/** An experiment as a cell's value: controls in the browser, the default result everywhere. */
import { VERSION } from "../version"
import { type ExperimentOutput, MIME_TYPE } from "../views/output"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "../views/show"
import { type ExperimentName, experimentNamed } from "./catalogue"
import type { Experiment, Result, Values } from "./experiment"
import { atOnce, runOf } from "./run"
import { valuesOf } from "./values"

/** An experiment with values for its parameters. */
export class Exploration implements Shown {
  /** A value for each of the experiment's parameters: the given ones, and its own for the rest. */
  readonly values: Values

  constructor(
    private readonly experiment: Experiment,
    values: Values,
  ) {
    const { name, parameters } = experiment
    this.values = valuesOf(`experiment "${name}"`, parameters, values)
  }

  /** What comes out with these values: computed when it is first asked for. */
  get result(): Result {
    this.computed ??= atOnce(runOf(this.experiment, this.values))
    return this.computed
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

  private computed: Result | undefined
}

/**
 * Explore a built-in experiment: its controls work at once, in a saved notebook without a kernel too.
 * @param values to begin with; the experiment's own defaults for the rest
 * @throws RangeError if there is no such experiment or parameter, or a value is out of range
 */
export function explore(name: ExperimentName, values: Values = {}): Exploration {
  return new Exploration(experimentNamed(name), values)
}
