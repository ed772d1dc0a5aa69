/** Runs decoded blocks, or the code generated for them, until somebody must look up; and single instructions with care. */
import { isInstruction } from "../../isa/decode"
import { RF } from "../../isa/eflags"
import type { Instruction } from "../../isa/operand"
import { CS } from "../../isa/registers"
import type { Bus } from "../board/bus"
import type { Clock } from "../board/clock"
import type { Cpu } from "../cpu"
import { deliver } from "../delivery/delivery"
import { Fault } from "../events/fault"
import { BIG } from "../processor/descriptors"
import { withinLimit } from "../processor/limits"
import type { Block } from "./block"
import type { Blocks } from "./blocks"
import { CodeFinder, type UnitEntry } from "./code-finder"
import { compile, type Run, refusal } from "./compile"
import type { Units } from "./units"

export class Runner {
  private readonly finder: CodeFinder
  /** What instructions became that were performed one by one. */
  private readonly performed = new WeakMap<Instruction, Run>()

  constructor(
    private readonly cpu: Cpu,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly blocks: Blocks,
    private readonly units: Units,
  ) {
    this.finder = new CodeFinder(cpu, blocks, units)
  }

  /** Run blocks until somebody must look up, or something faults. */
  run(): void {
    const { cpu, clock, finder } = this
    let block: Block | undefined
    let n = 0
    try {
      do {
        // RF holds for one instruction, which may load it anew, and ends its block.
        if (cpu.flags.has(RF)) cpu.flags.put(RF, 0)
        block = undefined
        const known = finder.lastEntry(clock.left)
        if (known) {
          this.enter(known)
          continue
        }
        block = finder.find()
        if (!block) {
          this.carefully()
          continue
        }
        const entry = block.units.length > 0 ? finder.entryOf(block, clock.left) : undefined
        if (entry) {
          this.enter(entry)
          continue
        }
        if (finder.isWithinLimit()) this.units.heat(finder.page, block)
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

  /** Run generated code. */
  private enter({ run, member, base }: UnitEntry): void {
    const fault = run(member, base)
    if (fault !== undefined) this.fault(fault)
  }

  /** One instruction, byte by byte, with all checks. */
  private carefully(): void {
    const { cpu } = this
    const start = cpu.eip
    let fetched = 0
    this.clock.left--
    if (this.comesToCode()) return
    try {
      const codeSize = cpu.segments.access[CS] & BIG ? 32 : 16
      const decoded = this.blocks.decoder(() => this.fetchByte(start + fetched++), codeSize)
      if (isInstruction(decoded)) this.carryOut(compile(decoded), decoded.length)
      else this.carryOut(refusal(decoded), 0)
    } catch (fault) {
      if (!isNewTasks(fault)) cpu.eip = start
      this.fault(fault)
    }
  }

  /** One instruction that was fetched and decoded before. */
  perform(instruction: Instruction): void {
    const { cpu } = this
    const start = cpu.eip
    this.clock.left--
    if (cpu.flags.has(RF)) cpu.flags.put(RF, 0)
    try {
      this.carryOut(this.compiled(instruction), instruction.length)
    } catch (fault) {
      if (!isNewTasks(fault)) cpu.eip = start
      this.fault(fault)
    }
  }

  private compiled(instruction: Instruction): Run {
    const run = this.performed.get(instruction) ?? compile(instruction)
    this.performed.set(instruction, run)
    return run
  }

  private carryOut(run: Run, length: number): void {
    const { cpu } = this
    cpu.eip = (cpu.eip + length) | 0
    const refused = run(cpu)
    if (refused) throw refused
  }

  /** What stands at EIP is TypeScript: whoever runs the engine calls it. */
  private comesToCode(): boolean {
    const { cpu, finder } = this
    if (!finder.isForeign || !this.bus.codeAt(finder.physical)) return false
    if (!withinLimit(cpu.eip, 1, cpu.segments.cache(CS))) return false
    cpu.activity = "called"
    this.clock.lookUp()
    return true
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
