// The licences of what is bundled into the extension, which is given away under MIT.
import satisfies from "spdx-satisfies"

/** Licences that ask for no more than their own text and notice, which the bundle carries. */
const FITTING = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
  "Zlib",
]

/**
 * What may not be bundled.
 * @param {readonly { name: string, licenseId?: string }[]} packages as the builder lists them; the licence is an
 *   SPDX expression
 * @returns {string[]} a line for each package that does not fit
 */
export function misfits(packages) {
  return packages
    .filter(({ licenseId }) => !fits(licenseId))
    .map(({ name, licenseId }) => `${name}: ${licenseId || "no licence named"}`)
}

function fits(expression) {
  try {
    return satisfies(expression, FITTING)
  } catch {
    return false // no SPDX expression: somebody has to read that licence
  }
}
