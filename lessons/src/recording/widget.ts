/**
 * A recording on the page, from above: controls, lanes with the scrubber, the step in words, pins, and the machine. Controls and words
 * stay in view while the rest scrolls. It shows its model and tells it what is pressed.
 */
import { Widget } from "@lumino/widgets"
import { type Frame, inRing } from "ringlab"
import { h, keepKeys, setText, whenIdle } from "../dom"
import { ProgressBar, type ProgressWords } from "../experiment/progress"
import { useDrawStyle } from "../output/style"
import { Announcer } from "./announcer"
import { Controls, type Deeds } from "./controls"
import { type Drawer, RunDrawer } from "./drawer"
import { flash } from "./flash"
import { keyRow } from "./keys"
import { dragLanes } from "./lane-drag"
import type { RecordingModel } from "./model"
import { drawWay, wayOf } from "./motion"
import { PictureView } from "./picture"
import { PinBar } from "./pinbar"
import type { Speed } from "./speed"

const REPLAYING: ProgressWords = {
  doing: "Replaying the run …",
  done: "Replayed",
  cancel: "Stop",
  cancels: "Stop the replay (Esc)",
}

/** What the whole of it listens to. */
const HEARD = ["keydown", "click", "pointerenter", "focusin"]

export class RecordingWidget extends Widget {
  constructor(
    readonly model: RecordingModel,
    private readonly speed: Speed,
    deeds: Pick<Deeds, "places" | "firstDifference"> = {},
    private readonly drawer: Drawer = new RunDrawer(model),
  ) {
    super()
    this.addClass("rl-output")
    this.addClass("rl-recording")
    useDrawStyle()
    this.controls = new Controls(model, speed, {
      run: () => this.run(),
      pin: () => this.pins.toggle(),
      ...deeds,
    })
    this.pins = new PinBar(model)
    this.node.setAttribute("role", "group")
    this.node.setAttribute("aria-label", `Recording: ${model.title}`)
    keepKeys(this.node, () => this.controls.closeHelp() || this.stop())
    this.node.append(...this.build())
    dragLanes(this.lanes, {
      begin: () => ({ step: this.model.frame.step, width: this.width }),
      goToPoint: (step, x, y) => this.drawer.goToPoint(step, this.width, x, y),
    })
    this.observer = new ResizeObserver(() => this.resized())
    model.changed.connect(this.showNow, this)
  }

  override dispose(): void {
    if (this.isDisposed) return
    this.observer.disconnect()
    this.announcer.dispose()
    this.progress.end()
    this.model.changed.disconnect(this.showNow, this)
    this.model.dispose()
    super.dispose()
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case "keydown":
        this.pressed(event as KeyboardEvent)
        break
      case "click":
        this.clicked(event as MouseEvent)
        break
      case "input":
        this.model.goTo(this.scrubber.valueAsNumber)
        break
      case "pointerenter":
      case "focusin":
        this.model.prepare()
        break
    }
  }

  protected override onAfterAttach(): void {
    for (const type of HEARD) this.node.addEventListener(type, this)
    this.scrubber.addEventListener("input", this)
    this.observer.observe(this.node)
    this.width = this.measure()
    this.refresh()
    this.placeSaying()
    whenIdle(() => this.model.warm())
  }

  protected override onBeforeDetach(): void {
    this.model.pause()
    this.observer.disconnect()
    for (const type of HEARD) this.node.removeEventListener(type, this)
    this.scrubber.removeEventListener("input", this)
  }

  protected override onUpdateRequest(): void {
    this.refresh()
  }

  /** Have the keys work here. */
  focus(): void {
    this.scrubber.focus({ preventScroll: true })
  }

  /** Show a step, have what a text names flash, and come into view. */
  lookAt(step: number | undefined, name: string): void {
    this.wanted = { step: step ?? this.model.step, name }
    if (step !== undefined) this.model.goTo(step)
    this.flashWanted()
  }

  /** Once the step is drawn, and only once. */
  private flashWanted(): void {
    const { wanted } = this
    if (!wanted || this.model.frame.step !== wanted.step) return
    this.wanted = undefined
    const named = wanted.name === "" ? undefined : flash(this.node, wanted.name)
    if (!isSeen(named ?? this.saying)) scrollTo(named ?? this.node, named ? "center" : "start")
  }

  private build(): Node[] {
    return [
      this.progress.node,
      h("div", { class: "rl-heading" }, this.model.title),
      this.controls.node,
      this.controls.help,
      h("div", { class: "rl-run-at-a-glance" }, this.scrubber, this.lanes),
      this.notice,
      this.saying,
      this.pins.node,
      this.panels,
      this.announcer.node,
    ]
  }

  // ---- acting

  private pressed(event: KeyboardEvent): void {
    const target = event.target as Element
    if (event.key === "?" && !(target instanceof HTMLInputElement && target.type === "text"))
      this.controls.toggleHelp()
    else if ((event.key === "Enter" || event.key === " ") && this.act(target, event)) {
      // It was meant for a part of the picture.
    } else {
      const row = keyRow(event)
      if (!row) return
      if (this.model.playing && event.key !== " ") this.model.pause()
      row.run(this.model, () => this.run())
    }
    event.preventDefault()
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element
    if (this.act(target, event)) return
    // A click that means no control makes the keys work here; else they would act on the notebook's cells.
    if (!target.closest("button, input, select, label, a")) this.focus()
  }

  /** Do what a part of the picture is for. @returns false if it is for nothing */
  private act(target: Element, { shiftKey }: { shiftKey: boolean }): boolean {
    const fold = target.closest<SVGElement>("[data-fold]")
    if (fold) this.fold(fold.dataset.fold as string, fold.getAttribute("aria-expanded") !== "true")
    const line = target.closest<SVGElement>("[data-code]")
    if (line) this.model.runTo(Number(line.dataset.code), shiftKey ? -1 : 1)
    return fold !== null || line !== null
  }

  private fold(name: string, open: boolean): void {
    this.folds = { ...this.folds, [name]: open }
    this.refresh()
    // It may be another element that is drawn in its place.
    this.panels.querySelector<SVGElement>(`[data-fold="${CSS.escape(name)}"]`)?.focus({ preventScroll: true })
  }

  /** Play; a reader who wants no motion is taken to the end at once. */
  private run(): void {
    if (this.model.playing) this.model.pause()
    else if (wantsNoMotion()) this.model.goTo(this.model.timeline.steps)
    else this.model.play(() => this.speed.value)
  }

  /** End a replay that takes long. @returns false if there is none that the reader has seen */
  private stop(): boolean {
    if (!this.progress.offersCancel) return false
    const hadFocus = this.progress.node.contains(document.activeElement)
    this.model.stop()
    if (hadFocus) this.focus()
    return true
  }

  // ---- showing

  /** Show the model now: an update request would wait for the browser's next frame, and be painted with the one after. */
  private showNow(): void {
    if (this.isAttached) this.refresh()
  }

  private resized(): void {
    this.placeSaying()
    const width = this.measure()
    if (width === this.width || this.node.clientWidth === 0) return
    this.width = width
    this.update()
  }

  /** The words stay in view right below the controls, which take two rows where one is too short. */
  private placeSaying(): void {
    this.node.style.setProperty("--ringlab-controls", `${this.controls.node.offsetHeight}px`)
  }

  /** Pixels for the picture. Asking lays the page out, so it is asked only when the size may have changed. */
  private measure(): number {
    return Math.max(320, Math.floor(this.node.clientWidth) || 900)
  }

  private refresh(): void {
    const { model } = this
    this.showPicture(model.frame)
    this.flashWanted()
    this.showStep(model)
    setText(this.notice, model.notice)
    this.notice.hidden = model.notice === ""
    this.showProgress(model)
    this.pins.show()
    if (model.failed) this.disable()
    this.announcer.tell(this.drawer.says())
  }

  private showProgress({ replaying, progress }: RecordingModel): void {
    if (replaying) this.progress.begin()
    else this.progress.end()
    if (replaying && progress) this.progress.tell(...progress)
  }

  /** Draw the picture, unless just this is drawn already: the model also changes while a frame is awaited. */
  private showPicture(frame: Frame): void {
    const { width, folds } = this
    const shown = this.drawer.shown()
    if (!shown) return
    const wanted = { frame, depends: [...shown, width, folds] }
    if (this.drawn && isSame(this.drawn, wanted)) return
    const { lanes, saying, panels } = this.drawer.parts({ width, folds })
    this.lanesView.show(lanes)
    this.sayingView.show(saying)
    this.panelsView.show(panels)
    if (isNext(this.drawn, wanted) && !wantsNoMotion()) drawWay(this.panels, wayOf(frame))
    this.drawn = wanted
  }

  private showStep({ step, frame, timeline }: RecordingModel): void {
    const { steps } = timeline
    this.controls.show()
    this.scrubber.max = String(steps)
    this.scrubber.value = String(step)
    this.scrubber.setAttribute("aria-valuetext", `step ${step} of ${steps}, ${inRing(timeline, frame.ring)}`)
    this.alignScrubber(steps)
  }

  /** The thumb stands right above the current step in the lanes. */
  private alignScrubber(steps: number): void {
    const { left, right } = this.drawer.ends
    const half = (this.width - left - right) / (steps + 1) / 2
    this.scrubber.style.marginLeft = `${left + half - THUMB / 2}px`
    this.scrubber.style.width = `${this.width - left - right - 2 * half + THUMB}px`
  }

  private disable(): void {
    this.controls.disable()
    this.pins.disable()
    this.scrubber.disabled = true
  }

  private readonly progress = new ProgressBar(() => this.stop(), REPLAYING)
  private readonly scrubber = h("input", {
    type: "range",
    min: 0,
    step: 1,
    class: "rl-scrubber",
    "aria-label": "Step",
  })
  private readonly notice = h("p", { class: "rl-notice", role: "status" })
  private readonly lanes = h("div", { class: "rl-picture rl-lanes" })
  private readonly saying = h("div", { class: "rl-picture rl-saying" })
  private readonly panels = h("div", { class: "rl-picture rl-panels" })
  private readonly lanesView = new PictureView(this.lanes)
  private readonly sayingView = new PictureView(this.saying)
  private readonly panelsView = new PictureView(this.panels)
  private readonly announcer = new Announcer()
  private readonly controls: Controls
  private readonly pins: PinBar
  private readonly observer: ResizeObserver
  private folds: Readonly<Record<string, boolean>> = {}
  /** What the picture shows now. */
  private drawn: Drawn | undefined
  private width = 0
  /** What shall flash, once this step is shown. */
  private wanted: { readonly step: number; readonly name: string } | undefined
}

interface Drawn {
  readonly frame: Frame
  /** All that the picture depends on. */
  readonly depends: readonly unknown[]
}

const isSame = (a: Drawn, b: Drawn) => a.depends.every((part, n) => part === b.depends[n])

/** Whether a reader went on by one step: who scrubs looks at something else. */
const isNext = (before: Drawn | undefined, { frame }: Drawn) =>
  before !== undefined && before.frame.step + 1 === frame.step

function isSeen(part: Element): boolean {
  const { top, bottom } = part.getBoundingClientRect()
  const around = part.closest(".jp-WindowedPanel-outer, .rl-aside, .rl-large")?.getBoundingClientRect()
  return top >= (around?.top ?? 0) && bottom <= (around?.bottom ?? innerHeight)
}

const scrollTo = (part: Element, block: "start" | "center") =>
  part.scrollIntoView({ block, behavior: wantsNoMotion() ? "auto" : "smooth" })

const wantsNoMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches

/** Width in pixels of the scrubber's thumb, as `style/base.css` makes it. */
const THUMB = 16
