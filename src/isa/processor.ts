/**
 * What an instruction's semantics may ask of the processor that runs it, and the five shapes that semantics have.
 * The CPU implements `Processor`; nothing in `isa/` knows how.
 */
import type { Size } from "../numbers/int"
import type { Instruction, Operand } from "./operand"

// How flags are kept until somebody reads them: the kind of operation, beside its operands and result.

/** Nothing is pending. */
export const SETTLED = 0
/** CF, OF and AF follow from an addition (with or without carry in). */
export const ADDITION = 1
/** CF, OF and AF follow from a subtraction (with or without borrow in). */
export const SUBTRACTION = 2
/** CF = OF = AF = 0. */
export const LOGIC = 3
/** As addition and subtraction, but CF keeps its value. */
export const INCREMENT = 4
/** As a subtraction, but CF keeps its value. */
export const DECREMENT = 5
/** SF, ZF and PF follow from the result; CF, OF and AF were set at once. */
export const RESULT = 6

/** EFLAGS. Operands and results are passed shifted to the top of 32 bits, by `unused` = 32 − size bits. */
export interface FlagRegister {
  /** Keep what flags follow from; they are worked out when somebody asks. */
  pend(kind: number, a: number, b: number, result: number, unused: number): void
  /** CF. */
  carry(): boolean
  /** ZF. */
  zero(): boolean
  /** SF. */
  sign(): boolean
  /** OF. */
  overflow(): boolean
  /** PF: the result's low byte has an even number of ones. */
  parity(): boolean
  /** AF: a carry or borrow between bits 3 and 4. */
  adjust(): boolean
  /** Whether a flag that arithmetic never touches is set: DF, IF, TF … */
  has(flag: number): boolean
  /** Set some flags at once: the bits of `mask` take their value from `bits`. */
  put(mask: number, bits: number): void
  /** The register's 32 bits, as PUSHFD would push them. */
  value: number
}

/** Base and limit of GDTR or IDTR. */
export interface TableRegister {
  /** Linear address of the table's first byte. */
  base: number
  /** Offset of the table's last byte, 0-FFFFh. */
  limit: number
}

/** An exception on its way to its handler, handed back where nothing has been done that would have to be undone. */
export interface Refusal {
  readonly name: ExceptionName
}
/** Instructions that have a price of their own, several that do alike being one. */
type OwnPrice = "cli" | "descriptorTable" | "controlRegister" | "invlpg" | "cpuid"
/** A price. How much it is, the processor knows. */
interface Charge {
  readonly name: string
}
/** A sentence, or what makes it: words are put together only if somebody reads them. */
export type Words = string | (() => string)

/** Ways to enter an interrupt handler by an instruction: INT n, INT3 and INTO. */
export type SoftwareInterrupt = "INT n" | "INT1" | "INT3" | "INTO"

/** The processor as semantics see it. Offsets are in a segment; linear addresses are after segmentation. Faults are thrown and never seen by callers. */
export interface Processor {
  /** EAX ECX EDX EBX ESP EBP ESI EDI. */
  readonly reg: Int32Array
  /** While an instruction runs this is already the next one's offset. */
  eip: number
  /** EFLAGS. */
  readonly flags: FlagRegister
  /** The current privilege level, 0-3: the ring of the code that runs. */
  readonly cpl: number
  /** Where the global descriptor table is. */
  readonly gdtr: TableRegister
  /** Where the interrupt descriptor table is. */
  readonly idtr: TableRegister

  /** Value of any operand that has one: sign is not extended, except that 32-bit values are signed integers. */
  get(operand: Operand): number
  /** As `get`, but memory must also be writable: the read half of read-modify-write. */
  getForWrite(operand: Operand): number
  /** Write a register, or memory. Bits beyond the operand's size are cut. @faults as `store` */
  set(operand: Operand, value: number): void
  /** Offset that a memory operand names, without touching memory. */
  offset(operand: Operand): number
  /**
   * Read memory at an offset of a segment (a register number: ES 0, CS 1, SS 2, DS 3, FS 4, GS 5), little-endian.
   * 8 and 16 bits come unsigned, 32 signed. @faults #GP(0) or #SS(0) beyond the limit or against the segment's
   * type, #PF, #AC
   */
  load(segment: number, offset: number, size: Size): number
  /** Write memory at an offset of a segment; bits beyond the size are cut. @faults as `load` */
  store(segment: number, offset: number, size: Size, value: number): void
  /** Fault as a write of `bytes` bytes would, without writing. */
  probeWrite(segment: number, offset: number, bytes: number): void

  /**
   * ESP, or SP, goes down by the size, and the value is written there. @faults as `store` with SS; then nothing
   * has changed
   */
  push(value: number, size: 16 | 32): void
  /** Value on top of the stack, or `depth` bytes below it; ESP stays. */
  peek(size: 16 | 32, depth?: number): number
  /** All ones, or FFFFh when the stack segment is a 16-bit one. */
  readonly stackMask: number
  /** ESP, or SP alone when the stack segment is a 16-bit one. */
  stackPointer: number
  /** Move the stack pointer by a number of bytes, in the stack's own width. */
  addToStackPointer(bytes: number): void
  /** EIP := target, after checking the code segment's limit (#GP(0)). Masked to 16 bits for operand size 16. */
  jump(target: number, size: 16 | 32): void

  /** What a segment register holds, LDTR being 6 and TR 7: the 16 bits a program sees. */
  selector(segment: number): number
  /**
   * MOV, POP, LDS …: load DS, ES, FS, GS or SS by a selector, with its descriptor. In real-address and
   * virtual-8086 mode the base is 16 times the number. @faults #GP, #NP, #SS with the selector; #GP(0) for a null
   * SS. @see SDM Vol. 2B "MOV—Move", Operation
   */
  loadSegment(segment: number, selector: number): void
  /** No interrupt is taken before the next instruction is done; after MOV SS and POP SS no single-step trap either. */
  holdInterrupts(because: "STI" | "MOV SS"): void
  /**
   * LLDT: load LDTR by a selector; a null one leaves no LDT. @faults #GP with the selector unless it is an LDT's
   * descriptor in the GDT, #NP if not present. @see SDM Vol. 2A "LLDT—Load Local Descriptor Table Register"
   */
  loadLdtr(selector: number): void
  /**
   * LTR: load TR by a selector and mark the TSS busy. @faults #GP with the selector unless it is an available TSS
   * in the GDT, #NP if not present; #GP(0) for a null selector. @see SDM Vol. 2A "LTR—Load Task Register"
   */
  loadTr(selector: number): void
  /** LAR's access rights or LSL's limit for a selector; null where ZF shall be cleared. */
  describe(selector: number, what: "rights" | "limit"): number | null
  /**
   * VERR and VERW: whether a selector's segment may be read or written at this CPL. Raises nothing on account of
   * the selector. @see SDM Vol. 2B "VERR/VERW—Verify a Segment for Reading or Writing"
   */
  verify(selector: number, what: "read" | "write"): boolean
  /**
   * JMP far: to another code segment of the same ring, through a call gate, or to another task. @faults #GP, #NP
   * and #TS with the selector, among others. @see SDM Vol. 2A "JMP—Jump", Operation
   */
  farJump(selector: number, offset: number, size: 16 | 32): void
  /**
   * CALL far: as `farJump`, and CS and EIP are pushed in the given size; a call gate may lead to an inner ring and
   * its stack. @faults as `farJump`, #SS. @see SDM Vol. 2A "CALL—Call Procedure", Operation
   */
  farCall(selector: number, offset: number, size: 16 | 32): void
  /**
   * RETF: pop EIP and CS in the given size, then drop so many bytes of parameters; to an outer ring SS and ESP,
   * too. @faults #GP, #NP, #SS. @see SDM Vol. 2B "RET—Return from Procedure", Operation
   */
  farReturn(size: 16 | 32, drop: number): void
  /**
   * SYSENTER: to ring 0 without a gate. CS, EIP and ESP come from model-specific registers 174h to 176h, IF becomes 0, and
   * nothing is saved. @faults #GP(0) in real-address mode, or if 174h holds a null selector.
   * @see SDM Vol. 2B "SYSENTER—Fast System Call"
   */
  enterSystem(): void
  /**
   * SYSEXIT: back to ring 3, EIP from EDX and ESP from ECX. @faults #GP(0) unless CPL is 0.
   * @see SDM Vol. 2B "SYSEXIT—Fast Return from Fast System Call"
   */
  exitSystem(): void
  /**
   * INT n, INT3 and INTO: to the handler of a vector, 0-255, through the IDT. EFLAGS, CS and EIP are pushed, from an outer
   * ring SS and ESP before them. @faults #GP with vector × 8 + 2 if CPL is greater than the gate's DPL; #NP, #TS, #SS.
   * @see SDM Vol. 3A §6.12 "Exception and Interrupt Handling"
   */
  softwareInterrupt(vector: number, how: SoftwareInterrupt): void
  /**
   * IRET: pop EIP, CS and EFLAGS in the given size, and to an outer ring ESP and SS; with NT set, back to the task that
   * this one interrupted. NMIs are no
   * longer blocked, even if it is refused. @faults #GP, #NP, #SS, #TS.
   * @see SDM Vol. 2A "IRET/IRETD—Interrupt Return"
   */
  interruptReturn(size: 16 | 32): void

  /** POPF's rules and IRET's: which bits of `value` reach EFLAGS at this CPL and IOPL. */
  setFlags(value: number, size: 16 | 32): void
  /** IF becomes 0, or 1 with the next instruction still undisturbed, as after STI. Asks for no privilege. */
  setInterruptFlag(on: boolean): void
  /** CR0, CR2, CR3 or CR4 by its number, as signed 32 bits. Asks for no privilege. */
  readControl(register: number): number
  /**
   * Write CR0, CR2, CR3 or CR4, with all that comes of it: paging, privileges, an empty TLB. Asks for no privilege.
   * @faults #GP(0) for a bit of CR4 that does not exist, CR0.PG without PE, CR0.NW without CD, or a bad PAE pointer.
   * @see SDM Vol. 3A §2.5 "Control Registers"
   */
  writeControl(register: number, value: number): void
  /** The register that a number names, DR4 and DR5 being other names of DR6 and DR7, if it may be used. */
  debugRegister(number: number, name: string): number
  /** DR0-DR3, DR6 or DR7 by its number, as signed 32 bits. Asks for no privilege. */
  readDebug(register: number): number
  /** Write a debug register: breakpoints hold from the next instruction on. Reserved bits keep their value. */
  writeDebug(register: number, value: number): void
  /** RDMSR: both halves of a model-specific register, signed. @faults #GP(0) if there is none of that number */
  readModelSpecific(register: number): readonly [low: number, high: number]
  /** WRMSR: what the machine has no register for is #GP(0). Of all of them only the lower halves are kept. */
  writeModelSpecific(register: number, low: number, high: number): void
  /** INVLPG: the TLB forgets the page of a linear address, global or not. */
  invalidatePage(linear: number): void
  /** Linear address of an offset, without a limit check, as INVLPG takes it. */
  linearOf(segment: number, offset: number): number
  /** A refusal unless CPL is 0; `name` is the instruction's. */
  requireRing0(name: string): Refusal | undefined
  /** A refusal unless CPL ≤ IOPL. */
  requireIopl(name: string): Refusal | undefined
  /** A refusal where UMIP keeps this instruction from user code. */
  requireUmip(name: string): Refusal | undefined
  /** In virtual-8086 mode, a refusal unless IOPL is 3. */
  requireVirtualIopl(name: string): Refusal | undefined
  /** A refusal unless in protected mode. */
  requireProtectedMode(name: string): Refusal | undefined
  /** A refusal unless CPL ≤ IOPL or the I/O permission bitmap allows the ports. */
  requirePort(port: number, size: Size): Refusal | undefined
  /** An exception that an instruction raises instead of doing anything. Otherwise as `raise`. */
  refusal(name: ExceptionName, errorCode: number | null, says: Words, see: string): Refusal
  /** HLT: nothing runs until an interrupt, an NMI or a reset comes. */
  halt(): void
  /** EAX EBX ECX EDX for a leaf. */
  identify(leaf: number, subleaf: number): readonly [number, number, number, number]
  /** The time-stamp counter, in cycles: low and high half. */
  timeStamp(): readonly [low: number, high: number]
  /** IN: what the device at a port, 0-FFFFh, answers. The port's permission is the caller's to ask for: `requirePort`. */
  inPort(port: number, size: Size): number
  /** OUT: hand a value of 8, 16 or 32 bits to the device at a port. Permission as for `inPort`. */
  outPort(port: number, size: Size, value: number): void
  /** What some instructions cost beyond the cycle that every step costs. */
  readonly prices: Readonly<Record<OwnPrice, Charge>>
  /** Let as many cycles pass as a price says, and book them in the ledger. */
  charge(price: Charge): void
  /** EFLAGS as they were before a repeated comparison that is not done: a fault in it restores them; null if there is none. */
  repeatFlags: number | null
  /** A repeated instruction stopped between two iterations: what interrupts it saves RF, for it has met its breakpoint already. */
  suspended: boolean
  /** Whether a repeated instruction may go on with its next iteration at once; that iteration is a step of its own. */
  another(): boolean
  /** Tell a listener that the guest asked for something this machine does not have. */
  notSimulated(what: string): void
  /**
   * Iterations of a repeated string instruction at once, upwards from the offsets: each counts as a step, and none of them
   * could fault or be seen. They answer how many they did, at most `most`, perhaps none.
   */
  copyAtOnce(segment: number, from: number, to: number, size: Size, most: number): number
  /** As `copyAtOnce`: STOS, from an offset in ES on. */
  fillAtOnce(to: number, value: number, size: Size, most: number): number
  /** As `copyAtOnce`: SCAS, over elements in ES that are (or are not) equal to `value`. */
  scanAtOnce(at: number, value: number, equal: boolean, size: Size, most: number): number
  /** As `copyAtOnce`: CMPS, over elements that are (or are not) equal to those in ES. */
  compareAtOnce(segment: number, from: number, at: number, equal: boolean, size: Size, most: number): number
  /** An exception by its mnemonic; `says` explains it to a reader, `see` cites the manual. */
  raise(name: ExceptionName, errorCode: number | null, says: Words, see: string): never
}

/** Exceptions by mnemonic. */
export type ExceptionName =
  | "#DE"
  | "#DB"
  | "#BP"
  | "#OF"
  | "#BR"
  | "#UD"
  | "#NM"
  | "#DF"
  | "#TS"
  | "#NP"
  | "#SS"
  | "#GP"
  | "#PF"
  | "#MF"
  | "#AC"

/** An operation on two numbers from whose operands and result, modulo 2^32, all its flags follow. */
export interface Plain {
  /** How the flags follow: ADDITION, SUBTRACTION, LOGIC, INCREMENT or DECREMENT. */
  readonly flags: number
  readonly value: (a: number, b: number) => number
  /** The second number, if it is no operand: INC and DEC. */
  readonly fixed?: number
}

/** dst := f(dst, src). With one operand, src is 0. */
export interface Modify {
  readonly kind: "modify"
  readonly f: (p: Processor, destination: number, source: number, size: Size) => number
  /** The same in other words, for engines that keep flags themselves. */
  readonly plain?: Plain
}
/** f looks at two values and sets flags; nothing is written. */
export interface Inspect {
  readonly kind: "inspect"
  readonly f: (p: Processor, a: number, b: number, size: Size) => void
  readonly plain?: Plain
}
/** dst := f(src); the old destination is not read. */
export interface Assign {
  readonly kind: "assign"
  readonly f: (p: Processor, source: number, size: Size, sourceSize: Size) => number
}
/** Jumps by the relative operand if f says so. */
export interface Branch {
  readonly kind: "branch"
  readonly f: (p: Processor) => boolean
  /** Code of the condition, 0-15; undefined: it jumps always. */
  readonly condition?: number
}
/** What an instruction needs before it does anything: what comes back instead is raised. */
export type Need = (p: Processor, i: Instruction) => Refusal | undefined
/** Anything else. `ends`: EIP, mode or interrupts may change, so a run of decoded instructions ends here. */
export interface Perform {
  readonly kind: "perform"
  readonly f: (p: Processor, i: Instruction) => void
  readonly ends: boolean
  /** REP prefixes mean something here. */
  readonly string: boolean
  /** Asked in this order, before `f`. */
  readonly needs: readonly Need[]
  /** Code of the condition that decides what it does, 0-15, if one does. */
  readonly condition?: number
}

export type Does = Modify | Inspect | Assign | Branch | Perform

export const modify = (f: Modify["f"]): Modify => ({ kind: "modify", f })
export const branch = (f: Branch["f"], condition?: number): Branch => ({ kind: "branch", f, condition })
export const assign = (f: Assign["f"]): Assign => ({ kind: "assign", f })
/** Semantics of an instruction that needs something before it does anything. */
export const needing = (...needs: Need[]) => ({
  /** Semantics that leave the run of decoded instructions intact. */
  perform: (f: Perform["f"]): Perform => ({ kind: "perform", f, ends: false, string: false, needs }),
  /** Semantics that may change EIP, the mode, or what interrupts the processor. */
  transfer: (f: Perform["f"]): Perform => ({ kind: "perform", f, ends: true, string: false, needs }),
})
export const { perform, transfer } = needing()

/** CPL must be 0. */
export const ring0 =
  (name: string): Need =>
  (p) =>
    p.requireRing0(name)
/** CPL must not be greater than IOPL. */
export const iopl =
  (name: string): Need =>
  (p) =>
    p.requireIopl(name)
/** While CR4.UMIP is set, CPL must be 0. */
export const umip =
  (name: string): Need =>
  (p) =>
    p.requireUmip(name)
/** In virtual-8086 mode IOPL must be 3. */
export const virtualIopl =
  (name: string): Need =>
  (p) =>
    p.requireVirtualIopl(name)
/** The processor must be in protected mode. */
export const protectedMode =
  (name: string): Need =>
  (p) =>
    p.requireProtectedMode(name)
