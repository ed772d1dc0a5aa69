/** A recording on the page: buttons, a scrubber, the picture, pins. It shows its model and tells it what is pressed. */
import { Widget } from "@lumino/widgets"
import { deviceNames, type Frame, faultWord, inRing, LANE_ENDS, RunPicture, type Timeline } from "ringlab"
import { button, h, keepKeys, setText, uniqueId } from "../dom"
import { ProgressBar, type ProgressWords } from "../experiment/progress"
import { useDrawStyle } from "../output/style"
import { JumpBar } from "./jumpbar"
import { ESCAPE, KEYS, keyRow } from "./keys"
import type { RecordingModel } from "./model"
import { PictureView } from "./picture"
import { PinBar } from "./pinbar"
import type { Speed } from "./speed"

/** Milliseconds of rest before a step is read out. */
const ANNOUNCE_AFTER = 350
const SPEEDS = [1, 2, 5, 10, 25]

const REPLAYING: ProgressWords = {
  doing: "Replaying the run …",
  done: "Replayed",
  cancel: "Stop",
  cancels: "Stop the replay (Esc)",
}

export class RecordingWidget extends Widget {
  constructor(
    private readonly model: RecordingModel,
    private readonly speed: Speed,
  ) {
    super()
    this.addClass("rl-output")
    useDrawStyle()
    this.drawing = new RunPicture(model.timeline)
    this.jumps = new JumpBar(model)
    this.pins = new PinBar(model)
    this.pins.node.append(this.buildDevices())
    this.node.setAttribute("role", "group")
    this.node.setAttribute("aria-label", `Recording: ${model.title}`)
    keepKeys(this.node, () => this.closeHelp() || this.stop())
    this.node.append(...this.build())
    this.observer = new ResizeObserver(() => this.resized())
    model.changed.connect(this.showNow, this)
  }

  override dispose(): void {
    if (this.isDisposed) return
    this.observer.disconnect()
    clearTimeout(this.announcing)
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
      case "pointerdown":
        this.pointed(event as PointerEvent)
        break
      case "click":
        this.takeFocus(event.target as Element)
        break
      case "input":
        this.model.goTo(this.scrubber.valueAsNumber)
        break
      case "change":
        this.model.goTo(this.number.valueAsNumber)
        break
    }
  }

  protected override onAfterAttach(): void {
    this.node.addEventListener("keydown", this)
    this.node.addEventListener("click", this)
    this.picture.addEventListener("pointerdown", this)
    this.scrubber.addEventListener("input", this)
    this.number.addEventListener("change", this)
    this.observer.observe(this.node)
    this.width = this.measure()
    this.refresh()
  }

  protected override onBeforeDetach(): void {
    this.model.pause()
    this.observer.disconnect()
    this.node.removeEventListener("keydown", this)
    this.node.removeEventListener("click", this)
    this.picture.removeEventListener("pointerdown", this)
    this.scrubber.removeEventListener("input", this)
    this.number.removeEventListener("change", this)
  }

  protected override onUpdateRequest(): void {
    this.refresh()
  }

  // ---- building

  private build(): Node[] {
    const heading = h("div", { class: "rl-heading" }, this.model.title)
    return [
      this.progress.node,
      heading,
      this.buildToolbar(),
      this.help,
      this.jumps.node,
      this.scrubber,
      this.notice,
      this.picture,
      this.pins.node,
      this.live,
    ]
  }

  private buildToolbar(): HTMLElement {
    const { model } = this
    const label = h("label", {}, "Step ", this.number, this.total)
    return h(
      "div",
      { class: "rl-toolbar", role: "group", "aria-label": "Stepping" },
      button("|◀ Start", "Before the first step (Home)", () => model.goTo(0)),
      button("◀ Step back", "One step back (arrow left)", () => model.goTo(model.step - 1)),
      button("Step ▶", "One step (arrow right)", () => model.goTo(model.step + 1)),
      this.runButton,
      button("End ▶|", "The last step (End)", () => model.goTo(model.timeline.steps)),
      h("label", {}, "Speed ", this.buildSpeeds()),
      label,
      this.helpButton,
    )
  }

  private buildSpeeds(): HTMLSelectElement {
    const select = h("select", { class: "rl-field" })
    for (const speed of SPEEDS)
      select.append(h("option", { value: speed, selected: speed === this.speed.value }, `${speed} steps/s`))
    select.addEventListener("change", () => {
      this.speed.value = Number(select.value)
    })
    return select
  }

  /** One device at a time: all their values together would be a column of several screens. */
  private buildDevices(): HTMLElement {
    const names = deviceNames(this.model.frame)
    const options = ["changed", ...names].map((name) =>
      h("option", { value: name }, name === "changed" ? "that a step changed" : `all of ${name}`),
    )
    this.devices.append(...options)
    this.devices.addEventListener("change", () => this.update())
    return h("label", { class: "rl-check", hidden: names.length === 0 }, "Device values ", this.devices)
  }

  private buildHelp(): HTMLElement {
    const rows = [...KEYS, ESCAPE].map(({ keys, does }) =>
      h("li", {}, ...keys.flatMap((key) => [h("kbd", {}, keyName(key)), " "]), does),
    )
    const intro =
      "Keys, while the focus is in this recording, but not in a field or a list, which have keys of their own. A click into the lanes goes to that step."
    return h(
      "div",
      { class: "rl-help", id: this.helpId, hidden: true },
      h("p", {}, intro),
      h("ul", {}, ...rows),
    )
  }

  // ---- acting

  private pressed(event: KeyboardEvent): void {
    if (event.key === "?" && !(event.target instanceof HTMLInputElement && event.target.type === "text"))
      this.toggleHelp()
    else {
      const row = keyRow(event)
      if (!row) return
      if (this.model.playing) this.model.pause()
      row.run(this.model)
    }
    event.preventDefault()
  }

  private pointed(event: PointerEvent): void {
    const svg = this.picture.firstElementChild
    if (!svg || event.button !== 0) return
    const corner = svg.getBoundingClientRect()
    const scale = this.width / corner.width
    const [x, y] = [(event.clientX - corner.left) * scale, (event.clientY - corner.top) * scale]
    const step = this.drawing.stepAt(this.model.frame.step, this.width, x, y)
    if (step !== null) this.model.goTo(step)
  }

  /** A click that means no control makes the keys work here; else they would act on the notebook's cells. */
  private takeFocus(clicked: Element): void {
    if (!clicked.closest("button, input, select, label")) this.scrubber.focus({ preventScroll: true })
  }

  /** Play; a reader who wants no motion is taken to the end at once. */
  private run(): void {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches
    if (this.model.playing) this.model.pause()
    else if (still) this.model.goTo(this.model.timeline.steps)
    else this.model.play(() => this.speed.value)
  }

  /** End a replay that takes long. @returns false if there is none that the reader has seen */
  private stop(): boolean {
    if (!this.progress.offersCancel) return false
    const hadFocus = this.progress.node.contains(document.activeElement)
    this.model.stop()
    if (hadFocus) this.scrubber.focus({ preventScroll: true })
    return true
  }

  private toggleHelp(): void {
    this.help.hidden = !this.help.hidden
    this.helpButton.setAttribute("aria-expanded", String(!this.help.hidden))
  }

  /** @returns false if there was none to close */
  private closeHelp(): boolean {
    if (this.help.hidden) return false
    this.toggleHelp()
    return true
  }

  // ---- showing

  /** Show the model now: an update request would wait for the browser's next frame, and be painted with the one after. */
  private showNow(): void {
    if (this.isAttached) this.refresh()
  }

  private resized(): void {
    const width = this.measure()
    if (width === this.width || this.node.clientWidth === 0) return
    this.width = width
    this.update()
  }

  /** Pixels for the picture. Asking lays the page out, so it is asked only when the size may have changed. */
  private measure(): number {
    return Math.max(320, Math.floor(this.node.clientWidth) || 900)
  }

  private refresh(): void {
    const { model } = this
    this.showPicture(model.frame, this.devices.value)
    this.showStep(model)
    setText(this.runButton, model.playing ? "▮▮ Pause" : "▶▶ Run")
    setText(this.notice, model.notice)
    this.notice.hidden = model.notice === ""
    this.showProgress(model)
    this.jumps.show()
    this.pins.show()
    if (model.failed) this.disable()
    this.announce()
  }

  private showProgress({ replaying, progress }: RecordingModel): void {
    if (replaying) this.progress.begin()
    else this.progress.end()
    if (replaying && progress) this.progress.tell(...progress)
  }

  /** Draw the picture, unless just this is drawn already: the model also changes while a frame is awaited. */
  private showPicture(frame: Frame, devices: string): void {
    const { width } = this
    const { timeline } = this.model
    const { drawn } = this
    if (
      drawn?.frame === frame &&
      drawn.timeline === timeline &&
      drawn.width === width &&
      drawn.devices === devices
    )
      return
    if (this.drawing.timeline !== timeline) this.drawing = new RunPicture(timeline)
    this.pictureView.show(this.drawing.draw(frame, { width, style: false, devices }))
    this.drawn = { frame, timeline, width, devices }
  }

  private showStep({ step, frame, timeline }: RecordingModel): void {
    const { steps } = timeline
    this.scrubber.max = this.number.max = String(steps)
    this.scrubber.value = this.number.value = String(step)
    this.scrubber.setAttribute("aria-valuetext", `step ${step} of ${steps}, ${inRing(timeline, frame.ring)}`)
    this.alignScrubber(steps)
    setText(this.total, ` of ${steps.toLocaleString("en")}`)
  }

  /** The thumb stands right above the current step in the lanes. */
  private alignScrubber(steps: number): void {
    const half = (this.width - LANE_ENDS.left - LANE_ENDS.right) / (steps + 1) / 2
    this.scrubber.style.marginLeft = `${LANE_ENDS.left + half - THUMB / 2}px`
    this.scrubber.style.width = `${this.width - LANE_ENDS.left - LANE_ENDS.right - 2 * half + THUMB}px`
  }

  private disable(): void {
    for (const control of this.node.querySelectorAll<HTMLButtonElement | HTMLInputElement>("button, input"))
      if (control !== this.helpButton) control.disabled = true
  }

  /** Say what the step did, once the reader rests on it. */
  private announce(): void {
    const { frame, timeline } = this.model
    const fault = frame.fault
      ? ` ${faultWord(frame.fault.name)} ${frame.fault.name}: ${frame.fault.says}`
      : ""
    const sentence = `Step ${frame.step} of ${timeline.steps}, ${inRing(timeline, frame.ring)}. ${frame.sentence}${fault}`
    if (sentence === this.said) return
    const first = this.said === ""
    this.said = sentence
    clearTimeout(this.announcing)
    if (first) return
    this.announcing = setTimeout(() => {
      this.live.textContent = sentence
    }, ANNOUNCE_AFTER)
  }

  private readonly progress = new ProgressBar(() => this.stop(), REPLAYING)
  private readonly helpId = uniqueId()
  private readonly scrubber = h("input", {
    type: "range",
    min: 0,
    step: 1,
    class: "rl-scrubber",
    "aria-label": "Step",
  })
  private readonly number = h("input", { type: "number", min: 0, step: 1, class: "rl-field rl-step-number" })
  private readonly total = h("span")
  private readonly notice = h("p", { class: "rl-notice", role: "status" })
  private readonly picture = h("div", { class: "rl-picture" })
  private readonly pictureView = new PictureView(this.picture)
  private readonly devices = h("select", { class: "rl-field" })
  private readonly live = h("div", { class: "rl-unseen", "aria-live": "polite" })
  private readonly runButton = button("▶▶ Run", "Step on by itself, or pause", () => this.run(), "rl-run")
  private readonly helpButton = button("?", "Keys", () => this.toggleHelp())
  private readonly help = this.buildHelp()
  private drawing: RunPicture
  /** What the picture shows now. */
  private drawn: { frame: Frame; timeline: Timeline; width: number; devices: string } | undefined
  private readonly jumps: JumpBar
  private readonly pins: PinBar
  private readonly observer: ResizeObserver
  private announcing: ReturnType<typeof setTimeout> | undefined
  private said = ""
  private width = 0
}

/** Width in pixels of the scrubber's thumb, as `style/base.css` makes it. */
const THUMB = 16

const KEY_NAMES: Readonly<Record<string, string>> = {
  ArrowRight: "→",
  ArrowLeft: "←",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
}

function keyName(key: string): string {
  if (/^[A-Z]$/.test(key)) return `Shift ${key}`
  return KEY_NAMES[key] ?? key
}
