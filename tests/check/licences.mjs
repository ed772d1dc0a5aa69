// The licences of what is bundled into the extension and put into the wheel, which are given away under MIT.
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

/** Fits what is given away unchanged, as a file of its own, beside a note that says where its source is. */
export const FITTING_UNCHANGED = ["MPL-2.0"]

/**
 * What may not be bundled.
 * @param {readonly { name: string, licenseId?: string }[]} packages as the builder lists them; the licence is an
 *   SPDX expression
 * @param {readonly string[]} [more] licences that fit here, too
 * @returns {string[]} a line for each package that does not fit
 */
export function misfits(packages, more = []) {
  return packages
    .filter(({ licenseId }) => !fits(licenseId, [...FITTING, ...more]))
    .map(({ name, licenseId }) => `${name}: ${licenseId || "no licence named"}`)
}

function fits(expression, fitting) {
  try {
    return satisfies(expression, fitting)
  } catch {
    return false // no SPDX expression: somebody has to read that licence
  }
}
