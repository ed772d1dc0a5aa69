/**
 * A run under trap-and-emulate, watched: what brought the monitor in each time, and what it did then. All of it comes from the machine's
 * own events and the monitor's own counts.
 */
import type { TrapAndEmulate } from "../../hypervisors/trap-and-emulate"
import { decode, isInstruction } from "../../isa/decode"
import { formatInstruction } from "../../isa/disassemble"
import { CS } from "../../isa/registers"
import type { Event } from "../../machine/events/events"
import type { Machine } from "../../machine/machine"
import { peekInstruction } from "../../machine/time/peek"
import type { Hosted } from "./scene"

/** What the processor itself shows of an exit: all that a monitor has to go by. */
export interface Shown {
  /** The virtual machine that ran. */
  readonly vm: string
  /** The ring that it ran in, on the processor: 1 or 3. */
  readonly ring: number
  /** Linear address, in the guest. */
  readonly at: number
  /** The instruction there, as it is written. */
  readonly instruction: string
  /** Through which kind of event the processor came to the real IDT. */
  readonly how: "fault" | "trap" | "interrupt"
  /** 0-255. */
  readonly vector: number
  /** What lies on the monitor's stack, if it does. */
  readonly errorCode?: number
  /** CR2, after a page fault. */
  readonly address?: number
}

/** One exit: from a guest, to the monitor, and on to whoever has the processor then. */
export interface Stop extends Shown {
  /** Steps of the machine before the one that brought the monitor in. */
  readonly step: number
  /** By which the monitor counts it: "CLI", "INT 80h", "exception 14", "shadow", "interrupt". */
  readonly reason: string
  /** What the monitor says. */
  readonly told: string
  /** The exception that the virtual processor raised while the instruction was done on it, as "#GP": the guest's own handler has it. */
  readonly raised?: string
  /** Interrupts of the guest's own devices that it delivered before it went on. */
  readonly delivered: number
  /** The virtual machine that goes on; undefined: nobody does. */
  readonly next: string | undefined
  /** The one that came will never go on. */
  readonly isOver: boolean
}

type Counts = Readonly<Record<string, number>>
type Raised = Extract<Event, { is: "fault" | "trap" | "interrupt" }>
const MOST_STEPS = 200_000
const PAGE_FAULT = 14
/** Counted beside the exits: they are done on the way back to a guest. */
const NO_EXITS = ["event", "interpreted"]

/** What code the processor runs, by its rings. */
const LANES = ["the monitor", "the guest kernel", "", "the application"]

export class Watch {
  readonly stops: Stop[] = []
  /** Who had the processor, one after the other: "the application", "the monitor" … Shadow tables are filled between two of a guest's. */
  readonly lanes: string[] = []
  private readonly machine: Machine
  private readonly hypervisor: TrapAndEmulate
  /** What the processor told in this step, and what the virtual ones did. */
  private events: Event[] = []
  private virtual: Event[] = []
  private shown: (Shown & { readonly step: number }) | undefined
  private before: Counts = {}
  private deliveredBefore = 0

  constructor({ machine, hypervisor }: Hosted) {
    this.machine = machine
    this.hypervisor = hypervisor
    machine.listener = { detail: true, tell: (event) => this.hear(event) }
    for (const { vm } of hypervisor.guests)
      vm.machine.listener = { detail: false, tell: (event) => this.virtual.push(event) }
  }

  private hear(event: Event): void {
    this.events.push(event)
    if (event.is !== "called") return
    this.before = this.counts()
    this.deliveredBefore = this.deliveries()
  }

  /** Linear address of the next instruction. */
  get at(): number {
    const { cpu } = this.machine
    return cpu.linearOf(CS, cpu.eip) >>> 0
  }

  /** The ring of the processor. */
  get ring(): number {
    return this.machine.cpu.cpl
  }

  /** Run until all guests have halted for good, or somebody outside of the monitor comes to an address. */
  run(until?: number): this {
    for (let n = 0; n < MOST_STEPS && this.machine.cpu.activity === "running"; n++) {
      this.step()
      if (until !== undefined && this.ring !== 0 && this.at === until) return this
    }
    return this
  }

  /** Run from an address until a guest is elsewhere, or all have halted for good: what is missing in shadow tables is filled on the way. */
  pass(from: number): this {
    do this.step()
    while ((this.ring === 0 || this.at === from) && this.machine.cpu.activity === "running")
    return this
  }

  /** One step of the machine. */
  step(): void {
    const { machine } = this
    const [ring, at, step] = [this.ring, this.at, machine.clock.steps]
    this.events = []
    this.virtual = []
    machine.step()
    this.note(this.ring)
    const raised = this.events.findLast(isRaised)
    if (ring !== 0 && this.ring === 0 && raised) this.shown = { step, ...this.shownBy(raised, ring, at) }
    if (this.events.some(({ is }) => is === "called")) this.served()
  }

  private note(ring: number): void {
    if (LANES[ring] !== this.lanes.at(-1)) this.lanes.push(LANES[ring])
  }

  private shownBy(raised: Raised, ring: number, at: number): Shown {
    const errorCode = raised.is === "fault" ? raised.errorCode : null
    return {
      vm: this.running,
      ring,
      at,
      instruction: instructionAt(this.machine, at),
      how: raised.is,
      vector: raised.vector,
      ...(errorCode === null ? {} : { errorCode }),
      ...(raised.vector === PAGE_FAULT ? { address: this.machine.cpu.readControl(2) >>> 0 } : {}),
    }
  }

  private running = ""

  /** The monitor's code ran: to the end of an exit, or once more after it had interpreted a little. */
  private served(): void {
    const { shown } = this
    const next = this.next()
    const delivered = this.deliveries() - this.deliveredBefore
    if (shown) this.stops.push({ ...shown, ...this.done(shown), delivered, next })
    else if (this.stops.length > 0 && (delivered || next)) {
      const stop = this.stops.pop() as Stop
      this.stops.push({ ...stop, delivered: stop.delivered + delivered, next })
    }
    if (shown && this.stops.at(-1)?.reason === "shadow") this.lanes.splice(-2)
    this.shown = undefined
    if (next !== undefined) this.running = next
  }

  private done({ vm }: Shown): Pick<Stop, "reason" | "told" | "raised" | "isOver"> {
    const counts = this.counts(vm)
    const reason = Object.keys(counts).find((name) => !NO_EXITS.includes(name) && this.risen(name, counts))
    const told = this.events.find((event) => event.is === "told")?.says ?? ""
    const raised = this.virtual.find((event) => event.is === "fault")?.name
    return { reason: reason ?? "interrupt", told, ...(raised ? { raised } : {}), isOver: this.isOver(vm) }
  }

  private counts(vm = this.running): Counts {
    return { ...this.guest(vm)?.exits }
  }

  private risen(name: string, counts = this.counts()): number {
    return (counts[name] ?? 0) - (this.before[name] ?? 0)
  }

  /** Virtual interrupts so far, whoever had them. */
  private deliveries(): number {
    return this.hypervisor.guests.reduce((all, { exits }) => all + (exits.event ?? 0), 0)
  }

  private guest(vm: string) {
    return this.hypervisor.guests.find((guest) => guest.vm.name === vm)
  }

  /** Who was let into the processor in this step. */
  private next(): string | undefined {
    const { steps } = this.machine.clock
    if (this.ring === 0) return undefined
    return this.hypervisor.guests.find(({ vcpu }) => vcpu.enteredAt === steps)?.vm.name
  }

  private isOver(vm: string): boolean {
    const cpu = this.guest(vm)?.vm.machine.cpu
    return cpu?.activity === "shutdown" || (cpu?.activity === "halted" && !cpu.canBeWoken())
  }
}

const isRaised = (event: Event): event is Raised =>
  event.is === "fault" || event.is === "trap" || event.is === "interrupt"

/** The instruction at a linear address, as it is written. */
function instructionAt(machine: Machine, at: number): string {
  const bytes = peekInstruction(machine, at)
  let n = 0
  const decoded = bytes.length > 0 ? decode(() => bytes[n++] ?? 0, 32) : undefined
  return decoded && isInstruction(decoded)
    ? formatInstruction(decoded, at)
    : "(what stands here could not be read)"
}
