/** A fault while another event is being delivered: a handler for the second, a double fault, or the end. */
import type { KitGate } from "../../guests/kit"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { FILLERS } from "./events"
import { type Arrival, addressOf, gateAddress, recordTo, runTo, type Staged, stage } from "./scene"

const SEE = 'SDM Vol. 3A §6.15 "Interrupt 8—Double Fault Exception (#DF)", Tables 6-4 and 6-5'
const RULE = `When a fault arises while an event is being delivered, the classes of the two decide. #DE, #TS, #NP, #SS and #GP are contributory; #PF is a class of its own; all others, and INT n, are benign. Contributory after contributory, and contributory or #PF after #PF, make a double fault; otherwise the second is simply delivered. A fault while #DF is being delivered shuts the processor down (${SEE}).`

/** The first event. */
interface First {
  readonly name: string
  readonly vector: number
  readonly line: string
}
const FIRSTS: readonly First[] = [
  { name: "#DE", vector: 0, line: "div ecx                 ; ECX is 0" },
  { name: "#UD", vector: 6, line: "ud2" },
  { name: "#BR", vector: 5, line: "bound eax, [pair]       ; EAX is not within the bounds" },
  { name: "#GP", vector: 13, line: "hlt" },
  { name: "#PF", vector: 14, line: "mov eax, [0x400000]     ; not mapped" },
  { name: "#BP", vector: 3, line: "int3" },
  { name: "INT 80h", vector: 0x80, line: "int 0x80" },
]

/** What goes wrong on the way to its handler. */
interface Trouble {
  readonly says: string
  readonly damage: (staged: Staged, gate: number) => void
}
/**
 * All of it touches the first event's way alone, which leads to ring 0; the other handlers are in ring 1, with its stack.
 * In a gate, byte 5 holds P, bytes 2-3 the selector; in the TSS, byte 4 begins ESP0, byte 8 SS0.
 */
const TROUBLES: readonly Trouble[] = [
  {
    says: "its gate is not present",
    damage: ({ machine: { memory } }, gate) => memory.set(gate + 5, 8, memory.get(gate + 5, 8) & 0x7f),
  },
  {
    says: "its gate holds a null selector",
    damage: ({ machine: { memory } }, gate) => memory.set(gate + 2, 16, 0),
  },
  {
    says: "its gate's type is that of a TSS, which is no gate",
    damage: ({ machine: { memory } }, gate) => memory.set(gate + 5, 8, 0xe9),
  },
  {
    says: "SS0 in the TSS is null",
    damage: (staged) => staged.machine.memory.set(addressOf(staged, "tss") + 8, 16, 0),
  },
  {
    says: "ESP0 in the TSS points into a page that is not mapped",
    damage: (staged) => staged.machine.memory.set(addressOf(staged, "tss") + 4, 32, 0x50_0000),
  },
]

const HANDLED: readonly (readonly [vector: number, name: string])[] = [
  [8, "#DF"],
  [10, "#TS"],
  [11, "#NP"],
  [13, "#GP"],
  [14, "#PF"],
]
const SHUTDOWN = "none: the processor shuts down"

interface Case {
  readonly first: First
  readonly trouble: Trouble
  /** Whether there is a handler of #DF. */
  readonly guarded: boolean
  readonly before: string
}

function gatesOf({ first, guarded }: Case): KitGate[] {
  const rows = HANDLED.filter(([vector]) => vector !== first.vector && (guarded || vector !== 8))
  const gates = rows.map(([vector]) => ({ vector, handler: `handler${vector}`, ring: 1 }))
  return [...gates, { vector: first.vector, handler: `handler${first.vector}`, dpl: 3 }]
}

const listing = ({ first, before }: Case) =>
  `program:\n  ${before}\n  xor ecx, ecx\n  mov eax, 9\n  ${first.line}`

/** The scene at its first line, with the trouble in it. */
function begin(given: Case): Staged {
  const gates = gatesOf(given)
  const rest = [...gates.map(({ handler }) => `${handler}: hlt`), "pair: dd 0, 5, 0"].join("\n")
  const staged = stage({ gates, ring: 3, paging: true, listing: listing(given), rest })
  runTo(staged, "program")
  given.trouble.damage(staged, gateAddress(staged, given.first.vector))
  return staged
}

const handlersOf = (given: Case) => gatesOf(given).map(({ handler }) => handler)

/** Whose handler it is. */
function nameOf({ at }: Arrival, { first }: Case): string {
  if (at === "shutdown") return SHUTDOWN
  const vector = Number(at.replace("handler", ""))
  return HANDLED.find(([handled]) => handled === vector)?.[1] ?? first.name
}

/** The events as they came, the software interrupt that raised nothing included. */
function chain({ raised }: Arrival, { first }: Case): string {
  const names = raised.map(({ name }) => name)
  return (names[0] === first.name ? names : [first.name, ...names]).join(", then ")
}

function slips(given: Case, arrival: Arrival): Slip[] {
  const { first } = given
  const second =
    arrival.raised.map(({ name }) => name).find((name) => name !== first.name && name !== "#DF") ?? "#GP"
  return [
    {
      answer: first.name,
      misconception: "handler-runs-anyway",
      text: `The way to the handler of ${first.name} is broken: it cannot be entered.`,
    },
    {
      answer: second,
      misconception: "always-one-after-the-other",
      text: `${second} did arise. But it did not come alone: does it count what came before?`,
    },
    {
      answer: "#DF",
      misconception: "always-double-fault",
      text:
        arrival.at === "shutdown"
          ? "A double fault is an event like any other: what does it need to be delivered?"
          : "Not every pair of events makes a double fault: it depends on their classes.",
    },
    {
      answer: SHUTDOWN,
      misconception: "second-fault-kills",
      text: "The processor gives up only when it cannot deliver a double fault. So far it has not come.",
    },
  ]
}

function pose(choose: Random): Posed {
  const given: Case = {
    first: choose.pick(FIRSTS),
    trouble: choose.pick(TROUBLES),
    guarded: choose.below(4) > 0,
    before: choose.pick(FILLERS),
  }
  const arrival = runTo(begin(given), ...handlersOf(given))
  const answer = nameOf(arrival, given)
  const { first, trouble, guarded } = given
  const others = HANDLED.map(([, name]) => name).filter(
    (name) => name !== first.name && (guarded || name !== "#DF"),
  )
  return {
    text: `Ring 3 runs into ${first.name}, whose handler is in ring 0. But ${trouble.says}. ${guarded ? "" : "The IDT has no gate for #DF. "}There are good gates for ${others.join(", ")}; they lead to ring 1, whose stack is good. Paging is on.\n\nWhose handler runs?`,
    listing: listing(given),
    form: {
      kind: "choice",
      options: [...new Set([first.name, ...HANDLED.map(([, name]) => name), SHUTDOWN])],
    },
    answer,
    because: `In the run: ${chain(arrival, given)}. ${RULE}`,
    look: "Which event comes second, and of which class is each of the two?",
    rule: RULE,
    slips: slips(given, arrival),
    run: () => recordTo(begin(given), `${first.name}, and then?`, handlersOf(given)),
  }
}

export const DOUBLE_FAULT = posedExercise("traps/double-fault", "Two at once", pose)
