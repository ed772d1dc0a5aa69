/** Flags that POPF and IRET silently leave as they are, in words: the trap that does not come. */
import { IF, IOPL } from "../../isa/eflags"

/** By whom flags are popped. */
interface Popping {
  readonly cpl: number
  readonly flags: { readonly iopl: number }
}

/** Why each flag of `kept` stays, though another one was popped. */
export function keptFlags(kept: number, popped: number, by: Popping): string[] {
  return [...(kept & IF ? [interrupts(popped, by)] : []), ...(kept & IOPL ? [level(popped, by)] : [])]
}

function interrupts(popped: number, { cpl, flags }: Popping): string {
  const [now, then] = popped & IF ? [0, 1] : [1, 0]
  return `IF stays ${now}, though ${then} was popped: that needs CPL ≤ IOPL, but CPL is ${cpl} and IOPL is ${flags.iopl}`
}

const level = (popped: number, { cpl, flags }: Popping) =>
  `IOPL stays ${flags.iopl}, though ${(popped & IOPL) >>> 12} was popped: only ring 0 changes it, and CPL is ${cpl}`
