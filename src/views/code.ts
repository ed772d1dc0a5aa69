/** The code panel: what ran, what is next, and what stands around it. */
import { disassemble } from "../isa/disassemble"
import type { SourceLine } from "../isa/program"
import { CS } from "../isa/registers"
import type { Machine, MachineState } from "../machine/machine"
import { BIG } from "../machine/processor/descriptors"
import { peekByte, peekCode, peekInstruction } from "../machine/time/peek"
import type { Listing, Moment } from "./context"
import type { CodeLine } from "./view"

/** Lines before and after the one of interest. */
const BEFORE = 4
const AFTER = 7

/** Linear address of CS:EIP in a saved state. */
export const codeAddress = ({ cpu }: MachineState) => (cpu.segments[CS][1] + cpu.eip) >>> 0
const codeSize = ({ cpu }: MachineState): 16 | 32 => (cpu.segments[CS][3] & BIG ? 32 : 16)

/** The instruction at a linear address, as text, with its length. */
export function instructionAt(
  machine: Machine,
  address: number,
  state: MachineState,
  listing: Listing | undefined,
): { text: string; length: number } {
  const bytes = peekInstruction(machine, address)
  if (bytes.length === 0) return { text: foreignText(machine, address), length: 1 }
  return disassemble(bytes, address, { bits: codeSize(state), symbols: listing?.labels })
}

/** What is said of an address that leads nowhere. */
export const NOTHING = "nothing is mapped here"

/** What stands where no memory is. */
function foreignText(machine: Machine, address: number): string {
  const code = peekCode(machine, address)
  if (!code) return NOTHING
  return `code of ${code.device}${code.name ? `: ${code.name}` : ""}`
}

/** Source text of a line without label and comment. */
function statementOf(text: string): string {
  return text
    .replace(/;.*$/, "")
    .replace(/^\s*[\w.$@?~#]+\s*:/, "")
    .trim()
    .replace(/\s+/g, " ")
}

const commentOf = (text: string) => /;\s*(.*)$/.exec(text)?.[1]

/** Whether memory still holds what was assembled for a line. */
function isUnchanged(machine: Machine, listing: Listing, line: SourceLine): boolean {
  for (let n = 0; n < line.length; n++) {
    const byte = peekByte(machine, (line.address + n) | 0)
    const isHidden = byte === null && listing.isGuest === true
    if (!isHidden && byte !== listing.bytes[line.address - listing.origin + n]) return false
  }
  return true
}

/** What ran is shown in its place among the others if it is at most so many lines before them. */
const NEAR = 6

/** Stacks and empty tables of more bytes than these would fill the panel and say nothing. */
const BULKY = 8
const isBulky = ({ text, length }: SourceLine) =>
  length > BULKY && /^(times\s.*\bd[bwdq]\s|res[bwdq]\s|incbin\s)/i.test(statementOf(text))

/** Source lines that made bytes, by address, around one, from another on if that is near; empty if the address is none of theirs. */
function linesAround(
  listing: Listing | undefined,
  address: number,
  ran: number | undefined,
): readonly SourceLine[] {
  if (!listing) return []
  const lines = listing.lines
    .filter(({ length, text }) => length > 0 && statementOf(text) !== "")
    .filter((line) => !isBulky(line) || line.address === address || line.address === ran)
    .toSorted((a, b) => a.address - b.address)
  const index = lines.findIndex((line) => line.address === address)
  if (index < 0) return []
  const first = index - BEFORE
  const ranIndex = lines.findIndex((line) => line.address === ran)
  const start = ranIndex >= first - NEAR && ranIndex < first ? ranIndex : first
  return lines.slice(Math.max(0, start), index + AFTER + 1)
}

/** The code panel of a moment. */
export function codeLines(moment: Moment, labels: ReadonlyMap<number, string>): CodeLine[] {
  const { replay, step, listing } = moment
  const { machine } = replay
  const now = machine.save()
  const next = codeAddress(now)
  const ran = step && !ranNothing(moment) ? codeAddress(step.before) : undefined
  // Code in TypeScript is one line: a reader sees whom it was called by.
  const middle = ran !== undefined && peekCode(machine, next) ? ran : next
  const lines =
    fromSource(machine, linesAround(listing, middle, ran), now, listing) ??
    fromMemory(machine, middle, now, listing)
  const both = withLine(lines, lineAt(machine, next, now, listing))
  const shown = ran === undefined || !step ? both : withLine(both, lineAt(machine, ran, step.before, listing))
  return shown.map(({ length: _, ...line }, n) => ({
    ...line,
    ...(n > 0 && endOf(shown[n - 1]) !== line.address ? { gapBefore: true } : {}),
    ...(labels.has(line.address) ? { label: labels.get(line.address) } : {}),
    ...(line.address === ran ? { ran: true } : {}),
    ...(line.address === next ? { next: true } : {}),
  }))
}

/** A line of the panel with its size in bytes: what does not begin where the one before ends stands behind a gap. */
type Sized = CodeLine & { readonly length: number }
const endOf = ({ address, length }: Sized) => (address + length) >>> 0

/** The lines with one more at its end of them, unless it is among them. */
function withLine(lines: readonly Sized[], line: Sized): readonly Sized[] {
  if (lines.length === 0 || lines.some(({ address }) => address === line.address)) return lines
  return line.address < lines[0].address ? [line, ...lines] : [...lines, line]
}

/** The step delivered an interrupt or waited for one, and ran no instruction. */
export const ranNothing = ({ step }: Moment) =>
  step?.events.some(({ is }) => is === "interrupt" || is === "wait") ?? false

/** Source lines as they are written; an instruction that was overwritten in memory, as it is now. */
function fromSource(
  machine: Machine,
  lines: readonly SourceLine[],
  state: MachineState,
  listing: Listing | undefined,
): Sized[] | undefined {
  if (!listing || lines.length === 0) return undefined
  return lines.map((written) => {
    const { address, line, length, text } = written
    const holds = isData(text) || isUnchanged(machine, listing, written)
    if (!holds) return { address, length, text: instructionAt(machine, address, state, listing).text }
    return { address, length, text: statementOf(text), line, comment: commentOf(text) }
  })
}

/** Variables change, and their lines still say what they are. */
const isData = (text: string) => /^(times\s|d[bwdq]\s|res[bwdq]\s|incbin\s)/i.test(statementOf(text))

function fromMemory(
  machine: Machine,
  first: number,
  state: MachineState,
  listing: Listing | undefined,
): Sized[] {
  const lines: Sized[] = []
  for (let address = first; lines.length <= AFTER; address = endOf(lines[lines.length - 1])) {
    lines.push(decoded(machine, address, state, listing))
    if (peekCode(machine, address)) break // what it does is not in its bytes
  }
  return lines
}

function decoded(
  machine: Machine,
  address: number,
  state: MachineState,
  listing: Listing | undefined,
): Sized {
  const { text, length } = instructionAt(machine, address, state, listing)
  return { address, text, length: Math.max(1, length) }
}

/** One line by itself, from the source if it still holds. */
function lineAt(machine: Machine, address: number, state: MachineState, listing: Listing | undefined): Sized {
  const line = listing?.lines.find((candidate) => candidate.address === address && candidate.length > 0)
  const own = line && fromSource(machine, [line], state, listing)
  return own ? own[0] : decoded(machine, address, state, listing)
}

/** The text of the instruction at a saved state's CS:EIP, as the reader wrote it if possible. */
export function instructionText(machine: Machine, state: MachineState, listing: Listing | undefined): string {
  return lineAt(machine, codeAddress(state), state, listing).text
}
