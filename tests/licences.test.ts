import { expect, test } from "vitest"
import { kernelPackages } from "../kernel/package/contents.mjs"
import { FITTING_UNCHANGED, misfits } from "./check/licences.mjs"

test("permissive licences may be bundled, also as one of several to choose from", () => {
  const packages = [
    { name: "a", licenseId: "MIT" },
    { name: "b", licenseId: "(MIT OR GPL-3.0-only)" },
    { name: "c", licenseId: "Apache-2.0 AND BSD-3-Clause" },
  ]
  expect(misfits(packages)).toEqual([])
})

test("copyleft, unknown and missing licences are refused, each by name", () => {
  const packages = [
    { name: "a", licenseId: "GPL-3.0-only" },
    { name: "b", licenseId: "MIT AND LGPL-2.1-only" },
    { name: "c", licenseId: "SEE LICENSE IN FILE" },
    { name: "d" },
  ]
  expect(misfits(packages)).toEqual([
    "a: GPL-3.0-only",
    "b: MIT AND LGPL-2.1-only",
    "c: SEE LICENSE IN FILE",
    "d: no licence named",
  ])
})

test("what a wheel carries unchanged may be under MPL-2.0, and nothing stricter", () => {
  const packages = ["MIT AND MPL-2.0", "LGPL-2.1-only"].map((licenseId) => ({ name: "a", licenseId }))
  expect(misfits(packages, FITTING_UNCHANGED)).toEqual(["a: LGPL-2.1-only"])
})

test("each package of the wheel names its licence", () => {
  const nameless = kernelPackages().filter(({ licence }) => !licence)
  expect(nameless).toEqual([])
  expect(kernelPackages().map(({ name }) => name)).toContain("zeromq")
})
