/** Clicks and drags in the lanes: the step under the pointer is shown. */

/** What a drag needs to know, and does. Points are in pixels of the drawing, from its corner. */
export interface Dragged {
  /** What is drawn when a drag begins: a close-up moves with the step, and shall not run away under the hand. */
  begin(): { readonly step: number; readonly width: number }
  /** Go to the step at a point of what was drawn for `step`. @returns false if there is none */
  goToPoint(step: number, x: number, y: number): boolean
}

interface Begun {
  readonly step: number
  /** Height at which it began: it stays in the band. */
  readonly y: number
  /** Pixels of the drawing for a pixel of the page, and the drawing's left edge on the page. */
  readonly scale: number
  readonly left: number
}

/** Listen to the pointer in the lanes, as long as they are there. */
export function dragLanes(lanes: HTMLElement, dragged: Dragged): void {
  new LaneDrag(lanes, dragged).listen()
}

class LaneDrag {
  constructor(
    private readonly lanes: HTMLElement,
    private readonly dragged: Dragged,
  ) {}

  listen(): void {
    const { lanes } = this
    lanes.addEventListener("pointerdown", (event) => this.begin(event))
    lanes.addEventListener("pointermove", (event) => this.move(event))
    lanes.addEventListener("pointerup", () => this.end())
    lanes.addEventListener("pointercancel", () => this.end())
  }

  private begin(event: PointerEvent): void {
    const svg = this.lanes.firstElementChild
    if (!svg || event.button !== 0) return
    const corner = svg.getBoundingClientRect()
    const { step, width } = this.dragged.begin()
    const scale = width / corner.width
    this.begun = { step, scale, left: corner.left, y: (event.clientY - corner.top) * scale }
    if (this.move(event)) this.lanes.setPointerCapture(event.pointerId)
    else this.end()
  }

  private move({ clientX }: PointerEvent): boolean {
    if (!this.begun) return false
    const { step, scale, left, y } = this.begun
    return this.dragged.goToPoint(step, (clientX - left) * scale, y)
  }

  private end(): void {
    this.begun = undefined
  }

  private begun: Begun | undefined
}
