/** A classification on the page: under which conditions, how sure, and what is searched for at the moment. Knows no HTML. */
import { Signal } from "@lumino/signaling"
import type { Classification, Conditions, FormVerdict } from "ringlab"
import { Latest } from "../latest"
import type { Player } from "../player/player"

/** States that a full search tries for each form. */
const STATES = 2000
/** Milliseconds without a change after which the full search begins: it keeps a processor busy for a while. */
const REST = 600

/** Where the knowledge that is shown comes from. */
export type Certainty = "searched" | "provisional" | "searching"

export class ClassificationModel {
  /** @param searches makes a worker of its own for each search, which ends with it */
  constructor(
    private readonly player: Player,
    private readonly searches: () => Player,
    first: Classification,
  ) {
    this.shown = first
    this.stored = new Map(first.forms.map((form) => [form.form, form]))
    this.searched = new Map([[keyOf(first.conditions), first]])
  }

  readonly changed = new Signal<this, void>(this)
  shown: Classification
  certainty: Certainty = "searched"
  /** Forms that the search has done, and all. */
  progress: readonly [done: number, of: number] = [0, 1]
  /** What could not be done, as a sentence; else empty. */
  notice = ""

  /** Show what holds under other conditions: at once what the stored witnesses say, later what a search finds. */
  choose(conditions: Conditions): void {
    this.stopSearch()
    this.wanted = conditions
    const known = this.searched.get(keyOf(conditions))
    if (known) this.show(known, "searched")
    else this.work.push(conditions)
  }

  dispose(): void {
    this.stopSearch()
    Signal.clearData(this)
  }

  private readonly work = new Latest<Conditions>(async (conditions) => {
    try {
      const forms = [...this.stored.values()]
      const { classification } = await this.player.ask({ do: "recheck", conditions, forms }, "classified")
      if (conditions !== this.wanted) return
      this.show(classification, "provisional")
      this.waiting = setTimeout(() => void this.search(conditions), REST)
    } catch (error) {
      this.complain(error)
    }
  })

  private async search(conditions: Conditions): Promise<void> {
    const player = this.searches()
    this.searching = player
    this.show(this.shown, "searching")
    try {
      const request = { do: "classify", conditions, states: STATES } as const
      const { classification } = await player.ask(request, "classified", (...progress) => this.hear(progress))
      if (player === this.searching) this.found(classification)
    } catch (error) {
      if (player === this.searching) this.complain(error)
    } finally {
      player.dispose()
    }
  }

  private found(classification: Classification): void {
    this.searching = undefined
    this.searched.set(keyOf(classification.conditions), classification)
    for (const form of classification.forms) this.remember(form)
    this.show(classification, "searched")
  }

  /** Witnesses are kept for the next change, be it that this search had none. */
  private remember(form: FormVerdict): void {
    const before = this.stored.get(form.form)
    this.stored.set(form.form, { ...form, witnesses: { ...before?.witnesses, ...form.witnesses } })
  }

  private hear(progress: readonly [number, number]): void {
    this.progress = progress
    this.changed.emit()
  }

  private show(classification: Classification, certainty: Certainty): void {
    this.shown = classification
    this.certainty = certainty
    this.notice = ""
    this.changed.emit()
  }

  private complain(error: unknown): void {
    this.searching = undefined
    this.notice = (error as Error).message
    this.certainty = "provisional"
    this.changed.emit()
  }

  private stopSearch(): void {
    clearTimeout(this.waiting)
    this.searching?.dispose()
    this.searching = undefined
    this.progress = [0, 1]
  }

  private wanted: Conditions | undefined
  private waiting: ReturnType<typeof setTimeout> | undefined
  private searching: Player | undefined
  private readonly stored: Map<string, FormVerdict>
  private readonly searched: Map<string, Classification>
}

const keyOf = ({ ring, iopl, umip, repaired }: Conditions): string =>
  JSON.stringify([ring, iopl, umip, [...repaired].sort()])
