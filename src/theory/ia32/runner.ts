/** One machine in which very many instructions are run, each from a state of its own. */
import { IF, IOPL, VM } from "../../isa/eflags"
import { CS, LDTR, SEGMENT_NAMES, SS, TR } from "../../isa/registers"
import type { Device } from "../../machine/bus"
import type { Event } from "../../machine/events"
import { Machine } from "../../machine/machine"
import { INITIAL_MODEL_SPECIFIC } from "../../machine/model-specific"
import { Segments } from "../../machine/segmentation"
import type { Situation } from "../classification"
import type { Part, Run, Trap } from "../popek-goldberg"
import { INITIAL_CR0 } from "./seeds"
import {
  CODE,
  codeSelector,
  DATA,
  dataSelector,
  entryOf,
  GDT_LIMIT,
  GDTS,
  IDT_LIMIT,
  IDTS,
  LDT_SELECTORS,
  LDTS,
  MAPPED_PAGES,
  makeWorld,
  PAGES,
  STACK,
  STALE,
  STALE_FRAME,
  staleEntry,
  TASK_SELECTORS,
  TASKS,
  WORLD_SIZE,
} from "./world"

const listed = (name: string, digits: number): Part => ({ name, listed: true, digits })
const plain = (name: string, digits: number): Part => ({ name, listed: false, digits })
const SEGMENTS = [0, 1, 2, 3, 4, 5]
const DEBUG = [0, 1, 2, 3, 6, 7]

/** Every part of the processor's state, as `observe` fills it in. */
export const PARTS: readonly Part[] = [
  listed("CPL", 0),
  listed("VM", 0),
  listed("IF", 0),
  listed("IOPL", 0),
  listed("CR0", 8),
  listed("CR3", 8),
  listed("CR4", 8),
  listed("GDTR.base", 8),
  listed("GDTR.limit", 4),
  listed("IDTR.base", 8),
  listed("IDTR.limit", 4),
  listed("LDTR", 4),
  listed("LDTR.base", 8),
  listed("TR", 4),
  listed("TR.base", 8),
  listed("address mapping", 8),
  listed("accesses to ports", 0),
  listed("the last value sent to a port", 8),
  listed("halted", 0),
  ...DEBUG.map((n) => listed(`DR${n}`, 8)),
  ...[
    "IA32_BIOS_SIGN_ID",
    "SYSENTER_CS",
    "SYSENTER_ESP",
    "SYSENTER_EIP",
    "the time-stamp counter's offset",
  ].map((name) => listed(name, 8)),
  ...["EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI", "EIP", "EFLAGS"].map((name) => plain(name, 8)),
  ...SEGMENTS.flatMap((n) => [
    plain(SEGMENT_NAMES[n], 4),
    plain(`${SEGMENT_NAMES[n]}.base`, 8),
    plain(`${SEGMENT_NAMES[n]}.limit`, 8),
    plain(`${SEGMENT_NAMES[n]}.access`, 4),
  ]),
]

/**
 * A selector of CS or SS without what only says the mode again: RPL, and that it is the ring's own plain segment, which
 * is another one in each ring.
 */
const withoutMode = (selector: number) => (OWN_SEGMENTS.has(selector) ? 0 : selector & ~3)
const OWN_SEGMENTS = new Set([0, 1, 2, 3].flatMap((ring) => [codeSelector(ring), dataSelector(ring)]))
const DPL = 3 << 5

interface LatchState {
  accesses: number
  sent: number
}

/** Answers at every port; each access changes it, as reading a serial port takes a character away. */
const latch = (): Device & { state: LatchState } => ({
  name: "latch",
  state: { accesses: 0, sent: 0 },
  ports: [[0, 0xffff]],
  in() {
    this.state.accesses++
    return 0x5a
  },
  out(_port, _size, value) {
    this.state.accesses++
    this.state.sent = value
  },
})

/** A memory trap: the instruction could not reach its operands, whatever its privilege. */
const MEMORY_TRAPS = new Set(["#PF", "#SS", "#NP", "#AC"])
const isAside = (name: string, see: string) =>
  MEMORY_TRAPS.has(name) || see.includes("Limit Checking") || see.includes("Single-Step")

const SLOT = 16
const PAGE = 0x1000
const STEP = { steps: 1, stopRequested: () => false }
const MODEL_SPECIFIC = { ...INITIAL_MODEL_SPECIFIC, values: [0, codeSelector(0), STACK, CODE] }
/** Tables that stand in memory twice, and their sizes in bytes. */
const TABLES: readonly (readonly [keyof Situation["places"], readonly [number, number], number])[] = [
  ["gdt", GDTS, 0x400],
  ["ldt", LDTS, 0x400],
  ["idt", IDTS, 0x1000],
  ["task", TASKS, 0x200],
]
const MODEL_SPECIFIC_NUMBERS = [0x8b, 0x174, 0x175, 0x176]
const PATCH = 16

/** A machine in the small world. @see world.ts */
export class Runner {
  readonly machine: Machine
  private readonly latch = latch()
  /** What memory holds before the instruction. */
  private readonly image: Int32Array
  private readonly words: Int32Array
  private readonly start: ReturnType<Machine["save"]>
  private readonly slots = new Map<readonly number[], number>()
  private readonly segments = new Map<number, Segments>()
  private readonly results = [0, 1, 2].map(() => new Result())
  private trap: Trap | undefined
  /** Of the situation at hand. */
  private places: Situation["places"] | undefined
  /** Some page may have been written since `watch`. */
  private dirty = true

  constructor(repaired: readonly string[]) {
    this.machine = new Machine({ memory: 1, hertz: 1e8, ...(repaired.length > 0 ? { repaired } : {}) })
    const { machine } = this
    machine.attach(this.latch)
    const world = makeWorld()
    machine.memory.write(0, world)
    this.image = new Int32Array(world.buffer)
    this.words = new Int32Array(machine.memory.bytes.buffer, 0, this.image.length)
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
    this.image.set(new Int32Array(bytes.buffer), CODE / 4)
    this.warm()
  }

  /** Put the machine into a situation. */
  enter(situation: Situation): void {
    if (!this.slots.has(situation.bytes)) this.load([situation.bytes])
    this.patch(DATA, situation.data)
    this.patch(STACK, situation.stack)
    this.enterProcessor(situation, this.slots.get(situation.bytes) as number)
  }

  private patch(at: number, values: readonly number[]): void {
    for (let n = 0; n < PATCH; n++) {
      const value = values[n] ?? 0
      this.image[at / 4 + n] = value
      this.words[at / 4 + n] = value
    }
  }

  private enterProcessor(situation: Situation, at: number): void {
    const { cpu } = this.machine
    const { places, virtual } = situation
    this.places = places
    cpu.reg.set(situation.registers)
    cpu.eip = virtual ? at - CODE : at
    cpu.flags.value = virtual ? situation.flags | VM : situation.flags
    this.enterSegments(situation)
    cpu.gdtr.base = GDTS[places.gdt]
    cpu.gdtr.limit = GDT_LIMIT
    cpu.idtr.base = IDTS[places.idt]
    cpu.idtr.limit = IDT_LIMIT
    cpu.control[0] = situation.cr0
    cpu.control[2] = 0
    cpu.control[3] = PAGES[places.pages]
    cpu.control[4] = situation.cr4
    cpu.activity = "running"
    cpu.shadow = "none"
    cpu.repeatFlags = null
    cpu.suspended = false
    cpu.updateMode()
  }

  private enterSegments(situation: Situation): void {
    this.machine.cpu.segments.become(this.segmentsOf(situation))
  }

  private segmentsOf(situation: Situation): Segments {
    const { ring, virtual, places } = situation
    const key = ((virtual ? 2 : ring) << 2) | (places.ldt << 1) | places.task
    const known = this.segments.get(key)
    if (known) return known
    const made = this.makeSegments(situation)
    this.segments.set(key, made)
    return made
  }

  private makeSegments({ ring, virtual, places }: Situation): Segments {
    const segments = new Segments()
    for (const n of SEGMENTS) {
      if (virtual)
        segments.set(n, n === CS ? CODE >> 4 : 0, { base: n === CS ? CODE : 0, limit: 0xffff, access: 0xf3 })
      else {
        const selector = n === CS ? codeSelector(ring) : dataSelector(n === SS ? ring : 3)
        const access = (n === CS ? 0xc09b : 0xc093) | ((n === CS || n === SS ? ring : 3) << 5)
        segments.set(n, selector, { base: 0, limit: 0xffff_ffff, access })
      }
    }
    segments.set(LDTR, LDT_SELECTORS[places.ldt], { base: LDTS[places.ldt], limit: 0xff, access: 0x82 })
    segments.set(TR, TASK_SELECTORS[places.task], { base: TASKS[places.task], limit: 103, access: 0x8b })
    return segments
  }

  /** Run a situation's instruction. The result's arrays are used again by the next run in the same slot. */
  run(situation: Situation, slot: 0 | 1 | 2): Run {
    const { machine } = this
    const result = this.results[slot]
    this.enter(situation)
    this.latch.state.accesses = 0
    this.latch.state.sent = 0
    this.watch()
    machine.clock.restore(this.start.clock)
    this.trap = undefined
    this.observe(result.before)
    machine.run(STEP)
    this.observe(result.after)
    result.trap = this.trap
    this.takeBack(result)
    return result
  }

  /** Have the next write to each page noticed. */
  private watch(): void {
    if (!this.dirty) return
    this.machine.memory.dirty.fill(0)
    this.machine.cpu.linear.watchAll()
    this.dirty = false
  }

  readonly detail = false
  /** The first fault of a step is what became of its instruction. */
  tell(event: Event): void {
    if (event.is !== "fault" || this.trap) return
    const { name, says, see } = event
    this.trap = { name, says, aside: isAside(name, see) }
  }

  /** Note what changed in memory, and put it back. */
  private takeBack(result: Result): void {
    const { machine } = this
    result.memory.length = 0
    result.places.length = 0
    for (let page = 0; page < WORLD_SIZE / PAGE; page++)
      if (machine.memory.dirty[page]) this.takePageBack(page, result)
    if (result.rareChanged()) this.refresh()
  }

  private takePageBack(page: number, { memory, places }: Result): void {
    const { machine, image, words } = this
    this.dirty = true
    for (let n = page * (PAGE / 4); n < (page + 1) * (PAGE / 4); n++)
      if (words[n] !== image[n]) {
        memory.push(4 * n, words[n])
        places.push(this.placeOf(4 * n), words[n])
        machine.memory.set(4 * n, 32, image[n])
      }
  }

  /** An address in the second copy of a table that is in use is the same place as in the first: tables move with their register. */
  private placeOf(address: number): number {
    for (const [table, copies, bytes] of TABLES)
      if (this.places?.[table] === 1 && address >= copies[1] && address < copies[1] + bytes)
        return address - copies[1] + copies[0]
    return address
  }

  /** Registers that only few instructions reach, and the TLB. */
  private refresh(): void {
    this.machine.restore(this.start)
    this.machine.cpu.modelSpecific.restore(MODEL_SPECIFIC)
    this.warm()
  }

  /** Fill the TLB: the stale page's translation is an old one. */
  private warm(): void {
    const { cpu, memory } = this.machine
    const put = (frame: number) => {
      for (const copy of [0, 1] as const) {
        memory.set(staleEntry(copy), 32, entryOf(frame))
        this.image[staleEntry(copy) / 4] = entryOf(frame)
      }
    }
    put(STALE_FRAME)
    cpu.linear.tlb.flush(true)
    for (let page = 1; page < MAPPED_PAGES; page++) cpu.linear.translate(page * PAGE, true, false)
    cpu.linear.fetch(CODE)
    put(STALE)
    this.dirty = true
  }

  /** Fill in the parts. */
  private observe(into: Int32Array): void {
    const { cpu } = this.machine
    const { gdtr, idtr, segments } = cpu
    const flags = cpu.flags.value
    let n = 0
    into[n++] = cpu.cpl
    into[n++] = flags & VM ? 1 : 0
    into[n++] = flags & IF ? 1 : 0
    into[n++] = (flags & IOPL) >> 12
    into[n++] = cpu.control[0]
    into[n++] = cpu.control[3]
    into[n++] = cpu.control[4]
    into[n++] = gdtr.base
    into[n++] = gdtr.limit
    into[n++] = idtr.base
    into[n++] = idtr.limit
    into[n++] = segments.selector[LDTR]
    into[n++] = segments.base[LDTR]
    into[n++] = segments.selector[TR]
    into[n++] = segments.base[TR]
    into[n++] = this.mapping()
    into[n++] = this.latch.state.accesses
    into[n++] = this.latch.state.sent
    into[n++] = cpu.activity === "running" ? 0 : 1
    for (const register of DEBUG) into[n++] = cpu.readDebug(register)
    for (const register of MODEL_SPECIFIC_NUMBERS) into[n++] = cpu.modelSpecific.read(register)[0]
    into[n++] = cpu.modelSpecific.timeStamp[0] - this.machine.clock.now
    for (let register = 0; register < 8; register++) into[n++] = cpu.reg[register]
    into[n++] = cpu.eip
    into[n++] = flags & ~(VM | IF | IOPL)
    for (const segment of SEGMENTS) {
      const says = segment === CS || segment === SS
      into[n++] = says ? withoutMode(segments.selector[segment]) : segments.selector[segment]
      into[n++] = segments.base[segment]
      into[n++] = segments.limit[segment]
      into[n++] = segments.access[segment] & (says ? ~DPL : ~0)
    }
  }

  /** Where the stale page leads to now. */
  private mapping(): number {
    const { linear, protectedMode } = this.machine.cpu
    try {
      return protectedMode ? linear.translate(STALE, false, false) : STALE
    } catch {
      return -1
    }
  }
}

const FIRST_RARE = PARTS.findIndex(({ name }) => name === "address mapping")
const CONTROL = PARTS.findIndex(({ name }) => name === "CR0")
const END_RARE = PARTS.findIndex(({ name }) => name === "EAX")

/** Arrays for one run. */
class Result implements Run {
  trap: Trap | undefined
  readonly before = new Int32Array(PARTS.length)
  readonly after = new Int32Array(PARTS.length)
  readonly memory: number[] = []
  readonly places: number[] = []

  /** Whether anything changed that entering the next situation does not set. */
  rareChanged(): boolean {
    const { before, after } = this
    if (before[CONTROL] !== after[CONTROL] || before[CONTROL + 1] !== after[CONTROL + 1]) return true
    for (let n = FIRST_RARE; n < END_RARE; n++) if (before[n] !== after[n]) return true
    return false
  }
}

/** A situation's mode, for people. */
export const ringName = ({ ring, virtual }: Situation) => (virtual ? "virtual-8086 mode" : `ring ${ring}`)
