/**
 * Where a recording stands: in its cell, in a panel beside the notebook, or over the whole window for a projector. It is moved, not
 * copied, so the step, the pins and what is open stay; in its cell a line says where it is. A panel beside follows its cell: when the
 * cell runs again, the new recording comes into it.
 */
import type { JupyterFrontEnd } from "@jupyterlab/application"
import type { Message } from "@lumino/messaging"
import { Panel, Widget } from "@lumino/widgets"
import { button, h, uniqueId } from "../dom"
import type { Deeds } from "./controls"
import type { RecordingWidget } from "./widget"

type MakeRecording = (places: NonNullable<Deeds["places"]>) => RecordingWidget

/** All places of a JupyterLab. */
export class Places {
  constructor(private readonly shell: JupyterFrontEnd.IShell) {}

  /** Show a recording beside, or in its cell again. */
  toggleBeside(home: Home): void {
    if (this.large) this.endLarge()
    else if (home.aside) home.aside.close()
    else this.openAside(home)
  }

  private openAside(home: Home): void {
    const aside = new Aside(home)
    home.aside = aside
    aside.disposed.connect(() => this.forget(aside))
    if (home.cell !== undefined) this.asides.set(home.cell, aside)
    this.shell.add(aside, "main", { mode: "split-right", activate: false })
  }

  /** Show a recording over the whole window, or where it was. */
  toggleLarge(home: Home): void {
    if (this.large) this.endLarge()
    else this.openLarge(home)
  }

  private openLarge(home: Home): void {
    const large = new Large(home, () => this.endLarge())
    this.large = large
    Widget.attach(large, document.body)
    large.begin()
  }

  /** A recording has come into a cell: the panel that shows this cell's takes it. */
  arrived(home: Home): void {
    const aside = home.cell === undefined ? undefined : this.asides.get(home.cell)
    if (aside && aside.home !== home) aside.take(home)
  }

  private endLarge(): void {
    this.large?.end()
    this.large = undefined
  }

  private forget(aside: Aside): void {
    for (const [cell, other] of this.asides) if (other === aside) this.asides.delete(cell)
  }

  /** The places of recordings in cells. */
  readonly homes = new Set<Home>()
  private large: Large | undefined
  /** By the id of the cell whose recording they show. */
  private readonly asides = new Map<string, Aside>()
}

/** A recording's place in its cell. */
export class Home extends Panel {
  readonly recording: RecordingWidget
  /** The panel that shows the recording instead. */
  aside: Aside | undefined
  /** The id of the cell that it is in; undefined if it is in none. */
  cell: string | undefined

  constructor(
    private readonly places: Places,
    make: MakeRecording,
  ) {
    super()
    this.recording = make({
      beside: () => places.toggleBeside(this),
      large: () => places.toggleLarge(this),
    })
    this.addWidget(this.recording)
    places.homes.add(this)
  }

  override dispose(): void {
    this.places.homes.delete(this)
    super.dispose()
  }

  /** Say where the recording is. */
  leave(where: string): void {
    const back = button("Show it here", "Show the recording in this cell again", () => this.aside?.close())
    const line = h(
      "p",
      { class: "rl-output rl-away" },
      `${this.recording.model.title}: shown ${where}. `,
      back,
    )
    this.addWidget(new Widget({ node: line }))
  }

  /** Show the recording here again. */
  comeBack(): void {
    this.aside = undefined
    for (const line of this.widgets.filter((widget) => widget !== this.recording)) line.dispose()
    this.addWidget(this.recording)
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message)
    this.cell = cellOf(this)
    this.places.arrived(this)
  }
}

/** The id of the cell that a widget is in. */
function cellOf(widget: Widget): string | undefined {
  for (let at: Widget | null = widget; at; at = at.parent) {
    const { model } = at as { model?: { id?: unknown } }
    if (at.hasClass("jp-Cell")) return typeof model?.id === "string" ? model.id : undefined
  }
  return undefined
}

/** A panel beside the notebook. If the cell's output is gone, it keeps what it shows. */
class Aside extends Panel {
  constructor(public home: Home) {
    super()
    this.id = uniqueId()
    this.addClass("rl-aside")
    this.title.closable = true
    this.title.label = home.recording.model.title
    this.title.caption = "A recording of the notebook"
    this.put(home)
  }

  /** Show another recording instead. */
  take(home: Home): void {
    for (const widget of [...this.widgets]) widget.dispose()
    this.home = home
    home.aside = this
    this.title.label = home.recording.model.title
    this.put(home)
  }

  private put(home: Home): void {
    this.addWidget(home.recording)
    home.leave("beside")
  }

  protected override onCloseRequest(message: Message): void {
    if (!this.home.isDisposed) this.home.comeBack()
    super.onCloseRequest(message)
    this.dispose()
  }
}

/** Over the whole window; as large as it may be with everything in view. */
class Large extends Panel {
  constructor(
    private readonly home: Home,
    private readonly leave: () => void,
  ) {
    super()
    this.addClass("rl-large")
    this.node.setAttribute("role", "dialog")
    this.node.setAttribute("aria-modal", "true")
    this.node.setAttribute("aria-label", home.recording.model.title)
  }

  begin(): void {
    const { recording } = this.home
    this.from = recording.parent
    recording.node.style.setProperty("zoom", String(zoomFor(window)))
    this.addWidget(recording)
    for (const other of others(this.node)) other.inert = true
    document.addEventListener("keydown", this.pressed)
    recording.focus()
  }

  end(): void {
    const { recording } = this.home
    for (const other of others(this.node)) other.inert = false
    document.removeEventListener("keydown", this.pressed)
    recording.node.style.removeProperty("zoom")
    if (this.from instanceof Panel && !this.from.isDisposed) this.from.addWidget(recording)
    this.dispose()
    recording.focus()
  }

  private readonly pressed = ({ key }: KeyboardEvent): void => {
    if (key === "Escape") this.leave()
  }

  private from: Widget | null = null
}

/** Pixels that a recording needs to be seen at once. */
const NEEDED = { width: 900, height: 600 }
const MOST = 2.4

const zoomFor = ({ innerWidth, innerHeight }: Window) =>
  Math.max(1, Math.min(MOST, innerWidth / NEEDED.width, innerHeight / NEEDED.height))

/** What else is on the page: nobody reaches it meanwhile. */
const others = (node: HTMLElement) =>
  [...document.body.children].filter(
    (other): other is HTMLElement => other instanceof HTMLElement && other !== node,
  )
