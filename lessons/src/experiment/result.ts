/** What an experiment gave: a sentence, a table, a chart. */
import type { Result } from "ringlab"
import { h, withCode } from "../dom"
import { ChartView } from "../plotly/chart"

export class ResultView {
  readonly node = h("div", { class: "rl-result" })

  constructor() {
    this.node.append(this.sentence, this.columns)
    this.columns.append(this.table, this.chart.node)
    this.chart.node.hidden = true // it has no words to be told with yet
  }

  /** Replace what is shown. */
  async show(result: Result): Promise<void> {
    this.say(result.sentence)
    this.table.replaceChildren(...(result.table ? [buildTable(result.table)] : []))
    this.chart.node.hidden = !result.chart
    if (result.chart) await this.chart.show(result.chart, result.sentence)
  }

  /** Show and announce why there is no result, and nothing of an older one. */
  fail(sentence: string): void {
    this.say(sentence)
    this.table.replaceChildren()
    this.chart.node.hidden = true
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

/** A column with a cell of more characters goes below the others where there is no room. */
const WORDY = 30

/** A column may have no heading, as the one that names the rows. */
function heading(column: string): HTMLElement {
  return column === "" ? h("td") : h("th", { scope: "col" }, column)
}

function buildTable(table: NonNullable<Result["table"]>): HTMLTableElement {
  const wordy = table.columns.map((_, n) => table.rows.some((cells) => cells[n].length > WORDY))
  const head = h("tr", {}, ...table.columns.map(heading))
  const rows = table.rows.map((cells, i) => {
    const marked = i === table.mark
    return h(
      "tr",
      { class: marked ? "rl-marked" : undefined, "aria-current": marked },
      ...cells.map((cell, n) => h("td", { class: wordy[n] ? "rl-wordy" : undefined }, cell)),
    )
  })
  head.querySelectorAll("th, td").forEach((cell, n) => {
    cell.classList.toggle("rl-wordy", wordy[n])
  })
  const narrow = wordy.filter((is) => !is).length
  return h("table", { style: `--columns: ${narrow}` }, h("thead", {}, head), h("tbody", {}, ...rows))
}
