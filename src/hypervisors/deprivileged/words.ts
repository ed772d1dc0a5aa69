/** What a monitor in ring 0 tells those who watch: what each entry of its code is for, and what an exit was. */
import { formatInstruction } from "../../isa/disassemble"
import { VECTORS } from "../../machine/events/fault"
import { hex } from "../../numbers/int"
import type { Exit } from "../exit"
import { BOOT, ENTRY_BYTES, GO_ON, HOST_VECTORS } from "./house"

const EXCEPTIONS: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(VECTORS).map(([name, vector]) => [vector, name]),
)
const HOST_INTERRUPTS = Array.from({ length: 256 - HOST_VECTORS }, (_, n) => HOST_VECTORS + n)

const entry = (vector: number, name: string) => [ENTRY_BYTES * vector, name] as const

/** Entries of the monitor's code by name: those of exceptions, of the machine's own interrupts, and two that no gate leads to. */
export const ENTRIES: Readonly<Record<number, string>> = {
  ...Object.fromEntries(Object.entries(EXCEPTIONS).map(([vector, name]) => entry(Number(vector), name))),
  ...Object.fromEntries(HOST_INTERRUPTS.map((vector) => entry(vector, "the machine's own interrupt"))),
  [BOOT]: "boot",
  [GO_ON]: "going on",
}

/** An exit in words, as a sentence without its full stop. */
export function wordsOf(exit: Exit | undefined): string {
  if (!exit) return "the shadow tables did not let this through yet: they do now, and the guest tries again"
  switch (exit.why) {
    case "exception":
      return `${EXCEPTIONS[exit.vector]} is the guest's own: it goes to the guest's handler`
    case "system call":
      return `INT ${hex(exit.vector, 2)} is the guest's own: it goes through the guest's gate`
    case "instruction":
      return `“${formatInstruction(exit.instruction, exit.at)}” is done on the guest's own processor, a virtual one`
    case "io-out":
      return `the guest's device at port ${hex(exit.port, 3)} gets ${hex(exit.value, exit.size / 4)}`
    case "io-in":
      return `the guest's device at port ${hex(exit.port, 3)} is asked`
    case "mmio":
      return `no memory of the guest's is at ${hex(exit.address)}: its device there is asked`
    case "translation":
      return "what comes next is looked for among the translations, and translated if it is not there"
    default:
      return "the guest had no part in it"
  }
}
