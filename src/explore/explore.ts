/** Change something and see at once what comes of it: a built-in experiment, or a function of one's own. */
import type { ExperimentName } from "../experiments/catalogue"
import type { Parameter, Values } from "../experiments/experiment"
import { type Exploration, explore as exploreBuiltIn } from "../experiments/show"
import { valuesOf } from "../experiments/values"
import { type NotebookHost, notebookHost } from "../numbers/host"
import { VERSION } from "../version"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "../views/show"
import { EXPLORE_TYPE, type ExploreOutput, type NamedParameter } from "./output"
import type { ChosenValues } from "./parameters"

type Parameters = Readonly<Record<string, Parameter>>

/**
 * Characters of printed text that an output carries.
 * The rest would only make the notebook heavy: nobody reads it, and the next change replaces it.
 */
const MOST_PRINTED = 20_000

/** A function with controls for its parameters. As a cell's value it shows both, and runs the function at each change. */
export class OwnExploration {
  constructor(
    private readonly parameters: Parameters,
    private readonly run: (values: Values) => unknown,
  ) {}

  /** Run the function with the first values. What it throws is the cell's error; without a kernel there are no controls. */
  async [DISPLAY](): Promise<MimeBundle> {
    const values = this.valuesFrom({})
    const host = notebookHost()
    if (!host) return bundleAlone(await this.resultOf(values))
    const { value, printed, displays } = await host.capture(async () => this.resultOf(values))
    const bundles = [...displays, ...(await resultBundles(host, value))]
    const result = bundles.pop() ?? NOTHING
    const target = host.offerComm(() => ({ message: (data) => this.change(host, data) }))
    const output: ExploreOutput = {
      core: VERSION,
      target,
      parameters: named(this.parameters),
      values,
      printed: printed.slice(0, MOST_PRINTED),
      ...(bundles.length > 0 ? { displays: bundles } : {}),
    }
    return { ...result, [EXPLORE_TYPE]: output }
  }

  [INSPECT](): string {
    return `explore(${Object.keys(this.parameters).join(", ")})`
  }

  /** The browser sends new values: show what comes of them. Errors are the message's own, and the kernel tells them. */
  private async change(host: NotebookHost, data: unknown): Promise<void> {
    const { values } = data as { readonly values: Values }
    const value = await this.resultOf(this.valuesFrom(values))
    for (const bundle of await resultBundles(host, value)) host.show(bundle)
  }

  /** Called as a function and not as a method of ours, so that a traceback tells the student's names only. */
  private resultOf(values: Values): unknown {
    const { run } = this
    return run(values)
  }

  private valuesFrom(given: Values): Values {
    return valuesOf("this exploration", this.parameters, given)
  }
}

/** A parameter without a label is called by its name. */
function named(parameters: Parameters): NamedParameter[] {
  return Object.entries(parameters).map(([name, parameter]) => {
    return { ...parameter, name, label: parameter.label || name }
  })
}

/** As a cell would show it; of a function that returns nothing, what it displayed last is the result. */
async function resultBundles(host: NotebookHost, value: unknown): Promise<MimeBundle[]> {
  return value === undefined ? [] : [await host.bundleOf(value)]
}

/** The result of a function that neither returns nor displays anything: it may have printed something. */
const NOTHING: MimeBundle = { "text/plain": "" }

/** What is shown where no kernel of ours helps. */
function bundleAlone(value: unknown): MimeBundle {
  const own = (value as Partial<Shown> | null | undefined)?.[DISPLAY]?.()
  return own ?? { "text/plain": typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "") }
}

/**
 * Explore a built-in experiment: its controls work at once, in a saved notebook without a kernel too.
 * @param values to begin with; the experiment's own for the rest
 * @throws RangeError if there is no such experiment or parameter, or a value is out of range
 */
export function explore(name: ExperimentName, values?: Values): Exploration
/**
 * Explore a function of your own: a control for each parameter, and below them what the function returns, shown as a
 * cell's value is: a number, a table, a recording, a chart, or a promise of one.
 *
 * ```ts
 * explore({ pages: range(1, 64, { unit: "pages" }), walk: choice("1-D", "2-D") }, ({ pages, walk }) =>
 *   chart({ data: [{ type: "bar", x: ["references"], y: [walk === "2-D" ? 24 * pages : 4 * pages] }] }))
 * ```
 *
 * The function runs in the kernel: once with the first values, which is all that happens without a browser, then at each
 * change. It is waited for; of the changes made meanwhile only the latest counts. Stop or interrupt ends it as it ends
 * a cell, and the next change runs it anew.
 * @param parameters made with `range`, `choice` and `toggle`
 */
export function explore<Chosen extends Parameters>(
  parameters: Chosen,
  run: (values: ChosenValues<Chosen>) => unknown,
): OwnExploration
export function explore(
  what: string | Parameters,
  how?: Values | ((values: never) => unknown),
): Exploration | OwnExploration {
  if (typeof what === "string") return exploreBuiltIn(what, how as Values)
  if (typeof how !== "function")
    throw new TypeError("explore() needs a function to run: explore({ … }, (values) => …)")
  return new OwnExploration(what, how as (values: Values) => unknown)
}
