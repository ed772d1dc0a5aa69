/** Two runs as one picture: which steps belong together, what is marked, and what stands on one height. */
import { describe, expect, test } from "vitest"
import { assemble } from "../../src/isa/assemble"
import { pc } from "../../src/pc"
import { compared, differencesInWords } from "../../src/views/compared"
import { PairPicture } from "../../src/views/draw/pair"
import { commonStep, otherStep } from "../../src/views/pair"
import { record } from "../../src/views/record"

describe("the step of the other run", () => {
  const together = [
    [0, 2, 4],
    [5, 10, 0],
    [8, 20, 0],
  ] as const

  test.each([
    [0, 2],
    [4, 6],
    [5, 10],
    [7, 10],
    [8, 20],
    [9, 21],
  ])("that belongs to step %i of the left one is %i", (step, there) => {
    expect(otherStep(together, step)).toBe(there)
  })

  test.each([
    [0, 0],
    [5, 3],
    [9, 4],
    [10, 5],
    [19, 5],
    [21, 9],
  ])("that belongs to step %i of the right one is %i", (step, here) => {
    expect(otherStep(together, step, 1)).toBe(here)
  })

  test.each([
    [4, 4, 4],
    [6, 8, 5],
    [12, 12, 12],
  ])("is there for step %i, or for %i on the way on and %i on the way back", (step, on, back) => {
    expect([commonStep(together, step, 1), commonStep(together, step, -1)]).toEqual([on, back])
  })
})

/** Two runs of a few instructions. */
function pairOf(...sources: readonly [string, string]) {
  const [left, right] = sources.map((source) => record(pc().load(assemble(`${source}\nhlt`))))
  const picture = new PairPicture([
    { name: "one", timeline: left.timeline },
    { name: "other", timeline: right.timeline },
  ])
  return { left, right, picture }
}

const OPTIONS = { width: 1000, folds: {} }

/** Heights at which a text stands, from the top of the panels, ascending. */
function heightsOf(blocks: readonly string[], text: string): number[] {
  return blocks.flatMap((block) => {
    const top = Number(/^<g transform="translate\([\d.]+ ([\d.]+)\)/.exec(block)?.[1])
    const lines = [...block.matchAll(/<g transform="translate\([\d.]+ ([\d.]+)\)">(?:(?!<g transform).)*/g)]
    return lines.filter(([line]) => line.includes(`>${text}<`)).map(([, at]) => top + Number(at))
  })
}

describe("a picture of two runs", () => {
  const { left, right, picture } = pairOf(
    "mov eax, 1\nmov ebx, 7\npush eax",
    "mov eax, 2\nmov ebx, 7\npush eax",
  )
  const both = [left.frame(3), right.frame(3)] as const

  test("marks what differs, and nothing else: also not what the step changed", () => {
    const panels = picture.parts(both, OPTIONS).panels.blocks.join("")
    expect(panels.match(/≠/g)).toHaveLength(4) // EAX and the slot of the stack, in each
    expect(panels).not.toContain("was ")
  })

  test("says both sentences and what differs, for those who do not see it", () => {
    const said = picture.inWords(compared(...both))
    expect(said).toContain("one, step 3 of 4, ring 0: Ring 0 ran “push eax”.")
    expect(said).toContain("other, step 3 of 4, ring 0: Ring 0 ran “push eax”.")
    expect(said).toContain(
      "What differs after this step: EAX 00000001h ≠ 00000002h, [0008FFFCh] 00000001h ≠ 00000002h.",
    )
    expect(picture.parts(both, OPTIONS).saying.open).toContain("What differs after this step")
  })

  test("says that nothing differs, and how many differences it does not name", () => {
    expect(differencesInWords([], 2)).toBe("Nothing differs after this step.")
    const three = ["EAX", "EBX", "ECX"].map((name) => ({ name, left: "0", right: "1" }))
    expect(differencesInWords(three, 2)).toBe(
      "What differs after this step: EAX 0 ≠ 1, EBX 0 ≠ 1 and 1 more.",
    )
  })

  test.each([1000, 1400])("has the same register on one height, %i pixels wide", (width) => {
    const { blocks } = picture.parts(both, { ...OPTIONS, width }).panels
    for (const name of ["EBX", "EIP"]) expect(new Set(heightsOf(blocks, name)).size).toBe(1)
  })

  test("has the same address of the stack and of the code on one height", () => {
    const moved = pairOf("push eax\nnop\nnop\nnop", "push eax\npush ebx\njmp after\nnop\nafter: nop")
    const { blocks } = moved.picture.parts([moved.left.frame(3), moved.right.frame(3)], OPTIONS).panels
    const code = moved.left.frame(3).code[0].address.toString(16).padStart(6, "0").toUpperCase()
    for (const address of ["08FFFC", code])
      expect([address, heightsOf(blocks, address).length, new Set(heightsOf(blocks, address)).size]).toEqual([
        address,
        2,
        1,
      ])
  })

  test("stands one below the other panel by panel where it is narrow, and each says whose it is", () => {
    const { blocks } = picture.parts(both, { ...OPTIONS, width: 600 }).panels
    expect(
      blocks.slice(0, 4).map((block) => />(one|other)<[\s\S]*?>(Code|Stack)</.exec(block)?.slice(1)),
    ).toEqual([
      ["one", "Code"],
      ["other", "Code"],
      ["one", "Stack"],
      ["other", "Stack"],
    ])
  })

  test("does not fold away what a step did, as if it had done nothing", () => {
    const panels = picture.parts(both, OPTIONS).panels.blocks.join("")
    expect(panels.match(/data-fold="changes" aria-expanded="true"/g)).toHaveLength(2)
    expect(panels).not.toContain("Nothing but")
  })

  test("opens and closes a part in both", () => {
    const opened = picture.parts(both, { ...OPTIONS, folds: { segments: true } }).panels.blocks.join("")
    expect(opened.match(/data-fold="segments" aria-expanded="true"/g)).toHaveLength(2)
  })

  test("finds the step of either run's lanes", () => {
    const at = (x: number) => picture.stepAt([3, 3], 1000, x, 60)
    expect(at(970)).toEqual({ side: 1, step: 4 })
    expect(at(470)).toEqual({ side: 0, step: 4 })
    expect(at(20)).toBeNull()
  })
})
