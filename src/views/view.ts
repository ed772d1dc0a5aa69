/**
 * Pictures are plain data. A recording is shown by one `Timeline` (the whole run at a glance)
 * and one `Frame` a step (what the machine looked like after it, and what the step did).
 * Both are JSON: the notebook carries them, a worker computes them, `draw.ts` turns them into SVG.
 */
import type { Mark } from "../machine/events/marks"

/** A privilege level, as CPL holds it: 0 is the kernel's, 3 the application's. */
export type Ring = 0 | 1 | 2 | 3

export { MARK_KINDS, type Mark, type MarkKind } from "../machine/events/marks"

/** A lane of the picture of a run: a ring, and who has it. */
export interface Lane {
  /** 0-3. */
  readonly ring: number
  /** "guest kernel" … */
  readonly name: string
  /** A word or two beside it. */
  readonly note: string
}

/** The whole run at a glance. */
export interface Timeline {
  /** Number of steps recorded. Frames run from 0 (before the first step) to this number. */
  readonly steps: number
  /** Where the ring changes: [first step in it, ring]; begins with [0, ring]. Ascending. */
  readonly rings: readonly (readonly [step: number, ring: number])[]
  /** Who has the rings, the innermost first; undefined: ring 0 is the kernel's, and ring 3 the applications'. */
  readonly lanes?: readonly Lane[]
  /** Every happening worth jumping to, ascending by step. */
  readonly marks: readonly Mark[]
  /** How the run ended, in a sentence. */
  readonly end: string
}

/** A named value; `old` is there only if the step changed it. Numbers are unsigned 32-bit. */
export interface Cell {
  /** "EAX", "IOPL", "CS", "pic.irr" … */
  readonly name: string
  /** What it is after the step. */
  readonly value: number
  /** What it was before the step, if that was something else. */
  readonly old?: number
  /** A word or two on what it means, e.g. "ring 3 code" for CS. */
  readonly note?: string
  /** In a picture of two recordings: it is not the same in both. No notebook carries it. */
  readonly differs?: true
}

/** One instruction in the code panel. */
export interface CodeLine {
  /** Linear address of its first byte. */
  readonly address: number
  /** Label standing at this address, without the colon. */
  readonly label?: string
  /** The instruction as the disassembler prints it. */
  readonly text: string
  /** 1-based line of the source, and that line's comment, if the program has a source. */
  readonly line?: number
  /** The line's comment in the source, without the semicolon. */
  readonly comment?: string
  /** Lines are left out between the one before and this one. */
  readonly gapBefore?: boolean
  /** "ran" is what this step did; "next" is where CS:EIP points now. Both can hold. */
  readonly ran?: boolean
  /** CS:EIP points here: it runs in the next step, unless something comes between. */
  readonly next?: boolean
}

/** One doubleword of the stack, top first. */
export interface StackSlot {
  /** Offset in the stack segment. */
  readonly address: number
  /** The doubleword, unsigned. */
  readonly value: number
  /** What the step overwrote, if that was something else. */
  readonly old?: number
  /** The step wrote it, be it with the value that it had. */
  readonly written?: boolean
  /** What it holds when the machine put it there: "EIP", "CS (ring 3)", "error code" … */
  readonly note?: string
  /** ESP points here. */
  readonly top?: boolean
  /** In a picture of two recordings: it is not the same in both. No notebook carries it. */
  readonly differs?: true
}

/** A decoded descriptor of the GDT or a gate of the IDT. */
export interface TableRow {
  /** Vector, or selector. */
  readonly index: number
  /** "#PF Page Fault", "code", "busy TSS" … */
  readonly name: string
  /** "interrupt gate", "base 0, limit FFFFFFFFh" … */
  readonly detail: string
  /** Descriptor privilege level. */
  readonly dpl: number
  /** This step went through it. */
  readonly used?: boolean
}

/** One change that the step made, for the list of changes. */
export interface Change {
  /** "segment" is a selector, "descriptor" what a segment register took from the descriptor that it names. */
  readonly what: "register" | "flag" | "segment" | "descriptor" | "control" | "memory" | "tlb" | "device"
  /** "EAX", "IF", "CS", "CR3", "[00001000]", "pic.isr" … */
  readonly name: string
  /** As text, in hexadecimal where it is a machine value. */
  readonly old: string
  /** The new value, as text as `old` is. */
  readonly value: string
}

/** Sixteen bytes a row of memory that the reader pinned. */
export interface MemoryPanel {
  /** "stack", "[eax]", "00102000" … as the reader asked for it. */
  readonly title: string
  /** Ascending by address; `address` is linear, of a row's first byte. */
  readonly rows: readonly {
    readonly address: number
    /** 0-255, or null where nothing is mapped. */
    readonly bytes: readonly (number | null)[]
    /** Indices in `bytes` that this step wrote. */
    readonly changed: readonly number[]
  }[]
}

/** A register or a place in memory that is watched. */
export interface Watch {
  /** As the reader asked for it: "ticks dd", "[esp+8]", "eax". */
  readonly title: string
  /** Why it means nothing, in a sentence. */
  readonly wrong?: string
  /** Of a value. */
  readonly bits: 8 | 16 | 32
  /** Linear address of the first value; undefined for a register. */
  readonly address?: number
  /** Unsigned; null where nothing is mapped. */
  readonly values: readonly (number | null)[]
  /** Indices of the values that the step changed or wrote. */
  readonly changed: readonly number[]
  /** What a register was before the step, if that was something else. */
  readonly old?: number
}

/** What the machine looked like after a step, and what the step did. */
export interface Frame {
  /** The step's number: 0 is the machine before the first one. */
  readonly step: number
  /** CPL after the step, 0-3. */
  readonly ring: number
  /** What the step did, in one or two sentences for a reader who is new to it. */
  readonly sentence: string
  /** If the step faulted: which check failed and why, and where the manual says so. */
  readonly fault?: { readonly name: string; readonly says: string; readonly see: string }
  /** What happened inside the step, a line each: gate check, stack switch, walk reference, port access. */
  readonly events: readonly string[]
  /** What is not as it was before the step. EIP, which always moves on, is left out. */
  readonly changes: readonly Change[]
  /** Cycles of this step by cause, and of the run so far. */
  readonly cycles: {
    readonly step: readonly (readonly [cause: string, cycles: number])[]
    readonly total: number
  }
  /** Some instructions around the one that ran and the one that is next, ascending by address. */
  readonly code: readonly CodeLine[]
  /** EAX ECX EDX EBX ESP EBP ESI EDI EIP, in this order. */
  readonly registers: readonly Cell[]
  /** CF PF AF ZF SF TF IF DF OF NT RF VM AC ID as 0 or 1, and IOPL as 0-3. */
  readonly flags: readonly Cell[]
  /** CS SS DS ES FS GS, the selectors; the note says what the descriptor is. Then TR and LDTR. */
  readonly segments: readonly Cell[]
  /** CR0 CR2 CR3 CR4, GDTR.base and IDTR.base. */
  readonly control: readonly Cell[]
  /** The top of the stack, up to ten doublewords, from ESP upwards. */
  readonly stack: readonly StackSlot[]
  /** The gates of the IDT that are present, ascending by vector; the first 64. */
  readonly idt: readonly TableRow[]
  /** The descriptors of the GDT behind the null one, ascending; the first 64. */
  readonly gdt: readonly TableRow[]
  /** What the reader pinned, as release 0.1.0 had it; empty since. */
  readonly memory: readonly MemoryPanel[]
  /** What the reader watches, in order. */
  readonly watches?: readonly Watch[]
  /** Device states, flat: "pic.irr" = 1 … */
  readonly devices: readonly Cell[]
}

/** What a reader wants to see in a frame beside the fixed parts. */
export interface FrameOptions {
  /** What to watch: `eax`, `ticks dd`, `[esp+8]`, `message db 16`; see the head of `watches.ts`. */
  readonly pins?: readonly string[]
  /** Whether registers are shown as the first guest of the machine's hypervisor believes them to be, and not what the step changed in them. */
  readonly guest?: boolean
}
