import { inspect } from "node:util"
import { expect, test } from "vitest"
import { assemble } from "../../src/isa/assemble"
import { pc } from "../../src/pc"

test("a machine prints where it is and how far it got", () => {
  const machine = pc({ memory: 4 }).load(assemble("org 0x1000\nnop\nhlt"))
  machine.run()
  expect(inspect(machine)).toMatch(
    /^Machine of 4 MiB, halted in ring 0 at EIP 00001002h\nSteps 2, cycles 2\n/,
  )
})
