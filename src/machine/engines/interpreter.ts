/**
 * The engine that runs decoded blocks. It stops exactly where it is told to, inside a block or a repeated instruction
 * too; interrupts enter only between steps.
 */
import { isInstruction } from "../../isa/decode"
import { IF, RF, TF } from "../../isa/eflags"
import { CS } from "../../isa/registers"
import type { Bus } from "../board/bus"
import type { Clock } from "../board/clock"
import { PAGE_MASK } from "../board/memory"
import type { Cpu } from "../cpu"
import { deliver, deliverInterrupt } from "../delivery/delivery"
import { Fault } from "../events/fault"
import type { Ledger } from "../events/ledger"
import { BIG } from "../processor/descriptors"
import { RESET_VECTOR } from "../processor/reset"
import { inSummary, READ_FLAT, USER_CODE, WIDE_CODE } from "../processor/segments"
import { withinLimit } from "../protection/segmentation"
import type { Block, Unit } from "./block"
import { Blocks } from "./blocks"
import type { CodePage } from "./code-page"
import { compile, type Run, refusal } from "./compile"
import { Units } from "./units"

/** Why a run ended. */
export type Ending = "limit" | "halted" | "shutdown" | "reset"

/** A page of code: where it was found, and what must not have changed for it to be right still. */
interface Place {
  /** Linear page number. */
  number: number
  physical: number
  page: CodePage | undefined
  /** The TLB's. */
  version: number
}
const NOWHERE: Place = { number: 0, physical: 0, page: undefined, version: -1 }
/** So many are kept: a power of two, half of them for CPL 3. */
const PLACES = 64

/** Generated code that ran at an EIP of flat code, and on what that depended. */
interface KnownUnit {
  readonly eip: number
  /** The TLB's, which changes with decoded code, too. */
  readonly version: number
  /** Bits of `Segments.summary`, and how they were. */
  readonly assumes: number
  readonly state: number
  /** It needs so many. */
  readonly steps: number
  readonly run: Unit["run"]
  readonly member: number
  readonly base: number
}
const UNKNOWN: KnownUnit = {
  eip: 0,
  version: -1,
  assumes: 0,
  state: 0,
  steps: 0,
  run: () => {},
  member: 0,
  base: 0,
}
/** So many are kept: a power of two. */
const KNOWN = 256

const NMI_VECTOR = 2
/** Limit of a segment without one. */
const FOUR_GIBIBYTES = 0xffff_ffff
const EXECUTION_SEE = 'SDM Vol. 3B §17.3.1.1 "Instruction-Breakpoint Exception Condition"'
const DATA_SEE = 'SDM Vol. 3B §17.3.1.2 "Data Memory and I/O Breakpoint Exception Conditions"'
const SINGLE_STEP_SEE = 'SDM Vol. 3B §17.3.1.4 "Single-Step Exception Condition"'

export class Interpreter {
  readonly blocks: Blocks

  readonly units: Units

  constructor(
    private readonly cpu: Cpu,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly ledger: Ledger,
  ) {
    this.blocks = new Blocks(
      bus,
      () => {
        cpu.linear.tlb.version++
        clock.lookUp()
      },
      (frame) => cpu.linear.watchCode(frame),
    )
    this.units = new Units(cpu, clock, bus.memory, this.blocks)
  }

  /** Run exactly `steps` steps, unless the machine halts for good or shuts down before. */
  run(steps: number): Ending {
    const { clock } = this
    const last = clock.steps + steps
    while (clock.steps < last) {
      this.bus.fireDue()
      if (this.cpu.activity !== "running") {
        const ended = this.wait()
        if (ended) return ended
      } else if (!this.interrupt()) this.window(last - clock.steps)
    }
    return "limit"
  }

  /** Halted: let time pass until the next event, if there is one and anything could wake us. Waiting is a step, and so is being woken. */
  private wait(): Ending | undefined {
    const { cpu, clock } = this
    if (cpu.activity === "shutdown") return "shutdown"
    if (cpu.activity === "reset") return this.reset()
    if (this.interrupt()) return undefined
    if (clock.next === Number.POSITIVE_INFINITY) return "halted"
    const idle = clock.next - clock.now
    if (!cpu.canBeWoken()) return "halted"
    clock.tick()
    this.ledger.add("idle", idle - 1)
    clock.skip(idle - 1)
    cpu.tell({ is: "wait", cycles: idle })
    return undefined
  }

  /** Begin anew, if anything answers where a processor begins. That is a step of its own. */
  private reset(): Ending | undefined {
    if (!this.bus.answers(RESET_VECTOR)) return "reset"
    this.clock.tick()
    this.cpu.reset()
    return undefined
  }

  /** Deliver a waiting interrupt, if the processor takes one now. That is a step of its own. */
  private interrupt(): boolean {
    const { cpu } = this
    if (cpu.shadow === "none" && cpu.takeNmi()) {
      this.external(NMI_VECTOR, "NMI")
      return true
    }
    const { controller } = this.bus
    if (!cpu.interruptRequest || cpu.shadow !== "none" || !cpu.flags.has(IF) || !controller) return false
    this.external(controller.acknowledge(), "external")
    cpu.interruptRequest = controller.pending()
    return true
  }

  private external(vector: number, source: "external" | "NMI"): void {
    const { cpu } = this
    cpu.activity = "running"
    this.clock.tick()
    cpu.tell({ is: "interrupt", vector, source })
    deliverInterrupt(cpu, vector)
    if (cpu.debug.met !== 0) this.debugTrap(false)
  }

  /** Run until somebody must look up. Under TF or an interrupt shadow that is one step. */
  private window(steps: number): void {
    const { cpu, clock } = this
    const trap = cpu.flags.has(TF)
    cpu.enteredHandler = false
    if (cpu.debug.onExecution && this.executionBreakpoint()) return
    const careful = trap || cpu.shadow !== "none" || cpu.debug.attentive
    cpu.shadow = "none"
    cpu.suspended = false
    clock.open(careful ? 1 : steps)
    do this.runBlocks()
    while (clock.left > 0)
    if ((trap || cpu.debug.met !== 0) && !this.inShadow()) this.debugTrap(trap && !cpu.enteredHandler)
  }

  /** An instruction with a breakpoint faults before it runs, unless RF says that it did already. */
  private executionBreakpoint(): boolean {
    const { cpu } = this
    if (cpu.flags.has(RF) || cpu.suspended || this.inShadow()) return false
    if (!cpu.debug.meetsExecution(cpu.segments.base[CS] + cpu.eip)) return false
    this.clock.tick()
    const says = "a debug register holds the address of this instruction"
    deliver(cpu, new Fault("#DB", null, says, EXECUTION_SEE))
    return true
  }

  /** The step was a MOV SS or POP SS: its debug traps wait for the next one. */
  private inShadow(): boolean {
    return this.cpu.shadow === "MOV SS"
  }

  /** A step is done that met data breakpoints, or began under TF: trap. A step into a handler cleared TF, and is no single step. */
  private debugTrap(singleStep: boolean): void {
    const { cpu } = this
    if (cpu.activity === "shutdown" || cpu.activity === "reset") return
    if (!singleStep && cpu.debug.met === 0) return
    const says = cpu.debug.report(singleStep)
    cpu.activity = "running"
    deliver(cpu, new Fault("#DB", null, says, singleStep ? SINGLE_STEP_SEE : DATA_SEE))
  }

  /** Run blocks until somebody must look up, or something faults. */
  private runBlocks(): void {
    const { cpu, clock } = this
    let block: Block | undefined
    let n = 0
    try {
      do {
        // RF holds for one instruction, which may load it anew, and ends its block.
        if (cpu.flags.has(RF)) cpu.flags.put(RF, 0)
        block = undefined
        if (this.runKnown()) continue
        block = this.find()
        if (!block) {
          this.carefully()
          continue
        }
        if (block.units.length > 0 && this.runUnit(block)) continue
        this.units.heat(this.place.page as CodePage, block)
        const { runs, lengths } = block
        const { length } = runs
        // Only a block's last instruction may hand a fault back.
        let refused: ReturnType<Run>
        n = 0
        do {
          clock.left--
          cpu.eip = (cpu.eip + lengths[n]) | 0
          refused = runs[n](cpu)
          n++
        } while (n < length && clock.left > 0)
        if (refused !== undefined) {
          cpu.eip = (cpu.eip - lengths[n - 1]) | 0
          this.fault(refused)
        }
      } while (clock.left > 0)
    } catch (fault) {
      // Without a block it was the fetch that faulted, and nothing has been counted yet.
      if (!block) clock.left--
      else if (!isNewTasks(fault)) cpu.eip = (cpu.eip - block.lengths[n]) | 0
      this.fault(fault)
    }
  }

  /** Run the generated code that was run here the last time, if nothing changed that it depends on. */
  private runKnown(): boolean {
    const { cpu, clock } = this
    const { eip, version, state, assumes, steps, run, member, base } = this.known[cpu.eip & (KNOWN - 1)]
    if (eip !== cpu.eip || version !== cpu.linear.tlb.version || clock.left < steps) return false
    if ((cpu.segments.summary & assumes) !== state) return false
    const fault = run(member, base)
    if (fault !== undefined) this.fault(fault)
    return true
  }

  /** Run generated code, if there is some for the block and it may run: all of 4 GiB is code, and the steps suffice. */
  private runUnit(block: Block): boolean {
    const { cpu, clock } = this
    if (clock.left < block.runs.length || this.codeLimit !== FOUR_GIBIBYTES) return false
    const unit = this.units.find(this.place.page as CodePage, block)
    if (!unit) return false
    const offset = block.physical & PAGE_MASK
    const [member, base] = [unit.entries[offset] - 1, (cpu.eip - offset) | 0]
    if (this.codeBase === 0) this.known[cpu.eip & (KNOWN - 1)] = this.knownUnit(unit, member, base)
    const fault = unit.run(member, base)
    if (fault !== undefined) this.fault(fault)
    return true
  }

  private knownUnit({ assumes, members, run }: Unit, member: number, base: number): KnownUnit {
    const { eip, segments, linear } = this.cpu
    const wanted = assumes | inSummary(CS, READ_FLAT) | WIDE_CODE
    return {
      eip,
      version: linear.tlb.version,
      assumes: wanted | USER_CODE,
      state: wanted | (segments.summary & USER_CODE),
      steps: members[member].runs.length,
      run,
      member,
      base,
    }
  }

  /** Generated code by the low bits of EIP. */
  private readonly known: KnownUnit[] = new Array(KNOWN).fill(UNKNOWN)
  /** Where code was found lately, by page and by who runs it. */
  private readonly places: readonly Place[] = Array.from({ length: PLACES }, () => ({ ...NOWHERE }))
  private place: Place = this.places[0]
  /** CS when it was looked at. */
  private codeBase = 0
  private codeLimit = 0
  private codeSize: 16 | 32 = 32
  private codeUser = 0
  private codeVersion = -1

  /** The block at CS:EIP; undefined if it must be decoded with care: at a page's end, or near the segment's limit. */
  private find(): Block | undefined {
    const { cpu } = this
    if (cpu.segments.codeVersion !== this.codeVersion) this.lookAtCode()
    const linear = (this.codeBase + cpu.eip) | 0
    const place = this.places[((linear >>> 11) & (PLACES - 2)) | this.codeUser]
    if (place.number !== linear >>> 12 || place.version !== cpu.linear.tlb.version) this.look(place, linear)
    this.place = place
    const { page } = place
    if (page === undefined) return undefined
    const block = this.blocks.find(page, place.physical + (linear & PAGE_MASK), this.codeSize)
    if (this.codeLimit === FOUR_GIBIBYTES || block === undefined) return block
    return (cpu.eip >>> 0) + block.bytes - 1 > this.codeLimit ? undefined : block
  }

  private lookAtCode(): void {
    const { base, limit, access, codeVersion, cpl } = this.cpu.segments
    this.codeBase = base[CS]
    this.codeLimit = limit[CS]
    this.codeSize = access[CS] & BIG ? 32 : 16
    this.codeUser = cpl === 3 ? 1 : 0
    this.codeVersion = codeVersion
  }

  /** Look up the page of a linear address. @faults #PF */
  private look(place: Place, linear: number): void {
    const { tlb } = this.cpu.linear
    place.version = -1
    const physical = this.cpu.linear.fetch(linear)
    place.page = this.blocks.pageAt(physical)
    place.physical = (physical & ~PAGE_MASK) >>> 0
    place.number = linear >>> 12
    place.version = tlb.version
  }

  /** One instruction, byte by byte, with all checks. */
  private carefully(): void {
    const { cpu } = this
    const start = cpu.eip
    let fetched = 0
    this.clock.left--
    try {
      const codeSize = cpu.segments.access[CS] & BIG ? 32 : 16
      const decoded = this.blocks.decoder(() => this.fetchByte(start + fetched++), codeSize)
      const run = isInstruction(decoded) ? compile(decoded) : refusal(decoded)
      cpu.eip = isInstruction(decoded) ? (start + decoded.length) | 0 : start
      const refused = run(cpu)
      if (refused) throw refused
    } catch (fault) {
      if (!isNewTasks(fault)) cpu.eip = start
      this.fault(fault)
    }
  }

  private fetchByte(offset: number): number {
    const { cpu } = this
    if (!withinLimit(offset, 1, cpu.segments.cache(CS)))
      cpu.raise(
        "#GP",
        0,
        "the instruction lies beyond the code segment's limit",
        'SDM Vol. 3A §5.3 "Limit Checking"',
      )
    return this.bus.read(cpu.linear.fetch((cpu.segments.base[CS] + offset) | 0), 8) & 0xff
  }

  private fault(fault: unknown): void {
    if (!(fault instanceof Fault)) throw fault
    // An instruction that is not done has met nothing.
    this.cpu.debug.met = 0
    deliver(this.cpu, fault)
  }
}

/** The instruction is done, and the task that it switched to faulted. */
const isNewTasks = (fault: unknown) => fault instanceof Fault && fault.newTask
