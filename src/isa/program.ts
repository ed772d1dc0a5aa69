/** What the assembler makes. Plain data: it can be stored, sent and compared. */

/** A line of source that put bytes into the program. */
export interface SourceLine {
  /** Of its first byte. */
  readonly address: number
  /** In bytes; `times` counts all repetitions. */
  readonly length: number
  /** Counts from 1. */
  readonly line: number
  /** The line as it was written, with its comment. */
  readonly text: string
}

/** Which size of code begins at an address. */
export interface CodeSize {
  /** Of the first byte that is of this size. */
  readonly address: number
  /** What operands and addresses have where no prefix says otherwise. */
  readonly bits: 16 | 32
  /** Whether `bits` in the source or the assembler's caller said so; else it was taken for granted. */
  readonly said: boolean
}

/** A program with the addresses it was made for. */
export interface Program {
  /** Address of `bytes[0]`. */
  readonly origin: number
  /** What to load; a .bss section is not in it. */
  readonly bytes: Uint8Array
  /** Where to start: the label `start` or `_start`, else where .text starts, which is the origin unless `align` moved it. */
  readonly entry: number
  /** Labels and equ constants by name, in the order of the source. Local labels have full names: `main.loop`. */
  readonly symbols: Readonly<Record<string, number>>
  /** The labels alone: what an address can be called. */
  readonly labels: Readonly<Record<string, number>>
  /** What was assembled, for listings and recordings. */
  readonly source: string
  /** The size of the code at the first byte, and wherever it changes; ascending by address. */
  readonly sizes: readonly CodeSize[]
  /** Ascending by address. */
  readonly lines: readonly SourceLine[]
}

/** The size of the code at an address of a program; undefined in front of its first byte, and if it has none. */
export const sizeAt = ({ sizes }: Program, address: number): CodeSize | undefined =>
  sizes.findLast((size) => size.address <= address)
