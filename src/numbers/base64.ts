/** Bytes as base64 text, without any host's help. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
/** What a letter stands for, by its code; -1 if it is none. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => LETTERS.indexOf(String.fromCharCode(code)))

export function toBase64(bytes: Uint8Array): string {
  const groups: string[] = []
  for (let n = 0; n < bytes.length; n += 3) {
    const group = (bytes[n] << 16) | ((bytes[n + 1] ?? 0) << 8) | (bytes[n + 2] ?? 0)
    const text = [18, 12, 6, 0].map((shift) => LETTERS[(group >> shift) & 63]).join("")
    const given = Math.min(3, bytes.length - n)
    groups.push(text.slice(0, given + 1).padEnd(4, "="))
  }
  return groups.join("")
}

/** @throws RangeError if the text is not base64. */
export function fromBase64(text: string): Uint8Array {
  const letters = text.replace(/=+$/, "")
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let n = 0; n < letters.length; n++) {
    const value = VALUES[letters.charCodeAt(n)] ?? -1
    if (value < 0) throw new RangeError(`"${letters[n]}" is not a base64 letter`)
    bits = ((bits << 6) | value) & 0xffffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[at++] = (bits >> held) & 0xff
  }
  return bytes
}
