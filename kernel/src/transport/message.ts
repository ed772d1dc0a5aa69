import { createHmac, randomUUID, timingSafeEqual } from "node:crypto"

/** The version of the Jupyter messaging protocol that this kernel speaks. */
export const PROTOCOL_VERSION = "5.5"

export interface Header {
  readonly msg_id: string
  readonly msg_type: string
  readonly session: string
  readonly username: string
  readonly date: string
  readonly version: string
}

/** A message as it came in. */
export interface Incoming {
  /** Routing: what a reply must start with. */
  readonly identities: readonly Uint8Array[]
  readonly header: Header
  /** The header of the message that this one answers; without fields, if there is none. */
  readonly parent: Partial<Header>
  readonly content: Record<string, unknown>
  readonly metadata: Record<string, unknown>
  readonly buffers: readonly Uint8Array[]
}

/** A message to send. `content` and `metadata` may be JSON text already. */
export interface Outgoing {
  /** Its id, if whoever sends it must know it; else a new one. */
  readonly id?: string
  readonly identities: readonly (Uint8Array | string)[]
  readonly type: string
  /** The header of the message that caused this one. */
  readonly parent: Header | undefined
  readonly content: object | string
  readonly metadata?: object | string
  readonly buffers?: readonly Uint8Array[]
}

const DELIMITER = "<IDS|MSG>"

/** Puts messages into signed frames, and takes them out. */
export class Wire {
  private readonly algorithm: string
  private readonly session = randomUUID()

  constructor(
    private readonly key: string,
    scheme: string,
  ) {
    this.algorithm = scheme.replace(/^hmac-/, "")
  }

  encode({
    id = randomUUID(),
    identities,
    type,
    parent,
    content,
    metadata = {},
    buffers = [],
  }: Outgoing): (Uint8Array | string)[] {
    const parts = [this.header(id, type), parent ?? {}, metadata, content].map(jsonText)
    return [...identities, DELIMITER, this.sign(parts), ...parts, ...buffers]
  }

  /**
   * Content that is missing counts as empty: what a request lacks is told by whoever answers it.
   * @returns undefined for frames that are no message, or that nobody with the key has signed
   */
  decode(frames: readonly Buffer[]): Incoming | undefined {
    const at = frames.findIndex((frame) => frame.toString("latin1") === DELIMITER)
    if (at < 0 || frames.length < at + 6) return undefined
    const parts = frames.slice(at + 2, at + 6)
    if (!this.isSigned(parts, frames[at + 1])) return undefined
    const [header, parent, metadata, content] = parts.map((part) =>
      fieldsOf(JSON.parse(part.toString("utf8"))),
    )
    if (!isHeader(header)) return undefined
    const [identities, buffers] = [frames.slice(0, at), frames.slice(at + 6)]
    return { identities, header, parent, content, metadata, buffers }
  }

  private header(id: string, type: string): Header {
    const date = new Date().toISOString()
    return {
      msg_id: id,
      msg_type: type,
      session: this.session,
      username: "kernel",
      date,
      version: PROTOCOL_VERSION,
    }
  }

  private sign(parts: readonly (string | Uint8Array)[]): string {
    if (this.key === "") return ""
    const hmac = createHmac(this.algorithm, this.key)
    for (const part of parts) hmac.update(part)
    return hmac.digest("hex")
  }

  private isSigned(parts: readonly Uint8Array[], signature: Uint8Array): boolean {
    const expected = Buffer.from(this.sign(parts))
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}
}

const isHeader = (header: object): header is Header =>
  ["msg_id", "msg_type"].every((name) => typeof Reflect.get(header, name) === "string")

const jsonText = (value: object | string): string =>
  wellFormed(typeof value === "string" ? value : JSON.stringify(value))

/**
 * JSON text in which halves of surrogate pairs, which JSON writes as escapes, are replaced: a front end could neither show nor
 * save them. Everything that leaves the kernel passes through here.
 */
function wellFormed(json: string): string {
  if (!json.includes("\\ud")) return json
  return json.replace(ESCAPE, (found) => (found.length > 2 ? "\ufffd" : found))
}

/** An escape of half a pair, or any other, so that `\\ud800`, a backslash and six letters, is none. */
const ESCAPE = /\\(?:ud[89a-f][\da-f]{2}|.)/g
