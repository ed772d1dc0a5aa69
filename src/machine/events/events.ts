/** What is worth telling inside a step. */
import type { PriceName } from "./costs"

/** What asked for the switch: a CALL, an interrupt and an exception nest, and IRET unnests. */
export type TaskSource = "JMP" | "CALL" | "IRET" | "gate"

/**
 * What is worth telling inside a step. The machine tells its listener, if it has one; nothing is kept here.
 * Events of the first group are always told to a listener. Those of the second only when it asked for `detail`.
 */
export type Event =
  | {
      readonly is: "fault"
      readonly name: string
      readonly vector: number
      readonly errorCode: number | null
      readonly says: string
      readonly see: string
    }
  | { readonly is: "trap"; readonly vector: number; readonly how: string }
  | { readonly is: "interrupt"; readonly vector: number; readonly source: "external" | "NMI" }
  | { readonly is: "ring"; readonly from: number; readonly to: number }
  | {
      readonly is: "port"
      readonly direction: "in" | "out"
      readonly port: number
      readonly size: number
      readonly value: number
      readonly device: string
    }
  | { readonly is: "cr3"; readonly from: number; readonly to: number }
  | { readonly is: "shutdown" }
  | { readonly is: "reset" }
  | { readonly is: "halt"; readonly interruptible: boolean }
  | { readonly is: "wait"; readonly cycles: number }
  /** The guest used something that real machines may have, and this one has not. */
  | { readonly is: "not simulated"; readonly what: string }
  // Detail
  | {
      readonly is: "gate"
      readonly table: "IDT" | "GDT" | "LDT"
      readonly index: number
      readonly kind: string
      readonly dpl: number
      readonly selector: number
      readonly offset: number
    }
  | { readonly is: "check"; readonly says: string }
  | {
      readonly is: "stack"
      readonly from: readonly [ss: number, esp: number]
      readonly to: readonly [ss: number, esp: number]
      readonly ring: number
      /** Where the new SS:ESP was read. */
      readonly source: "TSS" | "frame"
    }
  | { readonly is: "push"; readonly address: number; readonly value: number; readonly what: string }
  | { readonly is: "pop"; readonly address: number; readonly value: number; readonly what: string }
  | { readonly is: "task"; readonly from: number; readonly to: number; readonly how: TaskSource }
  /** A popped flag was silently left as it was. */
  | { readonly is: "kept"; readonly says: string }
  | {
      readonly is: "read" | "write"
      readonly linear: number
      readonly physical: number
      readonly size: number
      readonly value: number
      readonly old?: number
    }
  | {
      readonly is: "walk"
      readonly linear: number
      readonly level: "PDE" | "PTE"
      readonly address: number
      readonly entry: number
    }
  /** A request line changed; `held` says what keeps a request from the processor. */
  | { readonly is: "irq"; readonly line: number; readonly level: boolean; readonly held?: string }
  | { readonly is: "charge"; readonly price: PriceName; readonly cycles: number }

/** Hears what happens. */
export interface Listener {
  readonly detail: boolean
  tell(event: Event): void
}
