/** `ringlab run --hypervisor`: a guest under a hypervisor, from the command line. */
import { afterAll, expect, test } from "vitest"
import { Folder } from "./ringlab"

const folder = new Folder()
afterAll(() => folder.remove())
const run = (...args: readonly string[]) => folder.ringlab("run", "--guest", ...args)
const serial = (text: string) => text.split("\n").filter((line) => !line.startsWith("time:"))

test("a guest prints the same as on bare metal, and the report tells exits by reason", () => {
  const [bare, virtual] = ["bare", "trap-and-emulate"].map((hypervisor) =>
    JSON.parse(
      run("kernel-well-behaved", "--cmdline", "calls 1", "--hypervisor", hypervisor, "--json").stdout,
    ),
  )
  expect(serial(virtual.serial)).toEqual(serial(bare.serial))
  expect(bare).toMatchObject({ hypervisor: "bare", outcome: "halted" })
  expect(bare).not.toHaveProperty("vms")
  expect(virtual).toMatchObject({
    hypervisor: "trap-and-emulate",
    outcome: "halted",
    exits: { LGDT: 1, LIDT: 1, HLT: 1 },
    vms: [{ name: "guest", outcome: "halted" }],
  })
  expect(virtual.exits["INT 80h"]).toBeGreaterThan(1000)
  expect(virtual.ledger.monitor).toBeGreaterThan(0)
})

test("--difference prints the first difference from bare metal, or that there is none", () => {
  const args = ["--cmdline", "timer 1", "--hypervisor", "trap-and-emulate", "--difference"]
  expect(run("kernel", ...args).stdout).toMatch(
    /^Step [\d,]+, [\dA-F]{8}h: after "pushf" memory at [\dA-F]{8}h is /,
  )
  expect(run("kernel-well-behaved", ...args).stdout).toBe(
    "No difference: the guest does what it does on bare metal.\n",
  )
})

test("--difference without a hypervisor says what to do", () => {
  const ran = run("kernel", "--difference")
  expect(ran.status).toBe(2)
  expect(ran.stderr).toMatch(
    /^--difference compares a hypervisor with bare metal: name one with --hypervisor\./,
  )
})
