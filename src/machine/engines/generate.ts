/**
 * Blocks to the text of a JavaScript function. Semantics stay the table's: the text calls the same functions as the
 * closures of `compile.ts` do, with operands written out, so that the JavaScript engine can inline them.
 *
 * The function must leave what the interpreter would. So before each instruction that may look at the machine (touch
 * memory, a device, the clock) EIP and the steps left are put in place, and after it the steps left must be what they
 * were: else an event is due, or somebody wants the engine to look up, and the function returns.
 */
import { isInstruction } from "../../isa/decode"
import { type Instruction, NONE, type Operand } from "../../isa/operand"
import { lea, mov } from "../../isa/semantics/data"
import { jmp } from "../../isa/semantics/flow"
import { PAGE_MASK } from "../memory"
import type { Block } from "./blocks"
import { immediateAccess } from "./immediates"

/** Source text, and the values that it calls k0, k1, … */
export interface Generated {
  readonly text: string
  readonly constants: readonly unknown[]
}

/** Where an instruction stands. */
interface Place {
  readonly block: Block
  /** Offset of the instruction in its page. */
  readonly offset: number
  /** How many instructions of the block come before it. */
  readonly number: number
}

/**
 * A function of (member, base): run from that member of `members` on, the page's first byte being at EIP `base`, until
 * control leaves them, or there are fewer steps left than the next block has instructions. Returns a fault that an
 * instruction raised, with EIP at that instruction, or undefined.
 * All members lie in one page and end in 32-bit code; \`entries\` has 1 + the number of the member at each offset.
 */
export function generate(members: readonly Block[]): Generated {
  const writer = new Writer(members)
  const cases = members.map((block, n) => `case ${n}:\n${writer.block(block, members[n + 1])}`)
  const text = `"use strict"
return (cpu, clock, tlb, memory, entries, k) => {
${writer.constants.map((_, n) => `const k${n} = k[${n}]`).join("\n")}
const { reg, segments } = cpu, { view } = memory
return (member, base) => {
let left = clock.left, version = tlb.version, code = segments.codeVersion, at = 0
try {
for (;;) switch (member) {
${cases.join("\n")}
}
} catch (fault) {
if (!fault.newTask) cpu.eip = base + at | 0
return fault
}
}
}`
  return { text, constants: writer.constants }
}

class Writer {
  readonly constants: unknown[] = []

  constructor(private readonly members: readonly Block[]) {}

  block(block: Block, next: Block | undefined): string {
    const { decoded, runs } = block
    let offset = block.physical & PAGE_MASK
    const lines = [`if (left < ${runs.length}) ${this.leave(offset)}`]
    for (const [number, i] of decoded.entries()) {
      if (!isInstruction(i)) throw new RangeError("a block of a unit has an invalid instruction")
      lines.push(this.instruction(i, { block, offset, number }))
      offset += i.length
    }
    lines.push(this.ending(block, offset, next))
    return lines.join("\n")
  }

  /** Return to the engine, with EIP at an offset of the page. */
  private leave(offset: number): string {
    return `{ cpu.eip = base + ${offset} | 0; clock.left = left; return }`
  }

  private instruction(i: Instruction, place: Place): string {
    if (i.row.does.kind === "branch") return ""
    const effect = this.effect(i, place)
    return isQuiet(i) ? effect : this.observed(i, place, effect)
  }

  /** What may look at the machine, or change what the engine must do next. */
  private observed(i: Instruction, { block, offset, number }: Place, effect: string): string {
    const steps = `left - ${number + 1}`
    const repeats = i.row.does.kind === "perform" && i.row.does.string && i.repeat !== 0
    const after = repeats
      ? `left = clock.left + ${number + 1}
if (clock.left <= 0 || left < ${block.runs.length}) return`
      : `if (clock.left !== ${steps}) return`
    return `at = ${offset}; cpu.eip = base + ${offset + i.length} | 0; clock.left = ${steps}
${this.needs(i)}${effect}
${after}`
  }

  /** What the instruction needs: a refusal is returned as a fault is. */
  private needs(i: Instruction): string {
    const { does } = i.row
    if (does.kind !== "perform" || does.needs.length === 0) return ""
    const asked = does.needs.map((need) => `${this.constant(need)}(cpu, ${this.constant(i)})`)
    return `{ const refused = ${asked.join(" ?? ")}
if (refused) { cpu.eip = base + at | 0; return refused } }
`
  }

  private effect(i: Instruction, place: Place): string {
    const { does } = i.row
    const [first] = i.operands
    switch (does.kind) {
      case "modify":
        return this.modify(i, place, this.constant(does.f))
      case "inspect":
        return `${this.constant(does.f)}(cpu, ${this.read(first)}, ${this.second(i, place)}, ${first.size})`
      case "assign": {
        const value = this.second(i, place)
        const { size } = i.operands[1]
        return this.write(
          first,
          does === mov ? value : `${this.constant(does.f)}(cpu, ${value}, ${first.size}, ${size})`,
        )
      }
      default:
        if (does === lea) return this.write(first, this.address(i.operands[1]))
        return does.kind === "perform" ? `${this.constant(does.f)}(cpu, ${this.constant(i)})` : ""
    }
  }

  private modify(i: Instruction, place: Place, f: string): string {
    const [destination] = i.operands
    const { segment, size } = destination
    const value = (old: string) => `${f}(cpu, ${old}, ${this.second(i, place)}, ${size})`
    if (destination.kind === "register") return this.write(destination, value(this.read(destination)))
    return `{ const offset = ${this.address(destination)}
cpu.probeWrite(${segment}, offset, ${size / 8})
cpu.store${size}(${segment}, offset, ${value(`cpu.load${size}(${segment}, offset)`)}) }`
  }

  /** The second operand; a missing one reads 0, as that of INC does. */
  private second(i: Instruction, { block, offset, number }: Place): string {
    const operand = i.operands[1]
    if (!operand) return "0"
    return block.live.has(number)
      ? this.immediate(i, (block.physical & ~PAGE_MASK) + offset)
      : this.read(operand)
  }

  /** An immediate that the program rewrites is read where it stands. */
  private immediate(i: Instruction, physical: number): string {
    const { at, bytes, mask } = immediateAccess(i, physical)
    return `(view.getInt${bytes * 8}(${at}, true) & ${mask})`
  }

  private read(o: Operand): string {
    if (o.kind === "memory") return `cpu.load${o.size}(${o.segment}, ${this.address(o)})`
    if (o.kind !== "register") return `${o.value}`
    if (o.size === 32) return `reg[${o.register}]`
    if (o.size === 16) return `(reg[${o.register}] & 0xffff)`
    return `(reg[${o.register & 3}] >> ${(o.register & 4) << 1} & 0xff)`
  }

  private write(o: Operand, value: string): string {
    if (o.kind === "memory") return `cpu.store${o.size}(${o.segment}, ${this.address(o)}, ${value})`
    if (o.size === 32) return `reg[${o.register}] = ${value}`
    return `cpu.setRegister(${o.register}, ${o.size}, ${value})`
  }

  /** The offset that a memory operand names. */
  private address(o: Operand): string {
    if (o.addressSize === 16) return `cpu.offset(${this.constant(o)})`
    const base = o.base === NONE ? [] : [`reg[${o.base}]`]
    const index = o.index === NONE ? [] : [`(reg[${o.index}] << ${o.scale})`]
    return `(${[...base, ...index, `${o.value}`].join(" + ")} | 0)`
  }

  /** After a block's last instruction: to the next member, or back to the engine. */
  private ending(block: Block, behind: number, next: Block | undefined): string {
    const i = block.decoded[block.decoded.length - 1] as Instruction
    const { does } = i.row
    const count = `left -= ${block.runs.length}`
    if (does.kind === "branch") {
      const taken = this.go(behind + i.operands[0].value, undefined)
      if (does === jmp) return `${count}\n${taken}`
      return `${count}\nif (${this.constant(does.f)}(cpu)) ${taken}\n${this.go(behind, next)}`
    }
    return `${count}\n${does.kind === "perform" && does.ends ? this.goAnywhere() : this.go(behind, next)}`
  }

  /** To a place that is known; a member that comes next in the text needs no jump. */
  private go(offset: number, next: Block | undefined): string {
    if (next && offset === (next.physical & PAGE_MASK)) return ""
    const member = this.members.findIndex(({ physical }) => (physical & PAGE_MASK) === offset)
    return member < 0 ? this.leave(offset) : `{ member = ${member}; continue }`
  }

  /** To wherever EIP is now, as long as code is where it was. */
  private goAnywhere(): string {
    return `{ const offset = cpu.eip - base | 0
if (offset >>> 12 !== 0 || entries[offset] === 0 || tlb.version !== version || segments.codeVersion !== code) return
member = entries[offset] - 1
continue }`
  }

  /** The name of a value. */
  private constant(value: unknown): string {
    const known = this.constants.indexOf(value)
    return `k${known >= 0 ? known : this.constants.push(value) - 1}`
  }
}

/** Whether nothing of the machine but registers and flags can matter to an instruction. */
function isQuiet({ row, operands }: Instruction): boolean {
  const { does } = row
  if (does === lea) return operands[1].addressSize === 32
  return does.kind !== "perform" && operands.every(({ kind }) => kind !== "memory")
}
