/** Which forms of the instruction table the vectors meet: a form is a row, an operand size, a register or memory operand. */
import { decode, isInstruction } from "../../../src/isa/decode"
import { TABLE } from "../../../src/isa/isa"
import type { Row } from "../../../src/isa/notation"
import { startOf } from "./stage"
import type { Vector } from "./vector"

/** Rows that have no vectors, and why. */
const WITHOUT_VECTORS: Readonly<Record<string, string>> = {
  CPUID: "its answer names the processor",
  RDTSC: "its answer is the time",
  SYSENTER: "the kernel that made the vectors decides where it goes",
  ESC: "real processors have an FPU",
  SGDT: "an operating system may hide its tables (UMIP)",
  SIDT: "an operating system may hide its tables (UMIP)",
  SLDT: "an operating system may hide its tables (UMIP)",
  STR: "an operating system may hide its tables (UMIP)",
  SMSW: "an operating system may hide CR0 (UMIP)",
}

/** The manual leaves BSWAP of a 16-bit register undefined. */
const undefinedForm = (row: Row, size: number) => row.name === "BSWAP" && size === 16

const runsInRing3 = ({ outside }: Row) => outside?.claim !== "traps" && outside?.claim !== "iopl"

/** Names of all forms that ring 3 can run and a vector can show. */
export function formsToMeet(): string[] {
  return TABLE.filter((row) => runsInRing3(row) && !(row.name in WITHOUT_VECTORS)).flatMap((row) =>
    sizesOf(row)
      .filter((size) => !undefinedForm(row, size))
      .flatMap((size) => kindsOf(row).map((kind) => formName(row, size, kind))),
  )
}

function sizesOf(row: Row): readonly number[] {
  const sized = /32/.test(row.text.syntax) || (row.name !== row.name16 && !row.encoding.byAddressSize)
  return sized ? [32, 16] : [32]
}

function kindsOf({ operands }: Row): readonly string[] {
  if (operands.some((type) => type.startsWith("r/m") || type === "r32/m16")) return ["register", "memory"]
  return [operands.some((type) => /^m/.test(type)) ? "memory" : "register"]
}

function formName(row: Row, size: number, kind: string): string {
  return `${row.text.encoding} ${row.text.syntax}, ${sizesOf(row).length > 1 ? `${size} bits, ` : ""}${kind}`
}

/** The name of the form that a vector tests, or undefined if its bytes are no instruction. */
export function formOf(vector: Vector): string | undefined {
  const feed = [...vector.bytes]
  const decoded = decode(() => feed.shift() ?? 0, startOf(vector).numbers.get("cs") === 0x47 ? 16 : 32)
  if (!isInstruction(decoded)) return undefined
  const kind = decoded.operands.some((operand) => operand.kind === "memory") ? "memory" : "register"
  return formName(decoded.row, decoded.operandSize, kind)
}
