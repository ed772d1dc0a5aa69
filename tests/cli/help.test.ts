/** Help and README.md tell the options that there are, and no others. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import * as asm from "../../kernel/src/cli/asm"
import * as classify from "../../kernel/src/cli/classify"
import * as disasm from "../../kernel/src/cli/disasm"
import { HELP } from "../../kernel/src/cli/help"
import * as run from "../../kernel/src/cli/run"
import { EXIT } from "../../kernel/src/cli/trouble"

const COMMANDS = { run, asm, disasm, classify }
const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8")

const optionsOf = (command: keyof typeof COMMANDS): string[] => Object.keys(COMMANDS[command].OPTIONS).sort()

describe.each(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])("%s", (command) => {
  test("--help has a line an option", () => {
    const told = [...HELP[command].matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name)
    expect(told.sort()).toEqual(optionsOf(command))
  })

  test("README.md uses only options that there are", () => {
    const lines = README.split("\n").filter((line) => line.includes(`npx ringlab ${command} `))
    const used = lines.flatMap((line) => [...line.matchAll(/--([\w-]+)/g)].map(([, name]) => name))
    expect(used.filter((name) => name !== "help" && !optionsOf(command).includes(name))).toEqual([])
    expect(lines.length).toBeGreaterThan(0)
  })
})

test("--help and README.md tell every exit code of run", () => {
  const codes = Object.values(EXIT).filter((code) => code !== EXIT.internal)
  const told = (text: string) => codes.filter((code) => new RegExp(`\\b${code}\\b`).test(text))
  const paragraph = README.split("\n\n").find((text) => text.startsWith("`run` ends with 0")) ?? ""
  expect([told(HELP.run), told(HELP[""]), told(paragraph)]).toEqual([codes, codes, codes])
})
