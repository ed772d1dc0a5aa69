import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { agree, readReports } from "./oracles/qemu/compare"
import { ALONE, GROUPS } from "./oracles/qemu/groups"
import { imageSource } from "./oracles/qemu/image"
import { imageOf, report, reportAlone } from "./oracles/qemu/run"

const FOLDER = new URL("vectors/qemu/", import.meta.url)
const kept = (name: string) => readReports(readFileSync(new URL(`${name}.txt`, FOLDER), "utf8"))
const groups = Object.keys(GROUPS)
/** Differences that one failing test shows; the count tells the rest. */
const SHOWN = 20
/** Where QEMU is wrong, what the manual asks for. */
const byManual = kept("manual")

describe("privileged instructions do what they do in QEMU, or what the manual says where QEMU is wrong", () => {
  test.each(groups)("%s", (group) => {
    const ours = readReports(report(imageOf(group)))
    const theirs = kept(group)
    expect([...ours.keys()]).toEqual([...theirs.keys()])
    const differing = [...ours.values()].flatMap((mine) => {
      const wanted = byManual.get(mine.name)
      const qemu = theirs.get(mine.name) as typeof mine
      if (wanted ? mine.text === wanted.text : agree(mine, qemu)) return []
      return [
        `${mine.name}\n  ours   ${mine.text}\n  ${wanted ? "manual" : "QEMU  "} ${(wanted ?? qemu).text}`,
      ]
    })
    expect(differing.slice(0, SHOWN), `${differing.length} of ${ours.size} cases differ`).toEqual([])
  })

  test("a third fault shuts the processor down where it does so in QEMU", () => {
    const ours = readReports(ALONE.cases().map(reportAlone).join("\n"))
    const theirs = kept(ALONE.name)
    expect([...ours.keys()]).toEqual([...theirs.keys()])
    const differing = [...ours.values()].filter((mine) => {
      const qemu = theirs.get(mine.name) as typeof mine
      return qemu.text === "shutdown" || mine.text === "shutdown"
        ? mine.text !== qemu.text
        : !agree(mine, qemu)
    })
    expect(differing.map(({ name, text }) => `${name} | ${text} / ${theirs.get(name)?.text}`)).toEqual([])
  })

  test("the manual overrules QEMU only where QEMU says something else", () => {
    const all = new Map(groups.flatMap((group) => [...kept(group)]))
    const idle = [...byManual.values()].filter(({ name, ...rest }) => {
      const qemu = all.get(name)
      return qemu === undefined || agree({ name, ...rest }, qemu)
    })
    expect(idle.map(({ name }) => name)).toEqual([])
  })

  test("no file of answers is left over", () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"))
    expect(files.sort()).toEqual([...groups, ALONE.name, "manual"].map((name) => `${name}.txt`).sort())
  })
})

const has = (tool: string, option: string) => spawnSync(tool, [option]).status === 0

describe("the kept answers are QEMU's", () => {
  test.runIf(has("qemu-system-i386", "--version"))(
    "the installed QEMU says the same again, or prints where another version differs",
    { timeout: 120_000 },
    () => {
      const script = fileURLToPath(new URL("oracles/qemu.mjs", import.meta.url))
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], {
        encoding: "utf8",
      })
      console.log(stdout.trim())
      expect(status, stdout + stderr).toBe(0)
    },
  )

  test.runIf(has("nasm", "-v"))("NASM makes the same images", () => {
    const folder = mkdtempSync(join(tmpdir(), "images-"))
    for (const group of groups) {
      writeFileSync(join(folder, "image.asm"), imageSource(GROUPS[group]()))
      spawnSync("nasm", ["-f", "bin", "-o", join(folder, "image.bin"), join(folder, "image.asm")])
      expect(readFileSync(join(folder, "image.bin")).equals(imageOf(group).bytes), group).toBe(true)
    }
    rmSync(folder, { recursive: true })
  })
})
