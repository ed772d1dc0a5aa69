/** A function's controls, what it printed, displayed and returned. The model holds all of it; the widget shows the model. */
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces"
import type { PartialJSONObject } from "@lumino/coreutils"
import { Panel, Widget } from "@lumino/widgets"
import { EXPLORE_TYPE, type ExploreOutput, type Values } from "ringlab"
import { button, h, keepKeys } from "../dom"
import { Controls } from "../experiment/controls"
import { Latest } from "../latest"
import { BundleView } from "./bundle"
import { KernelLine, type LineState, type NotebookSession } from "./line"
import type { Outcome } from "./outcome"

/** Why the controls rest, in a sentence. */
const SENTENCES: Readonly<Record<LineState, string>> = {
  "no kernel":
    "The controls rest until this notebook has a kernel and this cell has run. Below is the last result.",
  waiting: "The controls wait for the kernel, which is busy.",
  open: "",
  unknown:
    "The kernel does not know this function any more, so the controls rest: run this cell again. Below is the last result.",
}

/** Characters of a new result that a screen reader reads out. */
const MOST_SPOKEN = 200
/** Milliseconds after which a reader wants to know that something is being computed. */
const NOTICEABLE = 400

export class ExploreWidget extends Panel {
  /** @param session of the notebook that the output is in; null outside of notebooks */
  constructor(
    private readonly output: ExploreOutput,
    private readonly rendermime: IRenderMimeRegistry,
    session: NotebookSession | null,
  ) {
    super()
    const parameters = output.parameters.map((parameter) => [parameter.name, parameter] as const)
    this.addClass("rl-output")
    this.node.setAttribute("role", "group")
    this.node.setAttribute("aria-label", `Explore ${parameters.map(([name]) => name).join(", ")}`)
    this.controls = new Controls(Object.fromEntries(parameters), output.values, () =>
      this.work.push(this.controls.values),
    )
    this.result = new BundleView(rendermime)
    this.addWidget(this.head())
    this.addWidget(this.result)
    this.line = session && new KernelLine(session, output.target)
    this.line?.stateChanged.connect(this.stateChanged, this)
    this.stateChanged()
  }

  /** Where the kernel listens: a widget serves one function. */
  get target(): string {
    return this.output.target
  }

  /** Show what a model holds. New results are put into the same model, so that the notebook keeps them. */
  draw(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model
    const { metadata, trusted } = model
    const { [EXPLORE_TYPE]: own, ...result } = model.data
    const { printed, displays = [] } = own as unknown as ExploreOutput
    this.printed.textContent = printed
    this.makeRoom(displays.length)
    const bundles = [...(displays as readonly PartialJSONObject[]), result]
    const views = [...this.displays, this.result]
    const drawing = views.map((view, n) => view.draw({ data: bundles[n], metadata, trusted }))
    this.drawn = Promise.all(drawing).then(() => {}, console.error)
    return this.drawn
  }

  override dispose(): void {
    this.line?.dispose()
    super.dispose()
  }

  private head(): Widget {
    keepKeys(this.controls.node)
    this.progress.append(this.doing, this.stop)
    this.stop.hidden = true
    return new Widget({
      node: h("div", {}, this.controls.node, this.notice, this.progress, this.spoken, this.printed),
    })
  }

  /** Have views for so many displays, above the result. */
  private makeRoom(displays: number): void {
    for (const view of this.displays.splice(displays)) view.dispose()
    while (this.displays.length < displays) {
      const view = new BundleView(this.rendermime)
      this.displays.push(view)
      this.insertWidget(this.widgets.indexOf(this.result), view)
    }
  }

  private stateChanged(): void {
    const state = this.line?.state ?? "no kernel"
    this.controls.enabled = state === "open"
    this.notice.textContent = SENTENCES[state]
  }

  private readonly work = new Latest<Values>(async (values) => {
    const noticed = setTimeout(() => (this.doing.textContent = "Computing …"), NOTICEABLE)
    const outcome = await this.line?.run(values, () => (this.stop.hidden = false))
    clearTimeout(noticed)
    this.doing.textContent = ""
    this.stop.hidden = true
    if (!outcome || this.isDisposed) return
    this.keep(values, outcome)
    await this.drawn
  })

  private keep(values: Values, { bundles, printed }: Outcome): void {
    const [result = { "text/plain": "" }] = bundles.slice(-1)
    const own = { ...this.output, values, printed, displays: bundles.slice(0, -1) }
    this.model?.setData({ data: { ...result, [EXPLORE_TYPE]: own as never } })
    const told = bundles.map((bundle) => bundle["text/plain"] ?? "")
    this.spoken.textContent = [printed, ...told].join("\n").slice(0, MOST_SPOKEN)
  }

  private readonly controls: Controls
  private readonly line: KernelLine | null
  private readonly notice = h("p", { class: "rl-notice", role: "status" })
  private readonly progress = h("div", { class: "rl-toolbar rl-computing" })
  private readonly doing = h("span", { role: "status" })
  private readonly stop = button("Stop", "Interrupt the kernel", () => this.line?.interrupt())
  private readonly spoken = h("div", { class: "rl-unseen", "aria-live": "polite" })
  private readonly printed = h("pre", { class: "rl-printed" })
  private model: IRenderMime.IMimeModel | null = null
  private readonly displays: BundleView[] = []
  private readonly result: BundleView
  private drawn = Promise.resolve()
}
