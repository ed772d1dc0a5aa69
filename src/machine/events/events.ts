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
      /** An exception was raised, perhaps on the way to another one's handler. */
      readonly is: "fault"
      /** Its mnemonic: "#GP". */
      readonly name: string
      /** 0-31. */
      readonly vector: number
      /** What is pushed for the handler; null: this exception has none. */
      readonly errorCode: number | null
      /** Which check failed, with its numbers, for people. */
      readonly says: string
      /** Where the manual says so. */
      readonly see: string
    }
  | {
      /** An instruction asked for a handler, and it was entered. */
      readonly is: "trap"
      /** 0-255. */
      readonly vector: number
      /** "INT n", "INT1", "INT3" or "INTO". */
      readonly how: string
    }
  | {
      /** An interrupt is taken, between two instructions. */
      readonly is: "interrupt"
      /** 0-255. */
      readonly vector: number
      /** The interrupt controller, or the NMI pin. */
      readonly source: "external" | "NMI"
    }
  | {
      /** CPL changed. */
      readonly is: "ring"
      /** 0-3. */
      readonly from: number
      /** 0-3. */
      readonly to: number
    }
  | {
      /** IN or OUT reached the bus. */
      readonly is: "port"
      /** As the processor sees it. */
      readonly direction: "in" | "out"
      /** 0-FFFFh. */
      readonly port: number
      /** Bits: 8, 16 or 32. */
      readonly size: number
      /** What was read or written, unsigned. */
      readonly value: number
      /** The device's name; "nobody" if none has the port. */
      readonly device: string
    }
  | {
      /** CR3 was written: other page tables, and the TLB is empty but for global pages. */
      readonly is: "cr3"
      /** The old value, unsigned. */
      readonly from: number
      /** The new value, unsigned. */
      readonly to: number
    }
  | {
      /** A fault arose while a double fault was delivered: nothing goes on until a reset. */
      readonly is: "shutdown"
    }
  | {
      /** The processor began anew. */
      readonly is: "reset"
    }
  | {
      /** HLT. */
      readonly is: "halt"
      /** IF is 1: an interrupt ends it. */
      readonly interruptible: boolean
    }
  | {
      /** Halted, the processor waited for the next event of a device. */
      readonly is: "wait"
      /** How long. */
      readonly cycles: number
    }
  | {
      /** The guest used something that real machines may have, and this one has not. */
      readonly is: "not simulated"
      /** What it was, for people. */
      readonly what: string
    }
  | {
      /** The step came to code in TypeScript, which was called. */
      readonly is: "called"
      /** The device that has it. */
      readonly device: string
      /** Which of its entries: the offset from its first address. */
      readonly entry: number
      /** What the device calls the entry. */
      readonly name: string | undefined
    }
  // Detail
  | {
      /** A gate was read. */
      readonly is: "gate"
      /** Where it stands. */
      readonly table: "IDT" | "GDT" | "LDT"
      /** Which entry of it, from 0: in the IDT the vector. */
      readonly index: number
      /** "interrupt gate" … */
      readonly kind: string
      /** Who may use it by an instruction: rings 0 to this one. */
      readonly dpl: number
      /** The code segment that it leads to, or a task gate's TSS. */
      readonly selector: number
      /** Where in that segment, unsigned. */
      readonly offset: number
    }
  | {
      /** A check was passed, or something else worth a sentence was done. */
      readonly is: "check"
      /** It, for people. */
      readonly says: string
    }
  | {
      /** SS:ESP is another stack's. */
      readonly is: "stack"
      /** The stack that is left. */
      readonly from: readonly [ss: number, esp: number]
      /** The stack that is gone to. */
      readonly to: readonly [ss: number, esp: number]
      /** Whose stack it is, 0-3. */
      readonly ring: number
      /** Where the new SS:ESP was read. */
      readonly source: "TSS" | "frame"
    }
  | {
      /** The processor itself pushed something, as for a handler. */
      readonly is: "push"
      /** Offset in SS, unsigned. */
      readonly address: number
      /** Unsigned. */
      readonly value: number
      /** "EFLAGS", "CS", "error code" … */
      readonly what: string
    }
  | {
      /** The processor itself popped something, as IRET does. */
      readonly is: "pop"
      /** Offset in SS, unsigned. */
      readonly address: number
      /** Unsigned. */
      readonly value: number
      /** "EFLAGS", "CS" … */
      readonly what: string
    }
  | {
      /** Another task goes on. */
      readonly is: "task"
      /** Selector of the TSS that is left. */
      readonly from: number
      /** Selector of the TSS that is gone to. */
      readonly to: number
      /** What asked for it. */
      readonly how: TaskSource
    }
  | {
      /** A popped flag was silently left as it was. */
      readonly is: "kept"
      /** Which one and why, for people. */
      readonly says: string
    }
  | {
      /** Data in memory was read or written. */
      readonly is: "read" | "write"
      /** Linear address, unsigned. */
      readonly linear: number
      /** Physical address, unsigned. */
      readonly physical: number
      /** Bits. */
      readonly size: number
      /** Unsigned. */
      readonly value: number
      /** What a write to memory overwrote; undefined: it was a read, or a device's address. */
      readonly old?: number
    }
  | {
      /** The processor read an entry of the page tables, for a translation that is not in the TLB. */
      readonly is: "walk"
      /** The address to be translated. */
      readonly linear: number
      /** Page directory or page table. */
      readonly level: "PDE" | "PTE"
      /** Physical address of the entry. */
      readonly address: number
      /** Its lower 32 bits. */
      readonly entry: number
    }
  | {
      /** A request line changed. */
      readonly is: "irq"
      /** 0-15. */
      readonly line: number
      /** Whether it is high now. */
      readonly level: boolean
      /** What keeps its request from the processor, as a clause; undefined: nothing does, or nothing is requested. */
      readonly held?: string
    }
  | {
      /** Code in TypeScript says what it does. */
      readonly is: "told"
      /** It, for people. */
      readonly says: string
    }
  | {
      /** Something cost more than its step's one cycle. */
      readonly is: "charge"
      /** For what. */
      readonly price: PriceName
      /** How much. */
      readonly cycles: number
    }

/** Hears what happens. */
export interface Listener {
  /** Whether it wants the events of the second group, too. They slow a run down. */
  readonly detail: boolean
  /** Called for each event, when it happens, inside the step. It must not change the machine. */
  tell(event: Event): void
}
