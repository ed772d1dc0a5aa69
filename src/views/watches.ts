/**
 * What a reader watches: registers and memory, looked up anew in each step.
 *
 *     pin     =  register  |  place [ type [ count ]]
 *     place   =  sum  |  "[" sum "]"                      ticks   [esp+8]   0x400000
 *     sum     =  term { ( "+" | "-" ) term }
 *     term    =  register  |  label  |  number            a number is decimal, unless it is written 0x… or …h
 *     type    =  "db"  |  "dw"  |  "dd"                   dd if none is said
 *
 * A register by itself is its value; anything else is an address, and the memory there is watched.
 */
import type { Machine } from "../machine/machine"
import { type Named, registersIn } from "../machine/processor/registers"
import { peekByte } from "../machine/time/peek"
import type { Listing, Moment } from "./context"
import type { Watch } from "./view"

/** Bits of a type. */
const TYPES = { db: 8, dw: 16, dd: 32 } as const
type Bits = (typeof TYPES)[keyof typeof TYPES]
const MOST = 64

const WATCHED = registersIn("general", "flags", "segments", "control", "tables", "debug")
const registerNamed = (name: string): Named | undefined =>
  WATCHED.find((register) => register.name === name.toUpperCase())

interface Term {
  readonly sign: 1 | -1
  readonly of: Named | number
}
type Pin = Named | { readonly terms: readonly Term[]; readonly bits: Bits; readonly count: number }

/** What is wrong with a pin, in a sentence. */
class Wrong extends Error {}

/** Each pin as it is now. One that means nothing says why. */
export function watchesOf({ replay: { machine }, step, listing }: Moment, pins: readonly string[]): Watch[] {
  const written = step ? writtenBytes(step.events) : new Map<number, undefined>()
  return pins.map((title) => {
    try {
      const pin = readPin(title, listing)
      return {
        title,
        ...("terms" in pin ? memoryAt(pin, machine, written) : registerOf(pin, machine, step?.before)),
      }
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      return { title, wrong: error.message, bits: 8, values: [], changed: [] }
    }
  })
}

/** A pin as release 0.1.0 had it, said anew: 64 bytes at a register, a label, a sum or a hexadecimal number. */
export function pinOf010(pin: string): string {
  const sum = pin.replace(/[[\]\s]/g, "")
  const isNumber = /^[0-9a-f]{1,8}$/i.test(sum) && /\d/.test(sum)
  return `[${isNumber ? "0x" : ""}${sum}] db ${MOST}`
}

/** The linear address that a place names: a label, a register, a sum; undefined if it names none. */
export function addressOf(place: string, machine: Machine, listing: Listing | undefined): number | undefined {
  try {
    return sumOf(readSum(inBrackets(place.trim()), listing), machine)
  } catch (error) {
    if (error instanceof Wrong) return undefined
    throw error
  }
}

// ---- reading

function readPin(text: string, listing: Listing | undefined): Pin {
  const [, place, type, count] = /^(.*?)(?:\s+(d[a-z])(?:\s+(\S+))?)?$/i.exec(text.trim()) as RegExpExecArray
  const register = registerNamed(place)
  if (register && type === undefined) return register
  return { terms: readSum(inBrackets(place), listing), bits: readType(type), count: readCount(count) }
}

function inBrackets(place: string): string {
  const inside = /^\[(.*)\]$/.exec(place)?.[1] ?? place
  if (/[[\]]/.test(inside)) throw new Wrong(`“${place}” has a bracket too few or too many; write [esp+8].`)
  return inside
}

function readType(type = "dd"): Bits {
  const name = type.toLowerCase()
  if (!Object.hasOwn(TYPES, name)) throw new Wrong(`“${type}” is no type: write db, dw or dd.`)
  return TYPES[name as keyof typeof TYPES]
}

function readCount(count = "1"): number {
  const number = Number(count)
  if (Number.isInteger(number) && number >= 1 && number <= MOST) return number
  throw new Wrong(`“${count}” is no count: behind the type stands how many, 1 to ${MOST}.`)
}

function readSum(sum: string, listing: Listing | undefined): Term[] {
  const parts = `+${sum.replace(/\s/g, "")}`.match(/[+-][^+-]*/g) ?? []
  return parts.map((part) => {
    const term = part.slice(1)
    if (term === "") throw new Wrong(`“${sum}” lacks a register, a label or a number beside a sign.`)
    return { sign: part.startsWith("-") ? -1 : 1, of: readTerm(term, listing) }
  })
}

function readTerm(term: string, listing: Listing | undefined): Named | number {
  const register = registerNamed(term)
  if (register) return register
  if (listing && Object.hasOwn(listing.symbols, term)) return listing.symbols[term]
  const [, prefixed, suffixed, decimal] =
    /^(?:0x([0-9a-f]{1,8})|(\d[0-9a-f]{0,8})h|(\d{1,10}))$/i.exec(term) ?? []
  if (decimal !== undefined) return Number(decimal)
  const digits = prefixed ?? suffixed
  if (digits !== undefined) return Number.parseInt(digits, 16)
  const isHexadecimal = /^[0-9a-f]{1,8}$/i.test(term)
  throw new Wrong(
    `“${term}” names no register, label or number${isHexadecimal ? `; a hexadecimal number is written 0x${term}` : ""}.`,
  )
}

// ---- looking

type Seen = Omit<Watch, "title">

function registerOf(
  { of, digits }: Named,
  machine: Machine,
  before: { cpu: Parameters<Named["of"]>[0] } | undefined,
): Seen {
  const now = of(machine.save().cpu)
  const old = before && of(before.cpu)
  const changed = old !== undefined && old !== now
  const bits = digits === 0 ? 8 : digits === 4 ? 16 : 32
  return {
    bits,
    values: [now === undefined ? null : now >>> 0],
    changed: changed ? [0] : [],
    ...(changed ? { old: old >>> 0 } : {}),
  }
}

function memoryAt(
  { terms, bits, count }: Extract<Pin, { terms: unknown }>,
  machine: Machine,
  written: ReadonlyMap<number, unknown>,
): Seen {
  const address = sumOf(terms, machine)
  const bytes = bits / 8
  const each = Array.from({ length: count }, (_, n) => (address + n * bytes) >>> 0)
  const isWritten = (at: number) =>
    Array.from({ length: bytes }, (_, n) => (at + n) >>> 0).some((byte) => written.has(byte))
  return {
    bits,
    address,
    values: each.map((at) => valueAt(machine, at, bytes)),
    changed: each.flatMap((at, n) => (isWritten(at) ? [n] : [])),
  }
}

function sumOf(terms: readonly Term[], machine: Machine): number {
  const { cpu } = machine.save()
  const worth = ({ of }: Term) => (typeof of === "number" ? of : (of.of(cpu) ?? 0))
  return terms.reduce((sum, term) => sum + term.sign * worth(term), 0) >>> 0
}

/** Little-endian; null where a byte of it is not mapped. */
function valueAt(machine: Machine, at: number, bytes: number): number | null {
  const all = Array.from({ length: bytes }, (_, n) => peekByte(machine, (at + bytes - 1 - n) | 0))
  return all.includes(null) ? null : all.reduce<number>((sum, byte) => sum * 256 + Number(byte), 0)
}

/** Linear addresses of the bytes that a step wrote. */
function writtenBytes(events: NonNullable<Moment["step"]>["events"]): ReadonlyMap<number, true> {
  const written = new Map<number, true>()
  for (const event of events)
    if (event.is === "write")
      for (let n = 0; n < event.size / 8; n++) written.set((event.linear + n) >>> 0, true)
  return written
}
