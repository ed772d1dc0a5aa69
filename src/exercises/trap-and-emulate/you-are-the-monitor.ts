/**
 * You are the monitor, from a guest's beginning to its end. The question has parts, one for each moment at which something is owed; an
 * answer is a word a line. `parts` and `checkPart` are for whoever shows one moment after the other: a form with several parts would need
 * no more than their texts, their choices, and a check of each.
 */
import { type Random, random } from "../../numbers/random"
import type { Exercise, Feedback, Question } from "../exercise"
import { wrong } from "../lines"
import { chooseLife, listingOf, stepsOf } from "./life"
import { SETTING, thought } from "./owed"
import { type MonitorStep, OWED, OWED_WORDS, type Owed } from "./steps"

/** A part of a question, plain data. */
export interface Part {
  /** What is asked, a sentence or two. */
  readonly text: string
  /** The words to choose from, each with what it means. */
  readonly choices: readonly (readonly [word: string, meaning: string])[]
}

/** An exercise whose question has parts, which are answered one after the other. */
export interface PartedExercise extends Exercise {
  /** The parts of a seed's question, in their order. */
  parts(seed: number): readonly Part[]
  /** Check the answer to one part, a word. */
  checkPart(seed: number, part: number, answer: string): Feedback
}

const NAME = "trap-and-emulate/you-are-the-monitor"
const CHOICES = OWED_WORDS.map((word) => [word, OWED[word]] as const)

/** Moments of one kind are asked about once: the fifth IRET teaches nothing. */
function different(steps: readonly MonitorStep[]): readonly MonitorStep[] {
  const known = new Set<string>()
  return steps.filter(({ right, exit: { instruction, ring } }) => {
    const kind = `${right} ${ring} ${right === "fill" ? "" : instruction}`
    const isNew = !known.has(kind)
    known.add(kind)
    return isNew
  })
}

const lifeOf = (choose: Random) => chooseLife(choose)
const momentsOf = (seed: number) => different(stepsOf(lifeOf(random(seed))))

function ask(seed: number): Question {
  const moments = momentsOf(seed).map(({ says }, n) => `${n + 1}. ${says}`)
  const words = CHOICES.map(([word, meaning]) => `\`${word}\`: ${meaning}`).join("; ")
  return {
    exercise: NAME,
    seed,
    text: `${SETTING} Its life has these moments.\n\n${moments.join("\n\n")}\n\nWhat do you owe at each? Write a word a line: ${words}.`,
    listing: listingOf(lifeOf(random(seed))),
    form: { kind: "text", rows: moments.length },
  }
}

function checkPart(seed: number, part: number, answer: string): Feedback {
  const step = momentsOf(seed)[part]
  if (!step) return wrong(`There is no moment ${part + 1}.`)
  const word = answer.trim().toLowerCase()
  if (!OWED_WORDS.includes(word as Owed))
    return wrong(`“${word.slice(0, 40)}” is none of the words: ${OWED_WORDS.join(", ")}.`)
  return word === step.right ? { right: true, text: step.because } : thought(step.right, word as Owed)
}

/** Up to the first that is wrong: what comes after it would happen otherwise. */
function check(seed: number, answer: string): Feedback {
  const words = answer.split("\n").filter((line) => line.trim() !== "")
  const count = momentsOf(seed).length
  for (const [part, word] of words.slice(0, count).entries()) {
    const feedback = checkPart(seed, part, word)
    if (!feedback.right) return { ...feedback, text: `Moment ${part + 1} of ${count}: ${feedback.text}` }
  }
  if (words.length !== count)
    return wrong(
      `${Math.min(words.length, count)} of ${count} moments are right. Write ${count} lines, a word each.`,
    )
  return {
    right: true,
    text: `All ${count} moments are right: the monitor did the same, and the guest came to its end.`,
  }
}

/** The whole life of a guest, moment by moment. */
export const YOU_ARE_THE_MONITOR: PartedExercise = {
  name: NAME,
  title: "You are the monitor",
  ask,
  check,
  parts: (seed) => momentsOf(seed).map(({ says }) => ({ text: says, choices: CHOICES })),
  checkPart,
}
