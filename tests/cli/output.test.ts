/** What happens when output cannot go where it shall: a full disk, a reader who left, a folder in place of a file. */
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Folder } from "./ringlab"

let folder: Folder
beforeAll(() => {
  folder = new Folder()
  folder.put(
    "a.asm",
    `mov dx, 0x3f8\n mov ecx, ${SENT}\nagain: mov al, "A"\n out dx, al\n loop again\n cli\n hlt`,
  )
  folder.put("a.bin", Uint8Array.of(0x90, 0xf4))
  mkdirSync(join(folder.path, "folder"))
})
afterAll(() => folder.remove())

/** More than a pipe holds. */
const SENT = 100_000
/** Descriptor 4 becomes a pipe that brings nothing and does not end. */
const WAIT = "mkfifo input; exec 4<> input; rm input;"
/** A command a way to standard output. */
const COMMANDS = [
  "run a.asm",
  "run a.asm --json",
  "asm a.asm --listing",
  "disasm a.bin",
  "classify --machine third-generation",
  "classify --machine third-generation --json",
  "--help",
  "--version",
]

describe.runIf(existsSync("/dev/full"))("a full disk is told in one sentence", () => {
  test.each(COMMANDS)("standard output of %s", (command) => {
    expect(folder.shell(`ringlab ${command} > /dev/full`)).toEqual({
      status: 3,
      stdout: "",
      stderr: "standard output: the disk is full.\n",
    })
  })

  test.each(["run a.asm --trace", "run a.asm --serial", "asm a.asm --output"])(
    "the file of %s",
    (command) => {
      const { status, stderr } = folder.shell(`ringlab ${command} /dev/full`)
      expect({ status, stderr }).toEqual({ status: 3, stderr: "/dev/full: the disk is full.\n" })
    },
  )

  test("and standard error's exit code alone, for nothing can be said", () => {
    expect(folder.shell("ringlab run a.asm > /dev/null 2> /dev/full").status).toBe(3)
  })

  test("and ends what waits for standard input", () => {
    const { status, stderr } = folder.shell(`${WAIT} ringlab run a.asm --serial stdio --trace /dev/full <&4`)
    expect({ status, stderr }).toEqual({ status: 3, stderr: "/dev/full: the disk is full.\n" })
  })
})

describe("a disk that takes a part is told, and has all that it took", () => {
  const SAYS = "it would be larger than files may be.\n"

  // A block of ulimit -f is 512 bytes.
  test.each([
    ["standard output", "ringlab run a.asm > part", "standard output"],
    ["--serial", "ringlab run a.asm --serial part", "part"],
  ])("%s", (_, command, name) => {
    const { status, stderr } = folder.shell(`ulimit -f 40\n${command}`)
    expect({ status, stderr }).toEqual({ status: 3, stderr: `${name}: ${SAYS}` })
    expect(statSync(join(folder.path, "part")).size).toBe(40 * 512)
  })
})

describe("a reader who leaves ends the command without a word, as a shell tells SIGPIPE", () => {
  /** Runs with a pipe to a reader who has left already. */
  const unread = (command: string) =>
    folder.shell(`mkfifo gone; : < gone & exec 3> gone; wait; rm gone; ${command}; echo $? >&2`)

  test.each(COMMANDS)("of standard output of %s", (command) => {
    expect(unread(`ringlab ${command} >&3`).stderr).toBe("141\n")
  })

  test.each(["--trace", "--serial"])("of the file of %s", (option) => {
    const command = `ringlab run a.asm ${option} pipe > sent; echo $? >&2`
    expect(folder.shell(`mkfifo pipe; head -c 1 < pipe > first & ${command}; rm pipe`).stderr).toBe("141\n")
  })

  test("and what was traced until then is in its file", () => {
    expect(unread("ringlab run a.asm --trace trace.txt >&3").stderr).toBe("141\n")
    expect(readFileSync(join(folder.path, "trace.txt"), "latin1")).toMatch(
      /^0 +r0 +0008:00000000 .*\n1 +r0 .*\n/,
    )
  })
})

describe("a place where no file can be made is told in one sentence", () => {
  test.each([
    ["run a.asm --trace folder", "folder: this is a folder, and not a file.\n"],
    ["run a.asm --serial folder", "folder: this is a folder, and not a file.\n"],
    ["asm a.asm --output folder", "folder: this is a folder, and not a file.\n"],
    ["asm a.asm --output no/a.bin", "no/a.bin: there is no such file or folder.\n"],
    ["asm a.asm --output a.bin/b", "a.bin/b: a part of this path is not a folder.\n"],
    ["run a.asm --trace loop", "loop: its links lead in a circle.\n"],
    ["run a.asm --serial stdio --keyboard no", "no: there is no such file or folder.\n"],
  ])("%s", (command, stderr) => {
    expect(folder.shell(`ln -sf loop loop; ${WAIT} ringlab ${command} <&4`)).toEqual({
      status: 3,
      stdout: "",
      stderr,
    })
  })
})
