/**
 * Trap-and-emulate: guests run on the processor itself, one ring further out than they believe. Whatever is privileged traps, comes
 * through a real gate to the monitor, and is done on the guest's own processor, which is a virtual one. The machine's IDT, GDT, TSS and
 * CR3 are the monitor's.
 *
 *     application (ring 3) ──INT 80h──► monitor (ring 0) ──reflects──► guest kernel (ring 1) ──IRET──► monitor ──► application
 *
 * It cannot see what does not trap. A guest that asks by SGDT, SMSW, STR or PUSHF is shown the real state; one that sets IF by POPF is not
 * heard; one that loads a segment of ring 0 with RPL 1, which bare metal refuses, gets it. Such a guest goes wrong, and nothing here can
 * help it: binary translation, paravirtualization and VT-x are the ways out.
 */

import type { Program } from "../isa/program"
import type { Device, DeviceHost, Ring0 } from "../machine/board/device"
import type { Machine, MachineOptions } from "../machine/machine"
import { INSPECT } from "../numbers/host"
import { endAlarm, ringAlarm, setAlarm, setUpAlarm } from "./deprivileged/alarm"
import { Guest, type GuestState, type MakeVcpu } from "./deprivileged/guest"
import { BOOT, CODE, GO_ON, HOST_VECTORS, House } from "./deprivileged/house"
import { ENTRIES, wordsOf } from "./deprivileged/words"
import { nameOf } from "./exit"
import type { MachineMemory } from "./guest-memory"
import { HostMemory } from "./host-memory"
import { Scheduler, type Share, timesFor } from "./scheduler"
import { serve } from "./vcpu"
import type { VmHost, VmOptions } from "./virtual-machine"

/** What a hypervisor is made from: plain data, which recordings carry. */
export interface HypervisorOptions {
  /** Virtual machines, each with its share of the processor. */
  readonly vms: readonly (VmOptions & Partial<Share>)[]
  /**
   * Whether a guest's clock goes on while the monitor works ("machine", as on real hypervisors), or counts its own steps only ("steps",
   * so that what a guest does depends on nothing else). "machine" if not said.
   */
  readonly time?: "machine" | "steps"
}

/** Instructions of the monitor that lie between its calls of the processor. No measurement: from some tens to some hundreds. */
const WORK = { exit: 40, serve: 80, interpreted: 100 } as const
/** Steps that are interpreted before the machine's interrupts are let in. */
const INTERPRETED_AT_ONCE = 64
/** How late a guest's timer may be, and how often a guest that runs is interrupted at most for one that sleeps: Xen's values. */
const SLOP_SECONDS = 50e-6
const LEAST_SECONDS = 1e-3
/** What is kept beside memory, plain data. */
interface State {
  readonly guests: readonly GuestState[]
  readonly scheduler: ReturnType<Scheduler["save"]>
  readonly running: number
}

/** A hypervisor that is a part of a machine: `hypervise(machine, "trap-and-emulate", { vms: [{ name: "first" }] })`. */
export class TrapAndEmulate implements Device {
  readonly name: string = "trap-and-emulate"
  readonly kind: string = "trap-and-emulate"
  readonly memory = [[CODE, CODE + 0x1fff]] as const
  readonly entries = ENTRIES
  /** Its virtual machines, with what the monitor has for each: `guests[0].vm.machine` is what the first guest takes its machine to be. */
  readonly guests: readonly Guest[]
  /** Which of the machine's pages are whose. */
  readonly pages: HostMemory
  private readonly house: House
  private readonly scheduler: Scheduler
  /** Who is in the processor; -1: the monitor idles. */
  private running = -1
  private ring0: Ring0 | undefined
  /** Memory while no code of the monitor's runs: whoever sets the machine up has it. */
  private outside: MachineMemory | undefined

  constructor(
    host: MachineOptions,
    readonly options: HypervisorOptions,
    make?: (memory: MachineMemory, pages: HostMemory) => MakeVcpu,
  ) {
    const memory: MachineMemory = {
      get: (physical, size) =>
        this.ring0 ? this.ring0.readPhysical(physical, size) : this.within.get(physical, size),
      set: (physical, size, value) =>
        this.ring0 ? this.ring0.writePhysical(physical, size, value) : this.within.set(physical, size, value),
    }
    this.pages = new HostMemory(host.memory * 256)
    this.house = new House(this.pages, memory)
    this.guests = options.vms.map(
      (vm) => new Guest(vm, host, this.pages, this.house, memory, make?.(memory, this.pages)),
    )
    const shares = options.vms.map(({ weight = 256, cap = 0 }) => ({ weight, cap }))
    this.scheduler = new Scheduler(shares, timesFor(host.hertz))
  }

  /** A line, and one for each virtual machine. */
  [INSPECT](): string {
    return [`Hypervisor by ${this.name}`, ...this.guests.map(({ vm }) => `  ${vm[INSPECT]()}`)].join("\n")
  }

  /** The guests' program, if all of them run the same. */
  get runs(): Program | undefined {
    const [program, ...others] = this.guests.map(({ vm }) => vm.machine.program)
    return others.every((other) => other === program) ? program : undefined
  }

  // Setting up, from outside of the machine

  private get within(): MachineMemory {
    if (this.outside) return this.outside
    throw new RangeError("this hypervisor is on no machine: make it with hypervise(machine, …)")
  }

  /** Be on a machine's bus, which begins with the monitor. */
  connect(machine: Machine): this {
    machine.attach(this)
    for (const [n, guest] of this.guests.entries()) guest.vm.host = this.hostOf(n, guest, machine)
    this.outside = machine.memory
    machine.cpu.eip = (CODE + BOOT) | 0
    return this
  }

  /** What is owed to a virtual machine that is saved or replaced from outside. */
  private hostOf(n: number, { vcpu, vm, paging }: Guest, machine: Machine): VmHost {
    const { name } = vm
    return {
      beforeSave: () => {
        if (this.running !== n || this.house.isHome(machine)) return
        if (machine.cpu.cpl === 0)
          throw new RangeError(
            `${name} is on its way to the monitor: run the machine one more step, then save it`,
          )
        vcpu.catchUp(machine)
      },
      beforeRestore: () => {
        if (this.running === n)
          throw new RangeError(`${name} is in the processor: put an image into a virtual machine that is not`)
      },
      afterRestore: () => {
        paging.dropAll()
        paging.unwatch()
        vcpu.evict()
        this.scheduler.wake(n)
      },
    }
  }

  /** Somebody typed at a guest from outside: the monitor looks after its guests again, also on a machine that has halted. */
  wake(machine: Machine): void {
    machine.bus.host(this).after(1, 0)
  }

  // Running

  execute(entry: number, ring0: Ring0): void {
    this.ring0 = ring0
    const guest = this.guests[this.running]
    if (entry === BOOT) this.boot(ring0)
    else if (entry !== GO_ON) this.came(guest, entry >> 4, ring0)
    this.goOn(ring0)
    this.ring0 = undefined
  }

  private boot(ring0: Ring0): void {
    this.house.build()
    for (const { rooms, vcpu } of this.guests) {
      this.house.furnish(rooms)
      vcpu.furnish()
    }
    this.house.moveIn(ring0, this.guests[0].paging.root)
    setUpAlarm(ring0)
  }

  /** A gate led here: from a guest, or from where the monitor idled. */
  private came(guest: Guest | undefined, vector: number, ring0: Ring0): void {
    if (vector >= HOST_VECTORS) endAlarm(ring0)
    if (!guest) return
    ring0.work(WORK.exit)
    const exit = guest.vcpu.leave(ring0, vector)
    this.keepTime(guest, ring0)
    guest.count(exit ? nameOf(exit) : "shadow")
    ring0.tell(() => wordsOf(exit))
    if (!exit) return
    ring0.work(WORK.serve)
    serve(exit, guest.vcpu, guest.vm.machine.bus)
  }

  /** A guest's clock has the machine's time, unless it counts its own steps. */
  private keepTime({ vm }: Guest, ring0: Ring0): void {
    const { clock } = vm.machine
    if (this.options.time !== "steps" && ring0.now > clock.now) clock.skip(ring0.now - clock.now)
  }

  /** Somebody has the processor next. */
  private goOn(ring0: Ring0): void {
    for (let n = 0; n < this.guests.length; n++) this.look(this.guests[n], n, ring0)
    const next = this.scheduler.pick(ring0.now)
    if (next !== this.running) for (const { vcpu } of this.guests) vcpu.evict()
    this.running = next
    if (next < 0) this.idle(ring0)
    else this.let(this.guests[next], ring0)
  }

  /** A guest that halted may have something to do by now. */
  private look(guest: Guest, n: number, ring0: Ring0): void {
    const { machine } = guest.vm
    if (this.scheduler.isRunnable(n)) return
    this.keepTime(guest, ring0)
    machine.bus.fireDue()
    if (guest.vcpu.hasEvent) this.scheduler.wake(n)
  }

  /** Let a guest run: what the real processor must not do is interpreted first. */
  private let(guest: Guest, ring0: Ring0): void {
    const { vcpu } = guest
    for (let n = 0; n < INTERPRETED_AT_ONCE; n++) {
      this.keepTime(guest, ring0)
      guest.vm.machine.bus.fireDue()
      if (this.isAsleep(guest)) break
      if (vcpu.runsDirectly && !vcpu.hasEvent) {
        this.wakeFor(guest, ring0)
        vcpu.enter(ring0)
        return
      }
      guest.count(vcpu.hasEvent ? "event" : "interpreted")
      if (vcpu.hasEvent) ring0.tell("an interrupt of the guest's own devices goes to the guest's handler")
      ring0.work(WORK.interpreted)
      vcpu.step()
    }
    this.house.goOn(ring0)
  }

  /** Whether a guest waits for an interrupt, or is lost. While only its own steps count, its time passes at once. */
  private isAsleep(guest: Guest): boolean {
    const { vcpu } = guest
    const { cpu, clock } = guest.vm.machine
    if (cpu.activity === "running" || vcpu.hasEvent) return false
    const wakes = listens(guest) && clock.next !== Number.POSITIVE_INFINITY
    if (wakes && this.options.time === "steps") return false
    this.scheduler.block(this.running)
    return true
  }

  /** Wake the monitor when the guest's devices, or another guest, have something to do. */
  private wakeFor({ vm }: Guest, ring0: Ring0): void {
    const { clock } = vm.machine
    const own = Math.max(clock.next - clock.now, this.slop(ring0))
    const others = Math.max(this.wakes, Math.round(ring0.hertz * LEAST_SECONDS))
    setAlarm(ring0, Math.min(own, others, this.scheduler.left(ring0.now)))
  }

  /** Cycles that a guest has before its own devices interrupt it: one whose timer is faster than an exit would never get on. */
  private slop({ hertz }: Ring0): number {
    return this.options.time === "steps" ? 1 : Math.round(hertz * SLOP_SECONDS)
  }

  /** Cycles until a guest that sleeps has something to do, perhaps. */
  private get wakes(): number {
    let soonest = Number.POSITIVE_INFINITY
    for (let n = 0; n < this.guests.length; n++) {
      if (this.scheduler.isRunnable(n) || !listens(this.guests[n])) continue
      const { clock } = this.guests[n].vm.machine
      soonest = Math.min(soonest, clock.next - clock.now)
    }
    return soonest
  }

  /** Nobody can run: wait for the first event of a guest that interrupts can wake. If there is none, the machine has halted. */
  private idle(ring0: Ring0): void {
    const next = Math.min(this.wakes, this.scheduler.left(ring0.now))
    setAlarm(ring0, next)
    this.house.idle(ring0, this.guests.some(listens) || next !== Number.POSITIVE_INFINITY)
  }

  tick(_tag: number, host: DeviceHost): void {
    ringAlarm(host)
  }

  // Snapshots

  get state(): State {
    return {
      guests: this.guests.map((guest) => guest.save()),
      scheduler: this.scheduler.save(),
      running: this.running,
    }
  }

  set state({ guests, scheduler, running }: State) {
    for (const [n, guest] of this.guests.entries()) guest.restore(guests[n])
    this.scheduler.restore(scheduler)
    this.running = running
  }
}

/** Whether a guest waits for an interrupt. */
function listens({ vm }: Guest): boolean {
  const { cpu } = vm.machine
  return cpu.activity === "halted" && cpu.canBeWoken()
}
