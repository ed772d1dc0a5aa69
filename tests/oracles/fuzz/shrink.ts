/** Makes a stream that diverges as small as it can be. */
import { lineOf, type Stream } from "./stream"

const without = <T>(list: readonly T[], n: number) => list.filter((_, index) => index !== n)

/** The stream with one instruction less, or with one setting less. */
function smaller({ instructions, settings }: Stream): Stream[] {
  const fewer = instructions.length > 1 ? instructions.map((_, n) => without(instructions, n)) : []
  return [
    ...fewer.map((rest) => ({ instructions: rest, settings })),
    ...settings.map((_, n) => ({ instructions, settings: without(settings, n) })),
  ]
}

/** The smallest stream found that still diverges, with the processor's answer and in what we differ. */
export function shrink(
  stream: Stream,
  ask: (lines: string[]) => string[],
  differs: (answer: string) => string,
): { answer: string; how: string } {
  for (let at = stream; ; ) {
    const [answer] = ask([lineOf(at)])
    const candidates = smaller(at)
    const answers = ask(candidates.map(lineOf))
    const next = answers.findIndex((candidate) => differs(candidate) !== "")
    if (next < 0) return { answer, how: differs(answer) }
    at = candidates[next]
  }
}
