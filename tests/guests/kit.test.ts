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
    [
      "a vector between two",
      () => kit({ gates: [{ vector: 1.5, handler: "h" }] }),
      /^gate 1.5 .*vectors are/,
    ],
    [
      "a vector with two gates",
      () => kit({ gates: ["a", "b"].map((handler) => ({ vector: 0x80, handler })) }),
      /^gate 128 \(80h\) leads to a and to b: a vector has one gate$/,
    ],
    ...["", "not here", ".back", "main + 2", "0x80", "eax"].map((handler): [string, () => void, RegExp] => [
      `the handler "${handler}"`,
      () => kit({ gates: [{ vector: 13, handler }] }),
      /^gate 13 \(0Dh\) has the handler ".*", which is no label: name one of your program's$/,
    ]),
    ["an origin", () => kit({ origin: -1 }), /^origin -1: .*from 0 to FFFFFFFFh$/],
    ["flags", () => enterRing(3, "user", 0.5), /^flags 0.5: EFLAGS is a whole number/],
    ["a ring to enter", () => enterRing(4, "user"), /^there is no ring 4: rings are 0 to 3$/],
  ])("%s is named in a sentence", (_, ask, says) => {
    expect(ask).toThrow(RangeError)
    expect(ask).toThrow(says)
  })

  test.each([
    [
      "handler",
      "kit(): gate 128 (80h) names no label: nowhere; define it as a label or with equ\n    gate 128 (80h) to nowhere\n                      ^",
      () => asm`${kit({ gates: [{ vector: 0x80, handler: "nowhere" }] })}main: hlt`,
    ],
    [
      "handler, nearly written",
      "kit(): gate 8 names no label: timre; did you mean timer?\n    gate 8 to timre\n              ^",
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
      "enterRing(): ring 3 names no label: usre; did you mean user?\n    ring 3 at usre\n              ^",
      () => asm`${kit()}main: ${enterRing(3, "usre")}
user: hlt`,
    ],
  ])("a missing label %s is told in the words of the call that wants it, once", (_, says, assemble) => {
    expect(assemble).toThrow(new RegExp(`^${says.replace(/[()?*+[\]]/g, "\\$&").replaceAll("^", "\\^")}$`))
  })

  const withDescriptors = (...descriptors: readonly string[]) => asm`${kit({ descriptors })}main: hlt`
  const whole = "dw 0xffff, 0\n  db 0, 0x92, 0xcf, 0"

  test("a mistake in a descriptor is told with the line that was given, and the descriptor's number", () => {
    expect(() => withDescriptors(whole, "dw limt, 0\n  db 0, 0x92, 0xcf, 0")).toThrow(
      /^kit\(\): unknown symbol "limt"; define it as a label or with equ\n {4}descriptor 1 \(selector 0058h\), dw limt, 0\n {38}\^$/,
    )
  })

  test.each([
    ["shorter", "dw 0xffff, 0\n  db 0, 0x92, 0xcf"],
    ["longer", "dq 0, 0"],
  ])("a descriptor that is %s than 8 bytes is told as that", (_, lines) => {
    const says = "descriptor 1 (selector 0058h) must make 8 bytes"
    expect(() => withDescriptors(whole, lines, whole)).toThrow(says)
    expect(() => withDescriptors(lines, whole)).toThrow(says.replace("1", "0").replace("58h", "50h"))
    expect(() => withDescriptors(whole, whole)).not.toThrow()
  })
})
