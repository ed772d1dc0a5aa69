/** What a step changed: two states compared, and the memory writes told by the machine. */
import { SEGMENT_NAMES } from "../isa/registers"
import type { Event } from "../machine/events/events"
import type { MachineState } from "../machine/machine"
import { changedIn, type Group, type Named, REGISTERS, written } from "../machine/processor/registers"
import type { Explained } from "../machine/time/replay"
import { hex } from "../numbers/int"
import { segmentNote } from "./tables"
import type { Change } from "./view"

/** How a register's change is called, by group. What segment registers hold beside selectors is told in words. */
const KINDS: Readonly<Record<Group, Change["what"]>> = {
  general: "register",
  flags: "flag",
  segments: "segment",
  descriptors: "descriptor",
  control: "control",
  tables: "control",
  debug: "control",
  "model-specific": "control",
}

const ofKind = (...kinds: readonly Change["what"][]) =>
  REGISTERS.filter(({ group }) => kinds.includes(KINDS[group]))
/** EIP is left out: it always changes. */
const RESULTS = ofKind("register", "flag", "segment").filter(({ name }) => name !== "EIP")
const SYSTEM = ofKind("control")

/** Changes of registers, each with its own digits or with others. */
const registerChanges = (
  registers: readonly Named[],
  { before, after }: Explained,
  width?: number,
): Change[] =>
  changedIn(registers, before.cpu, after.cpu).map(({ group, name, digits, old, value }) => ({
    what: KINDS[group],
    name,
    old: written(old, width ?? digits),
    value: written(value, width ?? digits),
  }))

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

/** Everything a step changed, but EIP. System registers are written alike, limits too. */
export function changesOf(step: Explained): Change[] {
  const { before, after, events } = step
  return [
    ...registerChanges(RESULTS, step),
    ...cacheChanges(before, after),
    ...registerChanges(SYSTEM, step, 8),
    ...memoryChanges(events),
    ...(isPaging(after) ? tlbChanges(before, after) : []),
    ...deviceChanges(before, after),
  ]
}
