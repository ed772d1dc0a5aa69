/** Sections: where bytes go, and where each section starts once their sizes are known. */
import { fail } from "./mistake"

/** A section by its name. @see sectionName */
export type SectionName = `.${string}`

/** Programs are for a simulated PC with a few MiB of memory. */
export const MOST_BYTES = 16 * 1024 * 1024

/** One section while it is being filled. */
export class Section {
  readonly bytes: number[] = []
  /** Bytes so far; in .bss nothing is stored. */
  size = 0
  private wanted: number | undefined

  constructor(
    readonly name: SectionName,
    readonly start: number,
  ) {}

  /** Bytes of which the start must be a multiple: 4 behind other sections, unless the source says. */
  get alignment(): number {
    return this.wanted ?? (this.name === ".text" ? 1 : 4)
  }

  /** Align the start to `bytes` at least. */
  align(bytes: number): void {
    this.wanted = Math.max(this.wanted ?? 1, bytes)
  }

  get address(): number {
    return this.start + this.size
  }

  get isStored(): boolean {
    return this.name !== ".bss"
  }

  /** Append bytes, `times` times over. */
  put(bytes: readonly number[], column: number, times = 1): void {
    if (!this.isStored) fail(column, ".bss holds no bytes", "reserve space with resb, resw or resd")
    this.checkRoom(bytes.length * times, column)
    for (let n = 0; n < times; n++) for (const byte of bytes) this.bytes.push(byte)
    this.size += bytes.length * times
  }

  reserve(count: number, column: number): void {
    this.checkRoom(count, column)
    if (this.isStored) for (let n = 0; n < count; n++) this.bytes.push(0)
    this.size += count
  }

  private checkRoom(more: number, column: number): void {
    if (this.size + more > MOST_BYTES)
      fail(column, "the program grows beyond 16 MiB", "use smaller repetitions")
  }
}

const NAMES = new Set(["text", "data", "rodata", "bss"].map((name): string => `.${name}`))

/** Check the name of a section. */
export function sectionName(name: string, column: number): SectionName {
  if (!NAMES.has(name)) fail(column, `unknown section "${name}"`, "expected .text, .data, .rodata or .bss")
  return name as SectionName
}

/** Sections in the order in which they lie in memory: .text first, .bss last, others as they first appear. */
function inOrder(sections: Iterable<Section>): Section[] {
  const place = ({ name }: Section) => (name === ".text" ? 0 : name === ".bss" ? 2 : 1)
  return [...sections].sort((a, b) => place(a) - place(b))
}

/** Where each section starts, from the origin on. */
export function startsOf(sections: Iterable<Section>, origin: number): Map<SectionName, number> {
  const starts = new Map<SectionName, number>()
  let end = origin
  for (const { name, alignment, size } of inOrder(sections)) {
    const start = Math.ceil(end / alignment) * alignment
    starts.set(name, start)
    end = start + size
  }
  return starts
}

/** The stored sections as one piece; zeros between them. */
export function imageOf(sections: Iterable<Section>, origin: number): Uint8Array {
  const stored = inOrder(sections).filter((section) => section.isStored && section.size > 0)
  const image = new Uint8Array(stored.reduce((end, section) => Math.max(end, section.address - origin), 0))
  for (const section of stored) image.set(section.bytes, section.start - origin)
  return image
}
