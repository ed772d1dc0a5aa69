import { cut } from "../cut"
import { limits, MORE_TEXT } from "../limits"
import type { MimeBundle, OutputType } from "../protocol"
import type { Cell, Kept } from "../run/cell"
import type { Platform } from "../run/platform"

/** As they are before any cell runs: a cell may put its own in their place. */
const { stringify, parse } = JSON

/** Text of an object's own fields, as JSON; without a prototype, since cells may give that a `toJSON`. */
const textOf = (fields: object): string => stringify({ __proto__: null, ...fields })

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
    const allowed = cut(text, cell.textLeft)
    cell.textLeft -= text.length + (name === cell.stream ? 0 : limits.streamChange)
    cell.stream = name
    const piece = { kind: "text", parent: cell.id, name, text: allowed } as const
    if (cell.kept) cell.kept.texts.push(piece)
    else this.platform.post(piece)
    if (cell.textLeft <= 0) this.sayOnce(cell, MORE_TEXT)
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
      if (cell) this.release(cell, kept)
      throw error
    } finally {
      if (cell) cell.kept = undefined
    }
  }

  /** Shows what was kept back. It was counted when it was kept. */
  private release(cell: Cell, { texts, displays }: Kept): void {
    for (const piece of texts) this.platform.post(piece)
    for (const data of displays) {
      const content = textOf({ data, metadata: {}, transient: {} })
      this.post(cell, "display_data", content)
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
    const { cell } = this
    if (!cell || cell.isFull) return
    const json = textOf(bundle)
    if (this.admits(cell, json.length)) displays.push(parse(json))
  }

  /** Sends a message of the protocol for the cell that runs. Beyond the cell's limits it is dropped, and said so once. */
  send(type: OutputType, content: object, metadata: object = {}, buffers: readonly Uint8Array[] = []): void {
    const { cell } = this
    if (!cell || cell.isFull) return // text of what is not shown may take longer than all else in the cell
    const json = textOf(content)
    const size = buffers.reduce((sum, { byteLength }) => sum + byteLength, json.length)
    if (this.admits(cell, size)) this.post(cell, type, json, metadata, buffers)
  }

  /** Sends a cell's own result or error: it is shown however much the cell has shown before. */
  conclude(cell: Cell, type: "execute_result" | "error", content: object): void {
    const json = textOf(content)
    if (json.length <= limits.messageBytesPerCell) this.post(cell, type, json)
    else this.sayOnce(cell, TOO_MUCH)
  }

  private post(
    { id: parent }: Cell,
    type: OutputType,
    content: string,
    metadata: object = {},
    buffers: readonly Uint8Array[] = [],
  ): void {
    this.platform.post({ kind: "output", parent, type, content, metadata: textOf(metadata), buffers })
  }

  private admits(cell: Cell, size: number): boolean {
    const admitted = cell.admits(size)
    if (!admitted) this.sayOnce(cell, TOO_MUCH)
    return admitted
  }

  private sayOnce(cell: Cell, text: string): void {
    this.platform.post({ kind: "text", parent: cell.id, name: "stdout", text })
  }
}

const TOO_MUCH = "(this cell shows more than a browser can bear: the rest is not shown)\n"
