/** Packages that a cell can always import, wherever the notebook lies. */
export const OWN_PACKAGES: ReadonlySet<string> = new Set(["ringlab"])
