/** One moment in a monitor's life: what is owed? */

import type { Random } from "../../numbers/random"
import type { Feedback } from "../exercise"
import { type Posed, posedExercise, type Slip } from "../posed"
import { chooseLife, listingOf, stepsOf } from "./life"
import { type MonitorStep, OWED, type Owed } from "./steps"

const RULE =
  'Ask of an exit: would it have been an event on bare metal, for this guest? If so, its own handler has it, as the guest\'s IDT says (SDM Vol. 3A §6.12 "Exception and Interrupt Handling"). If not, the guest must not hear of it: what its kernel may do is done for it, on a virtual processor, on a virtual device or in the tables that stand between its memory and the machine\'s (SDM Vol. 3A §4.7 "Page-Fault Exceptions"). And if the guest cannot go on: who can?'

/** What is wrong with an answer: by what is right, or for all. */
const THOUGHTS: Readonly<
  Record<Owed, Partial<Record<Owed, readonly [misconception: string, text: string]>>>
> = {
  emulate: {
    reflect: [
      "exception-is-an-error",
      "The guest's handler would be told of an error that the kernel did not make: on bare metal nothing would have happened but the instruction.",
    ],
    device: [
      "all-exits-are-devices",
      "No device of the guest's has a part in this instruction: only the processor's own state has.",
    ],
    deliver: [
      "trap-needs-an-interrupt",
      "No device has asked: the instruction itself brought the monitor in.",
    ],
    end: [
      "fault-ends-the-guest",
      "The fault was foreseen: it is the way by which a kernel outside of ring 0 is served.",
    ],
  },
  reflect: {
    emulate: [
      "monitor-does-the-kernels-work",
      "The virtual processor can do nothing here but go to the guest's handler: the rest is the guest kernel's work.",
    ],
    fill: [
      "every-event-is-the-monitors",
      "No page was missing. This event would have come on bare metal, too.",
    ],
    deliver: ["trap-needs-an-interrupt", "No device has asked: the instruction itself raised the event."],
    end: [
      "fault-ends-the-guest",
      "Whether an application goes on after a fault is for its own kernel to say.",
    ],
  },
  device: {
    emulate: [
      "ports-are-state",
      "The virtual processor has no ports in it: the instruction's value comes from a device, or goes to one.",
    ],
    reflect: [
      "exception-is-an-error",
      "The guest's kernel may use its ports. What it would find there on bare metal is a device.",
    ],
    deliver: ["trap-needs-an-interrupt", "The guest asks a device here, and not the other way round."],
  },
  fill: {
    reflect: [
      "every-page-fault-is-the-guests",
      "The guest's own tables did not forbid the access: its kernel could do nothing about this fault.",
    ],
    emulate: [
      "translation-is-emulation",
      "The instruction is an ordinary one: with the page in place the processor does it by itself.",
    ],
    device: ["missing-means-device", "There is memory of the guest's behind this address."],
    end: [
      "fault-ends-the-guest",
      "Nothing is wrong with the guest: the tables are filled as it touches its pages.",
    ],
  },
  deliver: {
    reflect: [
      "interrupt-is-an-exception",
      "Nothing that the guest executed raised this: a device of its own has asked.",
    ],
    device: ["asks-who-asked", "The device has asked already. Now the virtual processor has to hear of it."],
    emulate: [
      "trap-needs-an-instruction",
      "There is no instruction to be done: an interrupt comes between two of them.",
    ],
  },
  schedule: {
    emulate: [
      "monitor-waits-with-the-guest",
      "There is nothing left to be done for this guest now, and the processor is not its own.",
    ],
    end: [
      "halt-is-the-end",
      "It will go on: an interrupt of its own devices can wake it, or it only has to wait for its turn.",
    ],
    deliver: ["every-interrupt-is-the-guests", "For whom is that interrupt? Not for the guest that ran."],
    reflect: [
      "every-interrupt-is-the-guests-own",
      "The guest that ran had no part in this: its handlers have nothing to do with it.",
    ],
  },
  end: {
    schedule: ["dead-guests-wait", "To wait is to be woken some day. What could wake this one?"],
    emulate: [
      "monitor-waits-with-the-guest",
      "There is nothing left to be done for it: it will execute no further instruction.",
    ],
    deliver: ["if-does-not-matter", "This virtual processor takes no interrupt any more."],
    reflect: ["there-is-always-a-handler", "To which handler? A processor that has come so far calls none."],
  },
}

const slipsOf = (right: Owed): Slip[] =>
  Object.entries(THOUGHTS[right]).map(([other, [misconception, text]]) => ({
    answer: OWED[other as Owed],
    misconception,
    text,
  }))

/** What to say to whoever would do something else than is right. */
export function thought(right: Owed, chosen: Owed): Feedback {
  const [misconception, text] = THOUGHTS[right][chosen] ?? []
  return {
    right: false,
    text: text ? `${text}\n\n${RULE}` : RULE,
    ...(misconception ? { misconception } : {}),
  }
}

/** What is to be known of the guests, whatever they do. */
export const SETTING =
  "You are the monitor. Two virtual machines run under you. The guest “first” is below: paging is off in it, it has 3 MiB of memory, its IOPL is 0, and no port is open to its ring 3. “second” only computes."

/** One that is not the most frequent. */
function pickStep(choose: Random, steps: readonly MonitorStep[]): MonitorStep {
  const kinds = [...new Set(steps.map(({ right }) => right))]
  const kind = choose.pick(kinds)
  return choose.pick(steps.filter(({ right }) => right === kind))
}

function pose(choose: Random): Posed {
  const life = chooseLife(choose)
  const { says, right, because } = pickStep(choose, stepsOf(life))
  return {
    text: `${SETTING}\n\n${says}\n\nWhat do you owe now?`,
    listing: listingOf(life),
    form: { kind: "choice", options: Object.values(OWED) },
    answer: OWED[right],
    because: `The monitor did so: ${OWED[right]}. ${because}`,
    rule: RULE,
    slips: slipsOf(right),
  }
}

/** A moment of a run is shown; the student says what the monitor has to do. */
export const WHAT_IS_OWED = posedExercise("trap-and-emulate/owed", "What is owed?", pose)
