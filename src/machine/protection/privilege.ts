/** Why an instruction is refused, in words. They are put together only if somebody reads them. */

import { Fault } from "../events/fault"
import type { Core } from "../processor/core"

/** #GP(0) */
export function needsRing0(cpu: Core, name: string): Fault {
  const says = () => `${name} needs CPL 0, but CPL is ${cpu.cpl}`
  return new Fault("#GP", 0, says, 'SDM Vol. 3A §5.9 "Privileged Instructions"')
}

/** #GP(0) */
export function needsIopl(cpu: Core, name: string): Fault {
  const says = () => `${name} needs CPL ≤ IOPL, but CPL is ${cpu.cpl} and IOPL is ${cpu.flags.iopl}`
  return new Fault("#GP", 0, says, 'SDM Vol. 1 §18.5.1 "I/O Privilege Level"')
}

/** #GP(0) */
export function needsVirtualIopl(cpu: Core, name: string): Fault {
  const says = () => `${name} in virtual-8086 mode needs IOPL 3, but IOPL is ${cpu.flags.iopl}`
  return new Fault("#GP", 0, says, 'SDM Vol. 3A §20.2.7 "Sensitive Instructions"')
}

/** #GP(0) */
export function forbiddenByUmip(cpu: Core, name: string): Fault {
  const says = () => `${name} needs CPL 0 while CR4.UMIP is set, but CPL is ${cpu.cpl}`
  return new Fault("#GP", 0, says, 'SDM Vol. 3A §2.5 "Control Registers"')
}

/** #UD */
export function needsProtectedMode(cpu: Core, name: string): Fault {
  const says = () =>
    `${name} exists in protected mode only${cpu.virtual8086 ? ", and not in virtual-8086 mode" : ""}`
  return new Fault("#UD", null, says, 'SDM Vol. 3A §20.1.3 "Instructions Supported in Real-Address Mode"')
}
