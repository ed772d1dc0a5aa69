/** What every exercise with a short answer owes its students, tried on so many seeds; `npm run soak -- exercises` tries 1,000. */
import { describe, expect, test } from "vitest"
import { exerciseNamed } from "../../src/exercises/catalogue"
import type { DecidingRun, Feedback, Question, Solution } from "../../src/exercises/exercise"
import { createPlayer } from "../../src/player"
import { recordWitness } from "../../src/views/witness"

export const SEEDS: readonly number[] = Array.from(
  { length: Number(process.env.RINGLAB_SEEDS ?? 80) },
  (_, seed) => seed,
)

/** Milliseconds. So many seeds mean thousands of runs of the machine. */
export const SLOW = 240_000

/** One question, and what is said to each answer that a student may reasonably give. */
export interface Asked {
  readonly question: Question
  readonly feedback: readonly (readonly [answer: string, Feedback])[]
}

/** Gives every answer to every question. */
function askAll(name: string, answersTo: (question: Question) => readonly string[]): readonly Asked[] {
  const exercise = exerciseNamed(name)
  return SEEDS.map((seed) => {
    const question = exercise.ask(seed)
    const answers = [...new Set(answersTo(question))]
    return { question, feedback: answers.map((answer) => [answer, exercise.check(seed, answer)] as const) }
  })
}

/** Asks everything, once for each exercise, for it is much work. */
export function asker(
  answersTo: (question: Question) => readonly string[],
): (name: string) => readonly Asked[] {
  const known = new Map<string, readonly Asked[]>()
  return (name) => {
    const asked = known.get(name) ?? askAll(name, answersTo)
    known.set(name, asked)
    return asked
  }
}

export const rightOnes = ({ feedback }: Asked): string[] =>
  feedback.flatMap(([answer, { right }]) => (right ? [answer] : []))

const wordsOf = ({ text, listing = "" }: Question): string => `${text}\n${listing}`

/** Questions that differ in more than digits. */
export const different = (questions: readonly Question[]): number =>
  new Set(questions.map((question) => wordsOf(question).replace(/\d/g, "#"))).size

const sentencesOf = (text: string) =>
  text.split(/(?<=[.:]) (?=[A-Z`#])|\n+/).filter((sentence) => sentence.length > 3)

/** What first hints say that only the solution should: the answer, where question and own answer have not got it, or a sentence of why. */
function leaksIn({ question, feedback }: Asked, { answer, text }: Solution): string[] {
  const why = new Set(sentencesOf(text))
  const names = (words: string) => new RegExp(`(?<![\\w#])${escaped(answer)}(?!\\w)`, "i").test(words)
  return feedback.flatMap(([given, told]) => {
    if (told.right) return []
    const hidden = !names(`${wordsOf(question)} ${given}`)
    return [
      ...(hidden && names(told.text) ? [told.text] : []),
      ...sentencesOf(told.text).filter((it) => why.has(it)),
    ]
  })
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** What is wrong with the runs when the page opens them: nothing. */
export function opened(run: DecidingRun): string[] {
  const outputs = run.kind === "witness" ? Object.values(recordWitness(run.witness)) : [run]
  return outputs.flatMap((output) => {
    const told: string[] = []
    void createPlayer().handle({ id: 1, do: "open", recording: 1, output }, (answer) => {
      if (answer.is !== "opened") told.push(JSON.stringify(answer).slice(0, 200))
      else if (answer.warning !== undefined) told.push(answer.warning)
      else if (answer.timeline.steps === 0) told.push("no step")
    })
    return told
  })
}

/** The first seed whose question has all these words. */
export function seedWith(name: string, ...words: readonly string[]): number {
  const seed = SEEDS.find((candidate) => {
    const text = wordsOf(exerciseNamed(name).ask(candidate))
    return words.every((word) => text.includes(word))
  })
  if (seed === undefined) throw new Error(`no question of ${name} has ${words.join(", ")}`)
  return seed
}

/** @param misconceptions all that the exercise knows of how people think: each must show up */
export function describeLaws(
  name: string,
  misconceptions: readonly string[],
  asked: (name: string) => readonly Asked[],
): void {
  const exercise = exerciseNamed(name)
  const allFeedback = () => asked(name).flatMap(({ feedback }) => feedback.map(([, told]) => told))

  describe(name, () => {
    test(
      "has exactly one right answer for each seed",
      () => {
        const others = asked(name).filter((each) => rightOnes(each).length !== 1)
        expect(others.map((each) => [each.question.seed, rightOnes(each)])).toEqual([])
      },
      SLOW,
    )

    test(
      "asks at least 20 questions that differ in more than digits",
      () => {
        expect(different(asked(name).map(({ question }) => question))).toBeGreaterThanOrEqual(20)
      },
      SLOW,
    )

    test(
      "is not always answered in the same way",
      () => {
        expect(new Set(asked(name).flatMap(rightOnes)).size).toBeGreaterThanOrEqual(3)
      },
      SLOW,
    )

    test(
      "tells each misconception in words of its own",
      () => {
        const told = new Map<string, string>()
        for (const { misconception, text } of allFeedback()) if (misconception) told.set(misconception, text)
        expect([...told.keys()].sort()).toEqual([...misconceptions].sort())
        expect(told.size).toBeGreaterThanOrEqual(3)
        expect(new Set(told.values()).size).toBe(told.size)
      },
      SLOW,
    )

    test(
      "tells whoever misses again where the manual says so",
      () => {
        const unfounded = allFeedback().filter(({ right, rule = "" }) => !right && !/SDM Vol\. \d/.test(rule))
        expect(unfounded).toEqual([])
      },
      SLOW,
    )

    test("answers what it cannot read with one sentence and no misconception", () => {
      for (const answer of ["abc", "", "0x", "-4", "<b>"]) {
        const { text, ...told } = exercise.check(3, answer)
        expect(told).toEqual({ right: false, counts: false })
        expect(text).toMatch(/^“.*” is (no number|none of the options)[^\n]*\.$/)
      }
    })

    test(
      "solves its questions, and gives no hint that a part of the solution is in",
      () => {
        for (const each of asked(name)) {
          const solution = exercise.solve?.(each.question.seed)
          expect(exercise.check(each.question.seed, solution?.answer ?? "").right).toBe(true)
          expect(leaksIn(each, solution as Solution), `seed ${each.question.seed}`).toEqual([])
        }
      },
      SLOW,
    )

    test(
      "tells a rule from which the answer does not follow: the same one fits others",
      () => {
        const answers = new Map<string, Set<string>>()
        for (const each of asked(name))
          for (const [, { rule }] of each.feedback)
            if (rule) answers.set(rule, (answers.get(rule) ?? new Set()).add(rightOnes(each)[0]))
        expect([...answers].filter(([, fitting]) => fitting.size < 3)).toEqual([])
      },
      SLOW,
    )

    test("shows the run behind each answer, and it replays to the same end", () => {
      for (const { question, feedback } of asked(name).slice(0, 2))
        for (const [answer] of question.offers?.includes("run") ? feedback.slice(0, 3) : []) {
          const run = exercise.run?.(question.seed, answer) as DecidingRun
          expect(opened(run), `seed ${question.seed}, ${answer}`).toEqual([])
        }
    })

    test("asks the same question for the same seed", () => {
      expect(exercise.ask(12)).toEqual(exercise.ask(12))
    })
  })
}
