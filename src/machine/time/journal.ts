/**
 * What foreign devices did. A device written in a notebook cell is code that a replay does not have: so each call's
 * answer, its effects on the machine and its new state are logged, and a replay plays them back.
 */
import type { Size } from "../../numbers/int"
import type { Device, DeviceHost, Span } from "../board/bus"

/** What a device did to the machine: an interrupt line, a wish for a tick, the A20 gate, a reset, a DMA write. */
type Effect =
  | readonly [is: "irq", line: number, level: boolean]
  | readonly [is: "after", cycles: number, tag: number]
  | readonly [is: "cancel", tag: number]
  | readonly [is: "a20", open: boolean]
  | readonly [is: "reset"]
  | readonly [is: "write", physical: number, size: Size, value: number]

/** One call: the value it gave, its effects, and the state after it if that changed. */
export type Entry = readonly [value: number, effects: readonly Effect[], state?: unknown]

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
}

export const shapeOf = ({ name, kind, options, ports, byteWide, memory }: Device): DeviceShape => ({
  name,
  kind,
  options,
  ports,
  byteWide,
  memory,
})

/** A host that passes everything on and notes what changes the machine. */
function noting(host: DeviceHost, effects: Effect[]): DeviceHost {
  return {
    get now() {
      return host.now
    },
    hertz: host.hertz,
    interrupt(line, level) {
      effects.push(["irq", line, level])
      host.interrupt(line, level)
    },
    after(cycles, tag) {
      effects.push(["after", cycles, tag])
      host.after(cycles, tag)
    },
    cancel(tag) {
      effects.push(["cancel", tag])
      host.cancel(tag)
    },
    readMemory: (physical, size) => host.readMemory(physical, size),
    writeMemory(physical, size, value) {
      effects.push(["write", physical, size, value])
      host.writeMemory(physical, size, value)
    },
    get a20() {
      return host.a20
    },
    gateA20(open) {
      effects.push(["a20", open])
      host.gateA20(open)
    },
    reset() {
      effects.push(["reset"])
      host.reset()
    },
  }
}

/** The same device, its calls noted in `entries`. */
export function journaled(device: Device, entries: Entry[]): Device {
  const noted = (host: DeviceHost, call: (host: DeviceHost) => number | undefined): number => {
    const effects: Effect[] = []
    const before = JSON.stringify(device.state)
    const value = call(noting(host, effects)) ?? 0
    const after = JSON.stringify(device.state)
    entries.push(before === after ? [value, effects] : [value, effects, JSON.parse(after)])
    return value
  }
  return withCalls(device, (method, host, ...values) =>
    noted(host, (noter) =>
      (device[method] as ((...all: unknown[]) => number | undefined) | undefined)?.call(
        device,
        ...values,
        noter,
      ),
    ),
  )
}

type Method = "in" | "out" | "read" | "write" | "tick"

/** A device of the same shape and state whose every call goes to `call`. */
function withCalls(
  device: Device,
  call: (method: Method, host: DeviceHost, ...values: number[]) => number,
): Device {
  return {
    ...shapeOf(device),
    get state() {
      return device.state
    },
    set state(state) {
      device.state = state
    },
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
  const device: Device = { ...shape, state: undefined }
  return withCalls(device, (_method, host) => {
    const [value, effects, state] = reader.next()
    for (const effect of effects) apply(effect, host)
    if (state !== undefined) device.state = state
    return value
  })
}

function apply(effect: Effect, host: DeviceHost): void {
  if (effect[0] === "irq") host.interrupt(effect[1], effect[2])
  else if (effect[0] === "after") host.after(effect[1], effect[2])
  else if (effect[0] === "cancel") host.cancel(effect[1])
  else if (effect[0] === "a20") host.gateA20(effect[1])
  else if (effect[0] === "reset") host.reset()
  else host.writeMemory(effect[1], effect[2], effect[3])
}
