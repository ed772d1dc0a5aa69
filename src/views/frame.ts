/** A moment of a run as a `Frame`: plain data for one picture. */
import { believedCpu } from "../hypervisors/believed"
import { FLAG_BITS, field } from "../isa/eflags"
import { ESP, SS } from "../isa/registers"
import { CAUSES } from "../machine/events/costs"
import type { MachineState } from "../machine/machine"
import { BIG } from "../machine/processor/descriptors"
import { type Group, type Named, registersIn } from "../machine/processor/registers"
import { peek32, peekCode } from "../machine/time/peek"
import type { Explained } from "../machine/time/replay"
import { hex } from "../numbers/int"
import { changesOf, flatten } from "./changes"
import { codeAddress, codeLines, instructionAt, instructionText, ranNothing } from "./code"
import { labelsOf, type Moment, quotedPlace } from "./context"
import { errorCodeWords } from "./error-code"
import { eventLine, ringOf, sentenceOf } from "./happenings"
import { pushedIn, stillThere } from "./pushed"
import { gdtRows, idtRows, SHOWN_SEGMENTS, segmentNote } from "./tables"
import type { Cell, Change, Frame, FrameOptions, StackSlot } from "./view"
import { watchesOf } from "./watches"

/** Flags of a virtual-8086 monitor alone, and limits, which the tables themselves show. */
const HIDDEN = ["VIF", "VIP", "GDTR.limit", "IDTR.limit"]
const shown = (...groups: readonly Group[]) =>
  registersIn(...groups).filter(({ name }) => !HIDDEN.includes(name))
const GENERAL = shown("general")
const FLAGS = shown("flags")
const CONTROL = shown("control", "tables")
const STACK_SLOTS = 10
/** So many changes are named in the sentence. */
const NAMED_CHANGES = 2

/** Make the frame of a moment. */
export function frameOf(moment: Moment, stepNumber: number, options: FrameOptions = {}): Frame {
  const { replay, step, listing } = moment
  const { machine } = replay
  const labels = labelsOf(listing)
  const now = step?.after ?? machine.save()
  const before = step?.before ?? now
  // A guest's registers are shown as they are: what a step changed, only the real ones tell.
  const seen = options.guest ? { ...now, cpu: believedCpu(machine) ?? now.cpu } : now
  const was = options.guest ? seen : before
  const changes = step ? changesOf(step) : []
  const fault = step && lastFault(step)
  return {
    step: stepNumber,
    ring: ringOf(now.cpu.segments),
    sentence: step ? sentence(moment, step, changes, labels) : firstSentence(moment, now, labels),
    ...(fault ? { fault } : {}),
    events: (step?.events ?? [])
      .map((event) => eventLine(event, labels))
      .filter((line) => line !== undefined),
    changes,
    cycles: cyclesOf(before, now),
    code: codeLines(moment, labels),
    registers: registerCells(GENERAL, was, seen),
    flags: registerCells(FLAGS, was, seen),
    segments: segmentCells(was, seen),
    control: registerCells(CONTROL, was, seen),
    stack: stackSlots(moment, now, labels),
    idt: idtRows(moment, labels),
    gdt: gdtRows(moment),
    memory: [],
    ...(options.pins?.length ? { watches: watchesOf(moment, options.pins) } : {}),
    devices: deviceCells(before, now),
  }
}

function lastFault({ events }: Explained): Frame["fault"] {
  const fault = events.findLast((event) => event.is === "fault")
  if (!fault) return undefined
  const { name, vector, errorCode, says, see } = fault
  if (errorCode === null) return { name, says, see }
  const code = errorCode === 0 ? "0" : hex(errorCode, 4)
  const words = `Error code ${code}: ${errorCodeWords(vector, errorCode)}`
  return { name: `${name}(${code})`, says: `${says}. ${words}.`, see }
}

function sentence(
  moment: Moment,
  step: Explained,
  changes: readonly Change[],
  labels: ReadonlyMap<number, string>,
): string {
  const { replay, listing } = moment
  const { before, after, events } = step
  const next = instructionText(replay.machine, before, listing)
  const { length } = instructionAt(replay.machine, codeAddress(before), before, listing)
  return sentenceOf({
    instruction: ranNothing(moment) ? undefined : next,
    next,
    eipBefore: codeAddress(before),
    ringBefore: ringOf(before.cpu.segments),
    ringAfter: ringOf(after.cpu.segments),
    where: whereIs(moment, after, labels),
    jumped: ((before.cpu.eip + length) | 0) !== after.cpu.eip && before.cpu.eip !== after.cpu.eip,
    events,
    changed: namedChanges(changes),
    labels,
  })
}

/** Where a state's processor is: at a label, at an address, or at code in TypeScript. */
function whereIs(
  { replay, listing }: Moment,
  state: MachineState,
  labels: ReadonlyMap<number, string>,
): string {
  if (!peekCode(replay.machine, codeAddress(state))) return quotedPlace(state.cpu.eip >>> 0, labels)
  return `“${instructionText(replay.machine, state, listing)}”`
}

/** Flags that a result leaves behind, and RF, which comes and goes with faults. */
const PASSING_FLAGS = new Set(["CF", "PF", "AF", "ZF", "SF", "OF", "RF"])

/** The changes worth a word: flags that rule (IF, IOPL …), then registers and memory; a result's flags only by themselves. */
function namedChanges(changes: readonly Change[]): string[] {
  const flags = changes.filter(({ what }) => what === "flag")
  const ruling = flags.filter(({ name }) => !PASSING_FLAGS.has(name))
  const others = changes.filter(({ what }) => !QUIET.has(what))
  const descriptors = changes.filter(({ what }) => what === "descriptor")
  const best = [[...ruling, ...others], descriptors, flags].find(({ length }) => length > 0) ?? []
  return best.slice(0, NAMED_CHANGES).map(named)
}

/** Changes that the list tells, and the sentence only if there is nothing else to tell. */
const QUIET: ReadonlySet<Change["what"]> = new Set(["flag", "descriptor", "tlb", "device"])

/** What is said before a name that might be read as something else: PF is also a page fault. */
const PLACES: Partial<Record<Change["what"], string>> = {
  descriptor: "the descriptor held in ",
  flag: "flag ",
}

function named({ what, name, old, value }: Change): string {
  const place = `${PLACES[what] ?? ""}${name}`
  return old === value
    ? `${place} was written again with ${value}`
    : `${place} changed from ${old} to ${value}`
}

function firstSentence(
  { replay, listing }: Moment,
  now: MachineState,
  labels: ReadonlyMap<number, string>,
): string {
  const ring = ringOf(now.cpu.segments)
  const where = quotedPlace(codeAddress(now), labels)
  return `Before the first step: the machine is in ring ${ring} and will run “${instructionText(replay.machine, now, listing)}” at ${where}.`
}

function cyclesOf(before: MachineState, now: MachineState): Frame["cycles"] {
  const work = now.clock.now - now.clock.charged - (before.clock.now - before.clock.charged)
  const charged = CAUSES.map(
    (cause) => [cause, now.ledger[cause] - before.ledger[cause] + (cause === "work" ? work : 0)] as const,
  )
  return { step: charged.filter(([, cycles]) => cycles > 0), total: now.clock.now }
}

const cell = (name: string, old: number, value: number, note?: string): Cell => ({
  name,
  value: value >>> 0,
  ...(old !== value ? { old: old >>> 0 } : {}),
  ...(note ? { note } : {}),
})

/** Cells of those registers that there are. */
const registerCells = (registers: readonly Named[], before: MachineState, now: MachineState): Cell[] =>
  registers.flatMap(({ name, of }) => {
    const value = of(now.cpu)
    return value === undefined ? [] : [cell(name, of(before.cpu) ?? value, value)]
  })

function segmentCells(before: MachineState, now: MachineState): Cell[] {
  return SHOWN_SEGMENTS.map(({ number, name }) =>
    cell(
      name,
      before.cpu.segments[number][0],
      now.cpu.segments[number][0],
      segmentNote(now.cpu.segments[number], number),
    ),
  )
}

/** A zero is hardly ever an address, also where a label is at 0. */
const labelOfValue = (value: number, labels: ReadonlyMap<number, string>) =>
  value === 0 ? undefined : labels.get(value)

/** Pushed flags are told by name: a fault leaves RF 1 in them, which else were a riddle. */
function pushedNote(what: string | undefined, value: number): string | undefined {
  if (what !== "EFLAGS") return what
  const set = FLAG_BITS.filter(([, mask]) => value & mask)
  return set.length === 0
    ? what
    : `${what} (${set.map(([name, mask]) => flagText(name, field(value, mask))).join(", ")})`
}

const flagText = (name: string, value: number) => (name === "IOPL" ? `${name} ${value}` : name)

/** The top of the stack, up to a label, where something else begins; with notes on what the machine itself pushed there. */
function stackSlots(
  { replay: { machine }, step, pushed }: Moment,
  now: MachineState,
  labels: ReadonlyMap<number, string>,
): StackSlot[] {
  const [, base, , access] = now.cpu.segments[SS]
  const mask = access & BIG ? -1 : 0xffff
  const notes = stillThere(machine, pushed)
  for (const { linear, what } of step ? pushedIn(step.events, base) : []) notes.set(linear, what)
  const written = new Map(
    (step?.events ?? []).flatMap((event) =>
      event.is === "write" ? [[event.linear, event.old] as const] : [],
    ),
  )
  const slots: StackSlot[] = []
  for (let n = 0; n < STACK_SLOTS; n++) {
    const address = ((now.cpu.reg[ESP] + 4 * n) & mask) >>> 0
    const linear = (base + address) >>> 0
    const value = peek32(machine, linear)
    if (value === null) break
    const place = labels.get(linear)
    if (place !== undefined && n > 0) break
    const old = written.get(linear)
    const note = place
      ? `${place}: empty`
      : (pushedNote(notes.get(linear), value) ?? labelOfValue(value, labels))
    slots.push({
      address,
      value,
      ...(old !== undefined && old !== value ? { old } : {}),
      ...(written.has(linear) ? { written: true } : {}),
      ...(note ? { note } : {}),
      ...(n === 0 ? { top: true } : {}),
    })
    if (place !== undefined) break
  }
  return slots
}

function deviceCells(before: MachineState, now: MachineState): Cell[] {
  return Object.keys(now.devices).flatMap((device) => {
    const old = new Map(flatten(before.devices[device], device))
    return flatten(now.devices[device], device).flatMap(([name, value]) => {
      if (typeof value !== "number") return []
      const was = old.get(name)
      return [cell(name, typeof was === "number" ? was : value, value)]
    })
  })
}
