/** One machine in which very many instructions are run, each from a state of its own. */

import { VM } from "../../isa/eflags"
import { WRITE } from "../../machine/board/physical-space"
import type { Event } from "../../machine/events/events"
import { Machine } from "../../machine/machine"
import { INITIAL_MODEL_SPECIFIC } from "../../machine/processor/model-specific"
import type { Situation } from "../classification"
import type { Run, Trap } from "../subject"
import { Footprint } from "./footprint"
import { latch } from "./latch"
import { changedDeeply, observe, PARTS } from "./parts"
import { INITIAL_CR0 } from "./seeds"
import { SegmentSets } from "./segments"
import {
  CODE,
  codeSelector,
  DATA,
  entryOf,
  GDT_LIMIT,
  GDTS,
  IDT_LIMIT,
  IDTS,
  MAPPED_PAGES,
  makeWorld,
  PAGES,
  STACK,
  STALE,
  STALE_FRAME,
  staleEntry,
} from "./world"

/** A memory trap: the instruction could not reach its operands, whatever its privilege. */
const MEMORY_TRAPS = new Set(["#PF", "#SS", "#NP", "#AC"])
const isAside = (name: string, see: string) =>
  MEMORY_TRAPS.has(name) || see.includes("Limit Checking") || see.includes("Single-Step")

const SLOT = 16
const PAGE = 0x1000
const STEP = { steps: 1, stopRequested: () => false }
const MODEL_SPECIFIC = { ...INITIAL_MODEL_SPECIFIC, values: [0, codeSelector(0), STACK, CODE] }
/** Words of data, and of stack, that a situation sets. */
const PATCH = 16

/**
 * A machine in the small world. No run leaves a trace for the next one: `enter` sets what any instruction may change,
 * `footprint` puts memory back, and what is rarely changed is restored as a whole.
 * @see world.ts
 */
export class Runner {
  readonly machine: Machine
  private readonly latch = latch()
  private readonly footprint: Footprint
  private readonly segments = new SegmentSets()
  private readonly start: ReturnType<Machine["save"]>
  /** Where each instruction stands. */
  private readonly slots = new Map<readonly number[], number>()
  private readonly results = [0, 1, 2].map(() => new Result())
  private trap: Trap | undefined

  constructor(repaired: readonly string[]) {
    this.machine = new Machine({ memory: 1, hertz: 1e8, ...(repaired.length > 0 ? { repaired } : {}) })
    const { machine } = this
    machine.attach(this.latch)
    this.footprint = new Footprint(machine, makeWorld())
    machine.cpu.modelSpecific.restore(MODEL_SPECIFIC)
    machine.cpu.control[0] = INITIAL_CR0
    machine.cpu.control[3] = PAGES[0]
    machine.cpu.updateMode()
    this.warm()
    machine.listener = this
    this.start = machine.save()
  }

  /** Put instructions into memory, a slot each; those before are forgotten. */
  load(encodings: readonly (readonly number[])[]): void {
    this.machine.engine.blocks.clear()
    this.slots.clear()
    const bytes = new Uint8Array(Math.max(1, encodings.length) * SLOT).fill(0xcc)
    for (const [n, encoding] of encodings.entries()) {
      bytes.set(encoding, n * SLOT)
      this.slots.set(encoding, CODE + n * SLOT)
    }
    this.machine.memory.write(CODE, bytes)
    this.footprint.image.set(new Int32Array(bytes.buffer), CODE / 4)
    this.warm()
  }

  /** Put the machine into a situation. */
  enter(situation: Situation): void {
    if (!this.slots.has(situation.bytes)) this.load([situation.bytes])
    this.patch(DATA, situation.data)
    this.patch(STACK, situation.stack)
    this.machine.cpu.segments.become(this.segments.of(situation))
    this.enterProcessor(situation, this.slots.get(situation.bytes) as number)
  }

  private patch(at: number, values: readonly number[]): void {
    for (let n = 0; n < PATCH; n++) this.footprint.set(at + 4 * n, values[n] ?? 0)
  }

  private enterProcessor(situation: Situation, at: number): void {
    const { cpu } = this.machine
    const { virtual } = situation
    cpu.reg.set(situation.registers)
    cpu.eip = virtual ? at - CODE : at
    cpu.flags.value = virtual ? situation.flags | VM : situation.flags
    this.enterSystem(situation)
    cpu.activity = "running"
    cpu.shadow = "none"
    cpu.repeatFlags = null
    cpu.suspended = false
    cpu.updateMode()
  }

  private enterSystem({ places, cr0, cr4 }: Situation): void {
    const { gdtr, idtr, control } = this.machine.cpu
    gdtr.base = GDTS[places.gdt]
    gdtr.limit = GDT_LIMIT
    idtr.base = IDTS[places.idt]
    idtr.limit = IDT_LIMIT
    control[0] = cr0
    control[2] = 0
    control[3] = PAGES[places.pages]
    control[4] = cr4
  }

  /** Run a situation's instruction. The result's arrays are used again by the next run in the same slot. */
  run(situation: Situation, slot: 0 | 1 | 2): Run {
    const result = this.results[slot]
    this.enter(situation)
    this.settle()
    this.observe(result.before)
    this.machine.run(STEP)
    this.observe(result.after)
    result.trap = this.trap
    this.footprint.takeBack(situation.places, result)
    if (changedDeeply(result.before, result.after)) this.refresh()
    return result
  }

  /** Nothing has happened yet. */
  private settle(): void {
    this.latch.state.accesses = 0
    this.latch.state.sent = 0
    this.footprint.watch()
    this.machine.clock.restore(this.start.clock)
    this.trap = undefined
  }

  private observe(into: Int32Array): void {
    observe({ machine: this.machine, ports: this.latch.state }, into)
  }

  readonly detail = false
  /** The first fault of a step is what became of its instruction. */
  tell(event: Event): void {
    if (event.is !== "fault" || this.trap) return
    const { name, says, see } = event
    this.trap = { name, says, aside: isAside(name, see) }
  }

  /** Registers that only few instructions reach, and the TLB. */
  private refresh(): void {
    this.machine.restore(this.start)
    this.machine.cpu.modelSpecific.restore(MODEL_SPECIFIC)
    this.warm()
  }

  /** Fill the TLB: the stale page's translation is an old one. */
  private warm(): void {
    const { linear } = this.machine.cpu
    this.mapStalePage(STALE_FRAME)
    linear.tlb.flush(true)
    for (let page = 1; page < MAPPED_PAGES; page++) linear.translate(page * PAGE, WRITE, false)
    linear.fetch(CODE)
    this.mapStalePage(STALE)
    this.footprint.forget()
  }

  private mapStalePage(frame: number): void {
    for (const copy of [0, 1] as const) {
      this.machine.memory.set(staleEntry(copy), 32, entryOf(frame))
      this.footprint.image[staleEntry(copy) / 4] = entryOf(frame)
    }
  }
}

/** Arrays for one run. */
class Result implements Run {
  trap: Trap | undefined
  readonly before = new Int32Array(PARTS.length)
  readonly after = new Int32Array(PARTS.length)
  readonly memory: number[] = []
  readonly places: number[] = []
}
