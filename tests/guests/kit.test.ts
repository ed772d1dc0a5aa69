import { describe, expect, test } from "vitest"
import { enterRing, kit } from "../../src/guests/kit"
import { asm } from "../../src/index"

describe("what is asked of the kit and cannot be", () => {
  test.each([
    ["a vector", () => kit({ gates: [{ vector: 256, handler: "h" }] }), /^gate 256 .*vectors are 0 to 255/],
    [
      "a gate's ring",
      () => kit({ gates: [{ vector: 1, handler: "h", ring: 4 }] }),
      /ring 4: .*rings 0 to 3$/,
    ],
    ["a port", () => kit({ ports: [0x400] }), /^port 1024: kit's .* ports 0 to 1023 \(3FFh\)/],
    ["a ring to enter", () => enterRing(4, "user"), /^there is no ring 4: rings are 0 to 3$/],
  ])("%s is named in a sentence", (_, ask, says) => {
    expect(ask).toThrow(RangeError)
    expect(ask).toThrow(says)
  })

  test.each([
    [
      "handler",
      `gate 80h to nowhere`,
      () => asm`${kit({ gates: [{ vector: 0x80, handler: "nowhere" }] })}main: hlt`,
    ],
    ["main", "your own lines begin at this label", () => asm`${kit()}hlt`],
  ])("a missing label %s is shown with what it is for", (_, says, assemble) => {
    expect(assemble).toThrow(says)
  })
})
