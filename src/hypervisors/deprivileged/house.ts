/**
 * The monitor's house: what it keeps in the top 4 MiB of each address space. Ring 3 is kept out by the page tables, which call it the
 * supervisor's; ring 1, which is a supervisor to them, by the limits of its segments, which all end below.
 *
 *     FFFFF000  code in TypeScript: entry 16n is vector n         FFFFB000  shadow of the guest's LDT, 512 entries
 *     FFFFE000  IDT: 256 interrupt gates to that code             FFFFA000  TSS, two instructions to idle with, the stack of ring 0
 *     FFFFC000  GDT: 1008 shadows of the guest's, 16 our own      FFFF9000  code in TypeScript: boot, and going on
 *
 * GDT and LDT are a virtual machine's own, and so is the page table that maps all this; the rest is shared.
 */
import { ESP, SS } from "../../isa/registers"
import { PRESENT, READ_WRITE } from "../../machine/address/paging"
import type { Ring0 } from "../../machine/board/device"
import type { Machine } from "../../machine/machine"
import { CR0 } from "../../machine/processor/control"
import {
  FLAT_CODE,
  FLAT_DATA,
  PRESENT_BIT,
  TYPE_LDT,
  TYPE_TSS_AVAILABLE,
} from "../../machine/processor/descriptors"
import type { MachineMemory } from "../guest-memory"
import { addressOf, type HostMemory } from "../host-memory"

/** The last byte that a guest's segment may have. */
export const TOP = 0xffbf_ffff
/** Physical address of the page of code, and of the page behind it. */
export const CODE = 0xfeff_0000
/** Entries of the second page: where the machine starts, and where the monitor goes on with itself. */
export const BOOT = 0x1000
export const GO_ON = 0x1010
export const ENTRY_BYTES = 16

/** Entries of the GDT that may be the guest's, and of the LDT. */
export const GUEST_SELECTORS = 1008
export const LDT_ENTRIES = 512

const LINEAR = {
  code: 0xffff_f000,
  idt: 0xffff_e000,
  gdt: 0xffff_c000,
  ldt: 0xffff_b000,
  tss: 0xffff_a000,
  goOn: 0xffff_9000,
} as const
/** The monitor's own selectors. */
export const MONITOR_CODE = 8 * GUEST_SELECTORS
export const MONITOR_DATA = MONITOR_CODE + 8
const MONITOR_TSS = MONITOR_CODE + 16
const MONITOR_LDT = MONITOR_CODE + 24

/** The stack of ring 0 begins at the end of the TSS's page. What a gate pushes there, without an error code: EIP CS EFLAGS ESP SS. */
const STACK = LINEAR.tss + 0x1000
export const FRAME = STACK - 20
const FRAME_WORDS = 5
const IDLE = LINEAR.tss + 0x80
/** HLT, and a jump back to it. */
const IDLE_CODE = [0xf4, 0xeb, 0xfd]
const TSS_LIMIT = 103
const IF = 1 << 9

/** Vectors of the machine's own interrupts; exceptions and the guest's vectors keep their numbers. */
export const HOST_VECTORS = 0xf0

/** Pages that a virtual machine has of its own in the house. */
export interface Rooms {
  readonly gdt: readonly [number, number]
  readonly ldt: number
  /** The page table of the top 4 MiB. */
  readonly area: number
}

export class House {
  private readonly idt: number
  private readonly tss: number

  constructor(
    private readonly host: HostMemory,
    private readonly memory: MachineMemory,
  ) {
    ;[this.idt, this.tss] = host.allocate(2, "monitor").map(addressOf)
  }

  /** Rooms for a virtual machine. Nothing is in them until they are furnished. */
  rooms(): Rooms {
    const [first, second, ldt, area] = this.host.allocate(4, "monitor").map(addressOf)
    return { gdt: [first, second], ldt, area }
  }

  /** Write the tables that are shared. */
  build(): void {
    for (let vector = 0; vector < 256; vector++) this.setGate(vector, 0)
    this.words(this.tss, [0, STACK, MONITOR_DATA])
    this.memory.set(this.tss + 100, 32, (TSS_LIMIT + 1) << 16)
    IDLE_CODE.forEach((byte, n) => void this.memory.set(this.tss + 0x80 + n, 8, byte))
  }

  /** Write a virtual machine's tables. */
  furnish({ gdt, ldt, area }: Rooms): void {
    const own = [
      descriptor(0, 0xf_ffff, FLAT_CODE),
      descriptor(0, 0xf_ffff, FLAT_DATA),
      descriptor(LINEAR.tss, TSS_LIMIT, PRESENT_BIT | TYPE_TSS_AVAILABLE),
      descriptor(LINEAR.ldt, 8 * LDT_ENTRIES - 1, PRESENT_BIT | TYPE_LDT),
    ]
    this.words(gdt[1] + 8 * (GUEST_SELECTORS - 512), own.flat())
    const map: readonly (readonly [linear: number, physical: number])[] = [
      [LINEAR.code, CODE],
      [LINEAR.goOn, CODE + BOOT],
      [LINEAR.idt, this.idt],
      [LINEAR.gdt, gdt[0]],
      [LINEAR.gdt + 0x1000, gdt[1]],
      [LINEAR.ldt, ldt],
      [LINEAR.tss, this.tss],
    ]
    for (const [linear, physical] of map)
      this.memory.set(area + 4 * ((linear >>> 12) & 0x3ff), 32, physical | PRESENT | READ_WRITE)
  }

  /** Move in: paging on, the monitor's own tables and stack. */
  moveIn(ring0: Ring0, root: number): void {
    ring0.setControl(3, root)
    ring0.setControl(0, ring0.control(0) | CR0.PG | CR0.WP)
    ring0.loadGdt(LINEAR.gdt, 8 * 1024 - 1)
    ring0.loadIdt(LINEAR.idt, 8 * 256 - 1)
    ring0.loadTask(MONITOR_TSS)
    ring0.loadLdt(MONITOR_LDT)
    ring0.loadSegment(SS, MONITOR_DATA)
    ring0.setRegister(ESP, FRAME)
  }

  /** The ring that may ask for a vector by INT n, and all inner ones. */
  setGate(vector: number, ring: number): void {
    const offset = LINEAR.code + ENTRY_BYTES * vector
    this.words(this.idt + 8 * vector, [
      (offset & 0xffff) | (MONITOR_CODE << 16),
      (offset & 0xffff_0000) | 0x8e00 | (ring << 13),
    ])
  }

  private words(at: number, words: readonly number[]): void {
    words.forEach((word, n) => void this.memory.set(at + 4 * n, 32, word))
  }

  /** What a gate pushed: EIP CS EFLAGS ESP SS, and the error code below them if there is one. */
  frame(): { readonly words: readonly number[]; readonly errorCode: number } {
    const { memory, tss } = this
    const at = tss + 0x1000 - 4 * FRAME_WORDS
    const [eip, cs, flags] = [memory.get(at, 32), memory.get(at + 4, 32), memory.get(at + 8, 32)]
    const [esp, ss] = [memory.get(at + 12, 32), memory.get(at + 16, 32)]
    return { words: [eip, cs, flags, esp, ss], errorCode: memory.get(at - 4, 32) }
  }

  /** Have a frame be there, and ESP at it. */
  putFrame(ring0: Ring0, words: readonly number[]): void {
    const at = this.tss + 0x1000 - 4 * FRAME_WORDS
    for (let n = 0; n < words.length; n++)
      if (this.memory.get(at + 4 * n, 32) !== (words[n] | 0)) this.memory.set(at + 4 * n, 32, words[n])
    if (ring0.register(ESP) >>> 0 !== FRAME) ring0.setRegister(ESP, FRAME)
  }

  /** Wait for the machine's next interrupt, with HLT; without interrupts for ever. */
  idle(ring0: Ring0, interruptible: boolean): void {
    this.putFrame(ring0, [IDLE, MONITOR_CODE, interruptible ? IF | 2 : 2])
    ring0.interruptReturn()
  }

  /** Whether the monitor goes on with itself, and nobody is on the way to it. */
  isHome({ cpu }: Machine): boolean {
    return cpu.cpl === 0 && cpu.eip >>> 12 === LINEAR.goOn >>> 12
  }

  /** Come back in the next step. */
  goOn(ring0: Ring0): void {
    ring0.jump(LINEAR.goOn + GO_ON - BOOT)
  }
}

/** A descriptor's two doublewords, from a limit as they hold it. @see readDescriptor */
export const descriptor = (
  base: number,
  limit: number,
  access: number,
): readonly [low: number, high: number] => [
  (limit & 0xffff) | ((base & 0xffff) << 16),
  ((base >>> 16) & 0xff) | ((access & 0xf0ff) << 8) | (limit & 0xf_0000) | (base & 0xff00_0000),
]
