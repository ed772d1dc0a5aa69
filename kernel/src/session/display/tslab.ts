import type { Publisher } from "./publisher"

/** What `import * as tslab from "tslab"` gives under this kernel: the interface of tslab 1.0, shown by this kernel. */
export interface Tslab {
  readonly versions: Versions
  readonly display: Display
  newDisplay(): Display
}

/** The version strings of the kernel and what it stands on. */
export interface Versions {
  /** The version of tslab whose interface this is. */
  readonly tslab: string
  readonly typescript: string
  readonly node: string
}

/** Shows things below the cell. */
export interface Display {
  javascript(text: string): void
  html(text: string): void
  markdown(text: string): void
  latex(text: string): void
  svg(text: string): void
  png(bytes: Uint8Array): void
  jpeg(bytes: Uint8Array): void
  gif(bytes: Uint8Array): void
  pdf(bytes: Uint8Array): void
  text(text: string): void
  /** Shows `content` as any MIME type. */
  raw(contentType: string, content: string | Uint8Array): void
  /** Clears what the cell has shown so far, or, with `wait`, as soon as it shows something new. */
  clear(wait?: boolean): void
}

/** A display area of its own, which each call of a method replaces. */
export declare function newDisplay(): Display
/** Shows things below the cell. */
export declare const display: Display
/** The version strings of the kernel and what it stands on. */
export declare const versions: Versions

/** @internal The module's value, for a session. */
export function createTslab(publisher: Publisher, versions: Omit<Versions, "tslab">): Tslab {
  let serial = 0
  return {
    versions: { tslab: "1.0.22", ...versions },
    display: createDisplay(publisher),
    newDisplay: () => createDisplay(publisher, `ringlab-display-${Date.now().toString(36)}-${++serial}`),
  }
}

function createDisplay(publisher: Publisher, id?: string): Display {
  let update = false
  const raw = (contentType: string, content: string | Uint8Array): void => {
    if (publisher.cell?.isFull) return // many pictures would be encoded for nobody
    publisher.show({ [contentType]: encoded(content) }, { id, update })
    update = id !== undefined
  }
  const as = (contentType: string) => (content: string | Uint8Array) => raw(contentType, content)
  return {
    javascript: as("text/javascript"),
    html: as("text/html"),
    markdown: as("text/markdown"),
    latex: as("text/latex"),
    svg: as("image/svg+xml"),
    png: as("image/png"),
    jpeg: as("image/jpeg"),
    gif: as("image/gif"),
    pdf: as("application/pdf"),
    text: as("text/plain"),
    raw,
    clear: (wait = false) => publisher.clear(wait),
  }
}

/** Bytes travel as base64. */
function encoded(content: string | Uint8Array): string {
  if (typeof content === "string") return content
  return btoa(Array.from(content, (byte) => String.fromCharCode(byte)).join(""))
}
