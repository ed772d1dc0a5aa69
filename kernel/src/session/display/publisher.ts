import { limits } from "../limits"
import type { MimeBundle, OutputType } from "../protocol"
import type { Cell, Kept } from "../run/cell"
import type { Platform } from "../run/platform"

/** What came of some work, and its output, which was not shown. */
export interface Captured<T> {
  readonly value: T
  readonly printed: string
  /** By MIME type, in the order in which they were displayed. */
  readonly displays: readonly MimeBundle[]
}

/** Sends what cells print and show, each to its own cell and no more than the browser can bear. */
export class Publisher {
  private last: Cell | undefined

  constructor(private readonly platform: Platform) {}

  /** Output that cannot say which cell it belongs to goes to this one. */
  set fallback(cell: Cell) {
    this.last = cell
  }

  /** The cell that running code belongs to. */
  get cell(): Cell | undefined {
    return this.platform.currentCell() ?? this.last
  }

  /** Prints text. Beyond the cell's limit it is dropped, and said so once. */
  print(name: "stdout" | "stderr", text: string): void {
    const { cell } = this
    if (!cell || cell.textLeft <= 0 || text === "") return
    const allowed = text.length <= cell.textLeft ? text : text.slice(0, cell.textLeft)
    cell.textLeft -= text.length
    const piece = { kind: "text", parent: cell.id, name, text: allowed } as const
    if (cell.kept) cell.kept.texts.push(piece)
    else this.platform.post(piece)
    if (cell.textLeft <= 0)
      this.sayOnce(
        cell,
        `\n(more than ${limits.textPerCell} characters: the rest of this cell's text is not shown)\n`,
      )
  }

  /** Keeps back what the running cell prints and displays while `work` runs, and gives it back. If the work fails, it is shown after all. */
  async capture<T>(work: () => Promise<T>): Promise<Captured<T>> {
    const kept: Kept = { texts: [], displays: [] }
    const { cell } = this
    if (cell) cell.kept = kept
    try {
      const value = await work()
      return { value, printed: kept.texts.map(({ text }) => text).join(""), displays: kept.displays }
    } catch (error) {
      if (cell) cell.kept = undefined
      for (const piece of kept.texts) this.platform.post(piece)
      for (const bundle of kept.displays) this.show(bundle)
      throw error
    } finally {
      if (cell) cell.kept = undefined
    }
  }

  /** Shows a bundle. With an id it can be replaced later, and then it stays where it is, captured or not. */
  show(bundle: MimeBundle, options: { id?: string; update?: boolean; metadata?: object } = {}): void {
    const { id, update, metadata = {} } = options
    const { kept } = this.cell ?? {}
    if (kept && id === undefined) this.keep(kept, bundle)
    else {
      const transient = id === undefined ? {} : { display_id: id }
      this.send(update ? "update_display_data" : "display_data", { data: bundle, metadata, transient })
    }
  }

  /** Clears what the cell has shown so far, or, with `wait`, as soon as it shows something new. */
  clear(wait: boolean): void {
    const { kept } = this.cell ?? {}
    if (!kept) this.send("clear_output", { wait })
    else kept.texts.length = kept.displays.length = 0
  }

  /** A copy: what the bundle was made of may change before it is shown. */
  private keep({ displays }: Kept, bundle: MimeBundle): void {
    const json = JSON.stringify(bundle)
    if (this.cell && this.admits(this.cell, json.length)) displays.push(JSON.parse(json))
  }

  /** Sends any message of the protocol for the cell that runs. Displays count against its limit. */
  send(type: OutputType, content: object, metadata: object = {}, buffers: readonly Uint8Array[] = []): void {
    const { cell } = this
    if (!cell) return
    const json = JSON.stringify(content)
    if (/display_data|execute_result/.test(type) && !this.admits(cell, json.length)) return
    this.platform.post({
      kind: "output",
      parent: cell.id,
      type,
      content: json,
      metadata: JSON.stringify(metadata),
      buffers,
    })
  }

  private admits(cell: Cell, size: number): boolean {
    const before = cell.displaysLeft > 0
    cell.displaysLeft--
    if (size <= cell.displayBytesLeft && cell.displaysLeft >= 0) {
      cell.displayBytesLeft -= size
      return true
    }
    if (before) this.sayOnce(cell, "(this cell shows more than a browser can bear: the rest is not shown)\n")
    cell.displaysLeft = 0
    return false
  }

  private sayOnce(cell: Cell, text: string): void {
    this.platform.post({ kind: "text", parent: cell.id, name: "stdout", text })
  }
}
