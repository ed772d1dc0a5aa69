/** A run as lines of text, one a step: where it was, what ran, what changed, and what happened. */
import { disassemble } from "../isa/disassemble"
import { FLAG_BITS } from "../isa/eflags"
import { CS, NAMES32, SEGMENT_NAMES } from "../isa/registers"
import type { Event } from "../machine/events/events"
import type { Machine, Outcome } from "../machine/machine"
import { BIG } from "../machine/processor/descriptors"
import { peekByte } from "../machine/time/peek"
import { hex } from "../numbers/int"
import { field } from "./changes"

/** A step that was run, in words. */
export interface TracedStep {
  /** Step number, ring, CS:EIP, bytes, instruction, changes, and events after a bar. */
  readonly line: string
  readonly outcome: Outcome
  /** What happened in it, with detail. */
  readonly events: readonly Event[]
}

const MAXIMUM_LENGTH = 15
const BYTES_WIDTH = 24
const TEXT_WIDTH = 32
const CONTROL = [0, 2, 3, 4]
/** Events of steps that run no instruction. */
const WITHOUT_INSTRUCTION = new Set<string>(["interrupt", "wait", "reset"])

/** Upper-case hexadecimal without the h, for columns. */
const digits = (value: number, count: number) => (value >>> 0).toString(16).toUpperCase().padStart(count, "0")

/**
 * Run one step of a machine and tell it in a line. The machine's listener is replaced and then taken away. Slow, some
 * hundred times slower than a run.
 */
export function traceStep(machine: Machine): TracedStep {
  const { cpu, clock } = machine
  const events: Event[] = []
  const before = registersOf(machine)
  const at = `${clock.steps} r${cpu.cpl} ${digits(cpu.segments.selector[CS], 4)}:${digits(cpu.eip, 8)}`
  const instruction = instructionAt(machine)
  machine.listener = { detail: true, tell: (event) => void events.push(event) }
  const outcome = machine.step()
  machine.listener = undefined
  const ran = outcome.steps > 0 && !events.some(({ is }) => WITHOUT_INSTRUCTION.has(is))
  const changes = [...changed(before, registersOf(machine)), ...events.flatMap(writeText)]
  const happened = events.flatMap(eventText)
  const told = happened.length > 0 ? [`| ${happened.join("; ")}`] : []
  const line = [at, ran ? instruction : "-", ...changes, ...told].join(" ").trimEnd()
  return { line, outcome, events }
}

/** Bytes and text of the instruction at CS:EIP, in columns. */
function instructionAt(machine: Machine): string {
  const { segments, eip } = machine.cpu
  const address = (segments.base[CS] + eip) | 0
  const bytes = codeBytes(machine, address)
  if (bytes.length === 0) return "".padEnd(BYTES_WIDTH + 1 + TEXT_WIDTH)
  const bits = segments.access[CS] & BIG ? 32 : 16
  const { text, length } = disassemble(bytes, eip >>> 0, { bits })
  const shown = Array.from(bytes.subarray(0, length), (byte) => digits(byte, 2)).join("")
  return `${shown.padEnd(BYTES_WIDTH)} ${text.padEnd(TEXT_WIDTH)}`
}

function codeBytes(machine: Machine, address: number): Uint8Array {
  const bytes: number[] = []
  for (let n = 0; n < MAXIMUM_LENGTH; n++) {
    const byte = peekByte(machine, (address + n) | 0)
    if (byte === null) break
    bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

type Values = readonly (readonly [name: string, value: number, digits: number])[]

function registersOf({ cpu }: Machine): Values {
  return [
    ...NAMES32.map((name, n) => [name, cpu.reg[n], 8] as const),
    ...FLAG_BITS.map(([name, mask]) => [name, field(cpu.flags.value, mask), 1] as const),
    ...SEGMENT_NAMES.map((name, n) => [name, cpu.segments.selector[n], 4] as const),
    ...CONTROL.map((n) => [`CR${n}`, cpu.readControl(n), 8] as const),
  ]
}

function changed(before: Values, after: Values): string[] {
  return after.flatMap(([name, value, count], n) =>
    value === before[n][1] ? [] : [`${name}=${digits(value, count)}`],
  )
}

function writeText(event: Event): string[] {
  return event.is === "write" ? [`[${digits(event.linear, 8)}]=${digits(event.value, event.size / 4)}`] : []
}

/** The events that the columns before do not tell. */
function eventText(event: Event): string[] {
  switch (event.is) {
    case "fault":
      return [`${event.name}${event.errorCode === null ? "" : `(${hex(event.errorCode, 4)})`} ${event.says}`]
    case "trap":
      return [`${event.how} ${hex(event.vector, 2)}`]
    case "interrupt":
      return [`${event.source} interrupt ${hex(event.vector, 2)}`]
    case "ring":
      return [`ring ${event.from} to ${event.to}`]
    case "port":
      return [
        `${event.direction} ${hex(event.port, 4)} ${digits(event.value, event.size / 4)} ${event.device}`,
      ]
    case "wait":
      return [`${event.cycles} cycles pass`]
    case "halt":
    case "shutdown":
      return [event.is]
    case "task":
      return [`${event.how} task ${hex(event.from, 4)} to ${hex(event.to, 4)}`]
    case "kept":
      return [event.says]
    case "not simulated":
      return [`not simulated: ${event.what}`]
    default:
      return []
  }
}
