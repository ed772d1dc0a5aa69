import { expect, test } from "vitest"
import { describeInstruction } from "../../src/index"
import { ALIASES, TABLE } from "../../src/isa/isa"

const told = (name: string) => [
  ...(describeInstruction(name)?.forms ?? []),
  ...(describeInstruction(name)?.says ?? []),
]

test("a privileged instruction is described with its forms, its ring, its faults and the manual's volume", () => {
  expect(told("lgdt")).toEqual([
    "LGDT m16&32",
    "Privileged: outside ring 0 it faults with #GP(0). It is about GDTR.",
    "It changes no flags.",
    "Its operand in memory may fault: #GP(0) or #SS(0) beyond a segment's limit, #PF where no page is.",
    "Manual: SDM Vol. 2A, “LGDT”.",
  ])
})

test("a sensitive instruction that is not privileged says so, under the name without a size as well", () => {
  expect(told("popf")).toContain(
    "Not privileged, and yet sensitive: it runs in every ring, and shows or silently loses privileged state (IF silently kept when CPL > IOPL).",
  )
  expect(told("popf")).toContain("It sets OF, SF, ZF, AF, PF, CF, DF, IF.")
})

test("forms that differ in what they may are told apart", () => {
  expect(told("mov").filter((line) => line.includes("privileged"))).toEqual([
    "Other forms – not privileged: it runs in every ring.",
    expect.stringMatching(/^MOV r32\/m16, Sreg – not privileged, and yet sensitive/),
    expect.stringMatching(/CR.* – privileged: outside ring 0 it faults with #GP\(0\)/),
    expect.stringMatching(/DR.* – privileged/),
  ])
})

test("another name of an instruction says which it is of", () => {
  expect(told("jz")).toContain("JZ is another name of JE.")
  expect(told("sal")).toContainEqual(expect.stringMatching(/^It sets .*CF.*, and leaves .*AF.* undefined\.$/))
})

test("every name of the table is described, in its volume, and nothing else is", () => {
  const names = [...TABLE.flatMap(({ name, name16 }) => [name, name16]), ...Object.keys(ALIASES)]
  const missing = names.filter(
    (name) =>
      !describeInstruction(name)
        ?.says.at(-1)
        ?.match(/^Manual: SDM Vol\. 2[A-D], /),
  )
  expect(missing.filter((name) => !/^(REP|LOCK)/.test(name))).toEqual([])
  expect(["mvo", "", "eax", "constructor"].map(describeInstruction)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
