/**
 * A monitor whose loop is its caller's: `run` lets the guest go on until it needs somebody, and says why it stopped.
 *
 *     const vcpu = monitor(machine, guest)
 *     for (;;) {
 *       const exit = vcpu.run()
 *       if (exit.why === "hlt" || exit.why === "shutdown") break
 *       serve(exit, vcpu, vcpu.devices)
 *     }
 *
 * It is a foreign device: what it asks of the machine is logged by a recording, which plays without the loop. The guest's clock counts its
 * own steps. Left out: a second guest.
 */

import type { Program } from "../../isa/program"
import type { Device, Ring0 } from "../../machine/board/device"
import type { Machine } from "../../machine/machine"
import { INSPECT } from "../../numbers/host"
import type { Size } from "../../numbers/int"
import { type Exit, type ExitOf, nameOf } from "../exit"
import { HostMemory } from "../host-memory"
import type { Ports, Vcpu } from "../vcpu"
import { endAlarm, ringAlarm, setAlarm, setUpAlarm } from "./alarm"
import { Guest } from "./guest"
import { BOOT, CODE, HOST_VECTORS, House } from "./house"
import { ENTRIES, wordsOf } from "./words"

const RESERVED_FOR_HOST = 8

/** What may be chosen about the guest. */
export interface MonitorOptions {
  /** MiB of the guest's memory; all but 8 of the machine's if not said. */
  readonly memory?: number
}

/** A guest's processor whose exits come to whoever runs it. */
export class MonitoredVcpu implements Device, Vcpu {
  readonly name = "monitor"
  readonly memory = [[CODE, CODE + 0x1fff]] as const
  readonly entries = ENTRIES
  state: unknown
  private readonly house: House
  private readonly guest: Guest
  private ring0: Ring0 | undefined
  private exit: Exit | undefined
  private isInside = true

  constructor(
    private readonly host: Machine,
    { memory = host.options.memory - RESERVED_FOR_HOST }: MonitorOptions = {},
  ) {
    const pages = new HostMemory(host.options.memory * 256)
    const access = {
      get: (at: number, size: Size) =>
        this.ring0 ? this.ring0.readPhysical(at, size) : host.memory.get(at, size),
      set: (at: number, size: Size, value: number) =>
        this.ring0 ? this.ring0.writePhysical(at, size, value) : host.memory.set(at, size, value),
    }
    this.house = new House(pages, access)
    this.guest = new Guest({ name: "guest", memory }, host.options, pages, this.house, access)
    host.attach(this)
    host.cpu.eip = (CODE + BOOT) | 0
  }

  /** In a line. */
  [INSPECT](): string {
    return `Monitor of ${this.guest.vm[INSPECT]()}`
  }

  /** The guest's machine: what it takes its processor, memory and devices to be. */
  get machine(): Machine {
    return this.guest.vm.machine
  }

  /** The guest's program. */
  get runs(): Program | undefined {
    return this.machine.program
  }

  /** The guest's ports. */
  get devices(): Ports {
    return this.machine.bus
  }

  /** Exits by reason. */
  get exits(): Readonly<Record<string, number>> {
    return this.guest.exits
  }

  get retired(): number {
    return this.guest.vcpu.retired
  }

  /**
   * Let the guest run until it needs somebody.
   * @param steps of the machine at most
   */
  run(steps = Number.POSITIVE_INFINITY): Exit {
    const { host, guest } = this
    const last = host.clock.steps + steps
    for (;;) {
      if (!this.isInside && !this.enter()) return { why: "hlt", at: host.cpu.eip }
      this.exit = undefined
      const { why } = host.run({ steps: last - host.clock.steps })
      if (why !== "left") return { why: why === "shutdown" ? why : "limit", at: host.cpu.eip }
      guest.count(this.exit ? nameOf(this.exit) : "shadow")
      if (this.exit && (this.exit as Exit).why !== "interrupt") return this.exit
    }
  }

  execute(entry: number, ring0: Ring0): void {
    this.ring0 = ring0
    this.isInside = false
    if (entry === BOOT) this.boot(ring0)
    else this.exit = this.guest.vcpu.leave(ring0, entry >> 4)
    if (entry !== BOOT) ring0.tell(() => wordsOf(this.exit))
    if (entry >> 4 >= HOST_VECTORS) endAlarm(ring0)
    ring0.leave()
  }

  private boot(ring0: Ring0): void {
    this.house.build()
    this.house.furnish(this.guest.rooms)
    this.house.moveIn(ring0, this.guest.paging.root)
    setUpAlarm(ring0)
  }

  /** Go on with the guest. @returns false: it halted, and nothing will wake it */
  private enter(): boolean {
    const { vcpu, vm } = this.guest
    const { cpu, clock, bus } = vm.machine
    for (bus.fireDue(); vcpu.hasEvent || !vcpu.runsDirectly; bus.fireDue()) {
      const sleeps = cpu.activity !== "running" && !vcpu.hasEvent
      if (sleeps && !(cpu.activity === "halted" && cpu.canBeWoken() && clock.next < Number.POSITIVE_INFINITY))
        return false
      vcpu.step()
    }
    setAlarm(this.ring0 as Ring0, clock.next - clock.now)
    vcpu.enter(this.ring0 as Ring0)
    this.isInside = true
    return true
  }

  tick(_tag: number, host: Parameters<NonNullable<Device["tick"]>>[1]): void {
    ringAlarm(host)
  }

  reflect(exit: ExitOf<"exception"> | ExitOf<"system call">): void {
    this.guest.vcpu.reflect(exit)
  }

  emulate(exit: ExitOf<"instruction"> | ExitOf<"mmio">): void {
    this.guest.vcpu.emulate(exit)
  }

  answer(exit: ExitOf<"io-in">, value: number): void {
    this.guest.vcpu.answer(exit, value)
  }
}

/**
 * Put a monitor on a machine, and a guest under it.
 * @param guest its program; without one the guest's memory is empty, and `vcpu.machine` can be loaded as any machine
 * @throws RangeError if the machine has too little memory
 */
export function monitor(machine: Machine, guest?: Program, options: MonitorOptions = {}): MonitoredVcpu {
  const vcpu = new MonitoredVcpu(machine, options)
  if (guest) vcpu.machine.load(guest)
  return vcpu
}
