import { expect, test } from "vitest"
import { Stage } from "../../src/guests/rings"

test.each([
  ["out 0x60, al", "00h written to port 060h"],
  ["in al, 0x70", "FFh read from port 070h"],
])("what %s does at its port is told in words", (line, says) => {
  expect(new Stage(`probe: ${line}`).try("probe", { ring: 0, iopl: 0 }).effects).toContain(says)
})
