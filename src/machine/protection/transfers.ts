/**
 * Far transfers: jumps and calls that load CS, directly or through a call gate. Returns are `returns.ts`.
 * @see SDM Vol. 3A §5.8 "Privilege Level Checking When Transferring Program Control Between Code Segments"
 */
import { CS, ESP, SS, TR } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { Fault } from "../events/fault"
import type { Core } from "../processor/core"
import {
  BIG,
  type Descriptor,
  dpl,
  isCode,
  isConforming,
  isPresent,
  NOT_SYSTEM,
  TYPE,
  TYPE_ACCESSED,
} from "../processor/descriptors"
import { currentStack, Stack } from "../processor/stack"
import { checkStack, loadCache, needDescriptor, selectorError, touch } from "./segmentation"
import { availableTask, switchTask, TASK_GATE } from "./tasks"

const SEE =
  'SDM Vol. 3A §5.8 "Privilege Level Checking When Transferring Program Control Between Code Segments"'
const GATE_SEE = 'SDM Vol. 3A §5.8.4 "Accessing a Code Segment Through a Call Gate"'
const TASK_SEE = 'SDM Vol. 3A §7.3 "Task Switching"'
const STACK_SEE = 'SDM Vol. 3A §5.8.5 "Stack Switching"'

const name = (selector: number) => hex(selector, 4)

/** Refuse a null code selector. */
export function needCode(cpu: Core, selector: number, external = 0): Descriptor {
  if ((selector & 0xfffc) === 0) throw new Fault("#GP", external, "CS cannot hold a null selector", SEE)
  return needDescriptor(cpu, selector, "#GP", external)
}

/** Load CS: the new ring is in `ring`. @faults #GP(0) if the offset is beyond the limit */
export function enterCode(
  cpu: Core,
  selector: number,
  descriptor: Descriptor,
  ring: number,
  offset: number,
  external = 0,
): void {
  if (offset >>> 0 > descriptor.limit) throw beyondCode(descriptor, offset, external)
  const from = cpu.cpl
  loadCache(cpu, CS, (selector & 0xfffc) | ring, descriptor)
  cpu.eip = offset | 0
  cpu.ringChanged(from)
}

/** Refuse a target beyond its code segment. @faults #GP(0), with EXT if an event is being delivered */
export function checkOffset(descriptor: Descriptor, offset: number, external = 0): void {
  if (offset >>> 0 > descriptor.limit) throw beyondCode(descriptor, offset, external)
}

function beyondCode({ limit }: Descriptor, offset: number, external: number): Fault {
  const says = `the target offset ${hex(offset)} is beyond the code segment's limit ${hex(limit)}`
  return new Fault("#GP", external, says, 'SDM Vol. 3A §5.3 "Limit Checking"')
}

export function needPresent(selector: number, { access }: Descriptor, external = 0): void {
  if (!isPresent(access)) throw absent(selector, external)
}

const absent = (selector: number, external: number) =>
  new Fault("#NP", selectorError(selector) | external, `selector ${name(selector)}: not present (P = 0)`, SEE)

/** A direct JMP or CALL stays in its ring. */
function checkDirect(cpu: Core, selector: number, { access }: Descriptor): void {
  const code = selectorError(selector)
  const target = dpl(access)
  if (isConforming(access)) {
    if (target > cpu.cpl)
      throw new Fault(
        "#GP",
        code,
        `conforming code of DPL ${target} may be entered from ring ${target} or outer, but CPL is ${cpu.cpl}`,
        SEE,
      )
  } else if (target !== cpu.cpl || (selector & 3) > cpu.cpl)
    throw new Fault(
      "#GP",
      code,
      `a direct far transfer stays in its ring: CPL is ${cpu.cpl}, RPL is ${selector & 3}, the segment's DPL is ${target}`,
      SEE,
    )
}

/**
 * A call gate, taken apart. Its lower doubleword is that of the IDT's gates: selector, offset 15:0.
 *
 *      31         16 15 14 13 12 11  8 7 5 4         0
 *     ┌─────────────┬──┬─────┬──┬─────┬───┬───────────┐
 *     │ offset 31:16│ P│ DPL │ 0│ type│ 0 │ parameters│
 *     └─────────────┴──┴─────┴──┴─────┴───┴───────────┘
 */
interface CallGate {
  readonly selector: number
  readonly offset: number
  readonly parameters: number
  readonly size: 16 | 32
}

/** Types of call gates: 16-bit and 32-bit. */
const CALL_GATE_16 = 4
const CALL_GATE_32 = 0xc

/** System descriptors that a far transfer can switch tasks by: task gate and TSS. A busy TSS is refused later. */
const TASK_TYPES = [TASK_GATE, 1, 3, 9, 0xb]
const namesTask = ({ access }: Descriptor) => TASK_TYPES.includes(access & TYPE)

/** The gate behind a system descriptor. @faults #GP, #NP */
function needCallGate(cpu: Core, selector: number, descriptor: Descriptor): CallGate {
  const type = descriptor.access & TYPE
  const code = selectorError(selector)
  if (type !== CALL_GATE_16 && type !== CALL_GATE_32)
    throw new Fault("#GP", code, `selector ${name(selector)} is neither code nor a call gate`, SEE)
  const lowest = Math.max(cpu.cpl, selector & 3)
  cpu.tellDetail({
    is: "gate",
    table: selector & 4 ? "LDT" : "GDT",
    index: selector >> 3,
    kind: "call gate",
    dpl: dpl(descriptor.access),
    selector: descriptor.low >>> 16,
    offset: (descriptor.high & 0xffff_0000) | (descriptor.low & 0xffff),
  })
  if (lowest > dpl(descriptor.access))
    throw new Fault(
      "#GP",
      code,
      `the call gate's DPL is ${dpl(descriptor.access)}: CPL ${cpu.cpl} and RPL ${selector & 3} must both be ≤ it`,
      GATE_SEE,
    )
  needPresent(selector, descriptor)
  const wide = type === CALL_GATE_32
  const offset = (descriptor.low & 0xffff) | (wide ? descriptor.high & 0xffff_0000 : 0)
  return { selector: descriptor.low >>> 16, offset, parameters: descriptor.high & 31, size: wide ? 32 : 16 }
}

/** A far transfer to a task: by its TSS, or by a task gate. @faults #GP, #NP, #TS, and what the new task meets */
function transferToTask(cpu: Core, selector: number, descriptor: Descriptor, source: "JMP" | "CALL"): void {
  const { access } = descriptor
  if (Math.max(cpu.cpl, selector & 3) > dpl(access))
    throw new Fault(
      "#GP",
      selectorError(selector),
      `the DPL of ${(access & TYPE) === TASK_GATE ? "the task gate" : "the TSS"} is ${dpl(access)}: CPL ${cpu.cpl} and RPL ${selector & 3} must both be ≤ it`,
      TASK_SEE,
    )
  const task = (access & TYPE) === TASK_GATE ? taskBehindGate(selector, descriptor) : selector
  switchTask(cpu, task, availableTask(cpu, task, 0), source)
}

function taskBehindGate(selector: number, gate: Descriptor): number {
  needPresent(selector, gate)
  return gate.low >>> 16
}

/** JMP far. */
export function farJump(cpu: Core, selector: number, offset: number): void {
  const descriptor = needCode(cpu, selector)
  if (!(descriptor.access & NOT_SYSTEM)) {
    if (namesTask(descriptor)) transferToTask(cpu, selector, descriptor, "JMP")
    else jumpThroughGate(cpu, needCallGate(cpu, selector, descriptor))
    return
  }
  if (!isCode(descriptor.access))
    throw new Fault("#GP", selectorError(selector), `selector ${name(selector)} is data, not code`, SEE)
  checkDirect(cpu, selector, descriptor)
  needPresent(selector, descriptor)
  enterCode(cpu, selector, descriptor, cpu.cpl, offset)
}

function jumpThroughGate(cpu: Core, gate: CallGate): void {
  const code = needCode(cpu, gate.selector)
  checkCodeBehindGate(cpu, gate.selector, code, true)
  enterCode(cpu, gate.selector, code, cpu.cpl, gate.offset)
}

/** Code behind a call gate: a JMP may not go inward, a CALL may. */
function checkCodeBehindGate(cpu: Core, selector: number, code: Descriptor, jump: boolean): void {
  const error = selectorError(selector)
  if (!isCode(code.access))
    throw new Fault("#GP", error, `the gate leads to selector ${name(selector)}, which is not code`, GATE_SEE)
  if (dpl(code.access) > cpu.cpl)
    throw new Fault(
      "#GP",
      error,
      `the gate leads to code of DPL ${dpl(code.access)}, an outer ring than CPL ${cpu.cpl}`,
      GATE_SEE,
    )
  if (jump && !isConforming(code.access) && dpl(code.access) !== cpu.cpl)
    throw new Fault(
      "#GP",
      error,
      `JMP through a gate stays in its ring, but the code's DPL is ${dpl(code.access)} and CPL is ${cpu.cpl}`,
      GATE_SEE,
    )
  needPresent(selector, code)
}

/** CALL far. */
export function farCall(cpu: Core, selector: number, offset: number, size: 16 | 32): void {
  const descriptor = needCode(cpu, selector)
  if (!(descriptor.access & NOT_SYSTEM)) {
    if (namesTask(descriptor)) transferToTask(cpu, selector, descriptor, "CALL")
    else callGate(cpu, needCallGate(cpu, selector, descriptor))
    return
  }
  if (!isCode(descriptor.access))
    throw new Fault("#GP", selectorError(selector), `selector ${name(selector)} is data, not code`, SEE)
  checkDirect(cpu, selector, descriptor)
  needPresent(selector, descriptor)
  callSameRing(cpu, selector, descriptor, offset, size)
}

function callSameRing(
  cpu: Core,
  selector: number,
  descriptor: Descriptor,
  offset: number,
  size: 16 | 32,
): void {
  const stack = currentStack(cpu)
  stack.needRoom(2, size)
  checkOffset(descriptor, offset)
  stack.push(cpu.segments.selector[CS], size, `CS (ring ${cpu.cpl})`)
  stack.push(cpu.eip, size, "EIP")
  enterCode(cpu, selector, descriptor, cpu.cpl, offset)
  cpu.reg[ESP] = stack.pointer
}

function callGate(cpu: Core, gate: CallGate): void {
  const code = needCode(cpu, gate.selector)
  checkCodeBehindGate(cpu, gate.selector, code, false)
  if (isConforming(code.access) || dpl(code.access) === cpu.cpl)
    callSameRing(cpu, gate.selector, code, gate.offset, gate.size)
  else callInward(cpu, gate, code)
}

/** The stack switch of a call gate: old SS:ESP, parameters, CS:EIP go to the inner stack. */
function callInward(cpu: Core, gate: CallGate, code: Descriptor): void {
  const ring = dpl(code.access)
  const stack = innerStack(cpu, ring, 0)
  stack.needRoom(gate.parameters + 4, gate.size)
  checkOffset(code, gate.offset)
  const parameters = readParameters(cpu, gate)
  tellSwitch(cpu, stack, ring, "TSS")
  stack.push(cpu.segments.selector[SS], gate.size, `SS (ring ${cpu.cpl})`)
  stack.push(cpu.reg[ESP], gate.size, "ESP")
  for (const value of parameters) stack.push(value, gate.size, "parameter")
  stack.push(cpu.segments.selector[CS], gate.size, `CS (ring ${cpu.cpl})`)
  stack.push(cpu.eip, gate.size, "EIP")
  switchTo(cpu, stack)
  enterCode(cpu, gate.selector, code, ring, gate.offset)
}

/** Parameters on the caller's stack, the deepest first, as they are pushed again. */
function readParameters(cpu: Core, gate: CallGate): number[] {
  const stack = currentStack(cpu)
  return Array.from({ length: gate.parameters }, () => stack.pop(gate.size, "parameter")).reverse()
}

/** Types of TSS descriptors that TR can hold: 16-bit busy and 32-bit busy. */
const TSS_16_BUSY = 3

/** The stack of an inner ring, from the TSS. @faults #TS, #SS @see SDM Vol. 3A §7.2.1 "Task-State Segment (TSS)" */
export function innerStack(cpu: Core, ring: number, external: number): Stack<Descriptor> {
  const wide = (cpu.segments.access[TR] & TYPE) !== TSS_16_BUSY
  const field = wide ? 4 + ring * 8 : 2 + ring * 4
  if (field + (wide ? 5 : 3) > cpu.segments.limit[TR]) throw shortTss(cpu, ring, external)
  const at = (cpu.segments.base[TR] + field) | 0
  const esp = cpu.linear.readAs(false, at, wide ? 32 : 16)
  const selector = cpu.linear.readAs(false, (at + (wide ? 4 : 2)) | 0, 16)
  if ((selector & 0xfffc) === 0)
    throw new Fault("#TS", external, `the TSS holds a null SS for ring ${ring}`, STACK_SEE)
  const descriptor = needDescriptor(cpu, selector, "#TS", external)
  checkStack(selector, descriptor, ring, "#TS", external)
  touch(cpu, descriptor)
  return new Stack(cpu, selector, descriptor, esp, ring === 3, selectorError(selector) | external)
}

function shortTss({ segments }: Core, ring: number, external: number): Fault {
  const says = `the TSS is too short to hold the stack of ring ${ring}`
  return new Fault("#TS", selectorError(segments.selector[TR]) | external, says, STACK_SEE)
}

/** Say that another stack is in use from here on, before anything is pushed there. */
export function tellSwitch(cpu: Core, stack: Stack, ring: number, source: "TSS" | "frame"): void {
  if (!cpu.detailed) return
  cpu.tellDetail({
    is: "stack",
    from: [cpu.segments.selector[SS], cpu.reg[ESP] >>> 0],
    to: [stack.selector, stack.pointer >>> 0],
    ring,
    source,
  })
}

/**
 * Make a stack the CPU's own; its descriptor has been marked accessed. One of 16 bits has SP alone: the upper half of ESP
 * stays what it was, inward and outward.
 */
export function switchTo(cpu: Core, { selector, segment, pointer }: Stack): void {
  cpu.charge(cpu.prices.stackSwitch)
  cpu.segments.set(SS, selector, segment, segment.access | TYPE_ACCESSED)
  const mask = segment.access & BIG ? -1 : 0xffff
  cpu.reg[ESP] = (cpu.reg[ESP] & ~mask) | (pointer & mask)
}
