/**
 * Blocks to the text of a JavaScript function. The function must leave what the interpreter would. So wherever something
 * may look at the machine (a device, the clock, a fault's handler), EIP and the steps left are in place; and where the steps
 * left are not what they were afterwards, an event is due, or somebody wants the engine to look up, and the function returns.
 */
import { isInstruction } from "../../isa/decode"
import type { Instruction } from "../../isa/operand"
import type { Branch, Does } from "../../isa/processor"
import { CS, ECX } from "../../isa/registers"
import {
  call,
  callIndirect,
  jcxz,
  jmp,
  jmpIndirect,
  loop,
  loope,
  loopne,
  ret,
} from "../../isa/semantics/flow"
import { PAGE_MASK, PAGE_SHIFT } from "../board/memory"
import { inSummary, READ_FLAT, type Segments } from "../processor/segments"
import type { Block } from "./block"
import { InstructionWriter, leaves } from "./write-instructions"
import { type Position, SPILL, slowly } from "./write-operands"

/** Source text, and the values that it calls k0, k1, … */
interface Generated {
  readonly text: string
  readonly constants: readonly unknown[]
  /** Bits of `Segments.summary` that the text depends on, and what they must be for the function to be called. */
  readonly assumes: number
  readonly state: number
}

/**
 * A function of (member, base): run from that member of `members` on, the page's first byte being at EIP `base`, until
 * control leaves them, or there are fewer steps left than the next block has instructions. Returns a fault that an
 * instruction raised, with EIP at that instruction, or undefined.
 * All members lie in one page and end in 32-bit code, and all of the page lies within the limit of CS; `entries` has 1 + the
 * number of the member at each offset.
 * @param segments as they are now; bases and limits may be others when the function is called
 */
export function generate(members: readonly Block[], segments: Segments): Generated {
  const writer = new UnitWriter(members, segments)
  const cases = members.map((_, n) => `case ${n}:\n${writer.member(n)}`)
  const text = `"use strict"
return (cpu, clock, linear, memory, entries, k) => {
${writer.constants.map((_, n) => `const k${n} = k[${n}]`).join("\n")}
const { reg, flags: fl, segments } = cpu, { view, bytes } = memory, { frame } = linear.tlb
return (member, base) => {
${writer.limits}const { readTag, writeTag } = linear
let ${writer.registers}left = clock.left, to = 0, at = -1, own = true
let o = 0, t = 0, p = 0, v = 0, x = 0, y = 0, z = 0, fk = -1, fa = 0, fb = 0, fr = 0, fu = 0
try {
run: for (;;) switch (member) {
${cases.join("\n")}
}
${SPILL}
cpu.eip = base + to | 0
clock.left = left
} catch (fault) {
if (own) { ${SPILL} }
if (!fault.newTask) cpu.eip = base + at | 0
return fault
}
}
}`
  const { constants, assumes } = writer
  return { text: writer.withRegisters(text), constants, assumes, state: segments.summary & assumes }
}

/** How a block ends: the text that leads on from there, or undefined: as any instruction. */
type Ending = (
  w: UnitWriter,
  i: Instruction,
  position: Position,
  next: Block | undefined,
) => string | undefined

const ENDINGS: ReadonlyMap<Does, Ending> = new Map<Does, Ending>([
  [jmp, jumps],
  [jmpIndirect, jumpsIndirectly],
  [call, calls],
  [callIndirect, callsIndirectly],
  [ret, returns],
  [loop, (w, i, position, next) => loops(w, i, position, next)],
  [loope, (w, i, position, next) => loops(w, i, position, next, EQUAL)],
  [loopne, (w, i, position, next) => loops(w, i, position, next, EQUAL + 1)],
  [jcxz, jumpsAtZero],
])

/** Code of the condition E; NE follows. */
const EQUAL = 4
/** Where a relative operand leads. */
const target = (i: Instruction, { next }: Position) => next + i.operands[0].value
/** Where an absolute one leads, that z holds. */
const ABSOLUTE = "z - base | 0"
const isWide = ({ operandSize, addressSize }: Instruction) => operandSize === 32 && addressSize === 32

function jumps(w: UnitWriter, i: Instruction, position: Position, next: Block | undefined) {
  const to = target(i, position)
  return `${w.checkTarget(to, position)}${w.done(position, w.go(to, next))}`
}

function jumpsIndirectly(w: UnitWriter, i: Instruction, position: Position) {
  if (!isWide(i)) return undefined
  return `z = ${w.read(i.operands[0], position)}\n${w.checkEip("z", position)}${w.goToAbsolute(position)}`
}

function calls(w: UnitWriter, i: Instruction, position: Position) {
  if (!isWide(i) || !w.wideStack) return undefined
  const to = target(i, position)
  return `${w.checkTarget(to, position)}${w.push(`base + ${position.next} | 0`, position)}
${w.leaveIfAsked(position, `${to}`)}\n${w.done(position, w.go(to, undefined))}`
}

function callsIndirectly(w: UnitWriter, i: Instruction, position: Position) {
  if (!isWide(i) || !w.wideStack) return undefined
  return `z = ${w.read(i.operands[0], position)}\n${w.checkEip("z", position)}${w.push(`base + ${position.next} | 0`, position)}
${w.goToAbsolute(position)}`
}

function returns(w: UnitWriter, i: Instruction, position: Position) {
  if (!isWide(i) || !w.wideStack) return undefined
  const dropped = i.operands.length > 0 ? i.operands[0].value & 0xffff : 0
  return `z = ${w.top(position)}\n${w.checkEip("z", position)}${w.drop(4 + dropped)}\n${w.goToAbsolute(position)}`
}

/** A LOOP that may be refused goes the interpreter's way: it is refused before ECX is counted down. */
function loops(
  w: UnitWriter,
  i: Instruction,
  position: Position,
  next: Block | undefined,
  condition?: number,
) {
  if (!isWide(i) || w.isChecked(target(i, position))) return undefined
  const wished = condition === undefined ? "" : ` && (${w.condition(condition)})`
  const goesOn = `${w.reg(ECX)} !== 0${wished}`
  return `${w.setReg(ECX, `${w.reg(ECX)} - 1 | 0`)}\n${w.branches(goesOn, target(i, position), position, next)}`
}

function jumpsAtZero(w: UnitWriter, i: Instruction, position: Position, next: Block | undefined) {
  if (!isWide(i)) return undefined
  return w.branches(`${w.reg(ECX)} === 0`, target(i, position), position, next)
}

const offsetOf = ({ physical }: Block) => physical & PAGE_MASK
const behind = (block: Block) => offsetOf(block) + block.bytes
/** Where a block's last instruction may jump to, if that is known; else -1. */
function jumpTarget(block: Block): number {
  const last = block.decoded[block.decoded.length - 1] as Instruction
  const [operand] = last.operands
  return operand?.kind === "relative" && last.row.does !== call ? behind(block) + operand.value : -1
}

class UnitWriter extends InstructionWriter {
  /** Offset of the first member of the loop that is being written. */
  private header: number | undefined
  /** CS may end before 4 GiB: a jump out of the page is checked. */
  private readonly bounded: boolean

  constructor(
    private readonly members: readonly Block[],
    segments: Segments,
  ) {
    super(segments)
    this.bounded = this.assumed(inSummary(CS, READ_FLAT)) === 0
  }

  /** Text of a member and, if a loop begins there, of the whole loop: the JavaScript engine knows it for one then. */
  member(n: number): string {
    const end = this.loopFrom(n)
    if (end < 0) return this.block(this.members[n], this.members[n + 1])
    this.header = offsetOf(this.members[n])
    const body = this.members.slice(n, end + 1)
    const text = body.map((block, k) => this.block(block, body[k + 1])).join("\n")
    this.header = undefined
    return `loop: for (;;) {\n${text}\n}`
  }

  /** The last member of the innermost loop that begins with one, if all between lead to each other; -1: there is none. */
  private loopFrom(n: number): number {
    const start = offsetOf(this.members[n])
    let end = -1
    for (let k = n; k < this.members.length; k++) {
      const to = jumpTarget(this.members[k])
      if (to === start) end = k
      else if (to > start && to <= offsetOf(this.members[k])) break
      const next = this.members[k + 1]
      if (!next || offsetOf(next) !== behind(this.members[k])) break
    }
    return end
  }

  private block(block: Block, next: Block | undefined): string {
    this.begin()
    let offset = block.physical & PAGE_MASK
    const lines = [`if (left < ${block.runs.length}) { to = ${offset}; break run }`]
    for (const [n, i] of block.decoded.entries()) {
      if (!isInstruction(i)) throw new RangeError("a block of a unit has an invalid instruction")
      const position = { block, offset, next: offset + i.length, count: n + 1 }
      lines.push(
        n + 1 < block.decoded.length ? this.instruction(i, position) : this.ending(i, position, next),
      )
      offset += i.length
    }
    return lines.join("\n")
  }

  /** A block's last instruction, and the way to the next member, or back to the engine. */
  private ending(i: Instruction, position: Position, next: Block | undefined): string {
    const { does } = i.row
    const special = ENDINGS.get(does)?.(this, i, position, next)
    if (special !== undefined) return special
    if (does.kind === "branch") return this.jumps(does, target(i, position), position, next)
    const text = this.instruction(i, position)
    return leaves(does) ? text : `${text}\n${this.done(position, this.go(position.next, next))}`
  }

  private jumps({ condition }: Branch, taken: number, position: Position, next: Block | undefined): string {
    return this.branches(this.condition(condition as number), taken, position, next)
  }

  branches(condition: string, taken: number, position: Position, next: Block | undefined): string {
    // The steps are taken already where the target is checked.
    const check = this.checkTarget(taken, { ...position, count: 0 })
    return this.done(
      position,
      `if (${condition}) { ${check}${this.go(taken, undefined)} }\n${this.go(position.next, next)}`,
    )
  }

  /** Whether a jump to an offset must be checked: all of the page itself lies within the limit. */
  isChecked(offset: number): boolean {
    return this.bounded && offset >>> PAGE_SHIFT !== 0
  }

  /** Refuse a jump to an offset that lies beyond the limit of CS, before anything is done. */
  checkTarget(offset: number, position: Position): string {
    return this.isChecked(offset) ? this.checkEip(`(base + ${offset} | 0)`, position) : ""
  }

  /** As `checkTarget`, for an EIP. */
  checkEip(eip: string, position: Position): string {
    return this.bounded
      ? `if (!(${this.within(CS, eip, 1)})) { ${slowly(position)}; cpu.jump(${eip}, 32) }\n`
      : ""
  }

  /** The block's steps are done. */
  done({ count }: Position, then: string): string {
    return `left -= ${count}\n${then}`
  }

  /** To a place that is known; a member that comes next in the text needs no jump. */
  go(offset: number, next: Block | undefined): string {
    if (offset === this.header) return "continue loop"
    if (next && offset === offsetOf(next)) return ""
    const member = this.members.findIndex((block) => offsetOf(block) === offset)
    return member < 0 ? `{ to = ${offset}; break run }` : `{ member = ${member}; continue run }`
  }

  /** To the EIP that z holds, after an access to memory. */
  goToAbsolute(position: Position): string {
    return `${this.leaveIfAsked(position, ABSOLUTE)}\n${this.done(position, this.goTo(ABSOLUTE))}`
  }

  /** To an offset that is worked out. */
  goTo(offset: string): string {
    return `to = ${offset}
if (to >>> ${PAGE_SHIFT} !== 0 || entries[to] === 0) break run
member = entries[to] - 1
continue run`
  }
}
