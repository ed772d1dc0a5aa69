/**
 * Instructions as JavaScript text. What they compute is the table's semantics, called as functions that are small enough
 * to be inlined; the commonest that are no computation (moves, stack, conditions) are written out here. All others are
 * called as the interpreter calls them, with the registers where it has them.
 */
import { type Instruction, NONE } from "../../isa/operand"
import { type Does, INCREMENT, type Perform, type Plain } from "../../isa/processor"
import { DS, EAX, EBP, EDI, EDX, ES, ESI, ESP, SS } from "../../isa/registers"
import { cwd, lea, leave, mov, pop, push, xchg } from "../../isa/semantics/data"
import { nop, TESTS } from "../../isa/semantics/flow"
import { lodsb, lodsd, movsb, movsd, stosb, stosd } from "../../isa/semantics/string"
import type { Size } from "../../numbers/int"
import { PAGE_MASK } from "../board/memory"
import { conditionText } from "./conditions"
import { immediateAccess } from "./immediates"
import { OperandWriter, type Position, RELOAD, SPILL, SPILL_FLAGS, slowly } from "./write-operands"

/** Text of an instruction, or undefined: it is no case for this writer. */
type Writing = (w: InstructionWriter, i: Instruction, position: Position) => string | undefined

/** Instructions that are written out, by their semantics. */
const WRITINGS: ReadonlyMap<Does, Writing> = new Map<Does, Writing>([
  [nop, () => ""],
  [mov, (w, i, position) => w.write(i.operands[0], w.second(i, position), position)],
  [lea, (w, i, position) => w.write(i.operands[0], w.address(i.operands[1]), position)],
  [push, (w, i, position) => pushed(w, i, position)],
  [pop, (w, i, position) => popped(w, i, position)],
  [leave, (w, i, position) => left(w, i, position)],
  [cwd, (w, i) => w.setRegister(EDX, i.operandSize, `${w.reg(EAX)} << ${32 - i.operandSize} >> 31`)],
  [xchg, (w, i, position) => exchanged(w, i, position)],
  [movsb, (w, i, position) => moved(w, i, 8, position)],
  [movsd, (w, i, position) => moved(w, i, i.operandSize, position)],
  [stosb, (w, i, position) => stored(w, i, 8, position)],
  [stosd, (w, i, position) => stored(w, i, i.operandSize, position)],
  [lodsb, (w, i, position) => loaded(w, i, 8, position)],
  [lodsd, (w, i, position) => loaded(w, i, i.operandSize, position)],
])

function pushed(w: InstructionWriter, { operandSize, operands: [o] }: Instruction, position: Position) {
  return operandSize === 32 && o.kind !== "segment" && w.wideStack
    ? w.push(w.read(o, position), position)
    : undefined
}

function popped(w: InstructionWriter, { operandSize, operands: [o] }: Instruction, position: Position) {
  if (operandSize !== 32 || o.kind !== "register" || !w.wideStack) return undefined
  return `v = ${w.top(position)}; ${w.drop(4)}\n${w.setReg(o.register, "v")}`
}

function left(w: InstructionWriter, { operandSize }: Instruction, position: Position) {
  if (operandSize !== 32 || !w.wideStack) return undefined
  return `v = ${w.load(SS, w.reg(EBP), 32, position)}
${w.setReg(ESP, `${w.reg(EBP)} + 4 | 0`)}; ${w.setReg(EBP, "v")}`
}

function exchanged(w: InstructionWriter, { operands: [a, b] }: Instruction, position: Position) {
  if (a.kind !== "register" || b.kind !== "register") return undefined
  return `x = ${w.read(a, position)}; ${w.write(a, w.read(b, position), position)}; ${w.write(b, "x", position)}`
}

// String instructions, once

const isOnce = ({ repeat, addressSize }: Instruction) => repeat === 0 && addressSize === 32
const sourceOf = ({ override }: Instruction) => (override === NONE ? DS : override)
const STEP = (size: Size) => `fl.has(1024) ? ${-size / 8} : ${size / 8}`

function moved(w: InstructionWriter, i: Instruction, size: Size, position: Position) {
  if (!isOnce(i)) return undefined
  return `y = ${STEP(size)}
${w.store(ES, w.reg(EDI), size, w.load(sourceOf(i), w.reg(ESI), size, position), position)}
${w.setReg(ESI, `${w.reg(ESI)} + y | 0`)}; ${w.setReg(EDI, `${w.reg(EDI)} + y | 0`)}`
}

function stored(w: InstructionWriter, i: Instruction, size: Size, position: Position) {
  if (!isOnce(i)) return undefined
  return `${w.store(ES, w.reg(EDI), size, w.reg(EAX), position)}
${w.setReg(EDI, `${w.reg(EDI)} + (${STEP(size)}) | 0`)}`
}

function loaded(w: InstructionWriter, i: Instruction, size: Size, position: Position) {
  if (!isOnce(i)) return undefined
  return `v = ${w.load(sourceOf(i), w.reg(ESI), size, position)}
${w.setRegister(EAX, size, "v")}; ${w.setReg(ESI, `${w.reg(ESI)} + (${STEP(size)}) | 0`)}`
}

/** Code of the condition B, which is CF. */
const BELOW = 2

export class InstructionWriter extends OperandWriter {
  /** What kind of operation left the flags, if it is known here; its operands and result are in fa, fb and fr. */
  private flags: number | undefined

  /** Nothing is known of the flags at a block's beginning. */
  protected begin(): void {
    this.flags = undefined
  }

  /** Text of an instruction that is not the end of its block. */
  instruction(i: Instruction, position: Position): string {
    const { does } = i.row
    if (does.kind === "perform" && does.needs.length > 0) return this.called(does, i, position)
    const text = WRITINGS.get(does)?.(this, i, position) ?? this.computed(i, position)
    if (text !== undefined)
      return touchesMemory(i) ? `${text}\n${this.leaveIfAsked(position, `${position.next}`)}` : text
    return this.called(does as Perform, i, position)
  }

  /** Shapes that compute something. */
  private computed(i: Instruction, position: Position): string | undefined {
    const { does } = i.row
    switch (does.kind) {
      case "modify":
        return does.plain ? this.plain(i, does.plain, position, true) : this.modified(i, does.f, position)
      case "inspect":
        return does.plain && this.plain(i, does.plain, position, false)
      case "assign": {
        const value = `${this.constant(does.f)}(cpu, ${this.second(i, position)}, ${i.operands[0].size}, ${i.operands[1].size})`
        return this.write(i.operands[0], value, position)
      }
      default:
        return does.kind === "perform" && does.condition !== undefined
          ? this.conditional(i, does.condition, position)
          : undefined
    }
  }

  /** The second operand; a missing one reads 0, as that of NOT does. */
  second(i: Instruction, position: Position): string {
    const operand = i.operands[1]
    if (!operand) return "0"
    const { block, offset, count } = position
    if (!block.live.has(count - 1)) return this.read(operand, position)
    // An immediate that the program rewrites is read where it stands.
    const { at, bytes, mask } = immediateAccess(i, (block.physical & ~PAGE_MASK) + offset)
    return `(view.getInt${bytes * 8}(${at}, true) & ${mask})`
  }

  private plain(i: Instruction, { flags, value, fixed }: Plain, position: Position, writes: boolean): string {
    const [o] = i.operands
    const { size } = o
    const compute = `v = ${this.constant(value)}(x, ${fixed ?? "y"}) | 0${this.pend(i, flags, fixed, position)}`
    if (o.kind === "memory" && writes) {
      const y = this.second(i, position)
      return `y = ${y}\n${this.modify(o.segment, this.address(o), size, compute, position)}`
    }
    const text = `x = ${this.read(o, position)}; y = ${this.second(i, position)}\n${compute}`
    return writes ? `${text}\n${this.setRegister(o.register, size, "v")}` : text
  }

  /** Keep what the flags follow from; nothing, where they are overwritten before anybody can look. */
  private pend(i: Instruction, flags: number, fixed: number | undefined, position: Position): string {
    if (flagsAreDead(position)) {
      this.flags = undefined
      return ""
    }
    const carry = flags >= INCREMENT ? `; ${this.keepCarry()}` : ""
    this.flags = flags
    const k = 32 - i.operands[0].size
    const top = (text: string) => (k === 0 ? text : `${text} << ${k}`)
    return `${carry}; fk = ${flags}; fa = ${top("x")}; fb = ${top(`${fixed ?? "y"}`)}; fr = ${top("v")}; fu = ${k}`
  }

  /** INC and DEC keep CF: what an earlier operation left is put in its place. */
  private keepCarry(): string {
    const known = this.flags === undefined ? undefined : conditionText(BELOW, this.flags)
    return known === undefined ? `${SPILL_FLAGS} fl.keepCarry()` : `fl.setCarry(${known})`
  }

  /** Read-modify-write by a function that knows the flags itself. */
  private modified(i: Instruction, f: unknown, position: Position): string {
    const [o] = i.operands
    this.flags = undefined
    const compute = `${SPILL_FLAGS} v = ${this.constant(f)}(cpu, x, y, ${o.size})`
    const y = `y = ${this.second(i, position)}`
    if (o.kind === "memory")
      return `${y}\n${this.modify(o.segment, this.address(o), o.size, compute, position)}`
    return `x = ${this.read(o, position)}; ${y}; ${compute}\n${this.setRegister(o.register, o.size, "v")}`
  }

  /** SETcc and CMOVcc. */
  private conditional(i: Instruction, code: number, position: Position): string {
    const [destination, source] = i.operands
    if (source === undefined) return this.write(destination, `(${this.condition(code)}) ? 1 : 0`, position)
    return `y = ${this.read(source, position)}\nif (${this.condition(code)}) ${this.write(destination, "y", position)}`
  }

  /** Whether a condition holds. */
  condition(code: number): string {
    const known = this.flags === undefined ? undefined : conditionText(code, this.flags)
    return known ?? `(fk >= 0 && fl.take(fk, fa, fb, fr, fu), fk = -1, ${this.constant(TESTS[code])}(cpu))`
  }

  // The stack, of 32 bits

  push(value: string, position: Position): string {
    return `${this.store(SS, `${this.reg(ESP)} - 4 | 0`, 32, value, position)}
${this.setReg(ESP, `${this.reg(ESP)} - 4 | 0`)}`
  }

  /** The doubleword on top. */
  top(position: Position): string {
    return this.load(SS, this.reg(ESP), 32, position)
  }

  drop(bytes: number): string {
    return this.setReg(ESP, `${this.reg(ESP)} + ${bytes} | 0`)
  }

  // Calls of semantics

  /** Call semantics as the interpreter does. */
  private called(does: Perform, i: Instruction, position: Position): string {
    this.flags = undefined
    const call = `${this.constant(does.f)}(cpu, ${this.constant(i)})`
    const before = `${SPILL}; own = false; ${slowly(position)}\n${this.needs(does, i)}${call}`
    if (leaves(does)) return `${before}\nreturn`
    return `${before}\n${does.string && i.repeat !== 0 ? afterRepeat(position) : afterCall(position)}
${RELOAD}; own = true; at = -1`
  }

  /** What the instruction needs: a refusal is returned as a fault is. */
  private needs(does: Perform, i: Instruction): string {
    if (does.needs.length === 0) return ""
    const asked = does.needs.map((need) => `${this.constant(need)}(cpu, ${this.constant(i)})`)
    return `{ const refused = ${asked.join(" ?? ")}
if (refused) { cpu.eip = base + at | 0; return refused } }
`
  }

  /** After an instruction that may have been slow: if the steps left are not what they were, somebody wants the engine to look up. */
  leaveIfAsked({ count }: Position, to: string): string {
    return `if (at >= 0) { if (clock.left !== left - ${count}) { left = clock.left; to = ${to}; break run } at = -1 }`
  }
}

/** Whether control goes back to the engine after an instruction that is called. */
export const leaves = (does: Does): boolean => does.kind === "perform" && (does.ends || does.needs.length > 0)

const afterCall = ({ count }: Position) => `if (clock.left !== left - ${count}) return`
/** Iterations were counted; the rest of the block must have its steps still. */
const afterRepeat = ({ block, count }: Position) => `left = clock.left + ${count}
if (clock.left <= 0 || left < ${block.runs.length}) return`

const touchesMemory = ({ row: { does }, operands }: Instruction) =>
  operands.some(({ kind }) => kind === "memory") || STACK_OR_STRING.has(does)
const STACK_OR_STRING: ReadonlySet<Does> = new Set<Does>([
  push,
  pop,
  leave,
  movsb,
  movsd,
  stosb,
  stosd,
  lodsb,
  lodsd,
])

/** Whether an instruction in the same block overwrites all flags, before anything that reads them or may be left at. */
function flagsAreDead({ block, count }: Position): boolean {
  for (let n = count; n < block.decoded.length; n++) {
    const i = block.decoded[n]
    if (!("row" in i) || touchesMemory(i)) return false
    const { does } = i.row
    const plain = does.kind === "modify" || does.kind === "inspect" ? does.plain : undefined
    if (plain) return plain.flags < INCREMENT
    if (does !== mov && does !== lea && does !== nop) return false
  }
  return false
}
