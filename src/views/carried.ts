/** Checks what an output carries before it is replayed: the notebook may come from anybody. */
import { ALL_ENTRIES } from "../machine/address/tlb"
import { unpacked } from "./packed"
import type { CarriedRecording } from "./record"

/** A replay is refused beyond these. */
const MOST_STEPS = 200_000_000
const MOST_MEBIBYTES = 256

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0

/** Something is wrong with a recording. */
export class Damaged extends RangeError {
  constructor(what: string) {
    super(`the recording in this output is damaged (${what}); run the cell again`)
  }
}

function need(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Damaged(what)
}

/**
 * What an output carries as `recording`, packed or not, if it looks like a recording.
 * @throws RangeError naming what is wrong
 */
export function checkCarried(part: unknown): CarriedRecording {
  const carried = plain(part)
  need(isObject(carried) && isObject(carried.run), "no run")
  checkRun(carried.run)
  if (carried.listing !== undefined) checkListing(carried.listing)
  return carried as unknown as CarriedRecording
}

function plain(part: unknown): unknown {
  try {
    return unpacked(part)
  } catch (error) {
    throw new Damaged((error as RangeError).message)
  }
}

function checkRun(run: Fields): void {
  need(
    isObject(run.options) && isCount(run.options.memory) && typeof run.options.hertz === "number",
    "machine options",
  )
  need(
    run.options.memory <= MOST_MEBIBYTES,
    `${run.options.memory} MiB of memory; replays have at most ${MOST_MEBIBYTES}`,
  )
  need(isCount(run.steps) && run.steps <= MOST_STEPS, "number of steps")
  need(typeof run.hash === "string" && typeof run.why === "string", "end")
  need(Array.isArray(run.devices) && run.devices.every(isDevice), "devices")
  need(Array.isArray(run.pages) && run.pages.every((page) => isPair(page, isCount, isText)), "pages")
  need(
    Array.isArray(run.journal) &&
      run.journal.every(
        (entry) => Array.isArray(entry) && typeof entry[0] === "number" && Array.isArray(entry[1]),
      ),
    "journal",
  )
  checkState(run.state)
}

const isText = (value: unknown): value is string => typeof value === "string"
const isPair = (value: unknown, first: (value: unknown) => boolean, second: (value: unknown) => boolean) =>
  Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1])

/** A name, and spans of ports and pages that are not absurdly long. */
function isDevice(device: unknown): boolean {
  if (!isObject(device) || !isText(device.name)) return false
  return [device.ports, device.memory].every(
    (spans) => spans === undefined || (Array.isArray(spans) && spans.every(isSpan)),
  )
}

const isSpan = (span: unknown) =>
  isPair(span, isCount, isCount) &&
  (span as number[])[1] - (span as number[])[0] <= 0xffff_ffff &&
  (span as number[])[1] <= 0xffff_ffff

const isNumbers = (value: unknown, length: number) =>
  Array.isArray(value) &&
  value.length === length &&
  value.every((number) => typeof number === "number" && Number.isInteger(number))

function checkState(state: unknown): void {
  need(
    isObject(state) &&
      isObject(state.cpu) &&
      isObject(state.clock) &&
      isObject(state.ledger) &&
      isObject(state.devices) &&
      isObject(state.board) &&
      typeof state.board.a20 === "boolean" &&
      isCount(state.board.rom) &&
      state.board.rom <= 0x4_0000,
    "state",
  )
  const { cpu, clock } = state
  need(
    isNumbers(cpu.reg, 8) &&
      isNumbers(cpu.control, 5) &&
      isNumbers(cpu.debug, 8) &&
      isNumbers(cpu.pointers, 4) &&
      isObject(cpu.modelSpecific) &&
      Number.isInteger(cpu.modelSpecific.timeStampOffset) &&
      isNumbers(cpu.modelSpecific.values, 4),
    "registers",
  )
  need(
    Array.isArray(cpu.segments) &&
      cpu.segments.length === 8 &&
      cpu.segments.every((segment) => isNumbers(segment, 4)),
    "segments",
  )
  need(
    isObject(cpu.gdtr) &&
      isObject(cpu.idtr) &&
      isObject(cpu.tlb) &&
      Array.isArray(cpu.tlb.entries) &&
      Array.isArray(cpu.nmi),
    "tables",
  )
  need(
    cpu.tlb.entries.every((entry) => isNumbers(entry, 5) && entry[0] >= 0 && entry[0] < ALL_ENTRIES),
    "TLB",
  )
  need(
    isCount(clock.now) && isCount(clock.charged) && isCount(clock.sequence) && Array.isArray(clock.queue),
    "clock",
  )
  need(
    clock.queue.every(
      (event) => isObject(event) && isCount(event.at) && isText(event.device) && isCount(event.tag),
    ),
    "event queue",
  )
}

function checkListing(listing: unknown): void {
  need(
    isObject(listing) &&
      isCount(listing.origin) &&
      isText(listing.bytes) &&
      isText(listing.source) &&
      isObject(listing.symbols) &&
      isObject(listing.labels),
    "listing",
  )
  need(Array.isArray(listing.lines) && listing.lines.every((line) => isNumbers(line, 3)), "lines")
  need(
    [listing.symbols, listing.labels]
      .flatMap((names) => Object.values(names))
      .every((value) => typeof value === "number"),
    "symbols",
  )
}
