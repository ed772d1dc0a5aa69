/** A processor, as code in TypeScript has it: each call does what an instruction does, on the processor's own parts. */
import { NAMES32 } from "../../isa/registers"
import { hex, type Size, signed, unsigned } from "../../numbers/int"
import { glance } from "../address/glance"
import type { Bus } from "../board/bus"
import type { Clock } from "../board/clock"
import type { DeviceHost, Ring0 } from "../board/device"
import type { Access } from "../board/physical-space"
import type { Cpu } from "../cpu"
import { Fault } from "../events/fault"
import { CR0 } from "../processor/control"

const CONTROL_REGISTERS = [0, 2, 3, 4]
const MOST_WORK = 1_000_000

/** What is asked of a processor, and of the machine by the device's own host. */
class ProcessorAccess implements Ring0 {
  readonly hertz: number

  constructor(
    private readonly cpu: Cpu,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly host: DeviceHost,
    /** Called when the run shall end after this step. */
    readonly leave: () => void,
  ) {
    this.hertz = host.hertz
  }

  get now(): number {
    return this.clock.now
  }

  get a20(): boolean {
    return this.host.a20
  }

  interrupt(line: number, level: boolean): void {
    this.host.interrupt(line, level)
  }

  after(cycles: number, tag: number): void {
    this.host.after(cycles, tag)
  }

  cancel(tag: number): void {
    this.host.cancel(tag)
  }

  readMemory(physical: number, size: Size): number {
    return this.host.readMemory(physical, size)
  }

  writeMemory(physical: number, size: Size, value: number): void {
    this.host.writeMemory(physical, size, value)
  }

  gateA20(open: boolean): void {
    this.host.gateA20(open)
  }

  reset(): void {
    this.host.reset()
  }

  get steps(): number {
    return this.clock.steps
  }

  register(number: number): number {
    return this.cpu.reg[known(number, NAMES32.length, "general register")]
  }

  setRegister(number: number, value: number): void {
    this.cpu.reg[known(number, NAMES32.length, "general register")] = value
    this.spend()
  }

  selector(segment: number): number {
    return this.cpu.selector(known(segment, 8, "segment register"))
  }

  loadSegment(segment: number, selector: number): void {
    this.spend()
    refusing(() => this.cpu.loadSegment(known(segment, 6, "segment register"), selector))
  }

  control(number: number): number {
    return this.cpu.readControl(control(number))
  }

  setControl(number: number, value: number): void {
    this.spend()
    this.cpu.charge(this.cpu.prices.controlRegister)
    refusing(() => this.cpu.writeControl(control(number), value | 0))
  }

  debug(number: number): number {
    return this.cpu.readDebug(known(number, 8, "debug register"))
  }

  setDebug(number: number, value: number): void {
    this.spend()
    this.cpu.writeDebug(known(number, 8, "debug register"), value | 0)
  }

  loadGdt(base: number, limit: number): void {
    this.loadTable(this.cpu.gdtr, base, limit)
  }

  loadIdt(base: number, limit: number): void {
    this.loadTable(this.cpu.idtr, base, limit)
  }

  private loadTable(register: { base: number; limit: number }, base: number, limit: number): void {
    this.spend()
    this.cpu.charge(this.cpu.prices.descriptorTable)
    register.base = base | 0
    register.limit = limit & 0xffff
  }

  loadTask(selector: number): void {
    this.spend()
    this.cpu.charge(this.cpu.prices.descriptorTable)
    refusing(() => this.cpu.loadTr(selector & 0xffff))
  }

  loadLdt(selector: number): void {
    this.spend()
    this.cpu.charge(this.cpu.prices.descriptorTable)
    refusing(() => this.cpu.loadLdtr(selector & 0xffff))
  }

  modelSpecific(number: number): readonly [low: number, high: number] {
    return refusing(() => this.cpu.readModelSpecific(number >>> 0))
  }

  setModelSpecific(number: number, low: number): void {
    this.spend()
    refusing(() => this.cpu.writeModelSpecific(number >>> 0, low | 0))
  }

  read(linear: number, size: Size): number {
    this.spend()
    const { linear: memory } = this.cpu
    return refusing(() => {
      if (size === 32) return memory.read32(linear | 0)
      return size === 16 ? memory.read16(linear | 0) : memory.read8(linear | 0)
    })
  }

  write(linear: number, size: Size, value: number): void {
    this.spend()
    const { linear: memory } = this.cpu
    refusing(() => {
      if (size === 32) memory.write32(linear | 0, value)
      else if (size === 16) memory.write16(linear | 0, value)
      else memory.write8(linear | 0, value)
    })
  }

  readPhysical(physical: number, size: Size): number {
    return this.bus.read(physical, size)
  }

  writePhysical(physical: number, size: Size, value: number): void {
    this.spend()
    this.bus.write(physical, size, value)
  }

  translate(linear: number, access: Access, user: boolean): number | undefined {
    const { cpu, bus } = this
    if (!(cpu.readControl(0) & CR0.PG)) return bus.place(linear)
    const writeProtect = (cpu.readControl(0) & CR0.WP) !== 0
    const frame = glance(bus, { tables: cpu.tables, writeProtect }, linear, access, user)
    return frame === undefined ? undefined : frame + (linear & 0xfff)
  }

  invalidate(linear: number): void {
    this.spend()
    this.cpu.charge(this.cpu.prices.invlpg)
    this.cpu.invalidatePage(linear | 0)
  }

  in(port: number, size: Size): number {
    this.spend()
    return unsigned(this.cpu.inPort(known(port, 0x1_0000, "port"), size), size)
  }

  out(port: number, size: Size, value: number): void {
    this.spend()
    this.cpu.outPort(known(port, 0x1_0000, "port"), size, signed(value, 32))
  }

  interruptReturn(): void {
    this.spend()
    refusing(() => this.cpu.interruptReturn(32))
  }

  jump(offset: number): void {
    this.spend()
    refusing(() => this.cpu.jump(offset, 32))
  }

  work(instructions: number): void {
    const { monitor } = this.cpu.prices
    const count = known(instructions, MOST_WORK, "number of instructions")
    if (count > 0)
      this.cpu.charge({ name: monitor.name, account: monitor.account, cycles: count * monitor.cycles })
  }

  tell(text: string | (() => string)): void {
    if (this.cpu.detailed) this.cpu.tell({ is: "told", says: typeof text === "string" ? text : text() })
  }

  /** The cycle of the instruction that does the same. */
  private spend(): void {
    this.cpu.charge(this.cpu.prices.monitor)
  }
}

/** A processor for devices' code: gives each device's Ring0, by the device's host. */
export function ring0For(cpu: Cpu, bus: Bus, clock: Clock, leave: () => void): (host: DeviceHost) => Ring0 {
  const made = new WeakMap<DeviceHost, Ring0>()
  return (host) => {
    const ring0 = made.get(host) ?? new ProcessorAccess(cpu, bus, clock, host, leave)
    made.set(host, ring0)
    return ring0
  }
}

function known(number: number, count: number, what: string): number {
  if (Number.isInteger(number) && number >= 0 && number < count) return number
  throw new RangeError(`there is no ${what} ${number}: they are 0 to ${count - 1}`)
}

function control(number: number): number {
  if (CONTROL_REGISTERS.includes(number)) return number
  throw new RangeError(`there is no control register CR${number}: there are CR0, CR2, CR3 and CR4`)
}

/** What the processor refuses is the caller's mistake. */
function refusing<T>(call: () => T): T {
  try {
    return call()
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault
    throw new RangeError(
      `${fault.name}${fault.errorCode === null ? "" : `(${hex(fault.errorCode, 4)})`}: ${fault.says}`,
    )
  }
}
