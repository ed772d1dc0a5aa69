/** A unit as text: each instruction of the guest's with its translation beside it. */
import { disassemble, disassembleAll } from "../../isa/disassemble"
import type { Exit, How, Piece, ReadCode, Unit } from "./translate"

/** An instruction of the guest's as text, and what stands for it. */
export interface TranslatedLine {
  /** The guest's address. */
  readonly address: number
  readonly guest: string
  readonly how: How
  /** Instructions for the real processor, with their offsets in the unit. */
  readonly emitted: readonly { readonly at: number; readonly text: string }[]
}

/** A unit's lines. The last one is what leads on, where no transfer of the guest's does: for it there is nothing in the guest. */
export function linesOf(unit: Unit, read: ReadCode): readonly TranslatedLine[] {
  const { pieces, tail, code, start, length } = unit
  const lines = pieces.map((piece, n): TranslatedLine => {
    const address = (start + piece.guest) >>> 0
    const texts = emitted(unit, piece.at, pieces[n + 1]?.at ?? tail)
    return { address, guest: guestText(piece, address, read), how: piece.how, emitted: texts }
  })
  if (tail === code.length) return lines
  const address = (start + length) >>> 0
  return [...lines, { address, guest: "", how: "chain", emitted: emitted(unit, tail, code.length) }]
}

function guestText({ length }: Piece, address: number, read: ReadCode): string {
  if (length === 0) return "(no instruction)"
  const bytes = Uint8Array.from({ length }, (_, n) => read((address + n) | 0, address) ?? 0)
  return disassemble(bytes, address).text
}

function emitted({ code, exits, lookUps }: Unit, at: number, end: number): TranslatedLine["emitted"] {
  return disassembleAll(Uint8Array.from(code.slice(at, end)), at).map(({ address, text, length }) => {
    const jump = exits.find(({ distance }) => distance === address + length - 4)
    const stub = exits.find((exit) => exit.stub === address)
    if (lookUps.includes(address + length - 4)) return { at: address, text: "jmp look-up" }
    return {
      at: address,
      text: jump ? chained(text, jump) : stub ? `${text} ; for ${hex(stub.target)}` : text,
    }
  })
}

/** A jump whose distance is rewritten: to where it leads in the guest's terms. */
const chained = (text: string, { target }: Exit) => `${text.split(" ")[0]} [${hex(target)}]`

const hex = (address: number) => `${address.toString(16).toUpperCase().padStart(8, "0")}h`
