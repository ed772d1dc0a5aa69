/** Where QEMU is installed, it boots the guest kernel anew. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const isHere = spawnSync("qemu-system-i386", ["--version"]).status === 0

test.runIf(isHere)(
  "the installed QEMU gets the same text of the guest kernel, or it is printed where another version's differs",
  { timeout: 300_000 },
  () => {
    const script = fileURLToPath(new URL("../oracles/qemu-kernel.mjs", import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" })
    console.log(stdout.trim())
    expect(status, stdout + stderr).toBe(0)
  },
)
