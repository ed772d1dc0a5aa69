/**
 * Popek and Goldberg's first demand, put to the test: a guest under a hypervisor does what it does on bare metal. Both run side by side,
 * step by step of the guest; the first step after which anything differs that a guest could tell is named.
 *
 * Time is left out of it: in both, prices are 0 and a guest's clock counts its own steps, so that interrupts come at the same instruction.
 * Registers are compared after each step, memory now and then; where either differs, that piece of the run is made again, with each write
 * listened to. Runs are the same each time.
 */

import { decode, isInstruction } from "../isa/decode"
import { formatInstruction } from "../isa/disassemble"
import { FLAG_BITS, IF, IOPL, RF } from "../isa/eflags"
import { CS, NAMES32, SEGMENT_NAMES } from "../isa/registers"
import { PAGE_SHIFT } from "../machine/board/memory"
import type { Event } from "../machine/events/events"
import type { Machine } from "../machine/machine"
import { ringOfCode } from "../machine/processor/descriptors"
import { peekInstruction } from "../machine/time/peek"
import { TOP } from "./deprivileged/house"
import type { TrapAndEmulate } from "./trap-and-emulate"

/** A guest on bare metal, and the same one as the first virtual machine of a hypervisor: as they are before the first step. */
export interface Pair {
  /** Bare metal, with the guest on it. */
  readonly bare: Machine
  /** The machine that the hypervisor is on. */
  readonly machine: Machine
  /** The hypervisor, made with `time: "steps"`. Prices of both machines are 0. */
  readonly hypervisor: TrapAndEmulate
}

/** The first thing that a guest could tell. */
export interface Difference {
  /** Steps of the guest before the one that made the difference. */
  readonly step: number
  /** Steps of the machine with the hypervisor by then. */
  readonly machineStep: number
  /** Linear address of the instruction. */
  readonly at: number
  /** The instruction, as it is written. */
  readonly instruction: string
  /** What differs after it: "EAX", "EFLAGS.IF", "memory at 00101000h" … */
  readonly what: string
  /** What it is on bare metal, unsigned. */
  readonly bare: number
  /** What it is in the virtual machine, unsigned. */
  readonly virtual: number
}

/** Steps of the guest between two looks at all of its memory. */
const PIECE = 20_000

/**
 * Find the first step of a guest's that differs.
 * @param make makes both anew; each time they are the same
 * @param steps of the guest at most
 * @returns undefined: they are the same, to the end of the guest or of the steps
 */
export function firstDifference(make: () => Pair, steps: number): Difference | undefined {
  const same = new Comparison(make()).compareTo(steps)
  if (same === undefined) return undefined
  const again = new Comparison(make())
  again.goTo(same)
  return again.listenTo(same + 2 * PIECE)
}

type Values = readonly (readonly [what: string, value: number])[]

/** Two machines with the same guest, kept together step by step of it. */
export class Comparison {
  /** Steps that the guest had made before the last one. */
  private before = 0

  constructor(private readonly pair: Pair) {}

  private get guest() {
    return this.pair.hypervisor.guests[0]
  }

  private get isInside(): boolean {
    return this.pair.machine.cpu.cpl !== 0
  }

  /** Steps that the guest has made. */
  private get made(): number {
    const { machine } = this.pair
    return this.guest.vcpu.retired + (this.isInside ? machine.clock.steps - this.guest.vcpu.enteredAt : 0)
  }

  private get isOver(): boolean {
    return this.pair.machine.cpu.activity !== "running"
  }

  /** Let both make so many steps of the guest, at least; they stop together. */
  goTo(steps: number): void {
    const { bare, machine } = this.pair
    while (this.made < steps && !this.isOver) machine.run({ steps: Math.max(1, steps - this.made) })
    while (!this.isInside && !this.isOver) machine.step()
    bare.run({ steps: Math.max(0, this.made - bare.clock.steps) })
  }

  /** Where both stand: steps of the guest, and of the machine. What the guest does last, as to halt, it may not come back from. */
  standing(): readonly [guest: number, machine: number] {
    const { machine } = this.pair
    return [this.isInside ? this.made : this.before + 1, machine.clock.steps]
  }

  /** Let both make one more step of the guest. @returns false if it has ended */
  goOn(): boolean {
    if (this.isOver) return false
    this.before = this.made
    this.goTo(this.made + 1)
    return true
  }

  /** Compare to the end of so many steps. @returns the steps after which all was last known to be the same; undefined: it is to the end */
  compareTo(last: number): number | undefined {
    this.goTo(0)
    let same = this.made
    while (same < last && !this.isOver) {
      const next = Math.min(last, same + PIECE)
      while (this.made < next && !this.isOver) {
        this.goTo(this.made + 1)
        if (!this.isSame) return same
      }
      if (this.differing() ?? this.differingPage() ?? this.differingSteps()) return same
      same = this.made
    }
    return undefined
  }

  /** A quick look at what most instructions change. */
  private get isSame(): boolean {
    const [bare, real] = [this.pair.bare.cpu, this.pair.machine.cpu]
    if (!this.isInside) return true
    if (bare.eip !== real.eip || (bare.flags.value ^ real.flags.value) & ~NOT_REAL) return false
    for (let n = 0; n < 8; n++) if (bare.reg[n] !== real.reg[n]) return false
    return !((bare.flags.value ^ this.guest.vm.machine.cpu.flags.value) & IF)
  }

  private differingSteps(): boolean | undefined {
    return this.made !== this.pair.bare.clock.steps || undefined
  }

  /** Compare after each step, with what it wrote. */
  listenTo(last: number): Difference | undefined {
    const { bare, machine } = this.pair
    while (this.made < last && !this.isOver) {
      const step = this.made
      const machineStep = machine.clock.steps
      const { at, instruction } = this.instruction()
      const written = this.step(step)
      const differs = this.differing() ?? differingWrite(written)
      if (differs) return { step, machineStep, at, instruction, ...differs }
      if (bare.clock.steps < this.made) return undefined
    }
    return undefined
  }

  /** One step of the guest in both. @returns what it wrote */
  private step(before: number): { readonly bare: readonly Write[]; readonly virtual: readonly Write[] } {
    const { bare, machine } = this.pair
    const virtual: Write[] = []
    machine.listener = this.guest.vm.machine.listener = listening(virtual)
    do machine.step()
    while ((this.made === before || !this.isInside) && !this.isOver)
    machine.listener = this.guest.vm.machine.listener = undefined
    const written: Write[] = []
    bare.listener = listening(written)
    bare.run({ steps: this.made - before })
    bare.listener = undefined
    return { bare: written, virtual }
  }

  private instruction(): { readonly at: number; readonly instruction: string } {
    const { bare } = this.pair
    const at = bare.cpu.linearOf(CS, bare.cpu.eip)
    const bytes = peekInstruction(bare, at)
    let n = 0
    const decoded = bytes.length > 0 ? decode(() => bytes[n++] ?? 0, 32) : undefined
    const text = decoded && isInstruction(decoded) ? formatInstruction(decoded, at) : "(no instruction)"
    return { at: at >>> 0, instruction: text }
  }

  /** The first register that differs. */
  private differing(): Pick<Difference, "what" | "bare" | "virtual"> | undefined {
    const [bare, virtual] = [valuesOf(this.pair.bare), this.virtualValues()]
    const n = bare.findIndex(([, value], n) => value !== virtual[n][1])
    return n < 0 ? undefined : { what: bare[n][0], bare: bare[n][1], virtual: virtual[n][1] }
  }

  /** What the guest believes: while it runs directly its registers are the real ones. */
  private virtualValues(): Values {
    const { machine } = this.pair
    const values = valuesOf(this.guest.vm.machine)
    return this.isInside
      ? values.map(([what, value]) => [what, realValue(machine, what) ?? value] as const)
      : values
  }

  private differingPage(): boolean | undefined {
    const { bare, machine } = this.pair
    const { frames } = this.guest.vm.memory
    const size = bare.memory.size >>> PAGE_SHIFT
    for (let page = 0; page < size; page++) {
      const [mine, theirs] = [bare.memory.page(page), machine.memory.page(frames[page])]
      for (let n = 0; n < mine.length; n++) if (mine[n] !== theirs[n]) return true
    }
    return undefined
  }
}

/** Flags that the real processor has otherwise than the guest. */
const NOT_REAL = IF | IOPL | RF

function valuesOf({ cpu }: Machine): Values {
  const { segments } = cpu
  return [
    ["EIP", cpu.eip >>> 0],
    ...NAMES32.map((name, n) => [name, cpu.reg[n] >>> 0] as const),
    ...FLAG_BITS.map(([name, mask]) => [`EFLAGS.${name}`, cpu.flags.value & mask & ~RF] as const),
    ["CPL", cpu.cpl],
    ...SEGMENT_NAMES.slice(0, 6).map(
      (name, n) => [name, n === CS ? segments.selector[n] & ~3 : segments.selector[n]] as const,
    ),
    ...[0, 2, 3, 4].map((n) => [`CR${n}`, cpu.readControl(n) >>> 0] as const),
    ["GDTR", cpu.gdtr.base >>> 0],
    ["IDTR", cpu.idtr.base >>> 0],
  ]
}

/** What of the guest is in the real processor while it runs directly; undefined: only the virtual one knows. */
function realValue({ cpu }: Machine, what: string): number | undefined {
  if (what === "EIP") return cpu.eip >>> 0
  const register = NAMES32.indexOf(what as (typeof NAMES32)[number])
  if (register >= 0) return cpu.reg[register] >>> 0
  const flag = FLAG_BITS.find(([name]) => what === `EFLAGS.${name}`)
  if (flag && !(flag[1] & NOT_REAL)) return cpu.flags.value & flag[1]
  const segment = SEGMENT_NAMES.indexOf(what as (typeof SEGMENT_NAMES)[number])
  return segment >= 0 ? guestSelector(cpu, segment) : undefined
}

/** Ring 1 in SS is ring 0 for the guest, and the ring of CS is told as CPL. */
function guestSelector({ segments }: Machine["cpu"], register: number): number {
  const selector = segments.selector[register]
  const isKernel = ringOfCode(segments.selector[CS], segments.access[CS]) === 1
  if (register === CS) return selector & ~3
  return register === SEGMENT_NAMES.indexOf("SS") && isKernel ? selector & ~3 : selector
}

interface Write {
  readonly linear: number
  readonly value: number
}

const listening = (writes: Write[]) => ({
  detail: true,
  tell(event: Event) {
    if (event.is === "write" && event.linear <= TOP) writes.push({ linear: event.linear, value: event.value })
  },
})

function differingWrite({
  bare,
  virtual,
}: {
  readonly bare: readonly Write[]
  readonly virtual: readonly Write[]
}): Pick<Difference, "what" | "bare" | "virtual"> | undefined {
  const n = bare.findIndex(
    ({ linear, value }, n) => virtual[n]?.linear !== linear || virtual[n].value !== value,
  )
  if (n < 0) return undefined
  const what = `memory at ${bare[n].linear.toString(16).toUpperCase().padStart(8, "0")}h`
  return { what, bare: bare[n].value, virtual: virtual[n]?.value ?? 0 }
}
