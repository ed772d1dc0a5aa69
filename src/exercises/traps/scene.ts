/** Small programs for the exercises on traps: put into a ring, run to a label, looked at. */
import { codeSelector, enterRing, type KitGate, kit } from "../../guests/kit"
import { once } from "../../guests/once"
import { startPaging } from "../../guests/traps"
import { assemble } from "../../isa/assemble"
import type { Program } from "../../isa/program"
import type { Event } from "../../machine/events/events"
import type { Machine } from "../../machine/machine"
import { pc } from "../../pc"
import type { RecordingOutput } from "../../views/output"
import { recordUntil } from "../runs"

/** A program with what stands around it. Its first instruction is at the label `program`. */
interface Scene {
  readonly gates: readonly KitGate[]
  readonly ring: number
  /** EFLAGS when it begins; 2 if not said: interrupts off. */
  readonly flags?: number
  /** Turn paging on first: 0-4 MiB is itself, 4-8 MiB is not mapped. */
  readonly paging?: boolean
  /** What ring 0 does before that. */
  readonly setUp?: string
  /** The part that the student reads. */
  readonly listing: string
  /** What else it needs: handlers that only stop, data. */
  readonly rest?: string
}

/** A machine with a scene on it, before its first step, and where the labels of scene and kernel are. */
export interface Staged {
  readonly machine: Machine
  readonly labels: Readonly<Record<string, number>>
  /** The scene's own lines. */
  readonly program: Program
}

const HIGHEST_VECTOR = 0x80
/** Low in memory: a small machine is sooner made. Page tables lie at 2 MiB. */
const ORIGIN = 0x1000
/** The tables and how they are loaded. It is the same for all scenes, so it is assembled once; gates are put in later. */
const kernel = once(() =>
  assemble(`${kit({ origin: ORIGIN, gates: [{ vector: HIGHEST_VECTOR, handler: "main" }] })}\nmain:\n`),
)
const SHARED = /^(?:CODE|DATA|stack)[0-3]$/
const shared = once(() =>
  Object.entries(kernel().symbols)
    .filter(([name]) => SHARED.test(name))
    .map(([name, value]) => `${name} equ ${value}`),
)

/** Put a scene on a machine. */
export function stage(scene: Scene): Staged {
  const { origin, bytes } = kernel()
  const program = assemble([`org ${origin + bytes.length}`, ...shared(), ...linesOf(scene)].join("\n"))
  const machine = pc({ memory: scene.paging ? 3 : 1 })
    .load(program)
    .load(kernel())
  const staged = { machine, program, labels: { ...kernel().labels, ...program.labels } }
  machine.memory.write(staged.labels.idt, new Uint8Array(8 * (HIGHEST_VECTOR + 1)))
  for (const gate of scene.gates) putGate(staged, gate)
  return staged
}

function linesOf({ ring, flags = 2, paging, setUp = "", listing, rest = "" }: Scene): string[] {
  const enter = ring === 0 ? `  push ${flags}\n  popfd\n  jmp program` : enterRing(ring, "program", flags)
  return [paging ? startPaging() : "", setUp, enter, listing, rest]
}

/** Write a gate as the processor reads it: offset, selector, P, DPL and type. */
function putGate(staged: Staged, { vector, handler, dpl = 0, kind = "interrupt", ring = 0 }: KitGate): void {
  const { memory } = staged.machine
  const [at, offset] = [gateAddress(staged, vector), addressOf(staged, handler)]
  memory.set(at, 16, offset & 0xffff)
  memory.set(at + 2, 16, codeSelector(ring))
  memory.set(at + 4, 16, (0x80 | (dpl << 5) | (kind === "interrupt" ? 0x0e : 0x0f)) << 8)
  memory.set(at + 6, 16, offset >>> 16)
}

/** More than any scene needs. */
const MOST_STEPS = 400

/** Address of a label. */
export function addressOf({ labels }: Staged, label: string): number {
  const address = labels[label]
  if (address === undefined) throw new Error(`the scene has no label ${label}`)
  return address
}

/** Where a gate of the IDT stands. */
export const gateAddress = (staged: Staged, vector: number) => addressOf(staged, "idt") + vector * 8

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
export function runTo(staged: Staged, ...labels: string[]): Arrival {
  const { machine } = staged
  const places = new Map(labels.map((label) => [addressOf(staged, label), label]))
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

/**
 * Record the scene from where it is until EIP is at one of the labels.
 * @param show the step to show; the last one if not said
 */
export function recordTo(
  staged: Staged,
  title: string,
  labels: readonly string[],
  show?: number,
): RecordingOutput {
  const addresses = labels.map((label) => addressOf(staged, label))
  return recordUntil(staged.machine, staged.program, { title, addresses, show })
}
