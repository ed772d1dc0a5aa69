/** A hash of 64 bits for comparing states: FNV-1a, twice with different offsets. No protection against malice. */
const PRIME = 0x0100_0193

export class Hash {
  private first = 0x811c_9dc5 | 0
  private second = 0x6b43_a9b5 | 0

  bytes(bytes: Uint8Array): this {
    let { first, second } = this
    for (let n = 0; n < bytes.length; n++) {
      first = Math.imul(first ^ bytes[n], PRIME)
      second = Math.imul(second ^ bytes[n] ^ (first >>> 24), PRIME)
    }
    this.first = first
    this.second = second
    return this
  }

  /** Text, by its UTF-16 code units. */
  text(text: string): this {
    const bytes = new Uint8Array(text.length * 2)
    for (let n = 0; n < text.length; n++) {
      const unit = text.charCodeAt(n)
      bytes[2 * n] = unit & 0xff
      bytes[2 * n + 1] = unit >> 8
    }
    return this.bytes(bytes)
  }

  /** Sixteen hexadecimal digits. */
  digest(): string {
    return [this.first, this.second].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("")
  }
}
