/**
 * A virtual machine is a machine: the same processor, clock and devices, over memory that lies in another machine's. A
 * hypervisor lets the real processor run most of the guest, and has this one do what the real one must not: so an instruction is
 * emulated by the very semantics that run it on bare metal, an interrupt is delivered by the code that delivers it there, and
 * what a guest believes of its processor is this one's state.
 */

import type { Program } from "../isa/program"
import { PAGE_SHIFT } from "../machine/board/memory"
import { FREE } from "../machine/events/costs"
import { Machine, type MachineOptions, type MachineState } from "../machine/machine"
import { type SavedPages, savePages, writePages } from "../machine/time/recording"
import { INSPECT } from "../numbers/host"
import { DEVICES } from "../pc"
import { GuestMemory, type MachineMemory } from "./guest-memory"

/** What a virtual machine is made from: plain data. */
export interface VmOptions {
  /** What it is called; unique on its machine. */
  readonly name: string
  /** MiB of memory; 16 if not said. */
  readonly memory?: number
  /** Kinds of devices; an ordinary PC's if not said. */
  readonly devices?: readonly string[]
}

/** All of a virtual machine as one value, plain data that is JSON: it goes on under any hypervisor, or on bare metal. */
export interface VmImage {
  /** The virtual machine's name. */
  readonly name: string
  /** What its machine is made from. */
  readonly options: MachineOptions
  /** Processor, clock and devices. */
  readonly state: MachineState
  /** Pages that hold anything: number, then bytes in base64 without trailing zeros. */
  readonly pages: SavedPages
}

/** What a hypervisor has to see to when one of its virtual machines is saved or replaced. */
export interface VmHost {
  /** The machine's state must be right. */
  beforeSave(): void
  /** @throws RangeError if the virtual machine cannot be replaced just now */
  beforeRestore(): void
  afterRestore(): void
}

const ORDINARY = ["pic", "pit", "uart", "keyboard", "port92", "rtc", "post"]
const NO_TLB = { entries: [], misses: 0 }

export class VirtualMachine {
  readonly name: string
  readonly memory: GuestMemory
  /** The guest's machine: what it takes its processor and its devices to be. */
  readonly machine: Machine
  /** Who runs it, if anybody does. */
  host: VmHost | undefined

  /**
   * @param frames the machine's page behind each of the guest's
   * @param host what the machine that it runs on is made of: clock and generation are the guest's, too
   */
  constructor(
    { name, devices = ORDINARY }: VmOptions,
    frames: Uint32Array,
    host: MachineOptions,
    memory: MachineMemory,
  ) {
    this.name = name
    this.memory = new GuestMemory(frames, memory)
    const options = { ...host, memory: frames.length >>> 8, prices: FREE }
    this.machine = new Machine(options, this.memory)
    this.machine.attach(...devices.map((kind) => DEVICES[kind](options)))
    this.machine.cpu.checkedGates.enabled = false
    this.machine.engine.units.enabled = false
  }

  /** Put a program into the guest's memory, and its processor at the entry. */
  load(program: Program): this {
    this.machine.load(program)
    return this
  }

  /** All but memory, plain data. What the TLB held is never needed. */
  saveState(): MachineState {
    const state = this.machine.save()
    return { ...state, cpu: { ...state.cpu, tlb: NO_TLB } }
  }

  /** Put back what `saveState` gave. Shadow tables are not touched. */
  restoreState(state: MachineState): void {
    const { tlb } = this.machine.cpu.linear
    const { follower } = tlb
    tlb.follower = undefined
    this.machine.restore(state)
    tlb.follower = follower
  }

  /** In a line. */
  [INSPECT](): string {
    return `Virtual machine ${this.name}: ${this.machine.card().title}`
  }

  /**
   * All of it as one value. It may run: what is in the real processor is taken over first.
   * @throws RangeError in the one step between an exit and the monitor
   */
  save(): VmImage {
    this.host?.beforeSave()
    return {
      name: this.name,
      options: this.machine.options,
      state: this.saveState(),
      pages: savePages(this.machine),
    }
  }

  /**
   * Put an image's state and memory in place of its own.
   * @throws RangeError if the image does not fit or is damaged, or this one is in the processor just now
   */
  restore(image: VmImage): void {
    this.host?.beforeRestore()
    putImage(this.machine, image)
    this.host?.afterRestore()
  }
}

/** Put a virtual machine's image onto a bare machine with the same devices. @throws RangeError if it does not fit, or is damaged */
export function restoreBare(machine: Machine, image: VmImage): Machine {
  putImage(machine, image)
  return machine
}

function putImage(machine: Machine, image: VmImage): void {
  checkFits(machine, image)
  const before = machine.save()
  const zeros = new Uint8Array(1 << PAGE_SHIFT)
  for (let at = 0; at < machine.memory.size; at += zeros.length) machine.memory.write(at, zeros)
  try {
    writePages(machine, image.pages, "the image")
    machine.restore(image.state)
  } catch (reason) {
    machine.restore(before)
    throw new RangeError(
      `the image of ${image.name} is damaged (${(reason as Error).message}): save it again`,
    )
  }
}

function checkFits({ memory, bus }: Machine, { name, options, state }: VmImage): void {
  const mebibytes = memory.size >>> 20
  if (!(options?.memory <= mebibytes))
    throw new RangeError(
      `the image of ${name} has ${options?.memory} MiB of memory, and this machine ${mebibytes}: make it larger`,
    )
  const missing = Object.keys(state?.devices ?? {}).find((device) =>
    bus.devices.every((each) => each.name !== device),
  )
  if (missing !== undefined)
    throw new RangeError(
      `the image of ${name} has the device "${missing}", and this machine has none: add it`,
    )
}
