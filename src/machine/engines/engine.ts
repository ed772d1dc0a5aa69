/**
 * The engine: what happens between steps. It stops exactly where it is told to, inside a block or a repeated instruction too;
 * interrupts enter only between steps, and so do debug traps.
 */

import { IF, RF, TF } from "../../isa/eflags"
import type { Instruction } from "../../isa/operand"
import { CS } from "../../isa/registers"
import { INSPECT } from "../../numbers/host"
import type { Bus } from "../board/bus"
import type { Clock } from "../board/clock"
import type { Cpu } from "../cpu"
import { deliver, deliverInterrupt } from "../delivery/delivery"
import { Fault } from "../events/fault"
import type { Ledger } from "../events/ledger"
import { RESET_VECTOR } from "../processor/reset"
import { Blocks } from "./blocks"
import { Runner } from "./runner"
import { Units } from "./units"

/** Why a run ended. */
export type Ending = "limit" | "halted" | "shutdown" | "reset" | "called"

const NMI_VECTOR = 2
const EXECUTION_SEE = 'SDM Vol. 3B §17.3.1.1 "Instruction-Breakpoint Exception Condition"'
const DATA_SEE = 'SDM Vol. 3B §17.3.1.2 "Data Memory and I/O Breakpoint Exception Conditions"'
const SINGLE_STEP_SEE = 'SDM Vol. 3B §17.3.1.4 "Single-Step Exception Condition"'

/** Runs a machine's processor, step by step as far as anybody can tell. */
export class Engine {
  readonly blocks: Blocks
  readonly units: Units
  private readonly runner: Runner

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
    this.runner = new Runner(cpu, bus, clock, this.blocks, this.units)
  }

  /** In a line: all that it knows is derived from the machine's state. */
  [INSPECT](): string {
    return "Engine: runs the processor's instructions; cpu, memory and bus hold what there is to see"
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

  /** Make one step, whose instruction is decoded already: fetching it would change nothing. Interrupts come first, as in any step. */
  perform(instruction: Instruction): void {
    const { cpu } = this
    this.bus.fireDue()
    if (cpu.activity !== "running" || this.isWatched) this.run(1)
    else if (!this.interrupt()) {
      cpu.enteredHandler = false
      cpu.suspended = false
      this.clock.open(1)
      this.runner.perform(instruction)
    }
  }

  /** Something is to be seen to before the next step, or after it. */
  private get isWatched(): boolean {
    const { flags, shadow, debug } = this.cpu
    return flags.has(TF) || shadow !== "none" || debug.isArmed || debug.met !== 0
  }

  /** Halted: let time pass until the next event, if there is one and anything could wake us. Waiting is a step, and so is being woken. */
  private wait(): Ending | undefined {
    const { cpu, clock } = this
    if (cpu.activity === "called") return "called"
    if (cpu.activity === "shutdown") return this.nonMaskable() ? undefined : "shutdown"
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
    if (cpu.shadow !== "none") return false
    if (this.nonMaskable()) return true
    const { controller } = this.bus
    if (!cpu.interruptRequest || !cpu.flags.has(IF) || !controller) return false
    this.external(controller.acknowledge(), "external")
    cpu.interruptRequest = controller.pending()
    return true
  }

  /**
   * Deliver a waiting NMI, if none is being handled. That ends a shutdown, too.
   * @see SDM Vol. 3A §6.15 "Interrupt 8—Double Fault Exception (#DF)"
   */
  private nonMaskable(): boolean {
    if (!this.cpu.takeNmi()) return false
    this.external(NMI_VECTOR, "NMI")
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
    do this.runner.run()
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
    if (cpu.activity !== "running" && cpu.activity !== "halted") return
    if (!singleStep && cpu.debug.met === 0) return
    const says = cpu.debug.report(singleStep)
    cpu.activity = "running"
    deliver(cpu, new Fault("#DB", null, says, singleStep ? SINGLE_STEP_SEE : DATA_SEE))
  }
}
