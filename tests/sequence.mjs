/** The order in which files of tests are started. */
import { BaseSequencer } from "vitest/node"

/** What takes longest, the longest first. */
const LONG = [
  "tests/grading/nbgrader",
  "tests/notebooks",
  "tests/browser/",
  "tests/guests/popek-goldberg",
  "tests/theory/popek-goldberg",
  "tests/grading/",
  "tests/kernel/",
  "tests/qemu",
  "tests/package/",
  "tests/cli/",
]

/** The place of a file in the list; what is not in it comes after all of it. */
function place({ moduleId }) {
  const found = LONG.findIndex((part) => moduleId.replaceAll("\\", "/").includes(part))
  return found < 0 ? LONG.length : found
}

/** Starts the longest files first, so that at the end no processor waits long for another one. */
export class LongestFirst extends BaseSequencer {
  /** @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    const byName = [...files].sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1))
    return byName.sort((a, b) => place(a) - place(b))
  }
}
