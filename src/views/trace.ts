/** A run as lines of text, one a step: where it was, what ran, what changed, and what happened. */
import { disassemble } from "../isa/disassemble"
import { CS } from "../isa/registers"
import type { Event } from "../machine/events/events"
import type { Machine, Outcome } from "../machine/machine"
import { BIG } from "../machine/processor/descriptors"
import { changedIn, registersIn } from "../machine/processor/registers"
import type { CpuState } from "../machine/processor/state"
import { peekInstruction } from "../machine/time/peek"
import { hex } from "../numbers/int"

/** A step that was run, in words. */
export interface TracedStep {
  /** Step number, ring, CS:EIP, bytes, instruction, changes, and events after a bar. */
  readonly line: string
  /** Whether the machine can go on: `why` is "limit" then. */
  readonly outcome: Outcome
  /** What happened in it, with detail. */
  readonly events: readonly Event[]
}

const BYTES_WIDTH = 24
const TEXT_WIDTH = 32
/** Registers whose changes are told; where EIP went, the next line says. */
const TOLD = registersIn("general", "flags", "segments", "control").filter(({ name }) => name !== "EIP")
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
  const before = cpu.save()
  const at = `${clock.steps} r${cpu.cpl} ${digits(cpu.segments.selector[CS], 4)}:${digits(cpu.eip, 8)}`
  const instruction = instructionAt(machine)
  machine.listener = { detail: true, tell: (event) => void events.push(event) }
  const outcome = machine.step()
  machine.listener = undefined
  const ran = outcome.steps > 0 && !events.some(({ is }) => WITHOUT_INSTRUCTION.has(is))
  const changes = [...registersText(before, cpu.save()), ...events.flatMap(writeText)]
  const happened = events.flatMap(eventText)
  const told = happened.length > 0 ? [`| ${happened.join("; ")}`] : []
  const line = [at, ran ? instruction : "-", ...changes, ...told].join(" ").trimEnd()
  return { line, outcome, events }
}

/** Bytes and text of the instruction at CS:EIP, in columns. */
function instructionAt(machine: Machine): string {
  const { segments, eip } = machine.cpu
  const address = (segments.base[CS] + eip) | 0
  const bytes = peekInstruction(machine, address)
  if (bytes.length === 0) return "".padEnd(BYTES_WIDTH + 1 + TEXT_WIDTH)
  const bits = segments.access[CS] & BIG ? 32 : 16
  const { text, length } = disassemble(bytes, eip >>> 0, { bits })
  const shown = Array.from(bytes.subarray(0, length), (byte) => digits(byte, 2)).join("")
  return `${shown.padEnd(BYTES_WIDTH)} ${text.padEnd(TEXT_WIDTH)}`
}

const registersText = (before: CpuState, after: CpuState): string[] =>
  changedIn(TOLD, before, after).map(
    ({ name, value = 0, digits: count }) => `${name}=${digits(value, count)}`,
  )

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
