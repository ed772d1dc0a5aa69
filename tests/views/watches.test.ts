import { describe, expect, test } from "vitest"
import { asm } from "../../src/isa/assemble"
import { pc } from "../../src/pc"
import { record } from "../../src/views/record"
import { pinOf010 } from "../../src/views/watches"

const program = asm`org 0x1000
bits 32
 mov eax, 0x12345678
 mov esp, 0x9000
 push 0x1b
 mov dword [ticks], 7
 mov byte [ticks + 5], 0xee
 hlt
end: align 4
ticks: dd 3, 0x100
bad: dd 1`
const recording = record(pc({ memory: 1 }).load(program))
const watch = (pin: string, step = recording.steps) => recording.frame(step, { pins: [pin] }).watches?.[0]

describe("a pin", () => {
  test.each([
    ["eax", 32, [0x12345678]],
    ["EIP", 32, [program.symbols.end]],
    ["zf", 8, [0]],
    ["cs", 16, [8]],
    ["[esp]", 32, [0x1b]],
    ["[esp+0] db", 8, [0x1b]],
    ["esp - 4 + 4", 32, [0x1b]],
    ["ticks", 32, [7]],
    ["ticks dd 2", 32, [7, 0xee00]],
    ["ticks+4 dw 2", 16, [0xee00, 0]],
    ["[0x9000-4]", 32, [0x1b]],
    ["08FFCh dw", 16, [0x1b]],
    ["36860", 32, [0x1b]],
    ["0x70000000", 32, [null]],
  ])("“%s” is so many bits and these values", (pin, bits, values) => {
    expect(watch(pin)).toMatchObject({ title: pin, bits, values })
  })

  test("says what the step changed, and what a register was", () => {
    expect(watch("eax", 1)).toMatchObject({ changed: [0], old: 0 })
    expect(watch("eax", 2)).toMatchObject({ changed: [] })
    expect(watch("ticks dd 3", 4)).toMatchObject({ changed: [0] })
    expect(watch("ticks db 8", 5)).toMatchObject({ changed: [5] })
  })

  test.each([
    ["esp+", "“esp+” lacks a register, a label or a number beside a sign."],
    ["-1", "“-1” lacks a register, a label or a number beside a sign."],
    ["nolabel", "“nolabel” names no register, label or number."],
    ["bead", "“bead” names no register, label or number; a hexadecimal number is written 0xbead."],
    ["ticks dq", "“dq” is no type: write db, dw or dd."],
    ["ticks db 0", "“0” is no count: behind the type stands how many, 1 to 64."],
    ["[esp", "“[esp” has a bracket too few or too many; write [esp+8]."],
    ["", "“” lacks a register, a label or a number beside a sign."],
  ])("“%s” is refused: %s", (pin, sentence) => {
    expect(watch(pin)).toMatchObject({ title: pin, wrong: sentence, values: [] })
  })
})

test.each([
  ["esp", "[esp] db 64"],
  ["[counter]", "[counter] db 64"],
  ["102000", "[0x102000] db 64"],
  ["ebp-8", "[ebp-8] db 64"],
])("a pin “%s” of release 0.1.0 is said anew: %s", (old, anew) => {
  expect(pinOf010(old)).toBe(anew)
})
