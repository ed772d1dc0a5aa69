/** Checks what an output carries before it is replayed: the notebook may come from anybody. */
import { ALL_ENTRIES } from "../machine/address/tlb"
import { isCall } from "../machine/ring0/log"
import { VERSION } from "../version"
import { type Check, check, Malformed } from "./check"
import { LIMITS, TooLarge } from "./limits"
import { unpacked } from "./packed"
import type { CarriedRecording } from "./record"

/** Something is wrong with a recording. */
export class Damaged extends RangeError {
  constructor(what: string) {
    super(`the recording in this output is damaged (${what}); run the cell again`)
  }
}

/** A recording of another release names something that this one has not. */
export class NotHere extends RangeError {
  constructor(what: string, core: string) {
    super(`${what}; the recording was made with ringlab ${core}, and this is ${VERSION}`)
  }
}

/** A list may be as long as the notebook's file. */
const UNBOUNDED = Number.POSITIVE_INFINITY
const { anything, dictionary, exactly, list, object, oneOf, orNothing, truth, tuple, whole } = check
const words = check.text(UNBOUNDED)
const all = (item: Check) => list(item, UNBOUNDED)
const number = check.number(-Number.MAX_VALUE, Number.MAX_VALUE)
const names = dictionary(number, UNBOUNDED)

const count = whole(0, Number.MAX_SAFE_INTEGER)
/** 32 bits, with a sign or without. */
const value = whole(-(2 ** 31), 2 ** 32 - 1)
const place = whole(0, 2 ** 32 - 1)

const table = object({ base: value, limit: value })
const slot = whole(0, ALL_ENTRIES - 1)

/** What later releases add to the state may be missing: those fields' names end in "?". */
const cpu = object({
  reg: exactly(8, value),
  eip: value,
  flags: value,
  segments: exactly(8, exactly(4, value)),
  gdtr: table,
  idtr: table,
  control: exactly(5, value),
  pointers: exactly(4, value),
  debug: exactly(8, value),
  modelSpecific: object({
    timeStampOffset: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    values: exactly(4, value),
  }),
  breakpointsMet: value,
  activity: oneOf("running", "halted", "shutdown", "reset"),
  shadow: oneOf("none", "STI", "MOV SS"),
  repeatFlags: orNothing(value),
  suspended: truth,
  nmi: exactly(2, truth),
  tlb: object({ entries: all(tuple(slot, value, value, value, value)), misses: count }),
})

const state = object({
  cpu,
  clock: object({
    now: count,
    charged: count,
    sequence: count,
    queue: list(object({ at: count, sequence: count, device: words, tag: count }), LIMITS.events),
  }),
  ledger: dictionary(number, UNBOUNDED),
  devices: object({}),
  board: object({ a20: truth, rom: whole(0, 0x4_0000) }),
})

const memory: Check = (mebibytes, where) => {
  count(mebibytes, where)
  if ((mebibytes as number) > LIMITS.memory)
    throw new Damaged(`${mebibytes} MiB of memory; replays have at most ${LIMITS.memory}`)
}

/** What a device asked of the machine. */
const asked: Check = (call, where) => {
  if (!isCall(call)) throw new Malformed(where, "a call that a log may name, with its numbers")
}

/** What a device's call gave and asked for, and perhaps its state after it. */
const entry: Check = (call, where) => {
  list(anything, 3)(call, where)
  const [answer, calls] = call as readonly unknown[]
  if (typeof answer !== "number") throw new Malformed(`${where}[0]`, "a number")
  all(asked)(calls, `${where}[1]`)
}

const port = whole(0, 0xffff)
const ports = list(tuple(port, port), LIMITS.spans)
const addresses = list(tuple(place, place), LIMITS.spans)
const page = tuple(count, check.text(LIMITS.page))

const run = object({
  options: object({
    memory,
    hertz: number,
    "repaired?": all(words),
    "generation?": words,
    "prices?": dictionary(number, UNBOUNDED),
  }),
  devices: list(
    object({
      name: words,
      "kind?": words,
      "ports?": ports,
      "memory?": addresses,
      "entries?": dictionary(words, LIMITS.entries),
    }),
    LIMITS.devices,
  ),
  state,
  pages: all(page),
  journal: all(entry),
  steps: whole(0, LIMITS.steps),
  why: words,
  "zeros?": place,
  hash: words,
  "journalHash?": words,
})

const listing = object({
  origin: count,
  bytes: words,
  symbols: names,
  labels: names,
  source: words,
  lines: all(exactly(3, value)),
  "isGuest?": truth,
})

const recording = object({ run, "listing?": listing })

/**
 * What an output carries as `recording`, packed or not, if it looks like a recording. What a newer release says beyond this
 * one's fields is not looked at; if it matters, the replay ends elsewhere than the recording did, which is told then.
 * @throws TooLarge; Damaged, naming what is wrong
 */
export function checkCarried(part: unknown): CarriedRecording {
  const carried = orDamaged(() => unpacked(part, "recording"))
  orDamaged(() => recording(carried, "recording"))
  return carried as CarriedRecording
}

function orDamaged<T>(look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw error instanceof Damaged || error instanceof TooLarge
      ? error
      : new Damaged((error as Error).message)
  }
}
