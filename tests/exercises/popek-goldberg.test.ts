import { describe, expect, test } from "vitest"
import { exerciseNamed } from "../../src/exercises/catalogue"
import type { DecidingRun, Question } from "../../src/exercises/exercise"
import { POPEK_GOLDBERG_EXERCISES } from "../../src/exercises/popek-goldberg"
import { INSTRUCTIONS, SILENT, UMIP_NAMES, verdictOf } from "../../src/exercises/popek-goldberg/forms"
import { kindOf } from "../../src/theory/classification"
import { asker, describeLaws, different, opened, SEEDS, SLOW, seedWith } from "./laws"

/** What each exercise knows of how people think; every one must show up within the seeds. */
const MISCONCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  "popek-goldberg/classify": [
    "no-trap-no-harm",
    "system-means-privileged",
    "sensitive-means-offender",
    "trap-settles-it",
    "iopl-not-privilege",
    "privileged-means-sensitive",
    "unprivileged-means-dangerous",
    "kernel-uses-it",
    "harmless-means-allowed",
  ],
  "popek-goldberg/witness": [
    "mode-is-everything",
    "tables-tell-the-mode",
    "flag-for-mode",
    "another-register",
  ],
  "popek-goldberg/umip": [
    "umip-changes-nothing",
    "umip-closes-all",
    "counts-the-closed",
    "unprivileged-means-dangerous",
  ],
  "popek-goldberg/repair": [
    "one-may-stay",
    "unprivileged-means-dangerous",
    "repairs-what-traps",
    "system-means-privileged",
  ],
  "popek-goldberg/theorems": [
    "no-trap-no-theorem",
    "no-fault-no-difference",
    "all-offenders-are-alike",
    "hybrid-cures-all",
  ],
}

/** Every answer that a student may reasonably give. */
const answers = ({ form }: Question) =>
  form.kind === "choice" ? form.options : ["0", "1", "2", "3", "4", "5", "6", "7"]

const asked = asker(answers)
for (const [name, misconceptions] of Object.entries(MISCONCEPTIONS)) describeLaws(name, misconceptions, asked)

describe("the instructions that are asked about", () => {
  const plain = { ring: 3, iopl: 0, umip: false } as const
  const kinds = (instructions: typeof INSTRUCTIONS, asked: Parameters<typeof verdictOf>[1]) =>
    new Set(instructions.map((instruction) => kindOf(verdictOf(instruction, asked))))

  test(
    "are all forms of the machine",
    () => {
      expect(() => INSTRUCTIONS.map((instruction) => verdictOf(instruction, plain))).not.toThrow()
    },
    SLOW,
  )

  test("that are silent are offenders in ring 1 and in ring 3", () => {
    for (const ring of [1, 3] as const) {
      const missed = SILENT.filter((instruction) => !verdictOf(instruction, { ...plain, ring }).offender)
      expect([ring, missed]).toEqual([ring, []])
    }
  })

  test("of these UMIP closes five", () => {
    const closed = SILENT.filter((instruction) => !verdictOf(instruction, { ...plain, umip: true }).offender)
    const names = closed.map((instruction) => verdictOf(instruction, plain).mnemonic)
    expect(names.sort()).toEqual([...UMIP_NAMES].sort())
  })

  test("show all four kinds", () => {
    expect(kinds(INSTRUCTIONS, plain).size).toBe(4)
  })
})

describe("what a wrong answer shows", () => {
  const feedback = (name: string, seed: number, answer: string) => exerciseNamed(name).check(seed, answer)

  test("that POPF, which does not trap, does no harm: the witness, which tells of IF, is kept for the solution", () => {
    const seed = seedWith("popek-goldberg/classify", "`popfd`", "IOPL is 0")
    const { misconception, text } = feedback(
      "popek-goldberg/classify",
      seed,
      "Neither privileged nor sensitive",
    )
    expect(misconception).toBe("no-trap-no-harm")
    expect(text).not.toMatch(/IF|IOPL/)
    expect(exerciseNamed("popek-goldberg/classify").solve?.(seed).text).toMatch(/The witness: .*(IF|IOPL)/)
  })

  test("that SGDT sees the mode", () => {
    const seed = seedWith("popek-goldberg/witness", "`sgdt ")
    const asked = SEEDS.slice(seed).find((candidate) => {
      const { text, form } = exerciseNamed("popek-goldberg/witness").ask(candidate)
      return (
        text.includes("`sgdt ") &&
        form.kind === "choice" &&
        form.options.includes("In user mode, and in ring 0")
      )
    })
    const told = feedback("popek-goldberg/witness", asked ?? -1, "In user mode, and in ring 0")
    expect(told.misconception).toBe("mode-is-everything")
  })
})

describe("popek-goldberg/red-pill, which is answered with code", () => {
  const NAME = "popek-goldberg/red-pill"
  const exercise = exerciseNamed(NAME)
  const registerOf = (seed: number) => /leave 0 in (\w+)/.exec(exercise.ask(seed).text)?.[1] ?? ""
  /** R stands for the register. */
  const SOLUTIONS: readonly (readonly [forbiddenAs: string, lines: string])[] = [
    ["reading CS", "mov R, cs\nand R, 3"],
    ["LAR, LSL", "mov R, DATA0\nlar R, R\nmov R, 0\njz .free\ninc R\n.free:"],
    [
      "PUSHF and",
      "pushfd\npushfd\nxor dword [esp], 0x200\npopfd\npushfd\npop R\nxor R, [esp]\nand R, 0x200\nxor R, 0x200\npopfd",
    ],
  ]
  const inRegister = (seed: number, lines: string) => lines.replace(/\bR\b/g, registerOf(seed))
  const solution = (seed: number) => {
    const { text } = exercise.ask(seed)
    const [, lines] = SOLUTIONS.find(([name]) => !text.includes(name)) ?? ["", ""]
    return inRegister(seed, lines)
  }
  const told = (seed: number, lines: string) => exercise.check(seed, inRegister(seed, lines))

  test(
    "accepts a red pill for each seed",
    () => {
      expect(SEEDS.filter((seed) => !exercise.check(seed, solution(seed)).right)).toEqual([])
    },
    SLOW,
  )

  test("refuses what the question forbids, also as bytes", () => {
    const seed = SEEDS.find((candidate) => exercise.ask(candidate).text.includes("reading CS")) ?? 0
    expect(told(seed, "mov R, cs\nand R, 3").text).toContain("without reading CS or SS")
    expect(told(seed, "db 0x8c, 0xc8").text).toContain("without reading CS or SS")
  })

  test("asks at least 20 questions that differ in more than digits", () => {
    expect(different(SEEDS.map((seed) => exercise.ask(seed)))).toBeGreaterThanOrEqual(20)
  })

  test.each([
    ["mov R, cr0", "a-fault-would-tell"],
    ["int 0x80", "asks-the-monitor"],
    ["sidt [scratch]\nmov R, [scratch + 2]", "tables-tell-the-ring"],
    ["pushfd\npop R\nand R, 0x200", "flags-tell-the-ring"],
    ["pushfd\npop R", "flags-tell-the-ring"],
    ["mov R, 0", "no-difference-to-see"],
    ["mov ebx, DATA0\nlar ebx, ebx\nmov ebx, 0\njz .free\ninc ebx\n.free: mov R, 0", "other-register"],
    ["mov R, DATA2\nverr R16\nmov R, 0\njz .free\ninc R\n.free:", "only-ring-3"],
  ])("knows the thought behind %j: %s", (lines, misconception) => {
    const open = SEEDS.find((candidate) => {
      const { text } = exercise.ask(candidate)
      return !text.includes("LAR, LSL") && registerOf(candidate) === "ECX"
    })
    expect(told(open ?? -1, lines.replace("R16", "cx")).misconception).toBe(misconception)
  })

  test("gives a red pill away only as the solution, and shows each answer's run", () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const { answer } = exercise.solve?.(seed) ?? { answer: "" }
      expect(exercise.check(seed, answer).right, `seed ${seed}`).toBe(true)
      for (const lines of [answer, inRegister(seed, "mov R, cr0")])
        expect(opened(exercise.run?.(seed, lines) as DecidingRun)).toEqual([])
    }
  })

  test("takes lines that look at nothing for no try, and gives the rule only to the others", () => {
    for (const lines of ["mov R, 0", "hlt", "nop", "", "mov eax, rax"])
      expect(told(3, lines), lines).toMatchObject({ right: false, counts: false })
    const honest = told(3, "mov R, cr0")
    expect(honest.counts).toBeUndefined()
    expect(honest.rule).toMatch(/^A way that is open: /)
    for (const lines of ["mov R, 0", "hlt", "mov R, cr0"]) {
      expect(told(3, lines).text).not.toMatch(/A way that is open|SDM/)
      expect(told(3, "hlt").rule).toBeUndefined()
    }
  })

  test("says which line cannot be assembled", () => {
    expect(exercise.check(1, "nop\nmov eax, rax").text).toMatch(/^Line 2 cannot be assembled/)
    expect(exercise.check(1, "program:\ndone: jmp done").text).toContain("do not come to their end")
    expect(exercise.check(1, " ").text).toMatch(/^Write at least one line/)
  })
})

test("every exercise of the lesson is tried here", () => {
  const tried = [...Object.keys(MISCONCEPTIONS), "popek-goldberg/red-pill"]
  expect(POPEK_GOLDBERG_EXERCISES.map(({ name }) => name).sort()).toEqual(tried.sort())
})
