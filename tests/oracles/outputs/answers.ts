/** Answers to the exercises of `lessons.ts`: all options, or a right one and a few that a student may give. */
import type { ExerciseOutput } from "../../../src/views/output"
import { asker, inTurn } from "./look"

/** To questions that are answered in lines of assembly, with the seed in `lessons.ts`. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  "rings/find-out": ["sldt di\nmovzx edi, di", "str edi", "mov cr0, edi"],
  "popek-goldberg/red-pill": [
    "mov eax, DATA0\nxor edx, edx\nverr ax\njz inner\ninc edx\ninner:",
    "sgdt [scratch]\nmov edx, [scratch + 2]",
    "cli\nxor edx, edx",
  ],
}

/** Wrong numbers that are kept: more say no more. */
const WRONG = 3

/** What is answered to an exercise, the same every time. */
export async function answersTo(output: ExerciseOutput): Promise<readonly string[]> {
  const ask = asker()
  const { question } = await ask({ do: "ask", ...output }, "question")
  const { form, text } = question
  if (form.kind === "choice") return form.options
  if (form.kind === "text") return LINES[output.exercise]
  const check = (answer: string) => ask({ do: "check", ...output, answer }, "feedback")
  const numbers = numbersNear(text)
  const feedback = (await inTurn(numbers, check)).map(({ feedback: told }, n) => [numbers[n], told] as const)
  const right = feedback.filter(([, told]) => told.right)
  const known = feedback.filter(([, told]) => told.misconception !== undefined)
  return [...right.slice(0, 1), ...known.slice(0, WRONG)].map(([answer]) => answer)
}

/** A byte, or an address near one in the question. */
function numbersNear(text: string): readonly string[] {
  const addresses = [...text.matchAll(/([\dA-F]{8})h/g)].map(([, digits]) => Number.parseInt(digits, 16))
  const near = addresses.flatMap((address) => [...Array(24).keys()].map((n) => address + 4 * (n - 12)))
  const numbers = addresses.length > 0 ? near : [...Array(256).keys()]
  return [...new Set(numbers)].map((number) => `0x${number.toString(16)}`)
}
