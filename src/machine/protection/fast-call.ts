/**
 * SYSENTER and SYSEXIT: into ring 0 and back to ring 3 without a gate. Nothing is read from memory or pushed: segments are
 * flat, whatever the GDT says, and where to go stands in model-specific registers, or in EDX and ECX.
 * @see SDM Vol. 2B "SYSENTER—Fast System Call", "SYSEXIT—Fast Return from Fast System Call"
 */
import { IF, RF, VM } from "../../isa/eflags"
import { CS, ECX, EDX, ESP, SS } from "../../isa/registers"
import { hex } from "../../numbers/int"
import type { Core } from "../processor/core"
import { FLAT, FLAT_DATA, TYPE_CODE } from "../processor/descriptors"
import { SYSENTER_CS, SYSENTER_EIP, SYSENTER_ESP } from "../processor/model-specific"
import { needsRing0 } from "./privilege"

const ENTER_SEE = 'SDM Vol. 2B "SYSENTER—Fast System Call"'
const EXIT_SEE = 'SDM Vol. 2B "SYSEXIT—Fast Return from Fast System Call"'

/** The selector in SYSENTER_CS; the three above it follow. @faults #GP(0) */
function firstSelector(cpu: Core, name: string, see: string): number {
  if (!cpu.protectedMode) cpu.raise("#GP", 0, `${name} needs protected mode`, see)
  const [selector] = cpu.modelSpecific.read(SYSENTER_CS)
  if (!(selector & 0xfffc))
    cpu.raise(
      "#GP",
      0,
      `${name} needs a selector in model-specific register SYSENTER_CS, which holds null`,
      see,
    )
  return selector & 0xfffc
}

/** To a ring with flat code and the flat stack behind it. */
function goTo(cpu: Core, ring: number, selector: number, eip: number, esp: number): void {
  const from = cpu.cpl
  const cache = { ...FLAT, access: FLAT_DATA | (ring << 5) }
  cpu.segments.set(CS, selector | ring, { ...cache, access: cache.access | TYPE_CODE })
  cpu.segments.set(SS, (selector + 8) | ring, cache)
  cpu.reg[ESP] = esp
  cpu.eip = eip
  cpu.ringChanged(from)
  cpu.tellDetail({
    is: "check",
    says: `CS and SS are flat segments of ring ${ring}; EIP is ${hex(eip)}, ESP ${hex(esp)}`,
  })
}

/** SYSENTER: to ring 0 with IF 0. Where from is nowhere kept: that is the caller's to tell. */
export function enterSystem(cpu: Core): void {
  const selector = firstSelector(cpu, "SYSENTER", ENTER_SEE)
  const [[esp], [eip]] = [cpu.modelSpecific.read(SYSENTER_ESP), cpu.modelSpecific.read(SYSENTER_EIP)]
  cpu.charge(cpu.prices.fastSystemCall)
  goTo(cpu, 0, selector, eip, esp)
  cpu.clearFlags(VM | IF | RF)
}

/** SYSEXIT: to ring 3, at EDX, on the stack at ECX. */
export function exitSystem(cpu: Core): void {
  const selector = firstSelector(cpu, "SYSEXIT", EXIT_SEE)
  if (cpu.cpl !== 0) throw needsRing0(cpu, "SYSEXIT")
  cpu.charge(cpu.prices.fastSystemCall)
  goTo(cpu, 3, selector + 16, cpu.reg[EDX], cpu.reg[ECX])
}
