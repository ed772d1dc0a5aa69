import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { curveKeyPair, Subscriber } from "zeromq"
import { connectionOf, freePorts } from "./client"

const main = fileURLToPath(new URL("../../kernel/dist/main.js", import.meta.url))

/** Who subscribes to a kernel's outputs is welcomed by its first message. */
test("with keys in the connection file a kernel speaks with those who know its key, and with nobody else", async () => {
  const [kernel, friend] = [curveKeyPair(), curveKeyPair()]
  const folder = mkdtempSync(join(tmpdir(), "ringlab-encrypted-"))
  const ports = await freePorts(5)
  const keys = { curve_publickey: kernel.publicKey, curve_secretkey: kernel.secretKey }
  writeFileSync(join(folder, "c.json"), JSON.stringify({ ...connectionOf(ports), ...keys }))
  const child = spawn(process.execPath, [main, "--connection", join(folder, "c.json")], { cwd: folder })
  const listener = new Subscriber({
    curveServerKey: kernel.publicKey,
    curvePublicKey: friend.publicKey,
    curveSecretKey: friend.secretKey,
  })
  const stranger = new Subscriber({ receiveTimeout: 300 })
  for (const socket of [stranger, listener]) {
    socket.connect(`tcp://127.0.0.1:${ports[1]}`)
    socket.subscribe("")
  }
  expect(String(await listener.receive())).toContain("iopub_welcome")
  await expect(stranger.receive()).rejects.toThrow()
  for (const socket of [stranger, listener]) socket.close()
  await new Promise((resolve) => child.once("exit", resolve) && child.kill())
  rmSync(folder, { recursive: true, force: true })
})
