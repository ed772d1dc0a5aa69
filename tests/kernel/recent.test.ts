import { expect, test } from "vitest"
import { Grading } from "../../kernel/src/transport/grading"
import { forgetOldest } from "../../kernel/src/transport/recent"

/** What is kept about requests does not grow with their number. */

const MOST = 10_000

test.each([
  ["a set", new Set<number>(), (kept: Set<number>, id: number) => kept.add(id)],
  ["a map", new Map<number, string>(), (kept: Map<number, string>, id: number) => kept.set(id, "")],
] as const)("of %s the oldest are forgotten, and the newest kept", (_, kept, keep) => {
  for (let id = 0; id < MOST + 3; id++) {
    keep(kept as never, id)
    forgetOldest(kept)
  }
  expect([kept.size, kept.has(2), kept.has(3)]).toEqual([MOST, false, true])
})

test("what a graded cell asks is remembered as long as its output may come, and no longer", async () => {
  const ids: string[] = []
  const grader = {
    onAsked: (_: object) => {},
    tell: () => {},
    async request() {
      for (let n = 0; n <= MOST; n++) this.onAsked({ question: `${n}`, expression: "1" })
      await new Promise((resolve) => setImmediate(resolve)) // all are answered in microtasks
    },
  }
  const notebook = {
    request: async ({ id }: { id: string }) => {
      ids.push(id)
      return { status: "ok", value: 1 }
    },
  }
  const grading = new Grading(notebook as never, () => grader as never, false)
  await grading.run({ id: "a cell", code: "" } as never)
  const overhears = (parent: string) => grading.overhears({ kind: "text", parent, name: "stdout", text: "" })
  expect(ids.length).toBe(MOST + 1)
  expect([overhears(ids[0]), overhears(ids[1]), overhears(ids[MOST])]).toEqual([false, true, true])
})
