import { expect, test } from "vitest"
import { assemble } from "../../src/isa/assemble"
import { pc } from "../../src/pc"
import { differences } from "../../src/views/difference"
import { record } from "../../src/views/record"

/** The last moment of a few instructions. */
function endOf(source: string) {
  const run = record(pc().load(assemble(`${source}\nhlt`)))
  return run.frame(run.steps - 1)
}

test("two runs of the same instructions differ in nothing", () => {
  expect(differences(endOf("mov eax, 1\npush eax"), endOf("mov eax, 1\npush eax"))).toEqual([])
})

test("a register and the flags that follow from it differ", () => {
  expect(differences(endOf("mov eax, 1\ndec eax"), endOf("mov eax, 2\ndec eax"))).toEqual([
    { name: "PF", left: "1", right: "0" },
    { name: "ZF", left: "1", right: "0" },
    { name: "EAX", left: "00000000h", right: "00000001h" },
  ])
})

test("a slot of the stack differs by its address, and so does other memory that was written", () => {
  const slots = differences(endOf("push dword 5"), endOf("push dword 6"))
  expect(slots).toEqual([{ name: "[0008FFFCh]", left: "00000005h", right: "00000006h" }])
  const bytes = differences(endOf("mov byte [0x5000], 7"), endOf("mov byte [0x5000], 8"))
  expect(bytes).toEqual([{ name: "[00005000h]", left: "07h", right: "08h" }])
})
