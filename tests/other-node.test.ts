import { expect, test } from "vitest"
import { CURRENT_NODE, NODE_VERSIONS, nodeProgram, vitestUnder } from "./node-versions"

/** The current long-term release; where the tests run with that one already, the oldest that is supported. */
const OTHER = process.version.startsWith(`v${CURRENT_NODE}.`) ? NODE_VERSIONS[0] : CURRENT_NODE

/** What speaks with the kernel from outside. `npm run soak -- nodes` runs all of its tests. */
const SOME = ["tests/kernel/protocol.test.ts", "tests/kernel/newer.test.ts"]

test(`under Node.js ${OTHER} the kernel serves each kind of message, and its compiler knows what that Node has`, async () => {
  expect(await nodeProgram(OTHER)).not.toBe(process.execPath)
  const { code, output } = await vitestUnder(OTHER, ...SOME)
  expect(code, output).toBe(0)
  expect(output).toMatch(/Test Files +2 passed/)
}, 300_000)
