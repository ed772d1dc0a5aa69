/** A guest's processor, whatever stands behind it: what a monitor's loop runs, asks and answers. */
import type { Exit, ExitOf } from "./exit"

/** What whoever runs a guest may do with its processor after an exit. */
export interface Vcpu {
  /** Steps that the guest has made, as bare metal counts them: by these scripts and comparisons go. */
  readonly retired: number
  /** Have the guest's own handler see to it: the event is delivered as bare metal delivers it. */
  reflect(exit: ExitOf<"exception"> | ExitOf<"system call">): void
  /** Do what the instruction does, on the guest's processor. It is done then, or has faulted there. */
  emulate(exit: ExitOf<"instruction"> | ExitOf<"mmio">): void
  /** The value that an IN asked for; the instruction is done. */
  answer(exit: ExitOf<"io-in">, value: number): void
}

/** A virtual machine's devices, as an exit asks for them. */
export interface Ports {
  /** What the device at a port answers. */
  in(port: number, size: 8 | 16 | 32): number
  /** Hand a value to the device at a port. */
  out(port: number, size: 8 | 16 | 32, value: number): void
}

/** Do what an exit is owed. Exits that concern more than one virtual machine are left to who schedules them. */
export function serve(exit: Exit, vcpu: Vcpu, ports: Ports): void {
  switch (exit.why) {
    case "exception":
    case "system call":
      vcpu.reflect(exit)
      break
    case "instruction":
    case "mmio":
      vcpu.emulate(exit)
      break
    case "io-out":
      ports.out(exit.port, exit.size, exit.value)
      break
    case "io-in":
      vcpu.answer(exit, ports.in(exit.port, exit.size))
      break
    case "hlt":
    case "translation":
    case "interrupt":
    case "shutdown":
    case "limit":
      break
  }
}
