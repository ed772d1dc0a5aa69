/**
 * Far returns: RETF, and what IRET shares with it. They go to the same ring or outwards, with the stack that was saved.
 * @see SDM Vol. 3A §5.8.6 "Returning from a Called Procedure"
 */
import { ESP } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { Fault } from "../events/fault"
import type { Core } from "../processor/core"
import { type Descriptor, dpl, isCode, isConforming } from "../processor/descriptors"
import { currentStack, Stack } from "../processor/stack"
import { checkStack, dropPrivilegedSegments, needDescriptor, selectorError, touch } from "./segmentation"
import { checkOffset, enterCode, needCode, needPresent, switchTo, tellSwitch } from "./transfers"

const RETURN_SEE = 'SDM Vol. 3A §5.8.6 "Returning from a Called Procedure"'

/** RETF, and the last part of IRET: where to, and with which stack. */
interface Return {
  readonly selector: number
  readonly offset: number
  readonly size: 16 | 32
  /** Bytes of parameters to drop. */
  readonly drop: number
  /** EFLAGS from the stack, and which of its bits are loaded. RETF loads none. */
  readonly flags: number
  readonly flagMask: number
}

/** RETF. */
export function farReturn(cpu: Core, size: 16 | 32, drop: number): void {
  const stack = currentStack(cpu)
  const offset = stack.pop(size, "EIP")
  const selector = stack.pop(size, "CS") & 0xffff
  returnTo(cpu, stack, { selector, offset, size, drop, flags: 0, flagMask: 0 })
}

/** Return to a code segment, in the same ring or an outer one. Flags are loaded when nothing can fault any more, still in the old ring. */
export function returnTo(cpu: Core, stack: Stack, to: Return): void {
  const code = needCode(cpu, to.selector)
  const ring = to.selector & 3
  checkReturn(cpu, to.selector, code, ring)
  stack.skip(to.drop)
  if (ring === cpu.cpl) {
    checkOffset(code, to.offset)
    if (to.flagMask !== 0) cpu.popFlags(to.flagMask, to.flags)
    enterCode(cpu, to.selector, code, ring, to.offset)
    cpu.reg[ESP] = stack.pointer
    if (to.flagMask !== 0)
      cpu.checkedGates.checkedReturn(ring, { selector: to.selector, code, ring, stack: undefined })
  } else returnOutward(cpu, stack, to, code)
}

function checkReturn(cpu: Core, selector: number, code: Descriptor, ring: number): void {
  const { access } = code
  const level = dpl(access)
  const fits = isConforming(access) ? level <= ring : level === ring
  if (ring < cpu.cpl || !isCode(access) || !fits) throw unfitReturn(cpu, selector, access, ring)
  needPresent(selector, code)
}

function unfitReturn({ cpl }: Core, selector: number, access: number, ring: number): Fault {
  const error = selectorError(selector)
  const because = (says: string) => new Fault("#GP", error, says, RETURN_SEE)
  if (ring < cpl) return because(`a return cannot go inward: the saved CS has RPL ${ring}, and CPL is ${cpl}`)
  if (!isCode(access)) return because(`the saved CS = ${hex(selector, 4)} is not code`)
  return because(`the saved CS has RPL ${ring}, but its segment's DPL is ${dpl(access)}`)
}

function returnOutward(cpu: Core, stack: Stack, to: Return, code: Descriptor): void {
  const { cpl } = cpu
  const ring = to.selector & 3
  const esp = stack.pop(to.size, "ESP")
  const selector = stack.pop(to.size, "SS") & 0xffff
  if ((selector & 0xfffc) === 0) throw new Fault("#GP", 0, "the saved SS is null", RETURN_SEE)
  const descriptor = needDescriptor(cpu, selector)
  checkStack(selector, descriptor, ring, "#GP", 0)
  checkOffset(code, to.offset)
  touch(cpu, descriptor)
  if (to.flagMask !== 0) cpu.popFlags(to.flagMask, to.flags)
  enterCode(cpu, to.selector, code, ring, to.offset)
  const outer = new Stack(cpu, selector, descriptor, esp, ring === 3, 0)
  tellSwitch(cpu, outer, ring, "frame")
  switchTo(cpu, outer)
  if (to.drop > 0) cpu.addToStackPointer(to.drop)
  dropPrivilegedSegments(cpu)
  if (to.flagMask !== 0)
    cpu.checkedGates.checkedReturn(cpl, {
      selector: to.selector,
      code,
      ring,
      stack: { selector, segment: descriptor },
    })
}
