import { limits } from "../limits"
import type { MimeBundle, OutputType, Text } from "../protocol"
import type { Cell } from "../run/cell"
import type { Platform } from "../run/platform"

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
    if (cell.keptText) cell.keptText.push(piece)
    else this.platform.post(piece)
    if (cell.textLeft <= 0)
      this.sayOnce(
        cell,
        `\n(more than ${limits.textPerCell} characters: the rest of this cell's text is not shown)\n`,
      )
  }

  /** Keeps back what the running cell prints while `work` runs, and gives it back. If the work fails, it is printed after all. */
  async capture<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly printed: string }> {
    const kept: Text[] = []
    const { cell } = this
    if (cell) cell.keptText = kept
    try {
      return { value: await work(), printed: kept.map(({ text }) => text).join("") }
    } catch (error) {
      for (const piece of kept) this.platform.post(piece)
      throw error
    } finally {
      if (cell) cell.keptText = undefined
    }
  }

  /** Shows a bundle. With an id it can be replaced later. */
  show(bundle: MimeBundle, options: { id?: string; update?: boolean; metadata?: object } = {}): void {
    const type = options.update ? "update_display_data" : "display_data"
    const transient = options.id === undefined ? {} : { display_id: options.id }
    this.send(type, { data: bundle, metadata: options.metadata ?? {}, transient })
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
