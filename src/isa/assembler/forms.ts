/** The forms of the table that an instruction of the source may mean, by the kinds and sizes of its operands. */
import type { Form } from "./encode"
import { hasShape, isSizedByOperands } from "./fit"
import { type Meaning, type PrefixMeaning, REGISTERS } from "./names"
import type { Given } from "./operand"
import { value } from "./value"

/** One instruction to encode. */
export interface Request {
  /** Lower case. */
  readonly name: string
  readonly column: number
  readonly prefixes: PrefixMeaning
  readonly operands: readonly Given[]
  readonly bits: 16 | 32
  /** What the name can mean; a later pass knows it better than the first. */
  readonly meanings: readonly Meaning[]
}

/** Every form whose operands have the right kinds and sizes. */
export function shapedForms(request: Request): Form[] {
  return orders(request).flatMap((operands) =>
    request.meanings.flatMap((meaning) => formsOf(meaning, operands, request)),
  )
}

/** NASM swaps the operands of XCHG and TEST where that fits; between two registers it swaps those of XCHG only. */
function orders(request: Request): (readonly Given[])[] {
  const operands = complete(request)
  if (operands.some(({ kind }) => kind === "immediate")) return [operands]
  if (request.name === "test") return [operands, [...operands].reverse()]
  if (request.name === "xchg") return [[...operands].reverse(), operands]
  return [operands]
}

/** Operands that the source may leave out. */
function complete({ name, operands, column }: Request): readonly Given[] {
  const [first, second] = operands
  if (name === "imul" && operands.length === 2 && second.kind === "immediate") return [first, first, second]
  if ((name === "aam" || name === "aad") && operands.length === 0) return [ten(column)]
  if (LOOPS.has(name) && operands.length === 2 && counterSize(second)) return [first]
  return operands
}

function ten(column: number): Given {
  return {
    kind: "immediate",
    value: value(10),
    size: undefined,
    strict: false,
    distance: "",
    column,
    text: "10",
  }
}

const LOOPS = new Set(["loop", "loope", "loopz", "loopne", "loopnz"])

/** `loop label, cx`: the counter's size is the address size. */
function counterSize(given: Given | undefined): 16 | 32 | undefined {
  if (given?.kind !== "register") return undefined
  if (given.register === REGISTERS.get("cx")) return 16
  return given.register === REGISTERS.get("ecx") ? 32 : undefined
}

function formsOf(meaning: Meaning, operands: readonly Given[], request: Request): Form[] {
  const { row } = meaning
  if (row.operands.length !== operands.length) return []
  const { bits } = request
  const prefixes = meaning.repeat ? { ...request.prefixes, repeat: meaning.repeat } : request.prefixes
  if (meaning.addressSize && prefixes.addressSize && meaning.addressSize !== prefixes.addressSize) return []
  const addressSize = meaning.addressSize ?? counterOf(request) ?? prefixes.addressSize ?? bits
  return operandSizes(meaning, request)
    .filter((size) => row.operands.every((type, n) => hasShape(type, operands[n], size, row)))
    .map((operandSize) => ({
      meaning: { ...meaning, operandSize },
      row,
      operandSize,
      addressSize,
      operands,
      prefixes,
      bits,
    }))
}

function counterOf({ name, operands }: Request): 16 | 32 | undefined {
  return LOOPS.has(name) ? counterSize(operands[1]) : undefined
}

function operandSizes({ row, operandSize }: Meaning, { prefixes, bits }: Request): (16 | 32)[] {
  if (row.encoding.always32) return [32]
  const wanted = prefixes.operandSize
  if (operandSize !== undefined) return wanted === undefined || wanted === operandSize ? [operandSize] : []
  if (wanted !== undefined) return [wanted]
  return isSizedByOperands(row) ? [bits, bits === 32 ? 16 : 32] : [bits]
}
