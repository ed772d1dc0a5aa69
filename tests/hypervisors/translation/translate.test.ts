/**
 * Small pieces of guest code and what they become, as files that a reviewer reads as a difference:
 * `npx vitest run tests/hypervisors/translation -u` writes them anew.
 */
import { describe, expect, test } from "vitest"
import { linesOf } from "../../../src/hypervisors/translation/listing"
import { type ReadCode, translate, type Unit } from "../../../src/hypervisors/translation/translate"
import { decode } from "../../../src/isa/decode"
import { TABLE } from "../../../src/isa/isa"
import { instancesOf } from "./instances"
import { PIECES } from "./pieces"
import { assembled, START } from "./stage"

const translated = (read: ReadCode, length = 12): Unit => translate(read, decode, START, length)

/** A unit as text: the guest's instruction, how it was translated, and what stands for it. */
function listing(unit: Unit, read: ReadCode, lines = linesOf(unit, read)): string {
  return lines
    .flatMap(({ guest, how, emitted }) => {
      const texts = emitted.map(({ text }) => text)
      const [first, ...others] = how === "identical" && texts[0] === guest ? ["", ...texts.slice(1)] : texts
      return [
        `  ${guest.padEnd(32)}${how.padEnd(10)} ${first}`.trimEnd(),
        ...others.map((text) => " ".repeat(45) + text),
      ]
    })
    .join("\n")
}

/** How much longer it becomes, and how much of it stays as it was. */
function measured({ pieces, length, code }: Unit): string {
  const same = pieces.filter(({ how }) => how === "identical").length
  return `${length} bytes become ${code.length}; ${same} of ${pieces.length} identical`
}

test("each form of the instruction table", async () => {
  const lines = TABLE.flatMap((row) =>
    instancesOf(row).map((bytes) => {
      const read = (address: number) => bytes[address - START]
      const unit = translated(read, 1)
      return listing(unit, read, linesOf(unit, read).slice(0, 1))
    }),
  )
  await expect(lines.join("\n")).toMatchFileSnapshot("expected/forms.txt")
})

describe("pieces of kernels", () => {
  test.each(Object.entries(PIECES))("%s", async (name, source) => {
    const read = assembled(source)
    const unit = translated(read)
    await expect(`${measured(unit)}\n${listing(unit, read)}\n`).toMatchFileSnapshot(`expected/${name}.txt`)
  })
})
