/** A guest under a monitor whose exits come one by one, for checks of what a student's function makes of them. */
import { type MonitoredVcpu, monitor } from "../../../hypervisors/deprivileged/monitor"
import type { Exit } from "../../../hypervisors/exit"
import { formatInstruction } from "../../../isa/disassemble"
import type { Program } from "../../../isa/program"
import { pc } from "../../../pc"

/** MiB of the machine, and of the guest. */
const [MACHINE, GUEST] = [6, 3]
/** Steps of the machine between two exits. */
const MOST_STEPS = 100_000

/** Put a guest under a monitor. */
export const monitored = (guest: Program): MonitoredVcpu =>
  monitor(pc({ memory: MACHINE }), guest, { memory: GUEST })

/** Let it run to its next exit. @returns undefined: it has come to its end */
export function nextExit(vcpu: MonitoredVcpu): Exit | undefined {
  const exit = vcpu.run(MOST_STEPS)
  return exit.why === "hlt" || exit.why === "shutdown" || exit.why === "limit" ? undefined : exit
}

/** The instruction of an exit, as it is written; a word for one that has none. */
export const instructionOf = (exit: Exit): string =>
  exit.why === "instruction" ? formatInstruction(exit.instruction, exit.at) : exit.why
