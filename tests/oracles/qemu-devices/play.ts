/** Does the steps of a case at the bus of our own machine. */
import type { Machine } from "../../../src/machine/machine"
import { pc } from "../../../src/pc"
import { answersOf, type Case, type Step } from "./cases"

/** Cycles in a microsecond. */
const MICROSECOND = 33
/** What a step takes in QEMU: three instructions of a microsecond each. */
const STEP_TIME = 3

/** Time passes, event by event. */
function wait({ clock, bus }: Machine, cycles: number): void {
  const end = clock.now + cycles
  while (clock.now < end) {
    clock.skip(Math.min(clock.next, end) - clock.now)
    bus.fireDue()
  }
}

function acknowledge({ bus: { controller } }: Machine): number {
  return controller?.pending() ? controller.acknowledge() : 0
}

/** Does one step; gives what is read. */
function play(machine: Machine, step: Step): number[] {
  const { bus } = machine
  wait(machine, (step.is === "wait" ? step.microseconds : STEP_TIME) * MICROSECOND)
  if (step.is === "out") bus.out(step.port, 8, step.value)
  if (step.is === "ack") return [acknowledge(machine)]
  if (step.is !== "in" && step.is !== "drop") return []
  const value = bus.in(step.port, 8) & 0xff
  return step.is === "in" ? [value] : []
}

/** What our machine answers. */
export function ours(each: Case): string {
  const machine = pc({ memory: 1, hertz: MICROSECOND * 1_000_000 })
  return answersOf(
    each,
    each.steps.flatMap((step) => play(machine, step)),
  )
}
