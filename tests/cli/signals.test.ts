/** A signal ends a run in order: what the guest sent until then is where it was to go. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Folder, PROGRAM } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
  folder.put(
    "forever.asm",
    'mov dx, 0x3f8\n mov ecx, 3\nsend: mov al, "A"\n out dx, al\n loop send\nagain: jmp again',
  )
})
afterAll(() => folder.remove())

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const

/** Waits until a file is there; a run listens to signals before it opens its files. */
async function appears(file: string) {
  while (!existsSync(file)) await setTimeout(10)
}

async function stopped(signal: NodeJS.Signals, ready: () => Promise<unknown>, ...args: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, "run", "forever.asm", ...args], { cwd: folder.path })
  let [out, err] = ["", ""]
  child.stdout.on("data", (text) => void (out += text))
  child.stderr.on("data", (text) => void (err += text))
  await ready()
  child.kill(signal)
  const [code, by] = await once(child, "close")
  return { code, by, out, err }
}

describe.each(SIGNALS)("%s ends a run with %i", (signal, code) => {
  const path = (name: string) => join(folder.path, `${signal}-${name}`)

  test("and all is in the files of --serial and --trace, and the report is printed", async () => {
    const [serial, trace] = [path("serial"), path("trace")]
    // The trace grows when its first 64 KiB are full: the guest has sent its text by then.
    const grows = async () => {
      await appears(trace)
      while (statSync(trace).size === 0) await setTimeout(10)
    }
    const { err, ...end } = await stopped(signal, grows, "--serial", serial, "--trace", trace)
    expect(end).toEqual({ code, by: null, out: "" })
    expect(readFileSync(serial, "latin1")).toBe("AAA")
    const [, steps] = /^You stopped the machine after ([\d,]+) instructions/.exec(err) ?? []
    const lines = readFileSync(trace, "latin1").trimEnd().split("\n")
    expect(lines.length).toBe(Number(steps.replaceAll(",", "")))
  })

  test("and the report of --json is whole", async () => {
    const serial = path("json")
    const { out, ...end } = await stopped(signal, () => appears(serial), "--serial", serial, "--json")
    expect(end).toEqual({ code, by: null, err: "" })
    expect(JSON.parse(out)).toMatchObject({ outcome: "stopped", serial: "AAA" })
    expect(readFileSync(serial, "latin1")).toBe("AAA")
  })
})
