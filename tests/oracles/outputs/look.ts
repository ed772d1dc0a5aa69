/**
 * What a reader gets to see of an output, through the player as the page asks it: what the fixture keeps of a release, and
 * what its test asks for again. Numbers and names only, since sentences may become better.
 */
import { createPlayer } from "../../../src/player"
import { offendingMnemonics } from "../../../src/theory/classification"
import { MIME_TYPE, type Output, type RecordingOutput } from "../../../src/views/output"
import type { Answer, Request } from "../../../src/views/player"
import type { Frame } from "../../../src/views/view"

/** Several forms of one output, by MIME type. */
export type Bundle = Readonly<Record<string, unknown>>

/** The output in a bundle, as it came out of the notebook's file: nothing has looked at it. */
export const carriedIn = (data: Bundle) => data[MIME_TYPE] as Output | undefined

type Asked = Request extends infer One ? (One extends Request ? Omit<One, "id"> : never) : never

/** Asks one player. @throws Error with the player's sentence if it cannot do it */
export function asker() {
  const player = createPlayer()
  return async <Is extends Answer["is"]>(request: Asked, is: Is): Promise<Extract<Answer, { is: Is }>> => {
    const answers: Answer[] = []
    await player.handle({ ...request, id: 1 } as Request, (answer) => void answers.push(answer))
    const last = answers[answers.length - 1]
    if (last.is !== is) throw new Error(last.is === "sorry" ? last.sentence : `${last.is} is no ${is}`)
    return last as Extract<Answer, { is: Is }>
  }
}

/** One question after the other. */
export async function inTurn<Item, Told>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Told>,
): Promise<Told[]> {
  const told: Told[] = []
  for (const item of items) told.push(await ask(item))
  return told
}

/** A frame in numbers. */
const numbersOf = ({ step, ring, registers, flags, cycles }: Frame) => ({
  step,
  ring,
  cycles: cycles.total,
  ...Object.fromEntries([...registers, ...flags].map(({ name, value }) => [name, value])),
})

/** First, last and two frames between. The last one comes first, so that the others are reached backwards. */
async function framesOf(output: RecordingOutput) {
  const ask = asker()
  const { timeline, warning } = await ask({ do: "open", recording: 1, output }, "opened")
  const steps = [3, 2, 1, 0].map((part) => Math.floor((timeline.steps * part) / 3))
  const options = { pins: output.pins }
  const frames = await inTurn(steps, (step) => ask({ do: "frame", recording: 1, step, options }, "frame"))
  return {
    ...(warning === undefined ? {} : { warning }),
    frames: frames.map(({ frame }) => numbersOf(frame)),
  }
}

const NO_CONDITIONS = { ring: 1, iopl: 3, umip: false, repaired: [], seed: 1 } as const

/** What there is to see of an output. `answers`: what is answered to an exercise. */
export async function look(output: Output, answers: readonly string[] = []): Promise<object> {
  const ask = asker()
  switch (output.kind) {
    case "diagram":
      return { drawn: output.scene }
    case "recording":
      return framesOf(output)
    case "experiment": {
      const { result } = await ask({ do: "experiment", ...output }, "result")
      return { plotted: result.chart?.data.map(({ x, y, z }) => ({ x, y, z })) ?? [] }
    }
    case "exercise": {
      const told = await inTurn(answers, (answer) => ask({ do: "check", ...output, answer }, "feedback"))
      return { told: told.map(({ feedback: { right, misconception = "" } }) => [right, misconception]) }
    }
    case "classification": {
      const { forms, conditions } = output.classification
      const again = await inTurn([conditions, NO_CONDITIONS], (under) =>
        ask({ do: "recheck", conditions: under, forms }, "classified"),
      )
      return { offenders: again.map(({ classification }) => offendingMnemonics(classification)) }
    }
    case "pair":
      return { left: await framesOf(output.left), right: await framesOf(output.right) }
    case "witness": {
      const { left, right } = await ask({ do: "witness", witness: output.witness }, "witnessed")
      return { left: await framesOf(left), right: await framesOf(right) }
    }
  }
}
