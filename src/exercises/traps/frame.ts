/** What the processor pushes on its way into a handler, and where. */

import { ESP } from "../../isa/registers"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { FILLERS, TRAP_EVENTS, type TrapEvent } from "./events"
import { addressOf, recordTo, runTo, type Staged, stage } from "./scene"

const SEE = 'SDM Vol. 3A §6.12.1 "Exception- or Interrupt-Handler Procedures", Figure 6-4'
const RULE = `From an outer ring the processor first switches to the stack that the TSS names for the handler's ring and pushes SS and ESP there; in the same ring it stays on the stack at hand. Then it pushes EFLAGS, CS and EIP, and for some exceptions, such as #GP, an error code (${SEE}).`

/** An entry into a handler, as it happened. */
interface Entry {
  readonly ring: number
  readonly event: TrapEvent
  /** ESP of the interrupted program, and ESP0 of the TSS. */
  readonly esp: number
  readonly esp0: number
  /** ESP at the handler's first instruction. */
  readonly handlerEsp: number
  /** What was pushed, top of the stack first. */
  readonly frame: readonly string[]
  readonly listing: string
  /** The same once more, before its first step. */
  readonly again: () => Staged
}

/** Events that need no preparation on the stack, so that ESP before them is easily told. */
const EVENTS = TRAP_EVENTS.filter(({ name }) => name !== "#DB")

function enter(choose: Random): Entry {
  const event = choose.pick(EVENTS)
  const ring = choose.pick(event.rings)
  const pushes = choose.below(3)
  const body = [...Array.from({ length: pushes }, () => "push ebx"), choose.pick(FILLERS), ...event.before]
  const listing = [...body.map((line) => `  ${line}`), `here:\n  ${event.line}`].join("\n")
  const { vector, dpl = 3, gates = [] } = event
  const all = [...gates, { vector, handler: "handler", dpl }]
  const rest = "  jmp $\nhandler: hlt\npair: dd 0, 5, 0"
  const again = () => stage({ gates: all, ring, listing: `program:\n${listing}`, rest })
  const staged = again()
  runTo(staged, "here")
  const esp = staged.machine.cpu.reg[ESP] >>> 0
  const frame = runTo(staged, "handler").pushed.map(({ what }) => what.replace(/ \(.*/, ""))
  return {
    ring,
    event,
    esp,
    esp0: addressOf(staged, "stack0"),
    handlerEsp: staged.machine.cpu.reg[ESP] >>> 0,
    frame,
    listing,
    again,
  }
}

const hasCode = ({ frame }: Entry) => frame[0] === "error code"
const describe = ({ ring, event, esp, esp0 }: Entry) =>
  `This program runs in ring ${ring}. At \`here\`, \`${event.line}\` takes it to the handler of ${event.name} in ring 0. ESP is ${hex(esp)} just before; the TSS names the stack 0010h:${hex(esp0)} for ring 0.`

const happened = (entry: Entry) =>
  `In the run the processor ${entry.ring > 0 ? `switched to ${hex(entry.esp0)}` : `stayed at ${hex(entry.esp)}`} and pushed ${[...entry.frame].reverse().join(", ")}: ESP became ${hex(entry.handlerEsp)}.`

function entering({ again, event, ring }: Entry) {
  const staged = again()
  runTo(staged, "program")
  return recordTo(staged, `From ring ${ring} into the handler of ${event.name}`, ["handler"])
}

// Where is ESP?

const ALWAYS_FIVE = "SS and ESP are not always saved. What are they saved for?"

function espSlips(entry: Entry): Slip[] {
  const { ring, esp, esp0, handlerEsp, frame } = entry
  const code = hasCode(entry) ? 1 : 0
  const top = ring > 0 ? esp0 : esp
  const slip = (answer: number, misconception: string, text: string) => ({ answer, misconception, text })
  const outer = [
    slip(
      esp - 4 * (3 + code),
      "no-stack-switch",
      `That is on the stack of ring ${ring}. The kernel does not trust it: ring 0 has its own.`,
    ),
    slip(
      esp - 4 * (5 + code),
      "no-stack-switch",
      `That is on the stack of ring ${ring}. The kernel does not trust it: ring 0 has its own.`,
    ),
    slip(
      esp0 - 4 * (3 + code),
      "outer-stack-not-saved",
      "The stack is the right one. But SS and ESP of the outer ring must be saved too, or nobody could return.",
    ),
  ]
  const same = [slip(esp - 4 * (5 + code), "always-five", ALWAYS_FIVE)]
  const ofCode = code
    ? slip(
        handlerEsp + 4,
        "forgotten-error-code",
        `Is anything pushed for ${entry.event.name} that is not for INT n?`,
      )
    : slip(handlerEsp - 4, "error-code-always", "Does each event have an error code?")
  return [
    ...(ring > 0 ? outer : same),
    ofCode,
    slip(top + 4 * frame.length, "stack-grows-up", "A push makes ESP smaller."),
  ]
}

function whereIsEsp(entry: Entry): Posed {
  return {
    text: `${describe(entry)}\n\nWhat is ESP when the handler's first instruction is about to run?`,
    listing: entry.listing,
    form: { kind: "number", unit: "" },
    answer: entry.handlerEsp,
    because: `${happened(entry)} ${RULE}`,
    look: "On which stack, how many doublewords, and is there an error code among them?",
    rule: RULE,
    slips: espSlips(entry),
    run: () => entering(entry),
  }
}

// What lies there?

const ITEMS = ["error code", "EIP", "CS", "EFLAGS", "ESP", "SS"]
const NOTHING = "nothing of these: it was there before"
const at = (frame: readonly string[], place: number) => frame[place] ?? NOTHING

function itemSlips(entry: Entry, place: number): Slip[] {
  const { frame, ring } = entry
  const plain = frame.filter((item) => item !== "error code")
  const name = entry.event.name
  const ofCode = hasCode(entry)
    ? {
        answer: at(plain, place),
        misconception: "forgotten-error-code",
        text: `Is anything pushed for ${name} that is not for INT n?`,
      }
    : {
        answer: at(["error code", ...plain], place),
        misconception: "error-code-always",
        text: "Does each event have an error code?",
      }
  const ofRing = {
    answer: at([...frame, "ESP", "SS"], place),
    misconception: "always-five",
    text: ALWAYS_FIVE,
  }
  const reversed = {
    answer: at([...frame].reverse(), place),
    misconception: "first-pushed-on-top",
    text: "The stack grows towards lower addresses: does ESP point at what was pushed first, or at what came last?",
  }
  return [ofCode, ...(ring === 0 ? [ofRing] : []), reversed]
}

function whatLiesThere(entry: Entry, choose: Random): Posed {
  const place = choose.below(entry.frame.length + (entry.ring === 0 ? 1 : 0))
  const operand = place === 0 ? "[esp]" : `[esp + ${4 * place}]`
  const answer = at(entry.frame, place)
  return {
    text: `${describe(entry)}\n\nThe handler's first instruction is \`mov eax, ${operand}\`. Which of the things that the processor saves does it read?`,
    listing: entry.listing,
    form: { kind: "choice", options: [...ITEMS, NOTHING] },
    answer,
    because: `${happened(entry)} So ${operand} is ${answer}. ${RULE}`,
    look: "Draw the frame from its deepest doubleword upwards, and count from where ESP points.",
    rule: RULE,
    slips: itemSlips(entry, place),
    run: () => entering(entry),
  }
}

function pose(choose: Random): Posed {
  const entry = enter(choose)
  return choose.below(2) === 0 ? whereIsEsp(entry) : whatLiesThere(entry, choose)
}

export const FRAME = posedExercise("traps/frame", "What is on the handler's stack?", pose)
