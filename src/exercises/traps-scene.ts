/** Small programs for the exercises on traps: put into a ring, run to a label, looked at. */
import { enterRing, type KitGate, kit } from "../guests/kit"
import { startPaging } from "../guests/traps"
import { assemble } from "../isa/assemble"
import type { Event } from "../machine/events"
import type { Machine } from "../machine/machine"
import { pc } from "../pc"

/** A program with what stands around it. Its first instruction is at the label `program`. */
export interface Scene {
  readonly gates: readonly KitGate[]
  readonly ring: number
  /** EFLAGS when it begins; 2 if not said: interrupts off. */
  readonly flags?: number
  /** Turn paging on first: 0-4 MiB is itself, 4-8 MiB is not mapped. */
  readonly paging?: boolean
  /** The part that the student reads. */
  readonly listing: string
  /** What else it needs: handlers that only stop, data. */
  readonly rest?: string
}

/** The machine with the scene loaded, before its first step. */
export function stage({ gates, ring, flags = 2, paging, listing, rest = "" }: Scene): Machine {
  const enter = ring === 0 ? `  push ${flags}\n  popfd\n  jmp program` : enterRing(ring, "program", flags)
  const before = paging ? startPaging() : ""
  const source = [kit({ gates }), "main:", before, enter, listing, rest, ""].join("\n")
  return pc({ memory: 4 }).load(assemble(source))
}

/** More than any scene needs. */
const MOST_STEPS = 400

/** Address of a label of the machine's program. */
export function addressOf({ program }: Machine, label: string): number {
  const address = program?.labels[label]
  if (address === undefined) throw new Error(`the scene has no label ${label}`)
  return address
}

type Push = Extract<Event, { is: "push" }>
type Raised = Extract<Event, { is: "fault" }>

/** How a run came to a place. */
export interface Arrival {
  /** The label; or "shutdown", if the processor was lost before. */
  readonly at: string
  /** What the processor itself pushed in the last step, top of the stack first. */
  readonly pushed: readonly Push[]
  /** Faults of the last step, in the order in which they arose. */
  readonly raised: readonly Raised[]
}

/** Run until EIP is at one of the labels. */
export function runTo(machine: Machine, ...labels: string[]): Arrival {
  const places = new Map(labels.map((label) => [addressOf(machine, label), label]))
  for (let n = 0; n < MOST_STEPS; n++) {
    const { why, events } = watchedStep(machine)
    const at =
      why === "shutdown" || machine.cpu.activity === "shutdown"
        ? "shutdown"
        : places.get(machine.cpu.eip >>> 0)
    if (at !== undefined)
      return { at, pushed: events.filter(isPush).reverse(), raised: events.filter(isFault) }
  }
  throw new Error(`the scene never reached ${labels.join(" or ")}`)
}

const isPush = (event: Event): event is Push => event.is === "push"
const isFault = (event: Event): event is Raised => event.is === "fault"

function watchedStep(machine: Machine) {
  const events: Event[] = []
  machine.listener = { detail: true, tell: (event) => void events.push(event) }
  const { why } = machine.step()
  machine.listener = undefined
  return { why, events }
}

/** The error code on top of what was pushed, if there is one. */
export const errorCodeOf = ({ pushed }: Arrival) => pushed.find(({ what }) => what === "error code")?.value

/** Where a gate of the IDT stands. */
export const gateAddress = (machine: Machine, vector: number) => addressOf(machine, "idt") + vector * 8
