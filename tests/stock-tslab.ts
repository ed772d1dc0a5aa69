/** Stock tslab as a kernel of a Jupyter that keeps its files in a folder of the tests. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A new folder for all that Jupyter writes, with a description of stock tslab as a kernel in it. */
export function folderWithTslab(name: string): string {
  const state = mkdtempSync(join(tmpdir(), name))
  const tslab = createRequire(import.meta.url).resolve("tslab/package.json")
  const argv = [
    process.execPath,
    join(dirname(tslab), "bin", "tslab"),
    "kernel",
    "--config-path={connection_file}",
  ]
  const kernel = join(state, "data", "kernels", "tslab")
  mkdirSync(kernel, { recursive: true })
  writeFileSync(
    join(kernel, "kernel.json"),
    JSON.stringify({ argv, display_name: "tslab", language: "typescript" }),
  )
  return state
}
