/** The guest kernel on the bare machine: what its programs compute, and that hostile ones change nothing. */
import { expect, test } from "vitest"
import { type KernelName, kernelProgram } from "../../src/guests/kernel/index"
import { loadMultiboot } from "../../src/loaders/multiboot"
import { pc } from "../../src/pc"

const BUILDS: readonly KernelName[] = ["kernel", "kernel-well-behaved"]
const MOST_STEPS = 30_000_000

/** A build, started with a command line and run to its end. */
function ended(build: KernelName, line: string) {
  const machine = pc()
  loadMultiboot(machine, kernelProgram(build).bytes, line)
  const { why, steps } = machine.run({ steps: MOST_STEPS })
  const lines = machine.serial.split("\n")
  return { machine, why, steps, lines, text: lines.filter((each) => !each.startsWith("time:")).join("\n") }
}

test("both builds come to the same end, and say so", () => {
  const [full, wellBehaved] = BUILDS.map((build) => ended(build, "mix 1"))
  expect([full.why, wellBehaved.why]).toEqual(["halted", "halted"])
  expect(full.text).toMatch(/\nhalted\n$/)
  expect(wellBehaved.text).toBe(full.text)
})
