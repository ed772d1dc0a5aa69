import { describe, expect, test } from "vitest"
import { experimentNamed } from "../../src/experiments/catalogue"
import type { Experiment, Parameter, Result, Values } from "../../src/experiments/experiment"
import { explore } from "../../src/experiments/show"
import { ATTEMPTS } from "../../src/guests/rings-kinds"
import { assemble } from "../../src/isa/assemble"
import { decode, isInstruction } from "../../src/isa/decode"

const FOUR = [0, 1, 2, 3]
const NAMES = ["rings/kinds", "rings/iopl", "rings/ports", "rings/segments"]

const run = (name: string, values: Values): Result => explore(name, values).result
const rows = (name: string, values: Values) => run(name, values).table?.rows ?? []
/** A square table without its headings. */
const square = (name: string, values: Values) => rows(name, values).map((row) => row.slice(1))

describe("every experiment on rings", () => {
  test.each(NAMES)("%s gives the same result twice", (name) => {
    expect(run(name, {})).toEqual(run(name, {}))
  })

  test.each(NAMES)("%s answers at both ends of every parameter", (name) => {
    for (const values of corners(experimentNamed(name))) expect(run(name, values).sentence).toMatch(/\.$/)
  })

  test.each(NAMES)("%s has plain JSON as its result", (name) => {
    const result = run(name, {})
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  test("a chart's axes have titles", () => {
    for (const name of NAMES) {
      const { chart } = run(name, {})
      const axes = chart ? [chart.layout.xaxis, chart.layout.yaxis] : []
      for (const axis of axes) expect(axis).toMatchObject({ title: { text: expect.stringMatching(/\w/) } })
    }
  })
})

describe("ring against IOPL", () => {
  test("CLI completes exactly where CPL ≤ IOPL", () => {
    const wanted = FOUR.map((ring) => FOUR.map((iopl) => (ring <= iopl ? "completes" : "#GP(0)")))
    expect(square("rings/iopl", { instruction: "CLI" })).toEqual(wanted)
  })

  test("POPFD never faults; where CPL > IOPL it silently leaves IF alone", () => {
    const wanted = FOUR.map((ring) => FOUR.map((iopl) => (ring <= iopl ? "completes" : "differs silently")))
    expect(square("rings/iopl", { instruction: "POPFD" })).toEqual(wanted)
    expect(run("rings/iopl", { instruction: "POPFD", ring: 3, iopl: 0 }).sentence).toContain(
      "in ring 0 it does ESP = ",
    )
  })

  test("HLT and LGDT ask for ring 0, whatever IOPL is", () => {
    const wanted = FOUR.map((ring) => FOUR.map(() => (ring === 0 ? "completes" : "#GP(0)")))
    for (const instruction of ["HLT", "LGDT m", "MOV EAX, CR0"])
      expect(square("rings/iopl", { instruction })).toEqual(wanted)
  })

  test("SMSW and SGDT complete everywhere", () => {
    for (const instruction of ["SMSW EAX", "SGDT m", "PUSHFD", "ADD EAX, ECX"])
      expect(new Set(square("rings/iopl", { instruction }).flat())).toEqual(new Set(["completes"]))
  })

  test("the sentence names the rule that was broken, and the manual's section", () => {
    expect(run("rings/iopl", { instruction: "CLI", ring: 2, iopl: 1 }).sentence).toBe(
      'CLI in ring 2 with IOPL 1 faults with #GP(0): CLI needs CPL ≤ IOPL, but CPL is 2 and IOPL is 1 (SDM Vol. 1 §18.5.1 "I/O Privilege Level").',
    )
  })
})

describe("the four kinds", () => {
  const KINDS: Readonly<Record<string, string>> = {
    traps: "privileged",
    iopl: "IOPL-sensitive",
    leaks: "privileged without exception",
    none: "non-privileged",
  }
  /** Rows whose claim the table does not make: what MOV and PUSH do depends on their operand. */
  const OPEN = ["mov eax, cs"]

  test.each(Object.keys(ATTEMPTS))("%s: running them confirms what the instruction table claims", (group) => {
    for (const [name, ...cells] of rows("rings/kinds", { group })) {
      if (OPEN.includes(name)) continue
      expect([name, cells[3]]).toEqual([name, KINDS[claimOf(group, name)]])
    }
  })

  test("every instruction completes in ring 0", () => {
    for (const group of Object.keys(ATTEMPTS))
      for (const [name, inRing0] of rows("rings/kinds", { group }))
        expect([name, inRing0]).toEqual([name, "completes"])
  })

  test("rings 1 and 2 are as unprivileged as ring 3", () => {
    const kinds = (ring: number) =>
      Object.keys(ATTEMPTS).flatMap((group) => rows("rings/kinds", { group, ring }).map((row) => row[4]))
    expect(kinds(1)).toEqual(kinds(3))
    expect(kinds(2)).toEqual(kinds(3))
  })

  test("POPFD's row tells what ring 0 gets and ring 3 does not", () => {
    const row = rows("rings/kinds", { group: "flags and interrupts" }).find(([name]) => name === "popfd")
    expect(row?.[5]).toBe("No fault. Ring 0 gets IF = 1, IOPL = 3; ring 3 gets no such effect")
  })
})

describe("CPL, RPL and DPL", () => {
  test("DS takes a segment exactly if CPL and RPL are both ≤ DPL", () => {
    for (const cpl of FOUR) {
      const wanted = FOUR.map((rpl) => FOUR.map((dpl) => cpl <= dpl && rpl <= dpl))
      expect(square("rings/segments", { cpl }).map(complete)).toEqual(wanted)
    }
  })

  test("SS takes a segment exactly if RPL = DPL = CPL", () => {
    for (const cpl of FOUR) {
      const wanted = FOUR.map((rpl) => FOUR.map((dpl) => rpl === cpl && dpl === cpl))
      expect(square("rings/segments", { register: "SS", cpl }).map(complete)).toEqual(wanted)
    }
  })

  const complete = (row: readonly string[]) => row.map((cell) => cell === "completes")
})

describe("the I/O permission bitmap", () => {
  const access = { instruction: "IN AX, DX (2 ports)", port: "3F8h" }

  test("a word needs the bits of both its ports", () => {
    expect(run("rings/ports", { ...access, first: "3F8h", count: 1 }).sentence).toContain("#GP(0)")
    expect(run("rings/ports", { ...access, first: "3F9h", count: 1 }).sentence).toContain("#GP(0)")
    expect(run("rings/ports", { ...access, first: "3F8h", count: 2 }).sentence).toContain("completes")
  })

  test("with CPL ≤ IOPL the bitmap is not asked", () => {
    expect(run("rings/ports", { ...access, count: 0, iopl: 3 }).sentence).toContain("nobody asks the bitmap")
    expect(run("rings/ports", { ...access, count: 0, ring: 1, iopl: 0 }).sentence).toContain("#GP(0)")
  })
})

function endsOf(parameter: Parameter): readonly Values[string][] {
  if (parameter.kind === "toggle") return [false, true]
  return parameter.kind === "choice" ? parameter.options : [parameter.min, parameter.max]
}

/** All parameters at their least, and one after the other at its most; each option of each choice. */
function corners({ parameters }: Experiment): Values[] {
  const entries = Object.entries(parameters)
  const ends = entries.map(([name, parameter]) => endsOf(parameter).map((value) => ({ [name]: value })))
  return ends.flat()
}

/** What the table's last column says of an attempt's instruction. */
function claimOf(group: string, name: string): string {
  const line = ATTEMPTS[group].find((attempt) => attempt.name === name)?.instruction ?? ""
  const { bytes } = assemble(
    `l: ${line}\n.next: nop\ngdt_register:\nidt_register:\nscratch:`.replace(".next", "l.next"),
  )
  let at = 0
  const instruction = decode(() => bytes[at++], 32)
  if (!isInstruction(instruction)) throw new Error(`${line} is no instruction`)
  return instruction.row.outside?.claim ?? "none"
}
