/** Plays answered streams on our machine. */
import { decode, isInstruction } from "../../../src/isa/decode"
import { differences } from "../replay/differences"
import { type Stage, type Start, startOf } from "../replay/stage"
import { type Undefined, undefinedBy } from "../replay/undefined"
import { readVector, type Vector } from "../replay/vector"

const NOTHING: Undefined = { flags: 0, bits: new Map() }

/** Differences that say nothing against our machine. `found` is what `differences` tells. */
const ALLOWED: readonly { readonly says: string; allows(found: string, vector: Vector): boolean }[] = [
  {
    says: "the runner stops what goes on for ever",
    allows: (_, { fault }) => fault === "does not end",
  },
  {
    says: "the runner's process, and ring 0 of ours, have pages of their own above 50000000h",
    allows: (found) => /^fault #PF\(\d\) cr2=[5-9a-f][0-9a-f]{7},/.test(found),
  },
  {
    // SDM Vol. 3A §5.3 "Limit Checking" leaves it to the processor.
    says: "an access that crosses from the last byte of a flat segment to the first faults or wraps around",
    allows: (found) => /^fault #PF\(\d\) cr2=(ffffff|0\b).*, silicon (none|#GP\(0\)|#SS\(0\))/.test(found),
  },
  {
    // SDM Vol. 2B "REP/REPE/REPZ/REPNE/REPNZ—Repeat String Operation Prefix"; Intel's processors do as it says.
    says: "AMD keeps the flags of the last comparison when a repeated one faults; the manual has those from before",
    allows: (found, { bytes, fault, after }) =>
      (fault !== "" || after.numbers.has("eip")) &&
      ONLY_FLAGS.test(found) &&
      bytes.some((byte) => REPEATED_COMPARISONS.has(byte)),
  },
  {
    // SDM Vol. 2A "CMPS/CMPSB/CMPSW/CMPSD/CMPSQ" tells no order.
    says: "processors with a fast REPE CMPSB (Zen 4) look at DS:ESI first, others at ES:EDI: it shows when both fault",
    allows: (found, { bytes }) => OTHER_FAULT.test(found) && bytes.includes(COMPARE_BYTES),
  },
  {
    says: "a single-step trap shows the flags before they are overwritten that an instruction left undefined",
    allows: (found, { fault }) => fault === "#DB" && ONLY_FLAGS.test(found),
  },
  {
    says: "AMD keeps what POPA popped before it faulted, and the manual does not say",
    allows: (found, { bytes, fault }) =>
      /^#(SS|PF)/.test(fault) && bytes.includes(POPA) && !found.includes("fault"),
  },
]
const ONLY_FLAGS = /^flags differ: [a-z ]+$/
const REPEATED_COMPARISONS = new Set([0xa6, 0xa7, 0xae, 0xaf])
/** A #GP(0) is told as "none", since it is what a stream's HLT ends with. */
const FAULT = String.raw`(none|#(PF|GP|SS)\(\d\)( cr2=[0-9a-f]+)?)`
const OTHER_FAULT = new RegExp(`^fault ${FAULT}, silicon ${FAULT}$`)
const COMPARE_BYTES = 0xa6
const POPA = 0x61

/** In what our machine differs from the processor's answer, in words; empty if in nothing that counts. */
export function divergence(stage: Stage, line: string): string {
  const vector = readVector(line)
  const start = startOf(vector)
  const found = differences(vector, start, stage.play(start), unknownOf(vector, start)).join("; ")
  return ALLOWED.some(({ allows }) => allows(found, vector)) ? "" : found
}

/** One instruction alone may leave something undefined; a stream defines it at once. */
function unknownOf(vector: Vector, start: Start): Undefined {
  const feed = [...vector.bytes]
  const decoded = decode(() => feed.shift() ?? 0xf4, start.numbers.get("cs") === 0x47 ? 16 : 32)
  const isAlone = isInstruction(decoded) && decoded.length === vector.bytes.length
  return isAlone ? undefinedBy(vector.bytes, start) : NOTHING
}
