/**
 * Recording a run: the state it began in, what came from outside, and a hash of where it ended. Nothing is stored a step;
 * the machine is deterministic, so a replay shows everything.
 */
import { fromBase64, toBase64 } from "../../numbers/base64"
import { Hash } from "../../numbers/hash"
import { finished, type Work } from "../../numbers/slices"
import { PAGE_SHIFT, PAGE_SIZE } from "../board/memory"
import type { Event, Listener } from "../events/events"
import { MARK_KINDS, type Mark, type MarkKind } from "../events/marks"
import type { Ending, Machine, MachineOptions, MachineState } from "../machine"
import { type DeviceShape, type Entry, journaled, shapeOf } from "./journal"

/** A recorded run, plain data. */
export interface Recorded {
  readonly options: MachineOptions
  readonly devices: readonly DeviceShape[]
  readonly state: MachineState
  /** Pages that hold anything: number, then bytes in base64 without trailing zeros. */
  readonly pages: readonly (readonly [page: number, bytes: string])[]
  readonly journal: readonly Entry[]
  readonly steps: number
  readonly why: Ending | "stopped"
  /** Of the end state: see `hashOf`. */
  readonly hash: string
}

/** The number that goes with an event in a mark. */
function markValue(event: Event): number | undefined {
  switch (event.is) {
    case "trap":
    case "interrupt":
    case "fault":
      return event.vector
    case "ring":
      return event.to
    case "port":
      return event.port
    case "cr3":
      return event.to
    default:
      return undefined
  }
}

/** Notes what happens while a machine runs, so many marks at most. */
export class MarkCollector implements Listener {
  readonly detail = false
  readonly marks: Mark[] = []

  constructor(
    private readonly machine: Machine,
    private readonly firstStep: number,
    private readonly limit: number,
  ) {}

  tell(event: Event): void {
    const value = markValue(event)
    if (value === undefined || this.marks.length >= this.limit) return
    this.marks.push([
      this.machine.clock.steps - this.firstStep,
      MARK_KINDS.indexOf(event.is as MarkKind),
      value,
    ])
  }
}

/** So many marks are kept of one run; later ones are found by no jump. */
export const MARK_LIMIT = 1_000_000

export interface RecordedRun {
  readonly recorded: Recorded
  readonly marks: readonly Mark[]
}

/**
 * Run a machine and record it. The machine ends where the run ends, and can go on.
 * @param steps at most so many
 */
export function recordRun(machine: Machine, steps: number, stopRequested?: () => boolean): RecordedRun {
  const state = machine.save()
  const pages = savePages(machine)
  const entries: Entry[] = []
  const collector = new MarkCollector(machine, machine.clock.steps, MARK_LIMIT)
  const restore = journalForeign(machine, entries)
  machine.listener = collector
  try {
    const outcome = machine.run({ steps, stopRequested })
    const { options, bus } = machine
    const recorded = {
      options,
      devices: bus.devices.map(shapeOf),
      state,
      pages,
      journal: entries,
      ...outcome,
      hash: hashOf(machine),
    }
    return { recorded, marks: collector.marks }
  } finally {
    machine.listener = undefined
    restore()
  }
}

/** Have foreign devices' calls noted; returns what undoes it. */
function journalForeign(machine: Machine, entries: Entry[]): () => void {
  const foreign = machine.bus.devices.filter((device) => device.kind === undefined)
  const wrapped = foreign.map((device) => [device, journaled(device, entries)] as const)
  for (const [device, journal] of wrapped) machine.bus.replace(device, journal)
  return () => {
    for (const [device, journal] of wrapped) machine.bus.replace(journal, device)
  }
}

/** How many bytes a page holds before its trailing zeros. */
function usedBytes(page: Uint8Array): number {
  const words = new Int32Array(page.buffer, page.byteOffset, page.length / 4)
  let used = words.length
  while (used > 0 && words[used - 1] === 0) used--
  return used * 4
}

function savePages(machine: Machine): [page: number, bytes: string][] {
  const { memory } = machine
  const saved: [number, string][] = []
  for (let number = 0; number < memory.size >>> PAGE_SHIFT; number++) {
    const page = memory.page(number)
    const used = usedBytes(page)
    if (used > 0) saved.push([number, toBase64(page.subarray(0, used))])
  }
  return saved
}

/** Write a recorded start into a fresh machine. */
export function restoreStart(machine: Machine, recorded: Recorded): void {
  for (const [number, text] of recorded.pages) {
    const bytes = fromBase64(text)
    if (bytes.length > PAGE_SIZE)
      throw new RangeError(`page ${number} of the recording has ${bytes.length} bytes`)
    machine.memory.write(number * PAGE_SIZE, bytes)
  }
  machine.restore(recorded.state)
}

/** A hash of everything a program could tell apart: registers, devices, clock, memory. */
export const hashOf = (machine: Machine): string => finished(hashing(machine))

/** Pages hashed between two yields: 4 MiB take some ten milliseconds. */
const HASHED = 1024
const ALL_STEPS_DONE = { done: 1, of: 1 }

/** `hashOf` in slices. The machine must rest until it is done. */
export function* hashing(machine: Machine): Work<string> {
  const hash = new Hash().text(JSON.stringify(machine.save()))
  const { memory } = machine
  const pages = memory.size >>> PAGE_SHIFT
  for (let number = 0; number < pages; number++) {
    if (number > 0 && number % HASHED === 0) yield ALL_STEPS_DONE
    const page = memory.page(number)
    const used = usedBytes(page)
    if (used > 0) hash.text(`${number}:`).bytes(page.subarray(0, used))
  }
  return hash.digest()
}
