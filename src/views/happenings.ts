/** Events as lines of text, and what a step did as a sentence. */
import { CS } from "../isa/registers"
import type { Event } from "../machine/events/events"
import { ringOfCode } from "../machine/processor/descriptors"
import { hex } from "../numbers/int"
import { NOTHING } from "./code"
import { placeName, quotedPlace } from "./context"
import { vectorName } from "./tables"

type Labels = ReadonlyMap<number, string>

/** One event as a line, or undefined where the list of changes says it already. */
export function eventLine(event: Event, labels: Labels): string | undefined {
  switch (event.is) {
    case "fault":
      return `${event.name}${codeText(event.errorCode)} is raised: ${event.says}`
    case "interrupt":
      return `the processor takes ${event.source === "NMI" ? "the NMI" : `interrupt ${hex(event.vector, 2)} from the interrupt controller`}`
    case "ring":
      return `the ring changes from ${event.from} to ${event.to}`
    case "port":
      return `${event.direction === "in" ? "read" : "wrote"} ${hex(event.value & mask(event.size), event.size / 4)} ${event.direction === "in" ? "from" : "to"} port ${hex(event.port, 3)} (${event.device})`
    case "cr3":
      return `CR3 changes from ${hex(event.from)} to ${hex(event.to)}: the TLB is emptied`
    case "shutdown":
      return "a fault while delivering the double fault: the processor shuts down"
    case "reset":
      return "the processor is reset: it begins anew in real-address mode, at F000:FFF0"
    case "halt":
      return event.interruptible
        ? "the processor waits for an interrupt"
        : "the processor waits with IF 0: only a non-maskable interrupt could wake it"
    case "wait":
      return `${event.cycles.toLocaleString("en")} cycles pass until the next device event`
    case "not simulated":
      return `not simulated: ${event.what}`
    case "gate":
      return `gate ${event.table}[${hex(event.index, 2)}]: ${event.kind}, DPL ${event.dpl}, to ${hex(event.selector, 4)}:${placeName(event.offset, labels)}`
    case "check":
      return event.says
    case "stack":
      return `${event.source === "TSS" ? `the TSS names the stack of ring ${event.ring}` : `back to the stack of ring ${event.ring}`}: SS:ESP goes from ${hex(event.from[0], 4)}:${hex(event.from[1])} to ${hex(event.to[0], 4)}:${hex(event.to[1])}`
    case "push":
      return `pushed ${event.what} = ${hex(event.value)} at ${hex(event.address)}`
    case "pop":
      // True of a return that then faults, too: it leaves ESP where it was.
      return `took ${event.what} = ${hex(event.value)} from ${hex(event.address)}`
    case "task":
      return `${event.how === "gate" ? "a task gate" : event.how} switches from task ${hex(event.from, 4)} to task ${hex(event.to, 4)}: all registers are saved and loaded`
    case "kept":
      return event.says
    case "walk":
      return `page walk: ${event.level} at ${hex(event.address)} is ${hex(event.entry)}`
    case "irq":
      return `interrupt line ${event.line} goes ${event.level ? "high" : "low"}${event.held ? `, but the processor does not hear of it: ${event.held}` : ""}`
    case "called":
      return `the code of ${event.device} runs${event.name ? `: ${event.name}` : ""}`
    case "told":
      return event.says
    case "trap":
    case "read":
    case "write":
    case "charge":
      return undefined
  }
}

const mask = (size: number) => (size === 32 ? -1 : (1 << size) - 1)
const codeText = (errorCode: number | null) =>
  errorCode === null ? "" : `(${errorCode === 0 ? "0" : hex(errorCode, 4)})`

/** A step, as far as its sentence needs it. */
interface Told {
  /** The instruction that ran, as text; undefined if an interrupt was delivered instead. */
  readonly instruction: string | undefined
  /** The instruction that EIP pointed at before the step, as text. */
  readonly next: string
  readonly eipBefore: number
  readonly ringBefore: number
  readonly ringAfter: number
  /** Where it went, in words. */
  readonly where: string
  /** EIP is not where the next instruction in memory is. */
  readonly jumped: boolean
  readonly events: readonly Event[]
  /** "EAX from 0h to 5h" … the first few. */
  readonly changed: readonly string[]
  readonly labels: Labels
}

type Of<Is extends Event["is"]> = Extract<Event, { is: Is }>
const last = <Is extends Event["is"]>(events: readonly Event[], is: Is) =>
  events.findLast((event) => event.is === is) as Of<Is> | undefined

/** What the step did, for a reader who is new to it. */
export function sentenceOf(step: Told): string {
  const { events } = step
  if (last(events, "shutdown"))
    return `Ring ${step.ringBefore} tried “${step.next}”. ${chain(events)} could not be delivered one after the other: the processor shut down (triple fault).`
  if (last(events, "reset"))
    return "The reset line was pulled: the processor begins anew, in real-address mode at F000:FFF0."
  const called = last(events, "called")
  if (called) return calledSentence(step, called)
  const fault = last(events, "fault")
  if (fault) return `${faulted(step, fault)} ${handlerSentence(step)}`
  const wait = last(events, "wait")
  if (wait) return `The processor is halted in ring ${step.ringBefore}: ${eventLine(wait, step.labels)}.`
  const interrupt = last(events, "interrupt")
  if (interrupt)
    return `In ring ${step.ringBefore}, before “${step.next}” at ${quotedPlace(step.eipBefore, step.labels)}, ${interrupted(interrupt)}. ${handlerSentence(step)}`
  const trap = last(events, "trap")
  if (trap)
    return `${ran(step)} That is a trap to vector ${hex(trap.vector, 2)} (${vectorName(trap.vector)}). ${handlerSentence(step)}`
  return [ran(step), consequence(step)].filter(Boolean).join(" ")
}

/** "#DE, #GP and #DF". */
function chain(events: readonly Event[]): string {
  const names = events.flatMap((event) => (event.is === "fault" ? [event.name] : []))
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}` : "A fault"
}

const ran = (step: Told) =>
  step.instruction === undefined
    ? `Ring ${step.ringBefore} was interrupted.`
    : `Ring ${step.ringBefore} ran “${step.instruction}”.`

/** What code in TypeScript told of itself, and where it left the processor. */
function calledSentence(step: Told, { device, name }: Of<"called">): string {
  const told = step.events.flatMap((event) => (event.is === "told" ? [`${capital(event.says)}.`] : []))
  const begin = `The code of ${device} ran${name ? ` (${name})` : ""}.`
  return [begin, ...told, `It left the processor at ${step.where} in ring ${step.ringAfter}.`].join(" ")
}

function faulted(step: Told, fault: Of<"fault">): string {
  return `${deed(step)} faulted with ${fault.name}${codeText(fault.errorCode)}: ${fault.says}.`
}

function deed({ instruction, ringBefore, eipBefore, labels }: Told): string {
  if (instruction === undefined) return "Delivering the interrupt"
  if (instruction === NOTHING)
    return `Ring ${ringBefore} found no instruction at ${quotedPlace(eipBefore, labels)}: reading it`
  return `Ring ${ringBefore} tried “${instruction}”, which`
}

function interrupted(event: Of<"interrupt">): string {
  return event.source === "NMI"
    ? "a non-maskable interrupt arrived"
    : `interrupt ${hex(event.vector, 2)} arrived`
}

/** Where the handler is, and in which ring, and what the stack did. */
function handlerSentence(step: Told): string {
  const where = step.where
  const ring =
    step.ringBefore === step.ringAfter
      ? `still in ring ${step.ringAfter}`
      : `now in ring ${step.ringAfter}, on that ring's stack`
  return `The processor went to the handler ${where}, ${ring}.`
}

function consequence(step: Told): string {
  const task = last(step.events, "task")
  if (task)
    return `It switched to task ${hex(task.to, 4)}, which goes on at ${step.where} in ring ${step.ringAfter}.`
  const kept = last(step.events, "kept")
  if (kept) return `Silently, ${kept.says}.`
  const halt = last(step.events, "halt")
  if (halt) return `Now ${eventLine(halt, step.labels)}.`
  const port = last(step.events, "port")
  if (port) return `It ${eventLine(port, step.labels)}.`
  const where = step.where
  if (step.ringBefore !== step.ringAfter) return `It went to ${where} in ring ${step.ringAfter}.`
  if (step.jumped) return `It went to ${where}${stayed(step)}.`
  if (isConditional(step.instruction))
    return "Its condition does not hold: it goes on with the next instruction."
  return step.changed.length > 0 ? `${capital(step.changed.join("; "))}.` : ""
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** A far return in the same ring is worth a word: a reader may have expected another ring. */
const stayed = ({ instruction = "", ringAfter }: Told) =>
  /^i?ret/i.test(instruction) ? `, still in ring ${ringAfter}` : ""

/** Jcc, JECXZ and LOOPcc: instructions that jump or go on. */
const isConditional = (instruction = "") => /^(j(?!mp)|loop)/i.test(instruction)

/** The ring of a saved state: CPL, in CS. */
export function ringOf(
  segments: readonly (readonly [selector: number, base: number, limit: number, access: number])[],
): number {
  const [selector, , , access] = segments[CS]
  return ringOfCode(selector, access)
}
