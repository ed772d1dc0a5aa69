/**
 * You are the monitor: a run that stops where something is owed to a guest. What is right was done by the monitor itself: it follows from
 * what it counted, delivered and let run.
 */
import { hex } from "../../numbers/int"
import { isReflected } from "./exits"
import type { Stop } from "./watch"

/** What a monitor can owe, in the words that a student chooses from. */
export const OWED = {
  emulate: "emulate the instruction on the virtual processor",
  reflect: "reflect to the guest's own handler",
  device: "ask a virtual device",
  fill: "fill an entry of the shadow page table",
  deliver: "deliver a virtual interrupt",
  schedule: "let another virtual machine run",
  end: "end the guest",
} as const
/** One of them, in a word. */
export type Owed = keyof typeof OWED
/** The words, in the order in which they are offered. */
export const OWED_WORDS = Object.keys(OWED) as Owed[]

/** A moment at which something is owed, plain data: a page or a widget can show one after the other. */
export interface MonitorStep {
  /** What the processor showed at the exit: vector, error code, instruction, ring. */
  readonly exit: Omit<Stop, "told" | "delivered" | "next" | "isOver" | "reason" | "raised">
  /** The moment in a sentence or two, without what is owed. */
  readonly says: string
  /** What there is to choose from. */
  readonly choices: readonly Owed[]
  /** What the monitor did. */
  readonly right: Owed
  /** Why, in a sentence. */
  readonly because: string
  /** The step of the machine in which the exit began, for a recording of the run. */
  readonly step: number
}

/** Steps of a run's exits. Where a guest had no part in an exit, and nothing was owed to anybody, there is none. */
export const monitorSteps = (stops: readonly Stop[]): readonly MonitorStep[] => stops.flatMap(stepsOf)

function stepsOf(stop: Stop): MonitorStep[] {
  const { told, delivered, next, isOver, reason, raised, ...exit } = stop
  return owedFor(stop).map((right, n) => ({
    exit,
    says: n === 0 ? momentOf(stop) : AFTER[right](stop),
    choices: OWED_WORDS,
    right,
    because: BECAUSE[right](stop),
    step: stop.step,
  }))
}

/** What was owed at an exit, one after the other. */
function owedFor(stop: Stop): Owed[] {
  const { delivered, next, vm, isOver } = stop
  const own = ownOf(stop)
  const others = !isOver && next !== undefined && next !== vm
  return [
    ...(own ? [own] : []),
    ...(isOver ? (["end"] as const) : []),
    ...(others ? (["schedule"] as const) : []),
    ...(delivered > 0 ? (["deliver"] as const) : []),
  ]
}

/** What the event itself asks for; undefined: it was the machine's own interrupt. */
function ownOf(stop: Stop): Owed | undefined {
  if (stop.reason === "interrupt") return undefined
  if (stop.reason === "shadow") return "fill"
  if (isReflected(stop)) return "reflect"
  return ["IN", "OUT", "mmio"].includes(stop.reason) ? "device" : "emulate"
}

function momentOf({ vm, ring, vector, errorCode, address, instruction, how, at }: Stop): string {
  const code = errorCode === undefined ? "without an error code" : `with error code ${hex(errorCode, 4)}`
  const fault = address === undefined ? "" : `; CR2 is ${hex(address)}`
  const event = how === "interrupt" ? ", an interrupt of the machine's own" : ""
  return `“${vm}” was in ring ${ring}, at ${hex(at)}: \`${instruction}\`. The processor came through vector ${hex(vector, 2)} of the real IDT, ${code}${fault}${event}.`
}

/** The second thing that is owed at an exit. */
const AFTER: Readonly<Record<Owed, (stop: Stop) => string>> = {
  emulate: momentOf,
  reflect: momentOf,
  device: momentOf,
  fill: momentOf,
  deliver: ({ next }) =>
    `That is done, and “${next}” is to go on. Its virtual timer has asked, its virtual interrupt controller lets the request through, and its IF is 1.`,
  schedule: ({ vm, next }) =>
    `That is done. “${vm}” waits, with its interrupts on; “${next}” waits for nothing.`,
  end: ({ vm }) =>
    `That is done. “${vm}” does not execute any more, and nothing that its devices could do would wake it.`,
}

const BECAUSE: Readonly<Record<Owed, (stop: Stop) => string>> = {
  emulate: ({ instruction }) =>
    `\`${instruction}\` is the guest kernel's to execute: on its own processor, which is a virtual one, it may.`,
  reflect: ({ raised, instruction, ring }) =>
    raised && ring === 3 && !/^(?:int|ud|div)/.test(instruction)
      ? `The application may not execute \`${instruction}\` on bare metal either: the virtual processor raises ${raised}, and the guest's handler has it.`
      : "It is the guest's own event: the monitor reads the gate in the guest's IDT, writes the frame on the guest's stack, and goes on at the guest's handler.",
  device: ({ instruction }) =>
    `\`${instruction}\` is for a device, and this guest has virtual ones: the value goes there or comes from there.`,
  fill: () =>
    "The guest may use the page. It was missing in the shadow tables only, so the guest must not hear of this fault: it tries again.",
  deliver: () =>
    "The virtual processor would take the interrupt before its next instruction, so the monitor enters the guest's handler for it.",
  schedule: ({ vm, next, reason }) =>
    reason === "interrupt"
      ? `“${next}” has something to do again, and who has slept goes before who has computed.`
      : `“${vm}” cannot use the processor now, and another one can.`,
  end: ({ vm }) =>
    `Nothing will ever wake “${vm}”: a processor that is halted with IF 0 hears nothing, and one that has shut down neither.`,
}
