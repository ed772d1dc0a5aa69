/**
 * What translated code has besides the guest's registers: cells of memory that only it reaches, through GS, in pages of the monitor's.
 *
 *     offset        cell
 *     0000h         EAX, ECX        the guest's, while a sequence of ours needs the registers
 *     0008h         TARGET          where a jump goes that the guest computed
 *     000Ch         CODE            where the translation of it lies
 *     0010h         INTERRUPTS      what PUSHF must add to the real flags: 0, or −200h while the guest's IF is 0
 *     0400h         KEYS            256 guest addresses, negated, by their lowest byte
 *     0800h         CODES           and where the translation of each lies
 *     1000h, 1400h  TO, VALUES      for POPF, by the byte of EFLAGS that IF is in: which cell to write, and what into it
 *     2000h         the first page once more, for who sets IF: it is absent while an interrupt waits for that, so that the write faults
 *     3000h         nothing, ever: who writes here wants the monitor
 */
import { IF, IOPL, NT, TF } from "../../isa/eflags"

export const CELL = {
  eax: 0x0,
  ecx: 0x4,
  target: 0x8,
  code: 0xc,
  interrupts: 0x10,
  keys: 0x400,
  codes: 0x800,
  to: 0x1000,
  values: 0x1400,
} as const

/** Offset of the page through which IF is set, and of the one that is never there. */
export const SETS_IF = 0x2000
export const NEVER = 0x3000

/** Computed jumps that are remembered. */
export const REMEMBERED = 256

/** What INTERRUPTS holds while IF is 0. */
export const OFF = -IF

/** Flags that POPF must not set unseen. */
const FOR_THE_MONITOR = TF | IOPL | NT

/** POPF's two tables. */
export function popfTables(): { readonly to: readonly number[]; readonly values: readonly number[] } {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte << 8)
  const seen = (flags: number) => (flags & IF ? SETS_IF + CELL.interrupts : CELL.interrupts)
  return {
    to: bytes.map((flags) => (flags & FOR_THE_MONITOR ? NEVER : seen(flags))),
    values: bytes.map((flags) => (flags & IF ? 0 : OFF)),
  }
}
