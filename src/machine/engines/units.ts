/**
 * Units of generated code: blocks of one page that lead to each other, as one JavaScript function. Generating code is a
 * capability: where it is not allowed, every block is interpreted.
 */
import { type Invalid, isInstruction } from "../../isa/decode"
import type { Instruction } from "../../isa/operand"
import { jmp } from "../../isa/semantics/flow"
import { mayGenerate } from "../../numbers/may-generate"
import type { Clock } from "../board/clock"
import type { Memory } from "../board/memory"
import { PAGE_MASK, PAGE_SIZE } from "../board/memory"
import type { Cpu } from "../cpu"
import type { Block, Unit } from "./block"
import type { Blocks } from "./blocks"
import type { CodePage } from "./code-page"
import { generate } from "./generate"

/** So many units may begin with a block: code that is rewritten has several. */
const UNITS = 6
const MOST_MEMBERS = 32
const MOST_INSTRUCTIONS = 256

export class Units {
  /** Whether hot blocks become units. */
  enabled = mayGenerate()
  /** A block that was interpreted so often is worth generating code for. */
  threshold = 400
  /** Units made so far. */
  made = 0

  constructor(
    private readonly cpu: Cpu,
    private readonly clock: Clock,
    private readonly memory: Memory,
    private readonly blocks: Blocks,
  ) {}

  /** A unit that can be entered at a block and is what memory holds. */
  find(page: CodePage, block: Block): Unit | undefined {
    const { units } = block
    for (let n = 0; n < units.length; n++) if (this.isCurrent(page, units[n])) return units[n]
    return undefined
  }

  private isCurrent(page: CodePage, unit: Unit): boolean {
    if ((this.cpu.segments.summary & unit.assumes) !== unit.state) return false
    if (unit.checked === page.version) return true
    for (const member of unit.members) if (!this.blocks.isCurrent(member)) return false
    unit.checked = page.version
    return true
  }

  /** Count that a block was interpreted; generate code when it is hot. */
  heat(page: CodePage, block: Block): void {
    if (++block.heat < this.threshold || !this.enabled) return
    block.heat = 0
    if (block.codeSize === 32 && block.units.length < UNITS && isRunnable(block)) this.make(page, block)
  }

  private make(page: CodePage, first: Block): void {
    const members = this.reachable(page, first)
    const entries = new Uint8Array(PAGE_SIZE)
    members.forEach(({ physical }, n) => {
      entries[physical & PAGE_MASK] = n + 1
    })
    const { cpu, clock, memory } = this
    const { text, constants, assumes, state } = generate(members, cpu.segments)
    const run: Unit["run"] = new Function(text)()(cpu, clock, cpu.linear, memory, entries, constants)
    this.made++
    const unit = { members, entries, checked: page.version, assumes, state, run }
    for (const member of members) if (member.units.length < UNITS) member.units = [unit, ...member.units]
  }

  /** Blocks that control reaches from one within its page, as far as they were run; in the order of their addresses. */
  private reachable(page: CodePage, first: Block): Block[] {
    const found = new Set([first])
    let instructions = first.runs.length
    for (const block of found)
      for (const target of targets(block)) {
        const next = page.newest((first.physical & ~PAGE_MASK) + target, 32)
        if (!next || found.has(next) || next.checked !== page.version || !isRunnable(next)) continue
        instructions += next.runs.length
        if (found.size < MOST_MEMBERS && instructions <= MOST_INSTRUCTIONS) found.add(next)
      }
    return [...found].sort((a, b) => a.physical - b.physical)
  }
}

/** No invalid instruction, and no jump with 16-bit EIP. */
const isRunnable = ({ decoded }: Block) => decoded.every((each) => isInstruction(each) && !isShortJump(each))
const isShortJump = ({ row, operandSize }: Instruction) => row.does.kind === "branch" && operandSize === 16

/** Offsets in the page at which control may go on after a block. */
function targets(block: Block): number[] {
  const last = block.decoded[block.decoded.length - 1]
  const behind = (block.physical & PAGE_MASK) + block.bytes
  return [...jumpTargets(last, behind), ...(goesOn(last) ? [behind] : [])].filter(
    (offset) => offset >= 0 && offset < PAGE_SIZE,
  )
}

function jumpTargets(last: Instruction | Invalid, behind: number): number[] {
  if (!isInstruction(last)) return []
  return last.operands.filter(({ kind }) => kind === "relative").map(({ value }) => behind + value)
}

/** Whether the instruction behind may be next, be it after a call. */
const goesOn = (last: Instruction | Invalid) => isInstruction(last) && last.row.does !== jmp
