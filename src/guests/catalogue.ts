/** Guests that can be started by name, with a sentence each. */
import type { Program } from "../isa/program"
import { kernelProgram } from "./kernel/index"

/** A guest of the catalogue. */
export interface BuiltInGuest {
  /** What it is, in a sentence. */
  readonly about: string
  /** Makes it; its bytes are a Multiboot image, so that it can be given a command line. */
  readonly make: () => Program
}

/** Built-in guests by name. */
export const GUESTS: Readonly<Record<string, BuiltInGuest>> = {
  kernel: {
    about:
      "A small operating system: processes in ring 3, preemption, system calls, demand-zero and copy-on-write pages.",
    make: () => kernelProgram("kernel"),
  },
  "kernel-well-behaved": {
    about:
      "The same without any instruction that is sensitive and not privileged, such as POPF: for hypervisors that need every such act to trap.",
    make: () => kernelProgram("kernel-well-behaved"),
  },
}
