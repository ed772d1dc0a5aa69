/**
 * A gate of the IDT, and what would lie on the stack when it has been passed: with this machine's values, as it stands now.
 *
 *     who asks ──► gate ──► code segment, handler
 *                              │ another ring: its stack from the TSS; the same ring: the stack that there is
 *                              ▼
 *                  TSS ──► frame: SS ESP EFLAGS CS EIP, and an error code
 */
import { RF } from "../../isa/eflags"
import { CS, ESP, SS, TR } from "../../isa/registers"
import { gateKind } from "../../machine/delivery/interrupts"
import { VECTOR_NAMES } from "../../machine/events/fault"
import type { Machine } from "../../machine/machine"
import { type Descriptor, dpl, isCode, isConforming, isPresent } from "../../machine/processor/descriptors"
import { peek32, peekByte } from "../../machine/time/peek"
import { hex } from "../../numbers/int"
import { type Listing, labelsOf, placeName } from "../context"
import { descriptorKind, vectorName } from "../tables"
import {
  between,
  block,
  bottom,
  EDGE,
  INNER,
  level,
  type Piece,
  page,
  paragraph,
  sorry,
  TOP,
  table,
} from "./kit"
import type { Scene } from "./scene"
import { descriptorAt, findDescriptor } from "./segments"
import { needWhole } from "./words"

/** Who goes through a gate. */
export interface GateOptions {
  /** INT n, whose CPL must not be greater than the gate's DPL, or the processor itself: a device's interrupt or an exception. If not said, INT n where the gate's DPL is 3. */
  readonly by?: "instruction" | "processor"
}

/** A gate, and what it leads to. */
interface Passage {
  readonly vector: number
  readonly gate: Descriptor
  readonly selector: number
  readonly offset: number
  /** The offset's name in the program. */
  readonly handler: string
  readonly byInstruction: boolean
  readonly cpl: number
}

/** Draw the way through a gate. */
export function gateScene(
  machine: Machine,
  vector: number,
  { by }: GateOptions = {},
  listing: Listing | undefined = machine.program,
): Scene {
  needWhole(vector, 255, "a vector")
  const { idtr, cpl } = machine.cpu
  const title = `Gate ${hex(vector, 2)}: ${vectorName(vector)}`
  if (vector * 8 + 7 > idtr.limit)
    return sorry(title, `The IDT has ${(idtr.limit + 1) >>> 3} gates, so there is none for this vector.`)
  const found = descriptorAt(machine, (idtr.base + vector * 8) | 0, `gate ${hex(vector, 2)}`)
  if ("why" in found) return sorry(title, `${found.why} An interrupt of this vector is answered with #GP.`)
  const gate = found.descriptor
  const byInstruction = by ? by === "instruction" : dpl(gate.access) === 3
  const offset = (gate.low & 0xffff) | (gate.high & 0xffff_0000)
  const handler = placeName(offset, labelsOf(listing))
  const passage = {
    vector,
    gate,
    selector: gate.low >>> 16,
    offset: offset >>> 0,
    handler,
    byInstruction,
    cpl,
  }
  return passageScene(machine, passage, title)
}

function passageScene(machine: Machine, passage: Passage, title: string): Scene {
  const code = findDescriptor(machine, passage.selector)
  const way = level([
    (least) => askedBlock(machine, passage, least),
    (least) => gateBlock(passage, least),
    (least) => codeBlock(passage, code, least),
  ])
  const above = [...way, between(way[0], way[1]), between(way[1], way[2])]
  const why = refusal(passage, code)
  if (why !== undefined || "why" in code) return sorry(title, why ?? "", above)
  const frame = frameOf(machine, passage, code.descriptor)
  if ("why" in frame) return sorry(title, frame.why, above)
  const [says, pieces] = drawFrame(frame, bottom(...way) + 24, way[2])
  return page(title, [wayWords(passage, frame), ...says], [...above, ...pieces])
}

const KINDS = ["interrupt gate", "trap gate"]

/** Why nobody gets through, in the order in which the processor looks. */
function refusal(
  { vector, gate, cpl, byInstruction, selector }: Passage,
  code: ReturnType<typeof findDescriptor>,
) {
  const kind = gateKind(gate.access)
  const error = `#GP(${hex(vector * 8 + 2, 4)})`
  if (kind === undefined) return `What stands there is no gate: the processor answers with ${error}.`
  if (byInstruction && dpl(gate.access) < cpl)
    return `INT ${hex(vector, 2)} is refused with ${error}: CPL ${cpl} is greater than the gate's DPL ${dpl(gate.access)}.`
  if (!isPresent(gate.access)) return "The gate is not present (P = 0): the processor answers with #NP."
  if (!KINDS.includes(kind)) return `It is a ${kind}: its way is not drawn here.`
  if ("why" in code) return code.why
  const { access } = code.descriptor
  if (!isCode(access) || dpl(access) > cpl || !isPresent(access))
    return `The gate's selector ${hex(selector, 4)} is no code for ring ${cpl} or an inner one: the processor answers with #GP.`
  return undefined
}

const ASKED = 228
const COLUMN = 200
const GAP = (INNER - ASKED - 2 * COLUMN) / 2

function askedBlock(machine: Machine, { vector, byInstruction, cpl }: Passage, least: number): Piece {
  const { cpu } = machine
  const who = byInstruction
    ? `INT ${hex(vector, 2)}`
    : (VECTOR_NAMES[vector]?.[0] ?? `Interrupt ${hex(vector, 2)}`)
  const { selector } = cpu.segments
  const words = [
    `in ring ${cpl}`,
    `CS:EIP ${hex(selector[CS], 4)}:${hex(cpu.eip)}`,
    `SS:ESP ${hex(selector[SS], 4)}:${hex(cpu.reg[ESP])}`,
    `EFLAGS ${hex(cpu.flags.value)}`,
  ]
  return block([EDGE, TOP, ASKED], who, words, "plain", least)
}

function gateBlock({ vector, gate, selector, offset }: Passage, least: number): Piece {
  const words = [
    gateKind(gate.access) ?? descriptorKind(gate.access),
    `P ${isPresent(gate.access) ? 1 : 0}, DPL ${dpl(gate.access)}`,
    `selector ${hex(selector, 4)}`,
    `offset ${hex(offset)}`,
    `at IDTR.base + ${hex(vector, 2)} × 8`,
  ]
  return block([EDGE + ASKED + GAP, TOP, COLUMN], `IDT, gate ${hex(vector, 2)}`, words, "plain", least)
}

function codeBlock(
  { selector, handler, cpl }: Passage,
  code: ReturnType<typeof findDescriptor>,
  least: number,
): Piece {
  const place: [number, number, number] = [EDGE + ASKED + COLUMN + 2 * GAP, TOP, COLUMN]
  if ("why" in code) return block(place, "No code", [code.why], "wrong", least)
  const { access } = code.descriptor
  const words = [
    `${descriptorKind(access)}, DPL ${dpl(access)}`,
    `selector ${hex(selector, 4)}`,
    `handler ${handler}`,
    `runs in ring ${ringOf(code.descriptor, cpl)}`,
  ]
  return block(place, "Code segment", words, "plain", least)
}

const ringOf = ({ access }: Descriptor, cpl: number) => (isConforming(access) ? cpl : dpl(access))

/** What is on the stack when the handler begins. */
interface Frame {
  readonly ring: number
  /** Where the stack is from: the TSS, at this address, or undefined: it stays. */
  readonly task: number | undefined
  /** Before anything is pushed. */
  readonly ss: number
  readonly esp: number
  /** In the order in which they are pushed. */
  readonly words: readonly (readonly [what: string, value: number | undefined])[]
}

const STACK_FIELD = 4

function frameOf(machine: Machine, passage: Passage, code: Descriptor): Frame | { readonly why: string } {
  const { cpu } = machine
  const { cpl } = passage
  const ring = ringOf(code, cpl)
  const own = savedWords(machine, passage)
  const ss = cpu.segments.selector[SS]
  if (ring === cpl) return { ring, task: undefined, ss, esp: cpu.reg[ESP] >>> 0, words: own }
  const task = cpu.segments.base[TR] + STACK_FIELD + ring * 8
  const [esp, inner] = [peek32(machine, task), peek32(machine, task + STACK_FIELD)]
  if (cpu.segments.selector[TR] === 0 || esp === null || inner === null)
    return { why: `There is no TSS, so there is no stack for ring ${ring}: the processor answers with #TS.` }
  const outer = [
    [`SS (ring ${cpl})`, ss],
    ["ESP", cpu.reg[ESP] >>> 0],
  ] as const
  return { ring, task, ss: inner & 0xffff, esp, words: [...outer, ...own] }
}

/** Vectors whose exceptions push an error code. @see SDM Vol. 3A §6.3 Table 6-1 */
const WITH_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17])
/** Exceptions that are no faults: nothing is tried again, so RF stays. */
const NO_FAULTS = new Set([1, 2, 3, 4, 8])

function savedWords(machine: Machine, { vector, byInstruction, cpl }: Passage): Frame["words"] {
  const { cpu } = machine
  const fault = !byInstruction && vector in VECTOR_NAMES && !NO_FAULTS.has(vector)
  const eip = cpu.eip + (byInstruction && nextIsInt(machine, vector) ? 2 : 0)
  return [
    ["EFLAGS", (cpu.flags.value | (fault ? RF : 0)) >>> 0],
    [`CS (ring ${cpl})`, cpu.segments.selector[CS]],
    ["EIP", eip >>> 0],
    ...(!byInstruction && WITH_ERROR_CODE.has(vector) ? [["error code", undefined] as const] : []),
  ]
}

/** The machine stands at INT n, which is two bytes long: EIP will be that of the instruction behind it. */
function nextIsInt(machine: Machine, vector: number): boolean {
  const at = machine.cpu.segments.base[CS] + machine.cpu.eip
  return peekByte(machine, at | 0) === 0xcd && peekByte(machine, (at + 1) | 0) === vector
}

function drawFrame(frame: Frame, y: number, code: Piece): [says: string[], pieces: Piece[]] {
  const { ring, task, ss, esp, words } = frame
  const heading = task === undefined ? "The stack stays" : "From the TSS"
  const where = task === undefined ? "same ring: SS:ESP as now" : `SS${ring}:ESP${ring} at ${hex(task)}`
  const source = block(
    [EDGE, y + 30, 230],
    heading,
    [where, `SS ${hex(ss, 4)}`, `ESP ${hex(esp)}`],
    task === undefined ? "plain" : "hot",
  )
  const last = words.length - 1
  const rows = words.map(([what, value], n) => ({
    cells: [
      hex(esp - 4 * (n + 1)),
      value === undefined ? "depends" : hex(value),
      [n === last ? `${what}  ◄ ESP` : what, "text"] as const,
    ],
    look: n === last ? ("hot" as const) : ("plain" as const),
  }))
  const x = EDGE + 266
  const caption = paragraph(x, y, INNER + EDGE - x, [`Stack in the handler, ring ${ring}`, "head"])
  const stack = table(x, bottom(caption) + 6, [110, 120, 180], rows)
  const said = words.map(([what, value]) => (value === undefined ? what : `${what} ${hex(value)}`)).join(", ")
  const from = task === undefined ? "The stack stays" : `The stack of ring ${ring} is taken from the TSS`
  const says = [
    `${from}: SS ${hex(ss, 4)}, ESP ${hex(esp)}.`,
    `Pushed are, in this order: ${said}; then ESP is ${hex(esp - 4 * words.length)}.`,
  ]
  return [says, [source, caption, stack, between(source, stack), between(code, stack)]]
}

function wayWords(passage: Passage, { ring }: Frame): string {
  const { vector, gate, selector, handler, cpl } = passage
  return `Vector ${hex(vector, 2)}, met in ring ${cpl}, leads through the ${gateKind(gate.access)} with DPL ${dpl(gate.access)} to ${hex(selector, 4)}:${handler} in ring ${ring}.`
}
