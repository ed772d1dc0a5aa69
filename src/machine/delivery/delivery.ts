/**
 * Delivering faults and interrupts: a fault on the way may make a double fault, and one on that way shuts the processor down.
 * @see SDM Vol. 3A §6.15 "Interrupt 8—Double Fault Exception (#DF)"
 */

import { classOf, Fault } from "../events/fault"
import type { Core } from "../processor/core"
import { enterHandler } from "./interrupts"

const DOUBLE_FAULT = "#DF"
const SEE = 'SDM Vol. 3A §6.15 "Interrupt 8—Double Fault Exception (#DF)", Table 6-5'

/** Go to the handler of an interrupt from outside. */
export function deliverInterrupt(cpu: Core, vector: number): void {
  try {
    enterHandler(cpu, { vector, errorCode: null, resume: false })
  } catch (reason) {
    deliver(cpu, faultIn(reason))
  }
}

/** Go to the handler of a fault, or of what comes of it. */
export function deliver(cpu: Core, fault: Fault): void {
  note(cpu, fault)
  const met = tryToDeliver(cpu, fault)
  if (met) deliverNext(cpu, fault, met)
}

function deliverNext(cpu: Core, fault: Fault, met: Fault): void {
  note(cpu, met)
  const next = combine(fault, met)
  if (!next) {
    cpu.shutDown()
    return
  }
  if (next !== met) note(cpu, next)
  const again = tryToDeliver(cpu, next)
  if (again) deliverNext(cpu, next, again)
}

/** The fault that is met on the way to a fault's handler, if any. */
function tryToDeliver(cpu: Core, fault: Fault): Fault | undefined {
  try {
    enterHandler(cpu, { vector: fault.vector, errorCode: fault.errorCode, resume: fault.resumes })
    if (fault.name === "#DB") cpu.debug.enterHandler()
    return undefined
  } catch (reason) {
    return faultIn(reason)
  }
}

/** What was thrown, if it is a fault. */
function faultIn(reason: unknown): Fault {
  if (reason instanceof Fault) return reason
  throw reason
}

/** A fault was met: say so; a page fault's address is in CR2 from now on. */
function note(cpu: Core, fault: Fault): void {
  const { name, vector, errorCode, see } = fault
  if (cpu.listening) cpu.tell({ is: "fault", name, vector, errorCode, says: fault.says, see })
  if (name === "#PF") cpu.detectPageFault(fault.address)
}

/** What two faults, the second while delivering the first, become; undefined: shutdown. @see Table 6-5 */
function combine(first: Fault, second: Fault): Fault | undefined {
  const [a, b] = [classOf(first.vector), classOf(second.vector)]
  if (first.name === DOUBLE_FAULT) return b === "benign" ? second : undefined
  const double = b !== "benign" && (a === "page fault" || (a === "contributory" && b === "contributory"))
  if (!double) return second
  const says = `${second.name} while ${first.name} was being delivered: ${second.says}`
  return new Fault(DOUBLE_FAULT, 0, says, SEE)
}
