/**
 * A program that runs off its end comes to memory that nobody wrote. That is zeros, and zeros are instructions, too: 00 00 is
 * `add [eax], al`. So a recording looks now and then whether the machine executes them, and stops there.
 */
import { CS } from "../isa/registers"
import type { Machine } from "../machine/machine"
import { peekByte, peekCode } from "../machine/time/peek"
import type { RunEnd } from "../machine/time/recording"

/** Bytes before and at CS:EIP that are all 0: sixteen instructions of two bytes, and the next one. */
const BEFORE = 32
const NEXT = 2
/** Steps to the first look. Later looks come after a sixty-fourth of the steps before, so that they cost nothing in long runs. */
const FIRST = 16
const SHARE = 64
/** Steps between two questions whether to stop, as `machine.run` has it. */
const ASKED = 100_000
const never = () => false

/** Run so many steps at most, and end sooner where the machine executes zeros that are no part of its program. */
export function runToZeros(machine: Machine, steps: number, stopRequested?: () => boolean): RunEnd {
  for (let done = 0; done < steps; ) {
    const slice = Math.min(steps - done, Math.max(FIRST, Math.floor(done / SHARE)), ASKED - (done % ASKED))
    const end = machine.run({ steps: slice, stopRequested: done % ASKED === 0 ? stopRequested : never })
    if (end.why !== "limit") return end
    done += slice
    const zeros = zerosAt(machine, slice)
    if (zeros !== undefined) return { why: "zeros", zeros }
  }
  return { why: "limit" }
}

/**
 * Where zeros begin that the machine executes: behind its program, or, if it jumped among them, where it is now; undefined: it
 * executes none. @param steps since it executed none
 */
function zerosAt(machine: Machine, steps: number): number | undefined {
  const { cpu, program } = machine
  const at = (cpu.segments.base[CS] + cpu.eip) >>> 0
  const end = endOf(program)
  const from = at - BEFORE
  if (program && at >= program.origin && from < end) return undefined
  if (cpu.activity !== "running" || !isZero(machine, Math.max(0, from), at + NEXT)) return undefined
  if (peekCode(machine, at)) return undefined
  const ranOn = program && at <= end + BEFORE + NEXT * steps && isZero(machine, end, at)
  return ranOn ? end : at
}

/** The address behind a program's last byte; there is none where no program is. */
export const endOf = (program: { readonly origin: number; readonly bytes: Uint8Array } | undefined) =>
  program ? program.origin + program.bytes.length : Number.POSITIVE_INFINITY

function isZero(machine: Machine, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (peekByte(machine, at | 0) !== 0) return false
  return true
}
