// A fresh clone, in a folder whose name has spaces, for somebody who has used Jupyter before: the commands of README.md.
import { runTests } from "./vitest.mjs"

export const clone = () =>
  runTests("a fresh clone starts and tests itself", "tests/soak/fresh-clone.test.ts", { RINGLAB_SOAK: "1" })
