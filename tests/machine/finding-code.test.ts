import { expect, test } from "vitest"
import { asm } from "../../src/isa/assemble"
import { recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { finished } from "../../src/numbers/slices"
import { rebuild } from "../../src/parts"
import { pc } from "../../src/pc"

const program = asm`org 0x1000
bits 32
 mov ecx, 3000
again: dec ecx
middle: nop
 jnz again
once: hlt
never: nop`
const { again, middle, once, never } = program.symbols
const run = recordRun(pc({ memory: 1 }).load(program), 20_000)
const replay = new Replay(run.recorded, rebuild)
replay.playThrough()
const find = (address: number, from: number, direction: 1 | -1) =>
  finished(replay.findingCode(address, from, direction))

test("the next and the last step that ran an instruction are found, across checkpoints, from any step", () => {
  expect(find(again, 0, 1)).toBe(2)
  expect(find(again, 2, 1)).toBe(5)
  expect(find(middle, 6000, 1)).toBe(6003)
  expect(find(middle, 6003, -1)).toBe(6000)
  expect(find(once, 0, 1)).toBe(9002)
  expect(find(0x1000, 9002, -1)).toBe(1)
})

test("a step does not count itself, and where there is none nothing is found", () => {
  expect(find(0x1000, 1, 1)).toBeUndefined()
  expect(find(0x1000, 1, -1)).toBeUndefined()
  expect(find(once, 9002, 1)).toBeUndefined()
  expect(find(never, 0, 1)).toBeUndefined()
  expect(find(never, 9002, -1)).toBeUndefined()
})
