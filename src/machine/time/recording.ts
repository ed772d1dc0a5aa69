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
import type { Machine, MachineOptions, MachineState, Outcome } from "../machine"
import { type DeviceShape, type Entry, journaled, shapeOf } from "./journal"

/** A recorded run, plain data. */
export interface Recorded {
  readonly options: MachineOptions
  readonly devices: readonly DeviceShape[]
  readonly state: MachineState
  readonly pages: SavedPages
  readonly journal: readonly Entry[]
  readonly steps: number
  readonly why: RunEnd["why"]
  /** Where zeros begin that the machine executed at last, if it was stopped for that. */
  readonly zeros?: number
  /** Of the end state: see `hashOf`. */
  readonly hash: string
  /** Of the journal, if there is one: a number in it may matter to nobody but a reader. Release 0.1.0 wrote none. */
  readonly journalHash?: string
}

const hashOfJournal = (journal: readonly Entry[]) => new Hash().text(JSON.stringify(journal)).digest()

/** Whether a recording's journal is the one that was written. */
export const isJournalWhole = ({ journal, journalHash }: Recorded): boolean =>
  journalHash === undefined || journalHash === hashOfJournal(journal)

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

/** How a run ended. "zeros": it was stopped where it executed memory that nobody wrote, which begins at `zeros`. */
export interface RunEnd {
  readonly why: Outcome["why"] | "zeros"
  readonly zeros?: number
}

/** Whatever makes a machine run: how the run ended, if it can tell. */
// biome-ignore lint/suspicious/noConfusingVoidType: a loop that gives nothing back fits, too
export type Drive = () => RunEnd | void

/**
 * Run a machine and record it. The machine ends where the run ends, and can go on.
 * @param steps at most so many
 * @param drive what runs it; `machine.run` if not said
 */
export function recordRun(
  machine: Machine,
  steps: number,
  stopRequested?: () => boolean,
  drive: Drive = () => machine.run({ steps, stopRequested }),
): RecordedRun {
  const first = machine.clock.steps
  const state = machine.save()
  const pages = savePages(machine)
  const entries: Entry[] = []
  const collector = new MarkCollector(machine, first, MARK_LIMIT)
  const journal = journalForeign(machine, entries)
  machine.listener = collector
  try {
    const { why, zeros }: RunEnd = drive() ?? { why: "left" }
    journal.close()
    const { options, bus } = machine
    const recorded = {
      options,
      devices: bus.devices.map(shapeOf),
      state,
      pages,
      journal: entries,
      why,
      ...(zeros === undefined ? {} : { zeros }),
      steps: machine.clock.steps - first,
      hash: hashOf(machine),
      ...(entries.length > 0 ? { journalHash: hashOfJournal(entries) } : {}),
    }
    return { recorded, marks: collector.marks }
  } finally {
    machine.listener = undefined
    journal.restore()
  }
}

/** Have foreign devices' calls noted; returns what ends the last of them, and what undoes it all. */
function journalForeign(machine: Machine, entries: Entry[]) {
  const foreign = machine.bus.devices.filter((device) => device.kind === undefined)
  const wrapped = foreign.map((device) => [device, journaled(device, entries)] as const)
  for (const [device, journal] of wrapped) machine.bus.replace(device, journal)
  return {
    close() {
      for (const [, journal] of wrapped) journal.close()
    },
    restore() {
      for (const [device, journal] of wrapped) machine.bus.replace(journal, device)
    },
  }
}

/** How many bytes a page holds before its trailing zeros. */
function usedBytes(page: Uint8Array): number {
  const words = new Int32Array(page.buffer, page.byteOffset, page.length / 4)
  let used = words.length
  while (used > 0 && words[used - 1] === 0) used--
  return used * 4
}

/** Pages that hold anything: number, then bytes in base64 without trailing zeros. */
export type SavedPages = readonly (readonly [page: number, bytes: string])[]

export function savePages({ memory }: Machine): SavedPages {
  const saved: [number, string][] = []
  for (let number = 0; number < memory.size >>> PAGE_SHIFT; number++) {
    const page = memory.page(number)
    const used = usedBytes(page)
    if (used > 0) saved.push([number, toBase64(page.subarray(0, used))])
  }
  return saved
}

/**
 * Write saved pages into memory that is all zeros.
 * @param what what they are pages of, for messages
 */
export function writePages({ memory }: Machine, pages: SavedPages, what: string): void {
  for (const [number, text] of pages) {
    const bytes = fromBase64(text)
    if (bytes.length > PAGE_SIZE) throw new RangeError(`page ${number} of ${what} has ${bytes.length} bytes`)
    memory.write(number * PAGE_SIZE, bytes)
  }
}

/** Write a recorded start into a fresh machine. */
export function restoreStart(machine: Machine, recorded: Recorded): void {
  writePages(machine, recorded.pages, "the recording")
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
