// Every hostile guest under every hypervisor: the tests of tests/hypervisors/safety, with no guest left out.
import { runTests } from "./vitest.mjs"

export const hostile = () =>
  runTests("every hostile guest under every hypervisor", "tests/hypervisors/safety", {
    RINGLAB_HOSTILE: "all",
  })
