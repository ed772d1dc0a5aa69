import { describe, expect, test } from "vitest"
import { exerciseNamed } from "../../src/exercises/catalogue"
import type { DecidingRun, Question } from "../../src/exercises/exercise"
import { asker, describeLaws, different, opened, SEEDS, seedWith } from "./laws"

/** What each exercise knows of how people think. */
const MISCONCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  "rings/cpl": [
    "conforming-raises-privilege",
    "selector-is-cpl",
    "data-rpl-is-cpl",
    "handlers-are-ring-0",
    "index-is-cpl",
    "interrupt-keeps-ring",
    "iopl-is-cpl",
    "iret-keeps-ring",
  ],
  "rings/privileged": [
    "inner-rings-are-kernel",
    "iopl-guards-everything",
    "iopl-means-privileged",
    "iopl-opens-all",
    "iopl-upside-down",
    "no-fault-no-difference",
    "outside-means-different",
    "silent-refusal",
    "system-means-privileged",
  ],
  "rings/iopl": [
    "always-three",
    "decoy-needs-iopl",
    "guarded-means-privileged",
    "iopl-opens-privileged",
    "iopl-upside-down",
    "looks-privileged",
    "strictly-greater",
  ],
  "rings/popf": ["iopl-ignored", "iopl-is-fixed", "popf-always-works", "popf-faults", "popf-never-works"],
  "rings/ports": [
    "closed-stays-closed",
    "ones-open-ports",
    "only-the-first-port",
    "bits-from-the-left",
    "size-as-mask",
    "open-them-all",
  ],
  "rings/segments": [
    "beyond-is-not-present",
    "conforming-has-dpl",
    "null-faults-at-once",
    "null-stack",
    "order-of-rings",
    "present-bit-ignored",
    "rpl-gives-rights",
    "rpl-ignored",
    "stack-fault-for-rights",
    "stack-like-data",
  ],
}

/** Every answer that a student may reasonably give. */
function answers({ form, text }: Question): readonly string[] {
  if (form.kind === "choice") return form.options
  return (text.includes("What is CPL") ? RINGS_AND_SELECTORS : bytesAround(byteOf(text))).map(String)
}

const upTo = (count: number) => [...Array(count).keys()]

/** The four rings, and every selector of the first rows of the GDT. */
const RINGS_AND_SELECTORS = upTo(12 * 8).filter((number) => (number & 4) === 0)

/** A byte, its complement and its mirror image, all open, all closed, and one port open. */
const bytesAround = (byte: number) => [
  byte,
  0xff - byte,
  mirrored(byte),
  0,
  0xff,
  ...upTo(8).map((bit) => 0xff - (1 << bit)),
]

const mirrored = (byte: number) =>
  Number.parseInt([...byte.toString(2).padStart(8, "0")].reverse().join(""), 2)

/** The byte that opens just the ports of a question, by arithmetic instead of by running. */
function byteOf(text: string): number {
  const port = Number(/which is (\d+) in decimal/.exec(text)?.[1])
  const width = { byte: 1, word: 2, doubleword: 4 }[/a (byte|word|doubleword)/.exec(text)?.[1] ?? ""] ?? 0
  return 0xff & ~(((1 << width) - 1) << (port & 7))
}

const asked = asker(answers)
for (const [name, misconceptions] of Object.entries(MISCONCEPTIONS)) describeLaws(name, misconceptions, asked)

/** What the misconception is called that an answer shows. */
const thought = (name: string, seed: number, answer: string) =>
  exerciseNamed(name).check(seed, answer).misconception

describe("what a wrong answer shows", () => {
  test("that POPF faults in ring 3", () => {
    const seed = seedWith("rings/popf", "CPL is 3", "popfd")
    expect(thought("rings/popf", seed, "#GP(0), and nothing changes")).toBe("popf-faults")
  })

  test("that SGDT, being a system instruction, is privileged", () => {
    const seed = seedWith("rings/privileged", "sgdt")
    expect(thought("rings/privileged", seed, "#GP(0): only ring 0 may run it")).toBe(
      "system-means-privileged",
    )
  })

  test("that ring 1 may do what ring 0 may", () => {
    const seed = seedWith("rings/privileged", "CPL is 1", "lgdt")
    const answer = "It completes, and does what it would do in ring 0"
    expect(thought("rings/privileged", seed, answer)).toBe("inner-rings-are-kernel")
  })

  test("that IOPL lets an outer ring run HLT", () => {
    const seed = seedWith("rings/iopl", "hlt")
    expect(thought("rings/iopl", seed, "3")).toBe("iopl-opens-privileged")
  })

  test("that a 1 in the I/O permission bitmap opens a port", () => {
    const byte = byteOf(exerciseNamed("rings/ports").ask(5).text)
    expect(thought("rings/ports", 5, String(0xff - byte))).toBe("ones-open-ports")
    expect(exerciseNamed("rings/ports").check(5, `0x${byte.toString(16)}`).right).toBe(true)
  })

  test("that a conforming segment of DPL 0 brings its caller into ring 0", () => {
    const seed = seedWith("rings/cpl", "CPL 3", "jmp 0x50:", "popfd")
    expect(thought("rings/cpl", seed, "0")).toBe("conforming-raises-privilege")
  })
})

describe("the run behind an answer is shown at the step that decides", () => {
  /** What the picture says first. */
  const shown = (name: string, seed: number, answer: string) => {
    const run = exerciseNamed(name).run?.(seed, answer)
    return run?.kind === "recording" ? run.view.sentence : undefined
  }

  test("the fault, and not its handler", () => {
    const seed = seedWith("rings/iopl", "hlt")
    expect(shown("rings/iopl", seed, "3")).toMatch(/tried “hlt”, which faulted with #GP/)
  })

  test("the way through a gate, and not what stands behind it", () => {
    const seed = seedWith("rings/cpl", "int 0x21", "handler:\nhere:")
    expect(shown("rings/cpl", seed, "0")).toMatch(/ran “int 0x21”/)
  })

  test("the access with the byte that was answered", () => {
    const byte = byteOf(exerciseNamed("rings/ports").ask(5).text)
    expect(shown("rings/ports", 5, String(byte))).toMatch(/ran “(in|out) /)
    expect(shown("rings/ports", 5, "255")).toMatch(/faulted with #GP/)
  })

  test("POPF or IRET, and not what follows it", () => {
    for (const seed of SEEDS.slice(0, 20))
      expect(shown("rings/popf", seed, "#GP(0), and nothing changes")).toMatch(/ran “(popf[dw]?|iretd)”/)
  })
})

describe("rings/find-out, which is answered with code", () => {
  const NAME = "rings/find-out"
  const exercise = exerciseNamed(NAME)

  /** Lines that find out each thing, by the words of the question; R stands for the register. */
  const SOLUTIONS: Readonly<Record<string, string>> = {
    "the ring": "mov R, cs\nand R, 3",
    "IF, 0 or 1": "pushfd\npop R\nshr R, 9\nand R, 1",
    "IOPL, 0 to 3": "pushfd\npop R\nshr R, 12\nand R, 3",
    "CR0.TS": "smsw R\nshr R, 3\nand R, 1",
    "the limit of the IDT": "sidt [scratch]\nmovzx R, word [scratch]",
    "the base address of the IDT": "sidt [scratch]\nmov R, [scratch + 2]",
    "the limit of the GDT": "sgdt [scratch]\nmovzx R, word [scratch]",
    "in TR": "str R",
    "in LDTR": "sldt R",
  }
  const registerOf = (text: string) => /leave in (\w+)/.exec(text)?.[1] ?? ""
  const solution = (seed: number) => {
    const { text } = exercise.ask(seed)
    const words = Object.keys(SOLUTIONS).find((words) => text.includes(words)) ?? ""
    return SOLUTIONS[words].replaceAll("R", registerOf(text))
  }

  test("accepts a true answer for each seed", () => {
    expect(SEEDS.filter((seed) => !exercise.check(seed, solution(seed)).right)).toEqual([])
  })

  test("asks at least 20 questions that differ in more than digits", () => {
    expect(different(SEEDS.map((seed) => exercise.ask(seed)))).toBeGreaterThanOrEqual(20)
  })

  test("gives lines that find it out only as the solution, and shows each answer's run", () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const { answer } = exercise.solve?.(seed) ?? { answer: "" }
      expect(exercise.check(seed, answer).right, `seed ${seed}`).toBe(true)
      for (const lines of [answer, "mov eax, cr0"])
        expect(opened(exercise.run?.(seed, lines) as DecidingRun)).toEqual([])
    }
  })

  test("takes lines that look at nothing for no try, and gives the rule only to the others", () => {
    for (const lines of ["hlt", "mov eax, 3", "nop", "", "mov eax, rax", "jmp $"])
      expect(exercise.check(2, lines), lines).toMatchObject({ right: false, counts: false })
    const honest = exercise.check(2, "mov eax, cr0")
    expect(honest.counts).toBeUndefined()
    expect(honest.rule).toMatch(/SDM Vol/)
    for (const seed of SEEDS)
      for (const lines of ["hlt", "mov eax, 3", "mov eax, cr0"])
        expect(exercise.check(seed, lines).text).not.toMatch(/PUSHFD|SMSW|SIDT|SGDT|STR|SLDT|may read CS/)
  })

  test("refuses every constant that is true in the first run", () => {
    for (const seed of SEEDS.slice(0, 60)) {
      const { text } = exercise.check(seed, "nop")
      const truth = /the truth is ([0-9A-F]+)h/.exec(text)?.[1] ?? "0"
      const constant = exercise.check(seed, `mov ${registerOf(exercise.ask(seed).text)}, 0x${truth}`)
      expect([seed, constant.right]).toEqual([seed, false])
    }
  })

  test("knows the front door, the whole register, bits in their place, and the wrong register", () => {
    const ring = seedWith(NAME, "the ring")
    const R = registerOf(exercise.ask(ring).text)
    const other = R === "EDX" ? "ECX" : "EDX"
    expect(thought(NAME, ring, `mov ${R}, cr0`)).toBe("only-the-front-door")
    expect(thought(NAME, ring, `mov ${R}, cs`)).toBe("whole-register")
    expect(thought(NAME, ring, `mov ${other}, cs\nand ${other}, 3`)).toBe("other-register")
    expect(thought(NAME, ring, `mov ${R}, 3`)).toBe("true-in-one-world")
    const iopl = seedWith(NAME, "IOPL, 0 to 3")
    const unmoved = `pushfd\npop R\nand R, 0x3000`.replaceAll("R", registerOf(exercise.ask(iopl).text))
    expect(thought(NAME, iopl, unmoved)).toBe("bits-not-moved")
  })

  test("names the line that cannot be assembled, and ends lines that never end", () => {
    expect(exercise.check(3, "nop\nmov eax, nowhere").text).toBe(
      'Line 2 cannot be assembled: unknown symbol "nowhere"; define it as a label or with equ.',
    )
    expect(exercise.check(3, "mov eaz, 1").text).toMatch(/^Line 1 cannot be assembled: .*\?$/)
    expect(exercise.check(3, "jmp $").text).toContain("do not come to their end")
    expect(exercise.check(3, "  ").text).toBe("Write at least one line of assembly.")
  })
})
