/**
 * Binary translation with direct execution, as VMware Workstation did it: processes run on the processor itself, and the kernel runs as
 * code that the monitor has made of it, in ring 1. What the processor would do wrong outside of ring 0 is not in that code. The guest is
 * unmodified, and cannot tell.
 *
 *     application (ring 3) ──INT 80h──► monitor (ring 0) ──reflects──► translated kernel (ring 1) ──IRET is a call-out──► monitor ──► …
 *
 * All but the kernel's code is as under trap-and-emulate: shadow page tables and descriptors, reflected interrupts, virtual devices.
 */
import type { MachineOptions } from "../machine/machine"
import { TranslationPlace } from "./translation/place"
import { TranslatingVcpu } from "./translation/vcpu"
import { type HypervisorOptions, TrapAndEmulate } from "./trap-and-emulate"

/** What a translating hypervisor is made from: plain data, which recordings carry. */
export interface TranslationOptions extends HypervisorOptions {
  /** Instructions of a unit at most, 1 to 64; 12 if not said, as in VMware's. */
  readonly length?: number
  /** KiB of each virtual machine's translation cache, 4 to 2048 in steps of 4; 256 if not said. */
  readonly cache?: number
}

/** KiB of a cache that nobody chose, and instructions of a unit. */
const CACHE = 256
const LENGTH = 12
const PAGE_KIB = 4

/** `hypervise(machine, "binary-translation", { vms: [{ name: "first" }] })` */
export class BinaryTranslation extends TrapAndEmulate {
  override readonly name = "binary-translation"
  override readonly kind = "binary-translation"

  /** @throws RangeError if the cache or the units are to have a size that they cannot have, or the machine has too little memory */
  constructor(host: MachineOptions, options: TranslationOptions) {
    const { cache = CACHE, length = LENGTH } = options
    if (!(Number.isInteger(cache / PAGE_KIB) && cache >= 4 && cache <= 2048))
      throw new RangeError(`cache: ${cache} is no size of a translation cache: 4 to 2048 KiB in steps of 4`)
    if (!(Number.isInteger(length) && length >= 1 && length <= 64))
      throw new RangeError(`length: a unit cannot have ${length} instructions: 1 to 64`)
    super(host, options, (memory, free) => (rooms, ...parts) => {
      const place = new TranslationPlace(rooms, memory, free, cache / PAGE_KIB)
      return new TranslatingVcpu(...parts, place, length)
    })
  }
}
