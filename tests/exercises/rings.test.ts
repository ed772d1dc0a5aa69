import { describe, expect, test } from "vitest"
import { exerciseNamed } from "../../src/exercises/catalogue"
import type { Question } from "../../src/exercises/exercise"

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed)
const NAMES = ["rings/cpl", "rings/privileged", "rings/iopl", "rings/popf", "rings/ports", "rings/segments"]

/** Every answer that a student may reasonably give. */
function answers({ form, text }: Question): readonly string[] {
  if (form.kind === "choice") return form.options
  if (text.includes("What is CPL")) return ["0", "1", "2", "3"]
  const byte = byteOf(text)
  return [byte, 0xff - byte, 0, 0xff].map(String)
}

/** The byte that opens just the ports of a question, by arithmetic instead of by running. */
function byteOf(text: string): number {
  const port = Number(/which is (\d+) in decimal/.exec(text)?.[1])
  const width = { byte: 1, word: 2, doubleword: 4 }[/a (byte|word|doubleword)/.exec(text)?.[1] ?? ""] ?? 0
  return 0xff & ~(((1 << width) - 1) << (port & 7))
}

interface Survey {
  /** Seeds none of whose answers is right. */
  readonly unsolvable: readonly number[]
  /** Right answers that occurred. */
  readonly rightAnswers: ReadonlySet<string>
  /** What was said of each misconception. */
  readonly misconceptions: ReadonlyMap<string, string>
  /** Feedback on wrong answers that names no section of the manual. */
  readonly unfounded: readonly string[]
}

/** For each seed, give answers until one is right. */
function survey(name: string): Survey {
  const exercise = exerciseNamed(name)
  const unsolvable: number[] = []
  const rightAnswers = new Set<string>()
  const misconceptions = new Map<string, string>()
  const unfounded: string[] = []
  const isRight = (seed: number, answer: string) => {
    const { right, text, misconception } = exercise.check(seed, answer)
    if (misconception) misconceptions.set(misconception, text)
    if (!right && !/SDM Vol\. \d/.test(text)) unfounded.push(text)
    return right
  }
  for (const seed of SEEDS) {
    const answer = inTurn(answers(exercise.ask(seed)), seed).find((candidate) => isRight(seed, candidate))
    if (answer === undefined) unsolvable.push(seed)
    else rightAnswers.add(answer)
  }
  return { unsolvable, rightAnswers, misconceptions, unfounded }
}

/** The same answers, each seed beginning with another one. */
const inTurn = (all: readonly string[], seed: number) => all.map((_, n) => all[(n + seed) % all.length])

const ONE_MINUTE = 60_000

describe.each(NAMES)("%s", (name) => {
  const exercise = exerciseNamed(name)
  let surveyed: Survey
  const results = () => {
    surveyed ??= survey(name)
    return surveyed
  }

  test(
    "has exactly one right answer for each of 200 seeds",
    () => {
      expect(results().unsolvable).toEqual([])
    },
    ONE_MINUTE,
  )

  test(
    "asks at least 20 questions that differ in more than digits",
    () => {
      const texts = SEEDS.map((seed) => exercise.ask(seed)).map(({ text, listing }) => `${text}\n${listing}`)
      expect(new Set(texts.map((text) => text.replace(/\d/g, ""))).size).toBeGreaterThanOrEqual(20)
    },
    ONE_MINUTE,
  )

  test("is not always answered in the same way", () => {
    expect(results().rightAnswers.size).toBeGreaterThanOrEqual(3)
  })

  test("knows three misconceptions or more, each with a text of its own", () => {
    const { misconceptions } = results()
    expect(misconceptions.size).toBeGreaterThanOrEqual(3)
    expect(new Set(misconceptions.values()).size).toBe(misconceptions.size)
  })

  test("tells whoever is wrong where the manual says so", () => {
    expect(results().unfounded).toEqual([])
  })

  test("answers a slip of the keyboard in one sentence, not as a wrong thought", () => {
    const feedback = exercise.check(1, "abc!")
    expect(feedback.right).toBe(false)
    expect(feedback.misconception).toBeUndefined()
    expect(feedback.text.match(/\./g)).toHaveLength(1)
  })

  test("asks the same question for the same seed", () => {
    expect(exercise.ask(12)).toEqual(exercise.ask(12))
  })
})

/** What the misconception is called that an answer shows. */
const thought = (name: string, seed: number, answer: string) =>
  exerciseNamed(name).check(seed, answer).misconception

/** The first seed whose question has all these words. */
function seedWith(name: string, ...words: readonly string[]): number {
  const asks = (seed: number) => {
    const { text, listing } = exerciseNamed(name).ask(seed)
    return words.every((word) => `${text}\n${listing}`.includes(word))
  }
  const seed = SEEDS.find(asks)
  if (seed === undefined) throw new Error(`no question of ${name} has ${words.join(", ")}`)
  return seed
}

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

  test("accepts a true answer for each of 200 seeds", () => {
    expect(SEEDS.filter((seed) => !exercise.check(seed, solution(seed)).right)).toEqual([])
  })

  test("asks at least 20 questions that differ in more than digits", () => {
    const texts = SEEDS.map((seed) => exercise.ask(seed).text.replace(/\d/g, ""))
    expect(new Set(texts).size).toBeGreaterThanOrEqual(20)
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
    expect(exercise.check(3, "jmp $").text).toContain("do not come to their end")
    expect(exercise.check(3, "  ").text).toBe("Write at least one line of assembly.")
  })
})
