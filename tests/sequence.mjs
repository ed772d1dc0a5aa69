/** The order in which files of tests are started. */
import { BaseSequencer } from "vitest/node"

/** What takes longest, the longest first. */
const LONG = [
  "tests/browser/popek-goldberg",
  "tests/browser/saved",
  "tests/notebooks",
  "tests/grading/nbgrader",
  "tests/browser/",
  "tests/grading/",
  "tests/theory/popek-goldberg",
  "tests/guests/popek-goldberg",
  "tests/kernel/",
  "tests/hypervisors/",
  "tests/exercises/",
  "tests/qemu",
  "tests/package/",
  "tests/launch/",
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
