/** An assembled program: bytes, and how they hang together with their source. */

/** Where one source line's bytes went. */
export interface SourceLine {
  /** Address of its first byte. */
  readonly address: number
  /** In bytes. */
  readonly length: number
  /** 1-based. */
  readonly line: number
  readonly text: string
}

export interface Program {
  /** Address of the first byte. */
  readonly origin: number
  readonly bytes: Uint8Array
  /** Where execution starts: the label `start` or `_start`, else the origin. */
  readonly entry: number
  /** Labels and constants by name, in the order of the source. */
  readonly symbols: Readonly<Record<string, number>>
  readonly source: string
  readonly lines: readonly SourceLine[]
}
