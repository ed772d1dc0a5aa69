/**
 * The translator: a unit of a guest's kernel code becomes code for ring 1. It reads from the instruction table what an instruction
 * would do outside of ring 0, and keeps all that is harmless as it is.
 *
 *     in the table                                      in the cache
 *     claims nothing                                    identical: the same bytes
 *     CLI, STI, PUSHF, POPF                             inline: a sequence on the monitor's cells
 *     any other claim                                   call-out: INT to the monitor, which does it on the guest's own processor
 *     what loads a segment, or needs the guest's CS, GS call-out, too: ring 1 has segments of the monitor's
 *     a direct jump, branch, call                       chain: a jump to where the target's translation is, once that is known
 *     RET, a computed jump or call                      look-up: by the guest's address
 *
 * A unit ends with a control transfer, a call-out, or after `length` instructions. Return addresses on the stack are the guest's.
 *
 * Left out: code whose segment is not flat or not of 32 bits, which is interpreted; chains between 16-bit jumps, which are call-outs.
 */
import { type decode, isInstruction } from "../../isa/decode"
import type { Instruction } from "../../isa/operand"
import { CS, GS } from "../../isa/registers"
import * as flow from "../../isa/semantics/flow"
import * as system from "../../isa/semantics/system"
import { BEFORE_TARGET, CALL_OUT, CLI, POPF, PUSHF, ret, STI } from "./sequences"

/** How an instruction of the guest's comes to be in the cache. */
export type How = "identical" | "inline" | "call-out" | "chain" | "look-up"

/** An instruction of the guest's, and its translation. */
export interface Piece {
  /** Offset from the unit's first byte in the guest. */
  readonly guest: number
  /** Bytes that it has there; 0 if they cannot be read or are no instruction. */
  readonly length: number
  /** Offset from the unit's first byte in the cache. */
  readonly at: number
  readonly how: How
  /** Registers of the guest's that lie in their cells while its sequence runs. */
  readonly spills: readonly ("eax" | "ecx")[]
}

/** A way out of a unit to a known address of the guest's. */
export interface Exit {
  /** The guest's address. */
  readonly target: number
  /** Offset in the cache of the distance that is rewritten when the target has a translation. */
  readonly distance: number
  /** Offset in the cache of the call-out that is there until then. */
  readonly stub: number
}

/** A translated unit, not placed yet. */
export interface Unit {
  /** The guest's address of its first instruction. */
  readonly start: number
  /** Bytes of the guest's that it stands for. */
  readonly length: number
  readonly code: readonly number[]
  readonly pieces: readonly Piece[]
  readonly exits: readonly Exit[]
  /** Offsets of distances that lead to the look-up. */
  readonly lookUps: readonly number[]
  /** Offset in the cache of the jump to the unit behind, where no transfer of the guest's ends this one; else the code's length. */
  readonly tail: number
}

/** A byte of the guest's code by its address, of the instruction that begins at another; undefined: it cannot be read now. */
export type ReadCode = (address: number, instruction: number) => number | undefined

/**
 * Translate the unit that begins at an address.
 * @param length instructions at most, 1 to 64
 */
export function translate(read: ReadCode, decoder: typeof decode, start: number, length: number): Unit {
  const unit = new UnitInTheMaking(start)
  for (let n = 0; n < length && !unit.hasEnded; n++) {
    const guest = readInstruction(read, decoder, unit.next)
    if (!guest && n > 0) break // the unit that begins there will see
    unit.add(guest)
  }
  return unit.finished()
}

/** An instruction with its bytes. */
interface Guest {
  readonly instruction: Instruction
  readonly bytes: readonly number[]
}

/** The instruction at an address; undefined: it cannot be read, or is none. */
function readInstruction(read: ReadCode, decoder: typeof decode, address: number): Guest | undefined {
  const bytes: number[] = []
  let missing = false
  const instruction = decoder(() => {
    const byte = read((address + bytes.length) | 0, address)
    missing ||= byte === undefined
    bytes.push(byte ?? 0)
    return byte ?? 0
  }, 32)
  return isInstruction(instruction) && !missing ? { instruction, bytes } : undefined
}

/** A distance that is not known yet: to what stands behind it. */
const BEHIND = [0, 0, 0, 0]
const JMP = [0xe9, ...BEHIND]
const STUB = [0xcd, CALL_OUT]

class UnitInTheMaking {
  hasEnded = false
  /** The guest's address that comes next. */
  next: number
  private readonly code: number[] = []
  private readonly pieces: Piece[] = []
  private readonly exits: Exit[] = []
  private readonly lookUps: number[] = []

  constructor(private readonly start: number) {
    this.next = start
  }

  /** Add an instruction; undefined: what is there cannot be read, and the guest's processor shall find that out. */
  add(guest: Guest | undefined): void {
    const length = guest?.bytes.length ?? 0
    const at = this.code.length
    const offset = (this.next - this.start) >>> 0
    this.next = (this.next + length) | 0
    const { how, spills = [] } = guest ? this.emit(guest) : this.callOut()
    this.pieces.push({ guest: offset, length, at, how, spills })
  }

  finished(): Unit {
    const { start, code, pieces, exits, lookUps } = this
    const tail = code.length
    if (!this.hasEnded) this.jump(this.next)
    return { start, length: (this.next - start) >>> 0, code, pieces, exits, lookUps, tail }
  }

  private emit(guest: Guest): Emitted {
    const { instruction, bytes } = guest
    const { does, outside } = instruction.row
    const own = OWN.get(does)
    if (own && instruction.operandSize === 32) return this.put(own, "inline")
    if (isBranch(instruction)) return this.branch(instruction, bytes)
    if (outside || loadsSegment(instruction) || needsOurSegments(instruction)) return this.callOut()
    return COMPUTED.has(does) ? this.computed(guest) : this.put(bytes, "identical")
  }

  private put(bytes: readonly number[], how: How): Emitted {
    this.code.push(...bytes)
    return { how, ...(bytes === POPF || bytes === PUSHF ? { spills: ["eax", "ecx"] } : {}) }
  }

  private callOut(): Emitted {
    this.hasEnded = true
    return this.put(STUB, "call-out")
  }

  // Ways out

  /** A jump to an address of the guest's, which calls out until its translation is known. */
  private jump(target: number): void {
    const distance = this.code.length + 1
    this.code.push(...JMP)
    this.exit(target, distance)
  }

  private exit(target: number, distance: number): void {
    this.exits.push({ target: target >>> 0, distance, stub: this.code.length })
    this.code.push(...STUB)
  }

  private branch(instruction: Instruction, bytes: readonly number[]): Emitted {
    if (instruction.operandSize === 16) return this.callOut()
    this.hasEnded = true
    const { does } = instruction.row
    const target = (this.next + instruction.operands[0].value) | 0
    if (does === flow.jmp) this.jump(target)
    else if (does === flow.call) this.call(target)
    else if (does.kind === "branch") this.conditional(does.condition as number, target)
    else this.loop(bytes, target)
    return { how: "chain" }
  }

  private call(target: number): void {
    this.pushReturn()
    this.jump(target)
  }

  /** The guest's own return address, whatever it wants it for. */
  private pushReturn(): void {
    this.code.push(0x68, ...dword(this.next))
  }

  /** Jcc leads to a call-out behind the other way until its own target is known. */
  private conditional(condition: number, target: number): void {
    this.code.push(0x0f, 0x80 | condition, ...dword(JMP.length + STUB.length))
    const distance = this.code.length - 4
    this.jump(this.next)
    this.exit(target, distance)
  }

  /** LOOP and JECXZ reach 127 bytes: they go by a jump. */
  private loop(bytes: readonly number[], target: number): void {
    this.code.push(...bytes.slice(0, -1), JMP.length + STUB.length)
    this.jump(this.next)
    this.jump(target)
  }

  /** RET, and jumps and calls by a register or memory: the target in EAX, and to the look-up. */
  private computed({ instruction, bytes }: Guest): Emitted {
    if (instruction.operandSize === 16) return this.callOut()
    this.hasEnded = true
    const { does } = instruction.row
    if (does === flow.ret) this.code.push(...ret(4 + ((instruction.operands[0]?.value ?? 0) & 0xffff)))
    else this.code.push(...BEFORE_TARGET, ...loadTarget(bytes))
    if (does === flow.callIndirect) this.pushReturn()
    this.code.push(...JMP)
    this.lookUps.push(this.code.length - 4)
    return { how: "look-up", spills: ["eax"] }
  }
}

interface Emitted {
  readonly how: How
  readonly spills?: Piece["spills"]
}

const OWN = new Map<Instruction["row"]["does"], readonly number[]>([
  [system.cli, CLI],
  [system.sti, STI],
  [system.pushf, PUSHF],
  [system.popf, POPF],
])

const COMPUTED = new Set<Instruction["row"]["does"]>([flow.ret, flow.jmpIndirect, flow.callIndirect])

const isBranch = ({ operands }: Instruction) => operands[0]?.kind === "relative"

const FAR_POINTERS = ["LES", "LDS", "LSS", "LFS", "LGS"]

/** Ring 1 may load the monitor's own segments, and a guest must not. */
const loadsSegment = ({ row, operands: [first] }: Instruction) =>
  FAR_POINTERS.includes(row.name) || (first?.kind === "segment" && (row.name === "MOV" || row.name === "POP"))

/** CS and GS of translated code are the monitor's. */
const needsOurSegments = ({ override, operands }: Instruction) =>
  override === CS ||
  override === GS ||
  operands.some(({ kind, register }) => kind === "segment" && register === GS)

const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3])

/** MOV EAX, r/m32 from the bytes of JMP r/m32 or CALL r/m32: the opcode and the register are others. */
function loadTarget(bytes: readonly number[]): readonly number[] {
  const opcode = bytes.findIndex((byte) => !PREFIXES.has(byte))
  const modrm = bytes[opcode + 1] & 0xc7
  return [...bytes.slice(0, opcode), 0x8b, modrm, ...bytes.slice(opcode + 2)]
}

const dword = (value: number) => [
  value & 0xff,
  (value >> 8) & 0xff,
  (value >> 16) & 0xff,
  (value >> 24) & 0xff,
]
