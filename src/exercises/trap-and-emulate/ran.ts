/** A deed done under trap-and-emulate and on bare metal. */
import { IF } from "../../isa/eflags"
import type { Program } from "../../isa/program"
import type { Machine } from "../../machine/machine"
import { hex } from "../../numbers/int"
import { type Hosted, hosted, keepingLast, onBareMetal, programOf, type Scene } from "./scene"
import { type Stop, Watch } from "./watch"

/** What became of the instruction at `here`. */
export interface Ran {
  /** The exit that it caused; undefined: it ran by itself. */
  readonly stop: Stop | undefined
  /** What is not as on bare metal after it, a short sentence each; nothing if it caused an exit. */
  readonly differs: readonly string[]
}

const MOST_STEPS = 1000
const PLACE_BYTES = 8

/** Do it. */
export const runDeed = keepingLast((scene: Scene): Ran => {
  const program = programOf(scene)
  const { here, after } = program.labels
  const host = hosted(program)
  const watch = new Watch(host).run(here)
  const before = watch.stops.length
  watch.pass(here)
  const stop = watch.stops.slice(before).find(({ at, reason }) => at === here && reason !== "shadow")
  return { stop, differs: stop ? [] : differences(host, bareAt(program, after), program) }
})

/** Bare metal, as it is when it comes to a place. */
export function bareAt(program: Program, at: number): Machine {
  const machine = onBareMetal(program)
  for (let n = 0; n < MOST_STEPS && machine.cpu.eip !== at; n++) machine.step()
  return machine
}

function differences({ machine, hypervisor }: Hosted, bare: Machine, { labels }: Program): string[] {
  const { vm } = hypervisor.guests[0]
  vm.host?.beforeSave()
  const guest = vm.machine
  const facts: (readonly [what: string, inGuest: number, onBare: number])[] = [
    ["EAX", machine.cpu.reg[0] >>> 0, bare.cpu.reg[0] >>> 0],
    ["IF", guest.cpu.flags.value & IF ? 1 : 0, bare.cpu.flags.value & IF ? 1 : 0],
    ["the top of the stack", topOfStack(guest), topOfStack(bare)],
    ...wordsAt(labels.place).map(
      (at) => ["what it stored", guest.memory.get(at, 32) >>> 0, bare.memory.get(at, 32) >>> 0] as const,
    ),
  ]
  return facts
    .filter(([, inGuest, onBare]) => inGuest !== onBare)
    .map(([what, inGuest, onBare]) => `${what} is ${hex(inGuest)}, and ${hex(onBare)} on bare metal`)
}

const topOfStack = ({ memory, cpu }: Machine) => memory.get(cpu.reg[4] >>> 0, 32) >>> 0
const wordsAt = (place: number) => Array.from({ length: PLACE_BYTES / 4 }, (_, n) => place + 4 * n)
