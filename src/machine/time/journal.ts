/**
 * What foreign devices did. A device written in a notebook cell is code that a replay does not have: so each call's
 * answer, what it asked of the machine and its new state are logged, and a replay plays them back.
 */
import type { Device, DeviceHost, Span } from "../board/device"
import { type Call, noting, repeat } from "../ring0/log"

/** One call: the value it gave, what it asked of the machine, and the state after it if that changed. */
export type Entry = readonly [value: number, calls: readonly Call[], state?: unknown]

/** What of a foreign device a replay needs beside the journal. */
export interface DeviceShape {
  readonly name: string
  /** Names a built-in part, which a replay makes anew; absent for a foreign device. */
  readonly kind?: string
  /** What the part is made from, plain data. */
  readonly options?: unknown
  readonly ports?: readonly Span[]
  readonly byteWide?: true
  readonly memory?: readonly Span[]
  /** What its code's entries are called; present if its memory is code. */
  readonly entries?: Device["entries"]
}

/** What of a device is plain data, beside its state. */
export const shapeOf = ({
  name,
  kind,
  options,
  ports,
  byteWide,
  memory,
  entries,
  execute,
}: Device): DeviceShape => ({
  name,
  kind,
  options,
  ports,
  byteWide,
  memory,
  ...(execute ? { entries: entries ?? {} } : {}),
})

/** The same device, its calls noted in `entries`. */
export function journaled(device: Device, entries: Entry[]): JournaledDevice {
  return new Journaled(device, entries).device
}

/** A device whose calls are noted. */
export interface JournaledDevice extends Device {
  /** The recording ends: what was asked for until now belongs to the last call. */
  close(): void
}

/** Where an entry stands, and the device's state before it. */
interface OpenEntry {
  readonly place: number
  readonly state: string | undefined
}

/**
 * Notes a device's calls. The entry of code in TypeScript stays open until the device's next call, for a loop that stands outside
 * of `execute` goes on asking after it.
 */
class Journaled {
  private readonly hosts = new Map<DeviceHost, DeviceHost>()
  private calls: Call[] = []
  private open: OpenEntry | undefined
  readonly device: JournaledDevice

  constructor(
    private readonly foreign: Device,
    private readonly entries: Entry[],
  ) {
    const { execute } = foreign
    this.device = {
      ...withCalls(foreign, (method, host, ...values) => this.call(method, host, values)),
      ...(execute
        ? {
            execute: (entry, ring0) => this.execute(() => execute.call(foreign, entry, this.noter(ring0))),
          }
        : {}),
      close: () => this.close(),
      get state() {
        return foreign.state
      },
      set state(state) {
        foreign.state = state
      },
    }
  }

  /** A call that is over when it returns. It may come from the device's own code, which goes on asking then. */
  private call(method: Method, host: DeviceHost, values: readonly number[]): number {
    const { calls, open } = this
    const called = this.foreign[method] as ((...all: unknown[]) => number | undefined) | undefined
    const entry = this.begin()
    const value = called?.call(this.foreign, ...values, this.noter(host)) ?? 0
    this.finish(entry, value)
    Object.assign(this, { calls, open })
    return value
  }

  /** Code in TypeScript: what it asks for after it has returned belongs to it, too. */
  private execute(run: () => void): void {
    this.close()
    this.open = this.begin()
    run()
  }

  /** Open an entry. */
  private begin(): OpenEntry {
    this.calls = []
    const place = this.entries.push([0, this.calls]) - 1
    return { place, state: JSON.stringify(this.foreign.state) }
  }

  private finish({ place, state }: OpenEntry, value: number): void {
    const [, calls] = this.entries[place]
    const after = JSON.stringify(this.foreign.state)
    this.entries[place] = after === state ? [value, calls] : [value, calls, JSON.parse(after)]
  }

  private close(): void {
    if (this.open) this.finish(this.open, 0)
    this.open = undefined
  }

  private noter<Host extends DeviceHost>(host: Host): Host {
    const noter = this.hosts.get(host) ?? noting(host, () => this.calls)
    this.hosts.set(host, noter)
    return noter as Host
  }
}

type Method = "in" | "out" | "read" | "write" | "tick"

/** A device of the same shape and state whose every call goes to `call`. */
function withCalls(
  device: Device,
  call: (method: Method, host: DeviceHost, ...values: number[]) => number,
): Device {
  return {
    ...shapeOf(device),
    state: device.state,
    in: (port, size, host) => call("in", host, port, size),
    out: (port, size, value, host) => void call("out", host, port, size, value),
    read: (physical, size, host) => call("read", host, physical, size),
    write: (physical, size, value, host) => void call("write", host, physical, size, value),
    tick: (tag, host) => void call("tick", host, tag),
  }
}

/** Reads a journal from the front; `position` can be put back with the rest of the machine's state. */
export class JournalReader {
  position = 0
  constructor(private readonly entries: readonly Entry[]) {}

  /** The next entry; past the end, an entry that does nothing: the end hash will tell. */
  next(): Entry {
    return this.entries[this.position++] ?? [0, []]
  }
}

/** A device that does what the journal says. */
export function replayed(shape: DeviceShape, reader: JournalReader): Device {
  const play = (host: DeviceHost): number => {
    const [value, calls, state] = reader.next()
    for (const call of calls) repeat(call, host)
    if (state !== undefined) device.state = state
    return value
  }
  const device: Device = withCalls({ ...shape, state: undefined }, (_method, host) => play(host))
  return shape.entries
    ? Object.assign(device, {
        execute: (_entry: number, ring0: DeviceHost) => void play(ring0),
        entries: shape.entries,
      })
    : device
}
