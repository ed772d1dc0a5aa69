/** Says why no form of an instruction fits, and which forms there are. */
import type { OperandType, Row } from "../notation"
import type { Form } from "./encode"
import { shortLength } from "./encode"
import { hasShape, immediateFits, immediateRange, nearReaches, type Place, type Range } from "./fit"
import { type Request, shapedForms } from "./forms"
import { fail } from "./mistake"
import { INSTRUCTIONS } from "./names"
import type { Given } from "./operand"

/** Fail with the reason. `shaped` are the forms that fit but for a value. */
export function explain(request: Request, shaped: readonly Form[], place: Place): never {
  for (const form of [...shaped].reverse()) explainValue(form, place)
  return explainShape(request)
}

function explainValue(form: Form, place: Place): void {
  form.row.operands.forEach((type, n) => {
    const given = form.operands[n]
    if (given.kind === "far") farOutOfRange(given, form.operandSize)
    if (given.kind !== "immediate") return
    if (type.startsWith("rel")) needAddress(given, form.operandSize, place)
    if (type === "rel8") tooFar(form, given, place)
    if (!immediateFits(type, given.value, form.operandSize))
      outOfRange(given, immediateRange(type, form.operandSize))
  })
}

function needAddress(
  { value, column, text }: Extract<Given, { kind: "immediate" }>,
  size: 16 | 32,
  place: Place,
): void {
  if (!nearReaches(value.number, size, place))
    fail(
      column,
      `${text} is no ${size}-bit address`,
      `expected 0 to ${size === 32 ? "0xffffffff" : "0xffff"}`,
    )
}

function tooFar(form: Form, given: Extract<Given, { kind: "immediate" }>, place: Place): never {
  const distance = given.value.number - BigInt(place.address + shortLength(form))
  const how =
    form.row.name === "JMP" || form.row.name.startsWith("J")
      ? "leave short out, or jump in two steps"
      : "jump in two steps"
  return fail(given.column, `${given.text} is ${distance} bytes away; a short jump reaches -128 to 127`, how)
}

function farOutOfRange({ selector, offset, column }: Extract<Given, { kind: "far" }>, size: 16 | 32): void {
  if (!immediateFits("imm16", selector, size))
    fail(column, `selector ${show(selector.number)} is out of range`, "a selector has 16 bits")
  if (!immediateFits("imm32", offset, size))
    fail(column, `offset ${show(offset.number)} is out of range`, `the offset has ${size} bits`)
}

function outOfRange(given: Extract<Given, { kind: "immediate" }>, range: Range | undefined): void {
  const expected = range ? `expected ${range[0]} to ${show(range[1])}` : "expected another form"
  fail(given.column, `${named(given)} is out of range`, expected)
}

/** The operand as written, and its value if that is not the same. */
function named({ text, value }: Extract<Given, { kind: "immediate" }>): string {
  return text.endsWith(`${value.number}`) ? text : `${text} = ${value.number}`
}

const show = (number: bigint) => (number > 255n ? `0x${number.toString(16)}` : `${number}`)

function explainShape(request: Request): never {
  const rows = [...new Set((INSTRUCTIONS.get(request.name) ?? []).map((meaning) => meaning.row))]
  const { name, column, operands } = request
  const counted = rows.filter((row) => row.operands.length === operands.length)
  if (counted.length === 0) wrongCount(request, rows)
  prefixExcludes(request)
  twoMemoryOperands(operands)
  wrongSizeWord(operands)
  sizesDiffer(counted, operands)
  const texts = operands.map((operand) => operand.text).join(", ")
  return fail(
    operands[0]?.column ?? column,
    `${name} does not take ${texts}`,
    forms(name, closest(counted, operands)),
  )
}

function wrongCount({ name, column, operands }: Request, rows: readonly Row[]): never {
  const counts = [...new Set(rows.map((row) => row.operands.length))].sort((a, b) => a - b)
  const possible = counts.join(" or ").replace(/ or (?=.* or )/g, ", ")
  const noun = possible === "1" ? "operand" : "operands"
  return fail(column, `${name} takes ${possible} ${noun}, not ${operands.length}`, forms(name, rows))
}

/** Mnemonics such as JECXZ and IRETD settle a size that a prefix may contradict. */
function prefixExcludes({ name, column, operands, prefixes, bits, meanings }: Request): void {
  if (prefixes.operandSize === undefined && prefixes.addressSize === undefined) return
  const free = { name, column, operands, bits, meanings, prefixes: {} }
  if (shapedForms(free).length > 0)
    fail(column, `the size prefix contradicts ${name}`, "leave the prefix out, or name operands of its size")
}

function twoMemoryOperands(operands: readonly Given[]): void {
  const [, second] = operands.filter((operand) => operand.kind === "memory")
  if (second) fail(second.column, "two operands in memory", "move one of them to a register first")
}

function wrongSizeWord(operands: readonly Given[]): void {
  for (const { kind, size, column, text, ...given } of operands) {
    const register = "register" in given ? given.register : undefined
    if (kind === "register" && size !== undefined && register?.size !== size)
      fail(column, `${text} has ${register?.size} bits`, "leave the size word out")
  }
}

/** If the operands would fit but for their sizes, say so. */
function sizesDiffer(rows: readonly Row[], operands: readonly Given[]): void {
  const [first, ...others] = operands.filter((operand) => sizeOf(operand) !== undefined)
  const other = others.find((operand) => sizeOf(operand) !== sizeOf(first))
  if (!other || !rows.some((row) => row.operands.every((type, n) => fitsSomeSize(type, operands[n], row))))
    return
  fail(
    other.column,
    `sizes differ: ${first.text} has ${sizeOf(first)} bits, ${other.text} has ${sizeOf(other)}`,
    "use operands of one size",
  )
}

function sizeOf(given: Given): number | undefined {
  if (given.size !== undefined) return given.size
  return given.kind === "register" ? given.register.size : undefined
}

const LIKE: Readonly<Partial<Record<OperandType, readonly OperandType[]>>> = {
  "r/m8": ["r/m8", "r/m16", "r/m32"],
  "r/m16": ["r/m8", "r/m16", "r/m32"],
  "r/m32": ["r/m8", "r/m16", "r/m32"],
  r8: ["r8", "r16", "r32"],
  r16: ["r8", "r16", "r32"],
  r32: ["r8", "r16", "r32"],
  imm32: ["imm8", "imm16", "imm32"],
}

function fitsSomeSize(type: OperandType, given: Given, row: Row): boolean {
  return (LIKE[type] ?? [type]).some((like) => hasShape(like, given, 32, row))
}

/** The rows in which most of the operands fit. */
function closest(rows: readonly Row[], operands: readonly Given[]): readonly Row[] {
  const matches = (row: Row) => row.operands.filter((type, n) => fitsSomeSize(type, operands[n], row)).length
  const most = Math.max(...rows.map(matches))
  return rows.filter((row) => matches(row) === most)
}

const MOST_FORMS = 8

/** `mov takes r/m8, r8 | r/m16/32, r16/32 | …`; 16/32 is the operand size. */
function forms(name: string, rows: readonly Row[]): string {
  const texts = [...new Set(rows.map(formText))]
  const shown = texts.slice(0, MOST_FORMS).join(" | ")
  return `${name} takes ${shown}${texts.length > MOST_FORMS ? " | …" : ""}`
}

function formText(row: Row): string {
  const sized = row.encoding.always32 ? "32" : "16/32"
  const operands = row.operands.map((type) => type.replace(/^s(?=imm)/, "").replace(/(?<!&)32$/, sized))
  return operands.length === 0 ? "no operands" : operands.join(", ").toLowerCase()
}
