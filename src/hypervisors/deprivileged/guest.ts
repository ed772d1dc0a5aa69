/** A virtual machine with all that a monitor in ring 0 has for it: its processor, shadow tables, and rooms in the house. */
import type { MachineOptions, MachineState } from "../../machine/machine"
import type { MachineMemory } from "../guest-memory"
import type { HostMemory } from "../host-memory"
import { ShadowPaging, type ShadowState } from "../mmu/shadow"
import { VirtualMachine, type VmOptions } from "../virtual-machine"
import { ShadowDescriptors } from "./descriptors"
import type { House, Rooms } from "./house"
import { DeprivilegedVcpu, type VcpuState } from "./vcpu"

/** Pages that the shadow tables of one virtual machine may have. */
const SHADOW_PAGES = 256
const PAGES_OF_MIB = 256

/** All of a guest but its memory, plain data. */
export interface GuestState {
  readonly machine: MachineState
  readonly vcpu: VcpuState
  readonly shadows: ShadowState
  readonly exits: Readonly<Record<string, number>>
}

/** Makes a guest's processor from its rooms in the house and all that it stands on. */
export type MakeVcpu = (
  rooms: Rooms,
  ...parts: ConstructorParameters<typeof DeprivilegedVcpu>
) => DeprivilegedVcpu

export class Guest {
  readonly vm: VirtualMachine
  readonly vcpu: DeprivilegedVcpu
  readonly paging: ShadowPaging
  readonly rooms: Rooms
  /** Exits by reason. */
  exits: Record<string, number> = {}

  /**
   * @param memory the machine's memory, as the monitor's code has it while it runs
   * @param make its processor, of another kind than the ordinary one
   * @throws RangeError if the machine has too little memory
   */
  constructor(
    options: VmOptions,
    host: MachineOptions,
    pages: HostMemory,
    house: House,
    memory: MachineMemory,
    make: MakeVcpu = (_, vm, ...parts) => new DeprivilegedVcpu(vm, ...parts),
  ) {
    const frames = pages.allocate((options.memory ?? 16) * PAGES_OF_MIB, options.name)
    this.vm = new VirtualMachine(options, Uint32Array.from(frames), host, memory)
    this.rooms = house.rooms()
    this.paging = new ShadowPaging(this.vm, pages.allocate(SHADOW_PAGES, "monitor"), this.rooms.area, memory)
    const descriptors = new ShadowDescriptors(this.vm, this.rooms, memory, this.paging)
    this.paging.onWatched = () => descriptors.forgetAll()
    this.vcpu = make(this.rooms, this.vm, house, descriptors, this.paging)
    this.vm.machine.cpu.linear.tlb.follower = this.paging
    this.vm.memory.onWrite = (page) => {
      this.paging.loosen(page)
      this.vcpu.wrote(page)
    }
  }

  /** Count an exit. */
  count(reason: string): void {
    this.exits[reason] = (this.exits[reason] ?? 0) + 1
  }

  save(): GuestState {
    const { vm, vcpu, paging, exits } = this
    return { machine: vm.saveState(), vcpu: vcpu.save(), shadows: paging.save(), exits: { ...exits } }
  }

  restore({ machine, vcpu, shadows, exits }: GuestState): void {
    this.vm.restoreState(machine)
    this.paging.restore(shadows)
    this.vcpu.restore(vcpu)
    this.exits = { ...exits }
  }
}
