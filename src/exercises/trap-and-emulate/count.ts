/** How many exits a few lines cost. */
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { chooseRound, countOf, go, listingOf, type Round } from "./round"

const RULE =
  'An exit is an event that goes through the real IDT: an exception, an INT n, a device\'s interrupt (SDM Vol. 3A §6.12 "Exception and Interrupt Handling"). Go through the lines one by one, as often as they run, and ask of each whether ring 1, or ring 3, may execute it (SDM Vol. 3A §5.9 "Privileged Instructions"); the IRETD of the handler, whose selectors are the guest\'s own, may not complete either.'

function slips(round: Round): Slip[] {
  const { calls, handler } = round
  const [privileged, sensitive] = [countOf(round, "privileged"), countOf(round, "sensitive")]
  const each = (exits: number, misconception: string, text: string): Slip => ({
    answer: calls * exits,
    misconception,
    text,
  })
  return [
    each(
      1,
      "only-the-call",
      "The way to the kernel is counted, but not what the kernel does then: it has left ring 0, too.",
    ),
    each(
      1 + privileged,
      "return-is-direct",
      "The way back is missing: an IRETD of the guest kernel does not complete by itself.",
    ),
    each(
      2,
      "ring-1-is-a-bit-of-ring-0",
      "There and back is right. But the handler's own privileged lines are refused in ring 1.",
    ),
    each(
      2 + privileged + sensitive,
      "sensitive-means-privileged",
      "Among the lines are some that only read the real state. They do not trap: that is what is wrong with them.",
    ),
    each(
      2 + handler.length,
      "monitor-runs-beside",
      "The monitor does not come in at each line of the kernel's, only where the processor refuses one.",
    ),
    {
      answer: 0,
      misconception: "trap-needs-a-device",
      text: "No device is needed for a trap: an instruction raises it.",
    },
    {
      answer: 2 + privileged,
      misconception: "counts-one-call",
      text: "That is one of the application's calls. How often does it call?",
    },
  ]
}

function pose(choose: Random): Posed {
  const round = chooseRound(choose, 3)
  const { stops } = go(round)
  return {
    text: "Under trap-and-emulate an application in ring 3 runs from `here` to `after`; its kernel has the handler below. No device asks for anything, and page faults that only fill the shadow tables do not count.\n\nHow many times is the monitor called?",
    listing: listingOf(round),
    form: { kind: "number", unit: "exits" },
    answer: stops.length,
    because: `In the run there were ${stops.length} exits: ${stops.map(({ instruction }) => `\`${instruction}\``).join(", ")}.`,
    rule: RULE,
    slips: slips(round),
  }
}

/** The round is run; the student counts. */
export const COUNT = posedExercise("trap-and-emulate/count", "How many exits?", pose)
