/** What the first guest of a machine's hypervisor believes its processor to be. */
import { IF, IOPL, RF } from "../isa/eflags"
import { CS, SS } from "../isa/registers"
import type { Machine } from "../machine/machine"
import { ringOfCode } from "../machine/processor/descriptors"
import type { CpuState } from "../machine/processor/state"
import { TrapAndEmulate } from "./trap-and-emulate"

/** Flags that the real processor has otherwise than the guest. */
const NOT_REAL = IF | IOPL | RF

/** The processor as the first guest has it; undefined if there is no hypervisor. While it runs, its registers are the real ones. */
export function believedCpu({ cpu, bus }: Machine): CpuState | undefined {
  const hypervisor = bus.devices.find((device) => device instanceof TrapAndEmulate)
  if (!hypervisor) return undefined
  const own = hypervisor.guests[0].vm.machine.cpu.save()
  return cpu.cpl === 0 ? own : running(own, cpu.save())
}

function running(own: CpuState, real: CpuState): CpuState {
  return {
    ...own,
    reg: real.reg,
    eip: real.eip,
    flags: (own.flags & NOT_REAL) | (real.flags & ~NOT_REAL),
    segments: own.segments.map((segment, n) => (n <= LAST_SEGMENT ? loaded(segment, real, n) : segment)),
  }
}

const LAST_SEGMENT = 5
type Segment = CpuState["segments"][number]

/** A segment that the guest may have loaded by itself. Its kernel has ring 1 for ring 0. */
function loaded(own: Segment, { segments }: CpuState, n: number): Segment {
  const [selector, base, limit, access] = segments[n]
  const isKernel = ringOfCode(segments[CS][0], segments[CS][3]) === 1
  const theirs = isKernel && (n === CS || n === SS) ? selector & ~3 : selector
  return theirs === own[0] ? own : [theirs, base, limit, access]
}
