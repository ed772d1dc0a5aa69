/** A machine: processor, memory, devices, clock and ledger. Many live side by side; nothing is shared between them. */

import type { Program } from "../isa/program"
import { CS, DS, ES, ESP, FS, GS, SS } from "../isa/registers"
import { type At, type Card, cardBundle, inspected } from "../numbers/card"
import { DISPLAY, stopRequested as hostWantsStop, INSPECT } from "../numbers/host"
import { hex } from "../numbers/int"
import type { BoardState } from "./board/board"
import { Bus } from "./board/bus"
import { Clock, type ClockState } from "./board/clock"
import type { Device, DeviceHost, Ring0 } from "./board/device"
import { Memory } from "./board/memory"
import { Cpu } from "./cpu"
import { type Ending, Engine } from "./engines/engine"
import { type PriceChanges, withPrices } from "./events/costs"
import type { Listener } from "./events/events"
import { type Entries, Ledger } from "./events/ledger"
import { type AnswersByName, answerByName } from "./processor/by-name"
import { FLAT, FLAT_CODE, FLAT_DATA } from "./processor/descriptors"
import { generationNamed } from "./processor/generations"
import { repairing } from "./processor/repair"
import type { CpuState } from "./processor/state"
import { ring0For } from "./ring0/ring0"

/** Plain choices: a machine can be built again from them. */
export interface MachineOptions {
  /** MiB of memory, 1-2048. */
  readonly memory: number
  /** Cycles in a second: how far the timer gets while instructions run. */
  readonly hertz: number
  /**
   * Instructions that this imaginary processor refuses outside ring 0, with #GP(0): "POPF", "MOV CR", "PUSH CS". None if
   * not said. Names are `mnemonicOf`'s.
   */
  readonly repaired?: readonly string[]
  /** The processor's generation, a name of `GENERATIONS`: what CPUID answers, which features there are, and what things cost. "p6" if not said. */
  readonly generation?: string
  /** Prices that are not the generation's, in cycles. */
  readonly prices?: PriceChanges
}

/** How a run ended. */
export interface Outcome {
  /** "left": code in TypeScript asked to. "limit": the wished number of steps is done. "halted": HLT, and nothing can wake it. "shutdown": triple fault, which `nmi` and `reset` end. "reset": the reset line was pulled, and there is no ROM to start from. "stopped": the host asked. */
  readonly why: Exclude<Ending, "called"> | "stopped" | "left"
  /** Steps of this run. */
  readonly steps: number
}

/** All state but memory and devices' code, plain data. */
export interface MachineState {
  /** The processor: registers, segment caches, control registers, TLB. */
  readonly cpu: CpuState
  /** Cycles, and what devices asked to be told later. */
  readonly clock: ClockState
  /** Cycles by cause. */
  readonly ledger: Entries
  /** Each device's state, by its name. */
  readonly devices: Readonly<Record<string, unknown>>
  /** The A20 gate, and how large a ROM there is. */
  readonly board: BoardState
}

const MEBIBYTE = 1 << 20
/** Selectors that a boot loader's GDT would have; no GDT is there until the guest loads one. */
const BOOT_CODE = 0x08
const BOOT_DATA = 0x10
/** Steps between two looks at whether the host wants to stop. */
const SLICE = 100_000

/** Registers by name: `machine.eax`, `machine.cs`, `machine.cr0` as unsigned numbers; `machine.flags.IF`. */
export interface Machine extends AnswersByName {}

/** A machine in 32-bit protected mode, ring 0, flat segments, paging off, interrupts off: as a boot loader leaves it. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: answerByName, at the end, gives it what the interface says
export class Machine {
  /** Physical memory, from address 0, with `read` and `write` of bytes. */
  readonly memory: Memory
  /** Cycles and steps so far, `now` and `steps`, and the events that devices wait for. */
  readonly clock = new Clock()
  /** What cycles went to beyond one a step, by cause: `ledger.entries()`. */
  readonly ledger = new Ledger()
  /** Ports and physical addresses, and the devices that answer there. */
  readonly bus: Bus
  /** The processor: `cpu.reg[0]` is EAX; `cpu.eip`, `cpu.cpl`, `cpu.readControl(3)` … */
  readonly cpu: Cpu
  /** What runs instructions on the processor. `run` and `step` are its front door. */
  readonly engine: Engine
  private readonly ring0: (host: DeviceHost) => Ring0
  private leaving = false
  /** The program loaded last, for source lines and symbols. */
  program: Program | undefined

  /**
   * @param options plain data: another machine made from them begins alike
   * @param physical its memory, if it is not one of its own: a virtual machine's lies in another machine's
   * @throws RangeError if the options are out of range
   */
  constructor(
    readonly options: MachineOptions,
    physical?: Memory,
  ) {
    const { memory, hertz, prices = {} } = options
    const generation = generationNamed(options.generation)
    if (!(Number.isInteger(memory) && memory >= 1 && memory <= 2048))
      throw new RangeError(`memory is ${memory} MiB: it must be a whole number from 1 to 2048`)
    if (!(hertz >= 1 && hertz <= 1e10))
      throw new RangeError(`the clock is ${hertz} Hz: it must be from 1 to 10,000,000,000`)
    this.memory = physical ?? new Memory(memory * MEBIBYTE)
    this.bus = new Bus(this.memory, this.clock, hertz, () => this.signal())
    this.cpu = new Cpu(this.bus, this.clock, this.ledger, {
      ...generation,
      costs: withPrices(generation.costs, prices),
    })
    this.engine = new Engine(this.cpu, this.bus, this.clock, this.ledger)
    this.ring0 = ring0For(this.cpu, this.bus, this.clock, () => {
      this.leaving = true
    })
    if (options.repaired?.length) this.engine.blocks.decoder = repairing(options.repaired)
    this.bus.onReset = () => this.cpu.requestReset()
    this.leaveBootLoader()
  }

  private leaveBootLoader(): void {
    const { cpu } = this
    cpu.segments.set(CS, BOOT_CODE, { ...FLAT, access: FLAT_CODE })
    for (const segment of [SS, DS, ES, FS, GS])
      cpu.segments.set(segment, BOOT_DATA, { ...FLAT, access: FLAT_DATA })
    cpu.reg[ESP] = Math.min(this.memory.size, 0x9_0000)
    cpu.updateMode()
  }

  /** Who hears what happens; undefined: nobody. */
  set listener(listener: Listener | undefined) {
    this.cpu.listener = listener
  }

  /** Interrupt requests may have changed: the processor looks before its next step. */
  private signal(): void {
    const request = this.bus.controller?.pending() ?? false
    if (request === this.cpu.interruptRequest && !request) return
    this.cpu.interruptRequest = request
    this.clock.lookUp()
  }

  /**
   * Put devices on the bus.
   * @throws RangeError if a name, a port or an address is taken, a port is out of range, or addresses are no whole pages
   */
  attach(...devices: readonly Device[]): this {
    for (const device of devices) this.bus.attach(device)
    return this
  }

  /**
   * Copy a program into memory and point EIP at its entry.
   * @throws RangeError if it does not fit
   */
  load(program: Program): this {
    this.memory.write(program.origin, program.bytes)
    this.cpu.eip = program.entry | 0
    this.program = program
    return this
  }

  /**
   * Put a ROM at the top of the first MiB; it is seen a second time below 4 GiB, and writes to it are lost. Then reset the
   * processor, whose first instruction is 16 bytes before the ROM's end.
   * @throws RangeError unless it is whole pages of 4 KiB, at most 256 KiB
   */
  loadRom(bytes: Uint8Array): this {
    this.bus.board.putRom(bytes.length)
    this.memory.write(this.bus.board.romStart, bytes)
    return this.reset()
  }

  /**
   * Reset the processor: real-address mode at F000:FFF0, where CS has base FFFF0000h until the first far jump, with the
   * processor's signature in EDX. Memory and devices stay as they are.
   */
  reset(): this {
    this.cpu.reset()
    return this
  }

  /**
   * Run up to `steps` steps (no limit: until the machine halts).
   * @param stopRequested asked every 100 000 steps whether to stop early; the notebook's host if not said, so that interrupting a cell stops the machine
   */
  run({
    steps = Number.POSITIVE_INFINITY,
    stopRequested = hostWantsStop,
  }: {
    steps?: number
    stopRequested?: () => boolean
  } = {}): Outcome {
    const first = this.clock.steps
    for (let left = steps; left > 0; left -= SLICE) {
      if (stopRequested()) return { why: "stopped", steps: this.clock.steps - first }
      const why = this.runSlice(Math.min(left, SLICE))
      if (why !== "limit") return { why, steps: this.clock.steps - first }
    }
    return { why: "limit", steps: this.clock.steps - first }
  }

  /** Run so many steps, and call the code in TypeScript that they come to. */
  private runSlice(steps: number): Outcome["why"] {
    const { clock } = this
    const last = clock.steps + steps
    for (;;) {
      const why = this.engine.run(last - clock.steps)
      if (this.cpu.activity !== "called") return why as Outcome["why"]
      if (this.call()) return "left"
      if (clock.steps >= last) return "limit"
    }
  }

  /** Call the code at EIP: a part of the step that came to it. @returns whether it wants the run to end */
  private call(): boolean {
    const { cpu, bus } = this
    const code = bus.codeAt(cpu.linear.fetch(cpu.linearOf(CS, cpu.eip)))
    cpu.activity = "running"
    this.leaving = false
    if (code) {
      const { device, entry } = code
      if (cpu.listening) cpu.tell({ is: "called", device: device.name, entry, name: device.entries?.[entry] })
      device.execute?.(entry, this.ring0(bus.host(device)))
    }
    return this.leaving
  }

  /** Run one step. */
  step(): Outcome {
    return this.run({ steps: 1 })
  }

  /** Raise the processor's NMI pin once. Also a processor that shut down takes it, unless it was handling an NMI then. */
  nmi(): void {
    this.cpu.requestNmi()
  }

  /** What the guest sent through its serial port so far. */
  get serial(): string {
    return this.deviceState<{ sent: string }>("uart")?.sent ?? ""
  }

  /** What a cell shows of it. @internal */
  card(): Card {
    const { cpu, clock, options, bus } = this
    const count = (steps: number) => steps.toLocaleString("en")
    const where = `${cpu.activity} in ring ${cpu.cpl} at EIP ${hex(cpu.eip)}`
    return {
      ...cpu.card(),
      title: `Machine of ${options.memory} MiB, ${where}`,
      says: [
        `Steps ${count(clock.steps)}, cycles ${count(clock.now)}`,
        `Devices: ${bus.devices.map(({ name }) => name).join(", ") || "none"}`,
        ...(cpu.card().says ?? []),
      ],
    }
  }

  /** A card: where it is, how far it got, its registers. */
  [DISPLAY]() {
    return cardBundle(this.card())
  }

  /** The card as text. */
  [INSPECT](...at: At): string {
    return inspected(this.card(), ...at)
  }

  /**
   * Type at the terminal that the serial port leads to. The guest gets a byte after the other, at the line's speed, as it
   * takes them: the first a hundredth of a second from now, or after the guest has set the port up.
   * @param text a character a byte, 0 to 255
   * @param device another device's name, if it is one that can be typed at
   * @throws RangeError if a character is no byte, or there is no such device
   */
  type(text: string, device = "uart"): this {
    const typedAt = this.bus.devices.find(({ name }) => name === device)
    if (!typedAt?.type) throw new RangeError(`this machine has no ${device} to type at`)
    typedAt.type(text, this.bus.host(typedAt))
    return this
  }

  /**
   * Press keys on the keyboard, a US one: those that make this text, "\n" being Enter. The guest gets their scan codes one
   * after the other, as it reads them.
   * @param text characters that such a keyboard has, and control characters
   * @throws RangeError if a character is not ASCII, or there is no keyboard
   */
  press(text: string): this {
    return this.type(text, "keyboard")
  }

  private deviceState<State>(name: string): State | undefined {
    return this.bus.devices.find((device) => device.name === name)?.state as State | undefined
  }

  /** State beside memory, as plain data of its own. */
  save(): MachineState {
    return {
      cpu: this.cpu.save(),
      clock: this.clock.save(),
      ledger: this.ledger.entries(),
      devices: Object.fromEntries(this.bus.devices.map(({ name, state }) => [name, structuredCopy(state)])),
      board: this.bus.board.save(),
    }
  }

  /** Put back what `save` gave. Memory is the caller's to restore. */
  restore(state: MachineState): void {
    this.clock.restore(state.clock)
    this.ledger.restore(state.ledger)
    for (const device of this.bus.devices) device.state = structuredCopy(state.devices[device.name])
    this.bus.board.restore(state.board)
    this.cpu.restore(state.cpu)
    this.cpu.interruptRequest = this.bus.controller?.pending() ?? false
  }
}

answerByName(Machine.prototype, ({ cpu }) => cpu.save())

/** A copy of plain data, with keys in their order. */
function structuredCopy<T>(data: T): T {
  return data === undefined ? data : (JSON.parse(JSON.stringify(data)) as T)
}
