/** Which instruction brings the monitor in, and what it does then. */
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { type Deed, FILLERS, listingOf, pickDeed, sceneOf } from "./pool"
import { type Ran, runDeed } from "./ran"

/** What can become of an instruction of a guest's. */
type Fate = "emulated" | "reflected" | "direct" | "silent"

const OPTIONS: Readonly<Record<Fate, string>> = {
  emulated: "The monitor is called, and does the instruction on the virtual processor",
  reflected: "The monitor is called, and hands over to a handler of the guest's own",
  direct: "The processor does it alone, as on bare metal",
  silent: "The processor does it alone, and not as on bare metal",
}

export const RULE =
  'The guest kernel is in ring 1, the application in ring 3, and IOPL is 0 for both. What the processor refuses there goes through the real IDT, which is the monitor\'s: privileged instructions (SDM Vol. 3A §5.9 "Privileged Instructions"), IOPL-sensitive ones (SDM Vol. 1 §18.5.1 "I/O Privilege Level"), exceptions and INT n. Nothing else brings the monitor in. What the guest kernel may do on bare metal is then done for it; what concerns the guest\'s own handlers goes to them.'

const fateOf = ({ stop, differs }: Ran): Fate => {
  if (!stop) return differs.length > 0 ? "silent" : "direct"
  return isReflected(stop) ? "reflected" : "emulated"
}

/** Whether an exit ends at one of the guest's own handlers. */
export const isReflected = ({ reason, raised }: { readonly reason: string; readonly raised?: string }) =>
  /^(?:INT|exception) /.test(reason) || raised !== undefined

/** By what is right, and what is answered instead. */
const SLIPS: Readonly<Record<Fate, Partial<Record<Fate, readonly [misconception: string, text: string]>>>> = {
  emulated: {
    reflected: [
      "exception-is-an-error",
      "The fault is only how the monitor gets the processor back. The guest kernel did what it may do, and must never hear of a fault.",
    ],
    direct: [
      "ring-1-is-a-bit-of-ring-0",
      "For the processor ring 1 is outside of ring 0, as ring 3 is: no part of what is ring 0's alone is open to it.",
    ],
    silent: [
      "all-fail-in-silence",
      "Few instructions do something else in silence. This one asks for a privilege that it has not, and faults.",
    ],
  },
  reflected: {
    emulated: [
      "monitor-does-the-kernels-work",
      "The monitor knows no system call and mends no error of an application: on bare metal the guest's own handler would have run.",
    ],
    direct: [
      "guest-idt-is-the-real-one",
      "The processor looks into one IDT only, the one that the real IDTR names. It is not the guest's.",
    ],
    silent: [
      "trap-needs-a-device",
      "No device is needed for it: an instruction can raise the event by itself.",
    ],
  },
  direct: {
    emulated: [
      "monitor-runs-beside",
      "The monitor does not look at each instruction: while a guest runs it does not run at all.",
    ],
    reflected: [
      "monitor-runs-beside-handlers",
      "Nothing happens here that would need a handler of anybody's.",
    ],
    silent: [
      "kernel-means-sensitive",
      "Compare with bare metal: nothing that this instruction gives depends on the ring, on the tables or on the real flags.",
    ],
  },
  silent: {
    emulated: [
      "sensitive-means-privileged",
      "It is sensitive, but it is not privileged: the processor refuses it in no ring, so nobody is called.",
    ],
    reflected: [
      "sensitive-means-fault",
      "There is no fault that could be handed on: the processor refuses it in no ring.",
    ],
    direct: [
      "no-trap-no-difference",
      "No trap, yes. But what it reads or writes is the real processor's state, and that is not what the guest believes.",
    ],
  },
}

function slipsOf(fate: Fate): Slip[] {
  return Object.entries(SLIPS[fate]).map(([other, [misconception, text]]) => ({
    answer: OPTIONS[other as Fate],
    misconception,
    text,
  }))
}

function because({ line }: Deed, { stop, differs }: Ran): string {
  if (!stop && differs.length === 0)
    return `In the run \`${line}\` caused no exit, and all was as on bare metal.`
  if (!stop) return `In the run \`${line}\` caused no exit, and ${differs.join("; ")}.`
  const raised = stop.raised
    ? `; the virtual processor raised ${stop.raised} for the guest's own handler`
    : ""
  return `In the run \`${line}\` led to vector ${stop.vector} of the monitor's IDT. The monitor: ${stop.told}${raised}.`
}

function pose(choose: Random): Posed {
  const deed = pickDeed(choose)
  const interrupts = choose.below(2) === 1
  const filler = choose.pick(FILLERS)
  const ran = runDeed(sceneOf(deed, interrupts, filler))
  const fate = fateOf(ran)
  return {
    text: `Under trap-and-emulate ${deed.who} runs these lines. Before them the guest has turned interrupts ${interrupts ? "on" : "off"}, as it believes; its IOPL is 0.\n\nWhat becomes of the instruction at \`here\`?`,
    listing: listingOf(deed, filler),
    form: { kind: "choice", options: Object.values(OPTIONS) },
    answer: OPTIONS[fate],
    because: because(deed, ran),
    rule: RULE,
    slips: slipsOf(fate),
  }
}

/** The guest is run; the student says whether the monitor hears of an instruction. */
export const EXITS = posedExercise("trap-and-emulate/exits", "Does the monitor hear of it?", pose)
