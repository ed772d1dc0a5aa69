/** Progress that lies in a notebook and travels with it. */
import { type ISignal, Signal } from "@lumino/signaling"
import { isNewer, KEY, type Kept, type Prediction, readKept, writeKept } from "./kept"
import { type Attempts, counted, type Draft, exerciseAt, type IProgress, type Progress } from "./progress"
import { type Saved, Saving } from "./saving"

/** What an open notebook is to us. */
export interface OpenNotebook extends Saved {
  readonly path: string
  readonly disposed: ISignal<unknown, void>
  readonly pathChanged: ISignal<unknown, string>
  readonly ready: Promise<void>
  readonly contentsModel: { readonly writable: boolean } | null
  readonly model: {
    readonly readOnly: boolean
    readonly cells: Iterable<{ getMetadata(key: string): unknown }>
    getMetadata(key: string): unknown
    setMetadata(key: string, value: unknown): void
    readonly metadataChanged: ISignal<unknown, { readonly key: string }>
  }
}

/** Remembers answers in a notebook; in JupyterLab's state, as ever, where the notebook may not be written. */
export class NotebookProgress implements IProgress {
  readonly changed: Signal<IProgress, void> = new Signal<IProgress, void>(this)
  readonly ready: Promise<void>

  /** @param before what JupyterLab's state remembers, from before notebooks did: what is asked for here is taken over with the first change */
  constructor(
    private readonly notebook: OpenNotebook,
    private readonly before: Progress,
  ) {
    this.ready = before.ready
    this.saving = new Saving(notebook)
    notebook.model.metadataChanged.connect((_, { key }) => {
      if (key === KEY) this.changed.emit()
    })
  }

  /** Whether an answer to an exercise lies in the notebook itself. */
  hasAnswer(exercise: string): boolean {
    const { drafts, attempts } = this.kept
    return attempts.has(exercise) || [...drafts.keys()].some((place) => exerciseAt(place) === exercise)
  }

  /** Whether its answers are graded, by nbgrader. */
  get isGraded(): boolean {
    return [...this.notebook.model.cells].some((cell) => cell.getMetadata("nbgrader") !== undefined)
  }

  solved(exercise: string): boolean {
    return this.attempts(exercise).right > 0
  }

  attempts(exercise: string): Attempts {
    return this.kept.attempts.get(exercise) ?? this.before.attempts(exercise)
  }

  draft(place: string): Draft | undefined {
    this.places.add(place)
    return this.kept.drafts.get(place) ?? this.before.draft(place)
  }

  record(exercise: string, right: boolean): void {
    const more = counted(this.attempts(exercise), right)
    if (this.isWritable)
      this.write((kept) => ({ ...kept, attempts: new Map(kept.attempts).set(exercise, more) }))
    else this.before.record(exercise, right)
  }

  keepDraft(place: string, draft: Draft): void {
    this.places.add(place)
    if (this.isWritable) this.write((kept) => ({ ...kept, drafts: new Map(kept.drafts).set(place, draft) }))
    else this.before.keepDraft(place, draft)
  }

  /** What the reader took a cell to do, by the question's place. */
  prediction(place: string): Prediction | undefined {
    return this.predictions.get(place)
  }

  /** Keep guesses, and forget those that are undefined: until the page is reloaded, where the notebook may not be written. */
  predict(changes: ReadonlyMap<string, Prediction | undefined>): void {
    const all = new Map<string, Prediction | undefined>([...this.predictions, ...changes])
    const predictions = new Map([...all].flatMap(([place, kept]) => (kept ? [[place, kept] as const] : [])))
    if (this.isWritable) this.write((kept) => ({ ...kept, predictions }))
    else {
      this.unwritten = predictions
      this.changed.emit()
    }
  }

  private get predictions(): Kept["predictions"] {
    return this.unwritten ?? this.kept.predictions
  }

  private get kept(): Kept {
    return readKept(this.notebook.model.getMetadata(KEY))
  }

  private get isWritable(): boolean {
    const { model, contentsModel } = this.notebook
    return !model.readOnly && contentsModel?.writable !== false && !isNewer(model.getMetadata(KEY))
  }

  private write(change: (kept: Kept) => Kept): void {
    const kept = change(this.withBefore(this.kept))
    this.notebook.model.setMetadata(KEY, writeKept(kept))
    this.saving.soon()
    this.before.forget([...this.places])
  }

  /** What this notebook's exercises had in JupyterLab's state becomes the notebook's. */
  private withBefore({ drafts, attempts, predictions }: Kept): Kept {
    const taken = this.before.keptFor([...this.places])
    return {
      predictions,
      drafts: new Map([...taken.drafts, ...drafts]),
      attempts: new Map([...taken.attempts, ...attempts]),
    }
  }

  private readonly saving: Saving
  private unwritten: Kept["predictions"] | undefined
  /** The exercises that asked for their answers. */
  private readonly places = new Set<string>()
}
