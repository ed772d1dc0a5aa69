/**
 * Finds the forms of the table that an instruction of the source can mean, and takes the shortest.
 * Of equally short ones NASM's choice is taken: the sign-extended byte first, then the order of the table.
 */
import { resolveAddress } from "./address"
import { explain } from "./diagnose"
import { encode, type Form, shortLength } from "./encode"
import { immediateFits, memoryWidth, nearReaches, type Place, rangeOf, within } from "./fit"
import { type Request, shapedForms } from "./forms"
import { fail } from "./mistake"
import { type Meaning, sizeWord } from "./names"
import type { Given } from "./operand"

/** An instruction, encoded. */
interface Assembled {
  readonly bytes: readonly number[]
  /** The meanings whose operands have the right kinds and sizes: the only ones that a later pass need try. */
  readonly meanings: readonly Meaning[]
}

/** The bytes of an instruction. Fails if no form fits, or if forms of different memory sizes do. */
export function assembleInstruction(request: Request, place: Place): Assembled {
  checkPrefixes(request)
  const shaped = settleSize(request, checkLock(request, shapedForms(request)))
  const forms = shaped.filter((form) => valuesFit(form, place, shaped))
  if (forms.length === 0) explain(request, shaped, place)
  return { bytes: shortest(forms, place), meanings: shaped.map((form) => form.meaning) }
}

function checkPrefixes({ prefixes, operands, column }: Request): void {
  for (const operand of operands) {
    if (operand.kind !== "memory") continue
    const { size } = resolveAddress(operand, prefixes.addressSize ?? 32)
    if (
      operand.address.terms.length > 0 &&
      prefixes.addressSize !== undefined &&
      size !== prefixes.addressSize
    )
      fail(
        operand.column,
        `${operand.text} has ${size}-bit registers, but the prefix asks for ${prefixes.addressSize} bits`,
        "leave the prefix out",
      )
  }
  const segments = operands.filter(
    (operand) => operand.kind === "memory" && operand.words.segment !== undefined,
  )
  if (segments.length > 0 && prefixes.segment !== undefined)
    fail(column, "two segment overrides", "leave one of them out")
}

/** LOCK is for instructions that change memory; anywhere else it raises #UD. */
function checkLock({ prefixes, name, column }: Request, forms: readonly Form[]): readonly Form[] {
  if (!prefixes.lock || forms.length === 0) return forms
  const lockable = forms.filter(({ row, operands }) => row.encoding.lockable && operands[0].kind === "memory")
  if (lockable.length > 0) return lockable
  return fail(
    column,
    `lock is not allowed with this ${name}`,
    "it needs a destination in memory; db 0xf0 puts the byte all the same",
  )
}

/** Whether the values of immediates and the distance of a target fit. */
function valuesFit(form: Form, place: Place, all: readonly Form[]): boolean {
  return form.row.operands.every((type, n) => {
    const given = form.operands[n]
    if (given.kind === "far") return farFits(given, form.operandSize)
    if (given.kind !== "immediate") return true
    if (type === "rel8") return shortReaches(form, given, place, all)
    if (type === "rel32")
      return !given.value.known || nearReaches(given.value.number, form.operandSize, place)
    return immediateFits(type, given.value, form.operandSize)
  })
}

function farFits({ selector, offset }: Extract<Given, { kind: "far" }>, size: 16 | 32): boolean {
  return immediateFits("imm16", selector, size) && immediateFits("imm32", offset, size)
}

/** Where a long form exists too, only a target in the same section may be reached by a short one. */
function shortReaches(
  form: Form,
  given: Extract<Given, { kind: "immediate" }>,
  place: Place,
  all: readonly Form[],
): boolean {
  const { value: target } = given
  if (!target.known) return true
  const optional = all.some(({ row }) => row.operands.includes("rel32"))
  if (optional && target.base !== place.section) return false
  if (!within(target.number, rangeOf(32))) return false
  return within(BigInt.asIntN(form.operandSize, target.number - BigInt(place.address + shortLength(form))), [
    -128n,
    127n,
  ])
}

/** Branches through memory have the size of the code segment. */
const DEFAULT_WIDTH = new Set(["jmp", "call"])

/** Of forms with different operand sizes, the one meant; fails if memory leaves its width open. */
function settleSize(request: Request, forms: readonly Form[]): readonly Form[] {
  const described = takeSizeOfImmediate(request, forms)
  const open = request.operands.find((operand) => operand.kind === "memory" && operand.size === undefined)
  const widths = new Set(described.map(widthOf))
  if (open && widths.size > 1 && !DEFAULT_WIDTH.has(request.name)) sayWhich(open, widths)
  const usual = described.filter((form) => form.operandSize === request.bits)
  return usual.length > 0 ? usual : described
}

/** `mov [ebx], word 5`: where only the immediate has a size, memory has it too; not if it is a byte for every width. */
function takeSizeOfImmediate({ operands }: Request, forms: readonly Form[]): readonly Form[] {
  const size = operands.find((operand) => operand.kind === "immediate")?.size
  const matching = forms.filter((form) => size !== undefined && widthOf(form) === size)
  const alwaysByte = forms.some((form) => form.row.operands.includes("imm8") && widthOf(form) !== 8)
  return matching.length > 0 && !alwaysByte ? matching : forms
}

function widthOf({ row, operands, operandSize }: Form): number {
  const n = operands.findIndex((operand) => operand.kind === "memory")
  return n < 0 ? 0 : memoryWidth(row.operands[n], operandSize)
}

function sayWhich(memory: Given, widths: ReadonlySet<number>): never {
  const words = [...widths].sort((a, b) => a - b).map(sizeWord)
  const choice = `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`
  return fail(
    memory.column,
    `the size of ${memory.text} is ambiguous`,
    `say ${choice}, as in "${words[words.length - 1]} ${memory.text}"`,
  )
}

function shortest(forms: readonly Form[], place: Place): number[] {
  const inOrder = [...forms].sort((a, b) => rank(a) - rank(b))
  return inOrder
    .map((form) => encode(form, place))
    .reduce((best, bytes) => (bytes.length < best.length ? bytes : best))
}

const rank = (form: Form) => (form.row.operands.includes("simm8") ? 0 : 1)
