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
      'kit(): unknown symbol "nowhere"; define it as a label or with equ\n    interrupt gate 80h to nowhere\n                          ^',
      () => asm`${kit({ gates: [{ vector: 0x80, handler: "nowhere" }] })}main: hlt`,
    ],
    [
      "handler, nearly written",
      'kit(): unknown symbol "timre"; did you mean timer?\n    trap gate 08h to timre\n                     ^',
      () => asm`${kit({ gates: [{ vector: 8, handler: "timre", kind: "trap" }] })}main: hlt
timer: iretd`,
    ],
    [
      "main",
      'kit(): unknown symbol "main"; define it as a label or with equ\n    your own lines begin at the label main\n                                      ^',
      () => asm`${kit()}hlt`,
    ],
    [
      "to enter a ring at",
      'enterRing(): unknown symbol "usre"; did you mean user?\n    to ring 3 at usre\n                 ^',
      () => asm`${kit()}main: ${enterRing(3, "usre")}
user: hlt`,
    ],
  ])("a missing label %s is told in the words of the call that wants it, once", (_, says, assemble) => {
    expect(assemble).toThrow(new RegExp(`^${says.replace(/[()?]/g, "\\$&").replaceAll("^", "\\^")}$`))
  })
})
