import { expect, test } from "vitest"
import { misfits } from "./check/licences.mjs"

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
