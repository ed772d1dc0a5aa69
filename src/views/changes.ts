/** What a step changed: two states compared, and the memory writes told by the machine. */
import { FLAG_BITS } from "../isa/eflags"
import { NAMES32, SEGMENT_NAMES } from "../isa/registers"
import type { Event } from "../machine/events/events"
import type { MachineState } from "../machine/machine"
import type { Explained } from "../machine/time/replay"
import { hex } from "../numbers/int"
import { segmentNote } from "./tables"
import type { Change } from "./view"

/** A single bit, or a field of several, as a number. */
export const field = (value: number, mask: number) => (value & mask) >>> (31 - Math.clz32(mask & -mask))

type Numbers = readonly (readonly [name: string, value: number])[]

const registers = ({ cpu }: MachineState): Numbers => [
  ...NAMES32.map((name, n) => [name, cpu.reg[n]] as const),
  ["EIP", cpu.eip],
]
const flags = ({ cpu }: MachineState): Numbers =>
  FLAG_BITS.map(([name, mask]) => [name, field(cpu.flags, mask)])
const selectors = ({ cpu }: MachineState): Numbers =>
  SEGMENT_NAMES.map((name, n) => [name, cpu.segments[n][0]])
const control = ({ cpu }: MachineState): Numbers => [
  ["CR0", cpu.control[0]],
  ["CR2", cpu.control[2]],
  ["CR3", cpu.control[3]],
  ["CR4", cpu.control[4]],
  ["GDTR.base", cpu.gdtr.base],
  ["GDTR.limit", cpu.gdtr.limit],
  ["IDTR.base", cpu.idtr.base],
  ["IDTR.limit", cpu.idtr.limit],
  ...cpu.debug.map((value, n) => [`DR${n}`, value] as const),
]

function compare(
  what: Change["what"],
  before: Numbers,
  after: Numbers,
  write: (value: number) => string,
): Change[] {
  return after.flatMap(([name, value], n) =>
    value === before[n][1] ? [] : [{ what, name, old: write(before[n][1]), value: write(value) }],
  )
}

/** The hidden parts of the segment registers: what was taken from the descriptor tables, and may differ from them. */
function cacheChanges(before: MachineState, after: MachineState): Change[] {
  const notes = ({ cpu }: MachineState) => cpu.segments.map(segmentNote)
  const [old, now] = [notes(before), notes(after)]
  return SEGMENT_NAMES.flatMap((name, n) =>
    old[n] === now[n] ? [] : [{ what: "descriptor" as const, name, old: old[n], value: now[n] }],
  )
}

function memoryChanges(events: readonly Event[]): Change[] {
  return events.flatMap((event) => {
    if (event.is !== "write") return []
    const digits = event.size / 4
    const old = event.old === undefined ? "device" : hex(event.old, digits)
    return [{ what: "memory" as const, name: `[${hex(event.linear)}]`, old, value: hex(event.value, digits) }]
  })
}

function tlbChanges(before: MachineState, after: MachineState): Change[] {
  const entries = (state: MachineState) =>
    new Map(state.cpu.tlb.entries.map(([slot, page, frame]) => [slot, `${hex(page << 12)} at ${hex(frame)}`]))
  const [old, now] = [entries(before), entries(after)]
  const slots = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b)
  return slots
    .filter((slot) => old.get(slot) !== now.get(slot))
    .map((slot) => ({
      what: "tlb" as const,
      name: `entry ${slot}`,
      old: old.get(slot) ?? "empty",
      value: now.get(slot) ?? "empty",
    }))
}

/** A device's plain state as dotted names with short texts. */
export function flatten(data: unknown, name: string): (readonly [name: string, value: string | number])[] {
  if (typeof data === "object" && data !== null)
    return Object.entries(data).flatMap(([key, value]) => flatten(value, `${name}.${key}`))
  if (typeof data === "boolean") return [[name, data ? 1 : 0]]
  return [[name, typeof data === "number" ? data : JSON.stringify(data ?? null)]]
}

function deviceChanges(before: MachineState, after: MachineState): Change[] {
  return Object.keys(after.devices).flatMap((device) => {
    const old = new Map(flatten(before.devices[device], device))
    return flatten(after.devices[device], device)
      .filter(([name, value]) => old.get(name) !== value)
      .map(([name, value]) => ({
        what: "device" as const,
        name,
        old: short(old.get(name)),
        value: short(value),
      }))
  })
}

function short(value: string | number | undefined): string {
  if (typeof value === "number") return hex(value, value < 256 ? 2 : 8)
  const text = value ?? "nothing"
  const LONGEST = 24
  return text.length > LONGEST ? `…${text.slice(-LONGEST)}` : text
}

/** Whether translations through the TLB are the architecture's, not only the simulator's shortcut. */
const isPaging = ({ cpu }: MachineState) => cpu.control[0] < 0

/** Everything a step changed. EIP is left out: it always changes. */
export function changesOf({ before, after, events }: Explained): Change[] {
  return [
    ...compare("register", registers(before), registers(after), (value) => hex(value)).filter(
      ({ name }) => name !== "EIP",
    ),
    ...compare("flag", flags(before), flags(after), String),
    ...compare("segment", selectors(before), selectors(after), (value) => hex(value, 4)),
    ...cacheChanges(before, after),
    ...compare("control", control(before), control(after), (value) => hex(value)),
    ...memoryChanges(events),
    ...(isPaging(after) ? tlbChanges(before, after) : []),
    ...deviceChanges(before, after),
  ]
}
