// The kernel under the other versions of Node.js that are supported: all of its tests.
import { NODE_VERSIONS, vitestUnder } from "../node-versions.ts"

/** Runs the tests of the kernel under each supported Node.js but the one that runs this. */
export async function nodes() {
  const rows = []
  for (const version of NODE_VERSIONS.filter((version) => !process.version.startsWith(`v${version}.`))) {
    console.log(`  the kernel's tests under Node.js ${version} …`)
    const { code, output } = await vitestUnder(version, "tests/kernel")
    if (code !== 0) console.log(output)
    const result = output.match(/Tests +(.*?)\s*\(/)?.[1] ?? "no test was run"
    rows.push({ what: `the kernel's tests under Node.js ${version}`, result, good: code === 0 })
  }
  return rows
}
