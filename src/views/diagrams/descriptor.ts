/**
 * The eight bytes of a descriptor as they lie in memory, and the fields that they make.
 *
 *     bytes        +0 … +7
 *     upper half   base 31:24 │ G D/B AVL │ limit 19:16 │ P DPL S type │ base 23:16
 *     lower half   base 15:0 │ limit 15:0
 *     together     what the processor makes of them
 */
import type { Machine } from "../../machine/machine"
import { type Descriptor, dpl } from "../../machine/processor/descriptors"
import { hex } from "../../numbers/int"
import { between, block, bottom, EDGE, type Field, INNER, page, sorry, strip, TOP } from "./kit"
import type { Scene } from "./scene"
import { findDescriptor, selectorParts } from "./segments"
import { descriptorWords } from "./selector"
import { binary, needWhole, short } from "./words"

/** Draw a descriptor that a selector names. */
export function descriptorScene(machine: Machine, selector: number): Scene {
  needWhole(selector, 0xffff, "a selector")
  const { index, table } = selectorParts(selector)
  const title = `Descriptor ${index} of the ${table} (selector ${hex(selector, 4)})`
  const found = findDescriptor(machine, selector)
  if ("why" in found) return sorry(title, found.why)
  const { descriptor } = found
  const bytes = strip(EDGE, TOP, INNER, byteFields(descriptor))
  const upper = strip(EDGE, bottom(bytes) + 16, INNER, upperFields(descriptor))
  const lower = strip(EDGE, bottom(upper) + 8, INNER, lowerFields(descriptor))
  const words = together(descriptor)
  const sum = block([EDGE, bottom(lower) + 24, INNER], "Together", words, "hot")
  const says = [`${listed(descriptor)}.`, ...words]
  return page(title, says, [bytes, upper, lower, between(lower, sum), sum])
}

const byte = (word: number, n: number) => (word >>> (8 * n)) & 0xff

function byteFields({ low, high, at }: Descriptor): Field[] {
  return [low, high].flatMap((word, half) =>
    [0, 1, 2, 3].map((n) => ({
      bits: `+${half * 4 + n}`,
      name: `…${hex(at + half * 4 + n).slice(-4)}`,
      value: hex(byte(word, n), 2),
    })),
  )
}

const bit = (word: number, n: number) => `${(word >>> n) & 1}`

function upperFields({ high }: Descriptor): Field[] {
  return [
    { bits: "31–24", name: "base 31:24", value: hex(high >>> 24, 2) },
    { bits: "23", name: "G", value: bit(high, 23) },
    { bits: "22", name: "D/B", value: bit(high, 22) },
    { bits: "20", name: "AVL", value: bit(high, 20) },
    { bits: "19–16", name: "limit 19:16", value: hex((high >>> 16) & 15, 1) },
    { bits: "15", name: "P", value: bit(high, 15) },
    { bits: "14–13", name: "DPL", value: binary(dpl(high >>> 8), 2), look: "hot" },
    { bits: "12", name: "S", value: bit(high, 12) },
    { bits: "11–8", name: "type", value: binary((high >>> 8) & 15, 4) },
    { bits: "7–0", name: "base 23:16", value: hex(high & 0xff, 2) },
  ]
}

const lowerFields = ({ low }: Descriptor): Field[] => [
  { bits: "31–16", name: "base 15:0", value: hex(low >>> 16, 4) },
  { bits: "15–0", name: "limit 15:0", value: hex(low & 0xffff, 4) },
]

function listed({ low, high, at }: Descriptor): string {
  const bytes = [low, high].flatMap((word) => [0, 1, 2, 3].map((n) => hex(byte(word, n), 2).slice(0, 2)))
  return `The bytes at ${hex(at)} are ${bytes.join(" ")} (hexadecimal)`
}

function together(descriptor: Descriptor): string[] {
  const { high, limit } = descriptor
  const [kind, base] = descriptorWords(descriptor)
  const unit = high & (1 << 23) ? "G is 1: the limit counts pages of 4 KiB" : "G is 0: the limit counts bytes"
  return [
    `It is ${kind}, ${base}.`,
    `${unit}; the last byte is at offset ${hex(limit)}, so it has ${sizeWords(limit)}.`,
  ]
}

function sizeWords(limit: number): string {
  const bytes = limit + 1
  const units = [
    [2 ** 30, "GiB"],
    [2 ** 20, "MiB"],
    [2 ** 10, "KiB"],
  ] as const
  const [unit, name] = units.find(([unit]) => bytes % unit === 0) ?? [1, bytes === 1 ? "byte" : "bytes"]
  return `${bytes / unit} ${name}${unit === 1 ? ` (${short(bytes)})` : ""}`
}
