import { readFileSync } from "node:fs"

/** What the server tells a kernel about the sockets to open. */
export interface Connection {
  readonly transport: "tcp" | "ipc"
  readonly ip: string
  readonly shell_port: number
  readonly iopub_port: number
  readonly stdin_port: number
  readonly control_port: number
  readonly hb_port: number
  /** Secret that signs messages; empty for none. */
  readonly key: string
  /** "hmac-sha256" and its like. */
  readonly signature_scheme: string
  /** CurveZMQ's keys of the kernel, in Z85: with them all that travels is encrypted, and only who knows the first can listen. */
  readonly curve_publickey?: string
  readonly curve_secretkey?: string
}

/** The five sockets of a kernel, by the protocol's names. */
type Channel = "shell" | "iopub" | "stdin" | "control" | "hb"

/** @throws an error with one sentence, if the file cannot be used */
export function readConnection(path: string): Connection {
  const connection = JSON.parse(readFileSync(path, "utf8")) as Connection
  if (!connection.signature_scheme?.startsWith("hmac-"))
    throw new Error(
      `${path} asks for the signature scheme "${connection.signature_scheme}"; this kernel knows hmac-sha256 and its like.`,
    )
  return connection
}

/** ZeroMQ's options for a socket that speaks with who has the kernel's key only, if there is one. */
export function encryption({ curve_publickey, curve_secretkey }: Connection): object {
  if (curve_publickey === undefined || curve_secretkey === undefined) return {}
  return { curveServer: true, curvePublicKey: curve_publickey, curveSecretKey: curve_secretkey }
}

/** The address of a channel, as ZeroMQ writes it. */
export function addressOf(connection: Connection, channel: Channel): string {
  const port = connection[`${channel}_port`]
  return connection.transport === "ipc" ? `ipc://${connection.ip}-${port}` : `tcp://${connection.ip}:${port}`
}
