/** Who may use a port. @see SDM Vol. 1 §18.5 "Protected-Mode I/O" */
import { TR } from "../../isa/registers"
import { hex, type Size } from "../../numbers/int"
import type { Fault } from "../events/fault"
import type { Core } from "../processor/core"
import { TYPE, TYPE_TSS_AVAILABLE } from "../processor/descriptors"

/** Offset in the TSS of the field that says where the bitmap begins. */
const MAP_BASE_FIELD = 102

/** Up to IOPL every port is free; beyond it, and always in virtual-8086 mode, the TSS's I/O permission bitmap decides: else #GP(0). */
export function requirePort(cpu: Core, port: number, size: Size): Fault | undefined {
  if (cpu.cpl <= cpu.flags.iopl && !cpu.virtual8086) return undefined
  const closed = closedPort(cpu, port, size / 8)
  if (closed !== null) return refusePort(cpu, port, size, closed)
  if (cpu.detailed)
    cpu.tellDetail({
      is: "check",
      says: `the I/O permission bitmap has a 0 for port ${hex(port, 3)}, so CPL ${cpu.cpl} may use it`,
    })
  return undefined
}

function refusePort(cpu: Core, port: number, size: Size, closed: number): Fault {
  const says = () => {
    const which = closed === port ? "" : `, of the ${size / 8} from ${hex(port, 4)} on,`
    const need = `port ${hex(closed, 4)}${which} needs CPL ≤ IOPL or a 0 bit in the I/O permission bitmap`
    return `${need}; CPL is ${cpu.cpl}, IOPL is ${cpu.flags.iopl}, and the bitmap has no 0 for it`
  }
  return cpu.refusal("#GP", 0, says, 'SDM Vol. 1 §18.5.2 "I/O Permission Bit Map"')
}

/**
 * The first of some ports that the bitmap does not open; null if it opens all. A bit a port, and 0 opens it:
 *
 *      byte 0                    byte 1                            last
 *     ┌──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬──┬───────┬─────────┐
 *     │ 7│ 6│ 5│ 4│ 3│ 2│ 1│ 0│ F│ E│ D│ C│ B│ A│ 9│ 8│   …   │ FFh     │
 *     └──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴──┴───────┴─────────┘
 *
 * Ports beyond the TSS's limit are closed.
 * @see SDM Vol. 1 §18.5.2 "I/O Permission Bit Map"
 */
function closedPort(cpu: Core, port: number, bytes: number): number | null {
  const { base, limit, access } = cpu.segments.cache(TR)
  if ((access & TYPE) < TYPE_TSS_AVAILABLE || limit < MAP_BASE_FIELD + 1) return port
  const map = cpu.linear.readAs(false, (base + MAP_BASE_FIELD) | 0, 16)
  const at = map + (port >> 3)
  // Two bytes are always read, so the map ends with a byte of ones.
  if (at + 1 > limit) return port
  const bits = cpu.linear.readAs(false, (base + at) | 0, 16)
  const closed = (bits >> (port & 7)) & ((1 << bytes) - 1)
  return closed === 0 ? null : port + 31 - Math.clz32(closed & -closed)
}
