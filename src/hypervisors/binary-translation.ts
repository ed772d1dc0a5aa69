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
import type { TranslateOptions } from "./translation/translate"
import { TranslatingVcpu } from "./translation/vcpu"
import { type HypervisorOptions, TrapAndEmulate } from "./trap-and-emulate"

/** What a translating hypervisor is made from: plain data, which recordings carry. */
export interface TranslationOptions extends HypervisorOptions, TranslateOptions {
  /** KiB of each virtual machine's translation cache, 4 to 2048 in steps of 4; 256 if not said. */
  readonly cache?: number
}

/** KiB of a cache that nobody chose. */
const CACHE = 256
const PAGE_KIB = 4

/** `hypervise(machine, "binary-translation", { vms: [{ name: "first" }] })` */
export class BinaryTranslation extends TrapAndEmulate {
  override readonly name = "binary-translation"
  override readonly kind = "binary-translation"

  constructor(host: MachineOptions, options: TranslationOptions) {
    const pages = Math.max(1, Math.min(512, Math.round((options.cache ?? CACHE) / PAGE_KIB)))
    super(host, options, (memory, free) => (rooms, ...parts) => {
      return new TranslatingVcpu(...parts, new TranslationPlace(rooms, memory, free, pages), options)
    })
  }
}
