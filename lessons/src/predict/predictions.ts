/** The questions of one notebook and their guesses: forms in its texts, and what was predicted beside what happened. */
import { Signal } from "@lumino/signaling"
import type { NotebookProgress } from "../course/notebook"
import { Form } from "./form"
import type { Hand } from "./hand"
import { Line } from "./line"
import { type Asked, questionsOf } from "./order"
import type { Cell, CellModel, Panel } from "./panel"
import { told } from "./question"
import { show } from "./show"

export class Predictions {
  constructor(
    private readonly panel: Panel,
    private readonly progress: NotebookProgress,
    private readonly hand: Hand,
  ) {
    panel.content.model?.cells.changed.connect(this.soon, this)
    progress.changed.connect(this.soon, this)
    panel.disposed.connect(() => Signal.clearData(this))
    this.soon()
  }

  /** Put forms into a text that has just been drawn. It may be no cell's, but an output. */
  adopt(text: Element): void {
    const id = this.cells.find(({ model, node }) => model.type === "markdown" && node.contains(text))?.model
      .id
    const quotes = [...text.querySelectorAll("blockquote")].filter(isAsked)
    const asked = this.asked.filter(({ cell }) => cell === id)
    if (quotes.length !== asked.length) return
    for (const [n, each] of asked.entries()) this.ask(quotes[n], each)
  }

  private ask(quote: Element, { place, question, about }: Asked): void {
    const kept = () => this.progress.prediction(place)
    const keep = (guess: string) => {
      if (kept()?.guess !== guess) this.progress.predict(new Map([[place, { guess, settled: false }]]))
    }
    const again = () => kept() && this.progress.predict(new Map([[place, undefined]]))
    const form = question && about && Form.at(quote, question, { keep, again, goOn: () => this.goTo(place) })
    if (!form) return
    form.show(kept())
    this.forms.set(place, form)
  }

  private goTo(place: string): void {
    const about = this.asked.find((each) => each.place === place)?.about
    const at = this.cells.findIndex(({ model }) => model.id === about)
    if (at < 0) return
    this.panel.content.activeCellIndex = at
    this.cells[at].node.focus()
  }

  /** Once for many changes. */
  private soon(): void {
    if (this.isPending) return
    this.isPending = true
    queueMicrotask(() => {
      this.isPending = false
      if (!this.panel.isDisposed) this.refresh()
    })
  }

  private refresh(): void {
    for (const [place, form] of this.forms) form.show(this.progress.prediction(place))
    const { asked } = this
    for (const cell of this.cells.filter(({ model }) => model.type === "code")) {
      cell.model.stateChanged.connect(this.stateChanged, this)
      this.showLine(cell, asked)
    }
  }

  private showLine(cell: Cell, asked: readonly Asked[]): void {
    const guesses = asked
      .filter(({ about }) => about === cell.model.id)
      .flatMap((each) => this.settledOf(each))
    const isShown = cell.model.executionCount != null && guesses.length > 0
    if (isShown) void cell.ready.then(() => this.lineOf(cell).place(cell))
    if (isShown || this.lines.has(cell)) this.lineOf(cell).tell(isShown ? guesses : [])
  }

  private lineOf(cell: Cell): Line {
    const line = this.lines.get(cell) ?? new Line()
    this.lines.set(cell, line)
    return line
  }

  private stateChanged(model: CellModel, { name }: { readonly name: string }): void {
    if (name !== "executionCount") return
    if (model.executionCount !== null) this.ran(model)
    this.soon()
  }

  private ran({ id }: CellModel): void {
    this.settle(id)
    const cell = this.hand.isWaiting && this.cells.find(({ model }) => model.id === id)
    if (cell) show(cell.node, this.hand)
  }

  /** A cell has run: what was predicted of it is no longer open. */
  private settle(cell: string): void {
    const open = this.asked.flatMap(({ about, place }) => {
      const kept = about === cell ? this.progress.prediction(place) : undefined
      return kept && !kept.settled ? [[place, { ...kept, settled: true }] as const] : []
    })
    if (open.length > 0) this.progress.predict(new Map(open))
  }

  private settledOf({ place, question }: Asked): string[] {
    const kept = this.progress.prediction(place)
    return question && kept?.settled ? [told(question, kept.guess)] : []
  }

  private get cells(): readonly Cell[] {
    return this.panel.content.widgets
  }

  private get asked(): Asked[] {
    return questionsOf(
      this.cells.map(({ model: { id, type, sharedModel } }) => ({
        id,
        type,
        source: sharedModel.getSource(),
      })),
    )
  }

  private isPending = false
  private readonly forms = new Map<string, Form>()
  private readonly lines = new WeakMap<Cell, Line>()
}

const isAsked = (quote: Element) =>
  quote.querySelector(":scope > p:first-child > strong:first-child")?.textContent === "Predict."
