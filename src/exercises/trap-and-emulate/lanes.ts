/** In which order application, guest kernel and monitor have the processor. */
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { chooseRound, countOf, go, listingOf, type Round } from "./round"

const RULE =
  'Every event goes through the IDT that the real IDTR names (SDM Vol. 3A §6.12 "Exception and Interrupt Handling"). The monitor hands over to the guest\'s handler, which runs in ring 1. There each privileged instruction is an exit of its own, and so is the IRETD by which the handler ends (SDM Vol. 3A §5.9 "Privileged Instructions"); instructions that are no more than sensitive are none.'

const [A, K, M] = ["application", "guest kernel", "monitor"]
const arrows = (...lanes: readonly string[]) => lanes.join(" → ")
/** The monitor comes in so many times while the handler runs. */
const within = (times: number) => Array.from({ length: times }, () => [M, K]).flat()

function slips(round: Round): Slip[] {
  const [privileged, sensitive] = [countOf(round, "privileged"), countOf(round, "sensitive")]
  const all = round.handler.length
  return [
    {
      answer: arrows(A, K, A),
      misconception: "guest-idt-is-the-real-one",
      text: "So it is on bare metal. Here the guest's IDT is only read by the monitor: the processor does not know it.",
    },
    {
      answer: arrows(A, M, A),
      misconception: "monitor-does-the-kernels-work",
      text: "The monitor knows nothing of this kernel's calls and errors: it can only hand over.",
    },
    {
      answer: arrows(A, M, K, ...within(privileged), A),
      misconception: "return-is-direct",
      text: "The way back is missing: the selectors that IRETD pops are those of the guest's own tables.",
    },
    {
      answer: arrows(A, M, K, M, A),
      misconception: "ring-1-is-a-bit-of-ring-0",
      text: "In ring 1 the handler may not do all that it does here: count its privileged lines.",
    },
    {
      answer: arrows(A, M, K, ...within(privileged + sensitive), M, A),
      misconception: "sensitive-means-privileged",
      text: "A line that reads the real state does not trap for that.",
    },
    {
      answer: arrows(A, M, K, ...within(all), M, A),
      misconception: "monitor-runs-beside",
      text: "The monitor does not look at each instruction: it comes in where the processor refuses one.",
    },
  ]
}

const SHORT: Readonly<Record<string, string>> = {
  "the application": A,
  "the guest kernel": K,
  "the monitor": M,
}

function pose(choose: Random): Posed {
  const round = chooseRound(choose, 1)
  const { lanes, stops } = go(round)
  const answer = arrows(...lanes.map((lane) => SHORT[lane]))
  const all = slips(round)
  return {
    text: "Under trap-and-emulate an application in ring 3 runs the line at `here`, its kernel handles it, and the application goes on at `after`. Page faults that only fill the shadow tables are left out.\n\nWho has the processor, one after the other?",
    listing: listingOf(round),
    form: {
      kind: "choice",
      options: [...new Set([answer, ...all.map((slip) => slip.answer as string)])].sort(),
    },
    answer,
    because: `In the run it was ${answer}. The exits: ${stops.map(({ instruction }) => `\`${instruction}\``).join(", ")}.`,
    rule: RULE,
    slips: all,
  }
}

/** The round is run; the student puts the three in order. */
export const LANES = posedExercise("trap-and-emulate/lanes", "Who runs when?", pose)
