/** What an experiment gave: a sentence, a table, a chart. */
import type { Result } from "ringlab"
import { h, withCode } from "../dom"
import { ChartView } from "../plotly/chart"

export class ResultView {
  readonly node = h("div", { class: "rl-result" })

  constructor() {
    this.node.append(this.sentence, this.columns)
    this.columns.append(this.table, this.chart.node)
  }

  /** Replace what is shown. */
  async show(result: Result): Promise<void> {
    this.say(result.sentence)
    this.table.replaceChildren(...(result.table ? [buildTable(result.table)] : []))
    this.chart.node.hidden = !result.chart
    if (result.chart) await this.chart.show(result.chart, result.sentence)
  }

  /** Show and announce a sentence. */
  say(sentence: string): void {
    this.sentence.replaceChildren(...withCode(sentence))
  }

  dispose(): void {
    this.chart.dispose()
  }

  private readonly sentence = h("p", { class: "rl-sentence", "aria-live": "polite" })
  private readonly columns = h("div", { class: "rl-result-parts" })
  private readonly table = h("div", { class: "rl-table" })
  private readonly chart = new ChartView()
}

/** A column may have no heading, as the one that names the rows. */
function heading(column: string): HTMLElement {
  return column === "" ? h("td") : h("th", { scope: "col" }, column)
}

function buildTable(table: NonNullable<Result["table"]>): HTMLTableElement {
  const head = h("tr", {}, ...table.columns.map(heading))
  const rows = table.rows.map((cells, i) => {
    const marked = i === table.mark
    return h(
      "tr",
      { class: marked ? "rl-marked" : undefined, "aria-current": marked },
      ...cells.map((cell) => h("td", {}, cell)),
    )
  })
  return h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows))
}
