/** Which instruction the EIP points at that a handler finds on its stack. */
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { FILLERS, TRAP_EVENTS, type TrapEvent } from "./events"
import { addressOf, recordTo, runTo, type Staged, stage } from "./scene"

const LOOK =
  "Find the line that leads to the handler. Is it done when the handler begins, or is it to be tried again?"
const SEE = 'SDM Vol. 3A §6.5 "Exception Classifications"'
const RULES = {
  fault: `A fault is reported with its instruction undone: the saved EIP points at that instruction, so that IRET tries it again (${SEE}).`,
  trap: `A trap is reported after its instruction: the saved EIP points at the next one to run, so that IRET goes on behind it (${SEE}).`,
}
const RULE = Object.values(RULES).join(" ")

/** The instructions of a scene; label L1 stands before the first. */
function instructions(event: TrapEvent, choose: Random): string[] {
  const filler = () => choose.pick(FILLERS)
  return [filler(), ...event.before, event.line, filler(), filler()]
}

const labelled = (lines: readonly string[]) => lines.map((line, n) => `L${n + 1}:  ${line}`).join("\n")

function scene(event: TrapEvent, ring: number, lines: readonly string[]): Staged {
  const { vector, dpl = 3, gates = [] } = event
  const listing = `program:\n${labelled([...lines, "jmp $"])}`
  const rest = "handler: hlt\npair: dd 0, 5, 0"
  return stage({ gates: [...gates, { vector, handler: "handler", dpl }], ring, listing, rest })
}

function slips({ kind, line }: TrapEvent, own: string, next: string): Slip[] {
  const asTrap = {
    answer: next,
    misconception: "fault-as-trap",
    text: `${next} stands behind \`${line}\`. Was that done when the handler began?`,
  }
  const asFault = {
    answer: own,
    misconception: "trap-as-fault",
    text: `What would happen if IRET went back to \`${line}\`?`,
  }
  return [
    kind === "fault" ? asTrap : asFault,
    {
      answer: "handler",
      misconception: "handler-address",
      text: "The handler's address came from the gate in the IDT. What is saved is the way back.",
    },
    {
      answer: "L1",
      misconception: "start-over",
      text: "The program does not start over: it goes on where it was interrupted.",
    },
  ]
}

function pose(choose: Random): Posed {
  const event = choose.pick(TRAP_EVENTS)
  const ring = choose.pick(event.rings)
  const lines = instructions(event, choose)
  const staged = scene(event, ring, lines)
  const { pushed } = runTo(staged, "handler")
  const labels = [...lines, ""].map((_, n) => `L${n + 1}`)
  const eip = pushed.find(({ what }) => what === "EIP")?.value ?? 0
  const answer = labels.find((label) => addressOf(staged, label) === eip) ?? "handler"
  const own = event.before.length + 1
  return {
    text: `This program runs in ring ${ring}. It comes to the handler of ${event.name}.\n\nWhich instruction does the EIP point at that the processor has saved on the handler's stack?`,
    listing: `${labelled([...lines, `jmp L${labels.length}`])}\n\nhandler:               ; in ring 0, for vector ${hex(event.vector, 2)}\n     …`,
    form: { kind: "choice", options: [...labels, "handler"] },
    answer,
    because: `In the run the saved EIP was ${hex(eip)}, the address of ${answer}. ${RULES[event.kind]}`,
    look: LOOK,
    rule: RULE,
    slips: slips(event, labels[own], labels[own + 1]),
    run: () => {
      const again = scene(event, ring, lines)
      runTo(again, "program")
      return recordTo(again, `The way into the handler of ${event.name}`, ["handler"])
    },
  }
}

export const SAVED_EIP = posedExercise("traps/saved-eip", "Where will it go on?", pose)
