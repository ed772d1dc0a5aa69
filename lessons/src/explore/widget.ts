/** A function's controls, what it printed and what it returned. The model holds all of it; the widget shows the model. */
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import { MimeModel } from "@jupyterlab/rendermime"
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces"
import { Panel, Widget } from "@lumino/widgets"
import { EXPLORE_TYPE, type ExploreOutput, type Values } from "ringlab"
import { button, h, keepKeys } from "../dom"
import { Controls } from "../experiment/controls"
import { Latest } from "../latest"
import { KernelLine, type LineState, type NotebookSession } from "./line"
import type { Outcome } from "./outcome"

/** Why the controls rest, in a sentence. */
const SENTENCES: Readonly<Record<LineState, string>> = {
  open: "",
  waiting: "The controls wait for the kernel …",
  "no kernel":
    "The controls rest, since this notebook has no kernel: choose one and run this cell again. Below is the last result.",
  unknown:
    "The controls rest, since the kernel does not know this function: run this cell again. Below is the last result.",
}

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
    this.addClass("rl-output")
    this.node.setAttribute("role", "group")
    this.node.setAttribute("aria-label", `Explore ${Object.keys(output.parameters).join(", ")}`)
    this.controls = new Controls(output.parameters, output.values, () => this.work.push(this.controls.values))
    this.addWidget(this.head())
    this.addWidget(this.results)
    this.line = session && new KernelLine(session, output.target)
    this.line?.stateChanged.connect(this.stateChanged, this)
    this.stateChanged()
  }

  /** Where the kernel listens: a widget serves one function. */
  get target(): string {
    return this.output.target
  }

  /** Show what a model holds. New results are put into the same model, so that the notebook keeps them. */
  async draw(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model
    const { [EXPLORE_TYPE]: own, ...data } = model.data
    const { printed } = own as unknown as ExploreOutput
    this.printed.textContent = printed
    const type = this.rendermime.preferredMimeType(data, model.trusted ? "any" : "ensure")
    if (type !== undefined)
      await this.showResult(type, new MimeModel({ data, metadata: model.metadata, trusted: model.trusted }))
  }

  override dispose(): void {
    this.line?.dispose()
    super.dispose()
  }

  private head(): Widget {
    keepKeys(this.controls.node)
    const node = h("div", {}, this.controls.node, this.notice, this.progress, this.printed)
    this.progress.append(h("span", { role: "status" }, "Computing …"), this.stop)
    return new Widget({ node })
  }

  /** The new result takes the old one's place when it is drawn, so that nothing flickers. */
  private async showResult(type: string, model: MimeModel): Promise<void> {
    const renderer = this.rendermime.createRenderer(type)
    renderer.addClass("rl-explored")
    this.results.addWidget(renderer)
    await renderer.renderModel(model)
    for (const old of [...this.results.widgets]) {
      if (old === renderer) break
      old.dispose()
    }
  }

  private stateChanged(): void {
    const state = this.line?.state ?? "no kernel"
    this.controls.enabled = state === "open"
    this.notice.textContent = SENTENCES[state]
  }

  private readonly work = new Latest<Values>(async (values) => {
    const busy = setTimeout(() => (this.progress.hidden = false), NOTICEABLE)
    const outcome = await this.line?.run(values, () => (this.stop.disabled = false))
    clearTimeout(busy)
    this.progress.hidden = this.stop.disabled = true
    if (outcome && !this.isDisposed) this.keep(values, outcome)
  })

  private keep(values: Values, { data, printed }: Outcome): void {
    const own = { ...this.output, values, printed }
    this.model?.setData({ data: { ...data, [EXPLORE_TYPE]: own as never } })
  }

  private readonly controls: Controls
  private readonly line: KernelLine | null
  private readonly results = new Panel()
  private readonly notice = h("p", { class: "rl-notice", role: "status" })
  private readonly progress = h("div", { class: "rl-toolbar", hidden: true })
  private readonly stop = button("Stop", "Interrupt the kernel", () => this.line?.interrupt())
  private readonly printed = h("pre", { class: "rl-printed" })
  private model: IRenderMime.IMimeModel | null = null
}
