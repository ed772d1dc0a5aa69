/** The bus: ports and physical ranges belong to devices. What nobody answers reads as all ones, and writes to it are lost. */
import { INSPECT } from "../../numbers/host"
import { hex, type Size } from "../../numbers/int"
import type { Listener } from "../events/events"
import { Board } from "./board"
import type { Clock } from "./clock"
import type { Device, DeviceHost, InterruptController, Span } from "./device"
import { type Memory, PAGE_SIZE } from "./memory"
import type { PhysicalSpace } from "./physical-space"

const HIGHEST_PORT = 0xffff
const HIGHEST_ADDRESS = 0xffff_ffff
const isPageStart = (address: number) => Number.isInteger(address / PAGE_SIZE)

/** A range of addresses that is a device's. */
interface Mapped {
  readonly first: number
  readonly last: number
  readonly device: Device
}

export class Bus implements PhysicalSpace {
  /** All devices, in the order in which they were attached. */
  readonly devices: Device[] = []
  /** Who gathers interrupt requests: the last such device that was attached; undefined: none. */
  controller: InterruptController | undefined
  /** Who hears of port accesses and changes of request lines. */
  listener: Listener | undefined
  /** The A20 gate and the ROM. */
  readonly board = new Board()
  /** Called when addresses mean other memory than before. */
  onMoved: () => void = () => {}
  /** Called when a device pulls the reset line. */
  onReset: () => void = () => {}
  private readonly ports: (Device | undefined)[] = []
  /** Ranges of physical addresses that devices have: few, and asked often. */
  private mapped: readonly Mapped[] = []
  private readonly hosts = new Map<Device, DeviceHost>()

  constructor(
    readonly memory: Memory,
    readonly clock: Clock,
    readonly hertz: number,
    /** Called when the interrupt request to the processor may have changed. */
    private readonly signal: () => void,
  ) {}

  /**
   * Put a device on the bus.
   * @throws RangeError if its name is taken, another device has one of its ports or addresses, or its addresses are not whole pages
   */
  attach(device: Device): void {
    if (this.devices.some((other) => other.name === device.name))
      throw new RangeError(`there is a device called "${device.name}" already`)
    for (const span of device.memory ?? []) this.needRange(span, device)
    const ports = (device.ports ?? []).flatMap(numbersIn)
    for (const port of ports) this.needPort(port, device)
    for (const port of ports) this.ports[port] = device
    this.devices.push(device)
    this.findMapped()
    this.hosts.set(device, this.hostOf(device))
    if (isController(device)) this.controller = device
  }

  /** In a line. */
  [INSPECT](): string {
    return `Bus with ${this.devices.map(({ name }) => name).join(", ") || "no devices"}`
  }

  /** Put another object in a device's place, with the same name, ports and ranges. */
  replace(old: Device, device: Device): void {
    this.devices[this.devices.indexOf(old)] = device
    this.findMapped()
    this.ports.forEach((owner, port) => {
      if (owner === old) this.ports[port] = device
    })
    this.hosts.set(device, this.hostOf(device))
    this.hosts.delete(old)
  }

  private findMapped(): void {
    this.mapped = this.devices.flatMap((device) =>
      (device.memory ?? []).map(([first, last]) => ({ first, last, device })),
    )
  }

  private needPort(port: number, device: Device): void {
    if (!(port >= 0 && port <= HIGHEST_PORT))
      throw new RangeError(`"${device.name}" wants port ${port}: ports are 0 to ${HIGHEST_PORT}`)
    const owner = this.ports[port]
    if (owner)
      throw new RangeError(
        `port ${port.toString(16)}h belongs to "${owner.name}"; "${device.name}" cannot have it`,
      )
  }

  /** Refuse a range of addresses that is not whole pages, or that another device has. */
  private needRange([first, last]: Span, { name }: Device): void {
    const range = `${hex(first)} to ${hex(last)}`
    if (
      !(isPageStart(first) && isPageStart(last + 1) && 0 <= first && first <= last && last <= HIGHEST_ADDRESS)
    )
      throw new RangeError(
        `"${name}" wants the addresses ${range}: they must be whole pages of 4 KiB, as A0000h to BFFFFh are`,
      )
    const owner = this.mapped.find((mapped) => mapped.first <= last && first <= mapped.last)
    if (owner)
      throw new RangeError(
        `addresses from ${range} belong to "${owner.device.name}"; "${name}" cannot have them`,
      )
  }

  private hostOf(device: Device): DeviceHost {
    const { clock, hertz, board } = this
    return {
      get now() {
        return clock.now
      },
      hertz,
      interrupt: (line, level) => this.request(line, level),
      after: (cycles, tag) => clock.post(device.name, cycles, tag),
      cancel: (tag) => clock.cancel(device.name, tag),
      readMemory: (physical, size) =>
        this.memory.holds(physical, size / 8) ? this.memory.get(physical, size) : -1,
      writeMemory: (physical, size, value) => {
        this.store(physical, size, value)
      },
      get a20() {
        return board.a20
      },
      gateA20: (open) => this.gateA20(open),
      reset: () => this.onReset(),
    }
  }

  /** What a device of this bus is handed in each call. */
  host(device: Device): DeviceHost {
    return this.hosts.get(device) as DeviceHost
  }

  private gateA20(open: boolean): void {
    if (open === this.board.a20) return
    this.board.gateA20(open)
    this.onMoved()
  }

  /** Set an interrupt request line. */
  request(line: number, level: boolean): void {
    const before = this.listener?.detail ? this.controller?.look?.(line).high : level
    this.controller?.request(line, level)
    if (before !== level)
      this.listener?.tell({ is: "irq", line, level, held: this.controller?.look?.(line).held })
    this.signal()
  }

  /**
   * IN: the value from the port's device, or all ones from nobody. Narrow values may be signed or unsigned: the
   * caller masks.
   */
  in(port: number, size: Size): number {
    const device = this.ports[port]
    const value = this.readPort(port, size)
    this.listener?.tell({
      is: "port",
      direction: "in",
      port,
      size,
      value: value >>> 0,
      device: device?.name ?? "nobody",
    })
    this.signal()
    return value
  }

  /** OUT: hand a value to the port's device; nobody's is lost. */
  out(port: number, size: Size, value: number): void {
    const device = this.ports[port]
    this.listener?.tell({
      is: "port",
      direction: "out",
      port,
      size,
      value: value >>> 0,
      device: device?.name ?? "nobody",
    })
    this.writePort(port, size, value)
    this.signal()
  }

  private readPort(port: number, size: Size): number {
    const device = this.ports[port]
    if (size > 8 && isSplit(device)) {
      const half = narrower(size)
      const low = this.readPort(port, half) & (2 ** half - 1)
      return low | (this.readPort(port + half / 8, half) << half)
    }
    return device?.in ? device.in(port, size, this.host(device)) : -1
  }

  private writePort(port: number, size: Size, value: number): void {
    const device = this.ports[port]
    if (size > 8 && isSplit(device)) {
      const half = narrower(size)
      this.writePort(port, half, value & (2 ** half - 1))
      this.writePort(port + half / 8, half, value >>> half)
    } else device?.out?.(port, size, value, this.host(device))
  }

  /** Where a physical address ends up behind the board's address lines. */
  place(physical: number): number {
    return this.board.place(physical)
  }

  /** What `find` found: a physical address behind the board. */
  frame = 0
  /** Writes to ROM are lost, and none is refused. */
  readonly writable = true

  /** Look up where an address ends up, for `frame`. */
  find(physical: number): void {
    this.frame = this.board.place(physical)
  }

  /** Whether memory or a device answers at a physical address. */
  answers(physical: number): boolean {
    const at = this.place(physical)
    return this.memory.holds(at, 1) || this.at(at) !== undefined
  }

  /** The device at a physical address, if any. */
  at(physical: number): Device | undefined {
    return this.mapped.length === 0 ? undefined : this.findAt(physical >>> 0)
  }

  private findAt(address: number): Device | undefined {
    for (const { first, last, device } of this.mapped) if (first <= address && address <= last) return device
    return undefined
  }

  /** The device whose code stands at a physical address, and the offset from the device's first; undefined: no code in TypeScript is there. */
  codeAt(physical: number): { readonly device: Device; readonly entry: number } | undefined {
    const device = this.at(physical)
    if (!device?.execute || !device.memory) return undefined
    return { device, entry: (physical >>> 0) - device.memory[0][0] }
  }

  /** Whether the engine may read and write this page directly. */
  isPlainMemory(physical: number): boolean {
    return this.memory.direct && this.memory.holds(physical, 1) && this.at(physical) === undefined
  }

  /** Read what answers at a physical address, memory or a device; all ones from nobody. */
  read(physical: number, size: Size): number {
    const at = this.place(physical)
    const device = this.at(at)
    if (device) return this.readDevice(device, at, size)
    return this.memory.holds(at, size / 8) ? this.memory.get(at, size) : -1
  }

  private readDevice(device: Device, at: number, size: Size): number {
    const value = device.read ? device.read(at, size, this.host(device)) : -1
    this.signal()
    return value
  }

  /** Write to what answers at a physical address; nobody's is lost. */
  write(physical: number, size: Size, value: number): void {
    const at = this.place(physical)
    const device = this.at(at)
    if (device) {
      device.write?.(at, size, value, this.host(device))
      this.signal()
    } else this.store(at, size, value)
  }

  /** Write memory that is there; what is written to ROM is lost. */
  private store(physical: number, size: Size, value: number): void {
    if (this.memory.holds(physical, size / 8) && !this.board.isRom(physical))
      this.memory.set(physical, size, value)
  }

  /** Hand due events to their devices. */
  fireDue(): void {
    for (let event = this.clock.takeDue(); event; event = this.clock.takeDue()) {
      const { device: name, tag } = event
      const device = this.devices.find((candidate) => candidate.name === name)
      device?.tick?.(tag, this.host(device))
      this.signal()
    }
  }
}

/** The ports of a span. */
const numbersIn = ([first, last]: Span) =>
  Array.from({ length: Math.min(last - first, HIGHEST_PORT + 1) + 1 }, (_, n) => first + n)

/** Where nobody answers at the first port, another device may have one of the next. */
const isSplit = (device: Device | undefined): boolean => device === undefined || device.byteWide === true

const narrower = (size: Size): Size => (size === 32 ? 16 : 8)

function isController(device: Device): device is InterruptController {
  return "acknowledge" in device
}
