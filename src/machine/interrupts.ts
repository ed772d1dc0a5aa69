/**
 * Entering handlers through the IDT, and coming back by IRET.
 * @see SDM Vol. 3A §6.12 "Exception and Interrupt Handling"
 */
import { AC, AF, CF, DF, ID, IF, IOPL, NT, OF, PF, RF, SF, TF, VM, ZF } from "../isa/eflags"
import type { SoftwareInterrupt } from "../isa/processor"
import { CS, DS, ES, ESP, FS, GS, SEGMENT_NAMES, SS } from "../isa/registers"
import { hex } from "../numbers/int"
import type { Cpu } from "./cpu"
import { Fault } from "./fault"
import { enterRealHandler, interruptReturn8086, load8086 } from "./real-address"
import {
  type Descriptor,
  dpl,
  isCode,
  isConforming,
  isPresent,
  needDescriptor,
  readDescriptor,
  selectorError,
  UNUSABLE,
} from "./segmentation"
import { currentStack, Stack } from "./stack"
import { availableTask, linkedTask, switchTask, TASK_GATE } from "./tasks"
import { enterCode, innerStack, returnTo, switchTo, tellSwitch } from "./transfers"

const SEE = 'SDM Vol. 3A §6.12 "Exception and Interrupt Handling"'
const GATE_SEE = 'SDM Vol. 3A §6.12.1.1 "Protection of Exception- and Interrupt-Handler Procedures"'
const VIRTUAL_SEE =
  'SDM Vol. 3A §20.3.1 "Class 1—Hardware Interrupt and Exception Handling in Virtual-8086 Mode"'
const IRET_SEE = 'SDM Vol. 2A "IRET/IRETD—Interrupt Return"'

/** What is pushed, in words. */
const RINGS = [0, 1, 2, 3]
const CS_OF_RING = RINGS.map((ring) => `CS (ring ${ring})`)
const SS_OF_RING = RINGS.map((ring) => `SS (ring ${ring})`)

/** What is being delivered. */
export interface Delivery {
  readonly vector: number
  readonly errorCode: number | null
  /** The instruction that asked for it; then the gate's DPL counts, and EXT is 0. */
  readonly software?: SoftwareInterrupt
  /** RF is set in the saved EFLAGS, whatever it is: for faults, so that a restarted instruction does not hit its breakpoint again. */
  readonly resume: boolean
}

/** Types of IDT gates. @see SDM Vol. 3A §6.11 "IDT Descriptors" */
const GATES: Readonly<Record<number, { kind: string; interrupt: boolean; size: 16 | 32; task?: boolean }>> = {
  [TASK_GATE]: { kind: "task gate", interrupt: false, size: 32, task: true },
  6: { kind: "16-bit interrupt gate", interrupt: true, size: 16 },
  7: { kind: "16-bit trap gate", interrupt: false, size: 16 },
  14: { kind: "interrupt gate", interrupt: true, size: 32 },
  15: { kind: "trap gate", interrupt: false, size: 32 },
}
interface Gate {
  readonly selector: number
  readonly offset: number
  readonly interrupt: boolean
  readonly size: 16 | 32
  readonly task?: boolean
}

/**
 * Go to a vector's handler: gate, code segment, stack, saved state, in the manual's order of checks.
 * Nothing of the CPU changes if any of it faults.
 * @faults #GP, #NP, #TS, #SS, #PF; the caller decides whether that makes a double fault
 */
export function enterHandler(cpu: Cpu, asked: Delivery): void {
  const delivery = cpu.suspended ? { ...asked, resume: true } : asked
  const external = byInstruction(delivery) ? 0 : 1
  cpu.charge("gateEntry")
  cpu.enteredHandler = true
  cpu.repeatFlags = null
  cpu.suspended = false
  if (cpu.protectedMode) enterByGate(cpu, delivery, external)
  else enterRealHandler(cpu, delivery)
}

function enterByGate(cpu: Cpu, delivery: Delivery, external: number): void {
  const gate = needGate(cpu, delivery, external)
  if (gate.task) enterTask(cpu, gate.selector, delivery, external)
  else enterCodeByGate(cpu, gate, delivery, external)
}

/** Through a task gate: the handler is a task, and an error code lies on its stack. */
function enterTask(cpu: Cpu, selector: number, delivery: Delivery, external: number): void {
  const task = availableTask(cpu, selector, external)
  const size = switchTask(cpu, selector, task, "gate", delivery.resume)
  if (delivery.errorCode === null) return
  const stack = currentStack(cpu, external)
  stack.push(delivery.errorCode, size, "error code")
  cpu.reg[ESP] = stack.pointer
}

function enterCodeByGate(cpu: Cpu, gate: Gate, delivery: Delivery, external: number): void {
  const code = needHandlerCode(cpu, gate, external)
  if (gate.offset >>> 0 > code.limit)
    throw new Fault(
      "#GP",
      external,
      `the gate's offset ${hex(gate.offset)} is beyond the code segment's limit ${hex(code.limit)}`,
      SEE,
    )
  if (cpu.virtual8086) enterFromVirtual(cpu, gate, code, delivery, external)
  else if (!isConforming(code.access) && dpl(code.access) < cpu.cpl)
    enterInner(cpu, gate, code, delivery, external)
  else enterSame(cpu, gate, code, delivery, external)
  if (gate.interrupt && cpu.flags.has(IF))
    cpu.tellDetail({ is: "check", says: "the gate is an interrupt gate: IF becomes 0" })
  cpu.clearFlags(gate.interrupt ? IF | TF | NT | RF | VM : TF | NT | RF | VM)
}

/** INT1 counts as a hardware exception: EXT is 1, and the gate's DPL does not matter. */
const byInstruction = ({ software }: Delivery) => software !== undefined && software !== "INT1"

function needGate(cpu: Cpu, delivery: Delivery, external: number): Gate {
  const { vector, software } = delivery
  const error = vector * 8 + 2 + external
  if (vector * 8 + 7 > cpu.idtr.limit)
    throw new Fault(
      "#GP",
      error,
      `vector ${hex(vector, 2)} is beyond the limit of the IDT (${hex(cpu.idtr.limit, 4)})`,
      SEE,
    )
  const at = (cpu.idtr.base + vector * 8) | 0
  const { low, high, access } = readDescriptor(
    cpu.linear.slowRead(at, 32, false),
    cpu.linear.slowRead((at + 4) | 0, 32, false),
  )
  const type = access & 0x1f
  const shape = GATES[type]
  if (!shape) throw new Fault("#GP", error, `entry ${hex(vector, 2)} of the IDT is not a gate`, SEE)
  const { interrupt, size, task } = shape
  const offset = (low & 0xffff) | (size === 32 ? high & 0xffff_0000 : 0)
  const gate = { selector: low >>> 16, offset, interrupt, size, task }
  if (cpu.detailed)
    cpu.tellDetail({
      is: "gate",
      table: "IDT",
      index: vector,
      kind: shape.kind,
      dpl: dpl(access),
      selector: gate.selector,
      offset: gate.offset >>> 0,
    })
  if (byInstruction(delivery) && dpl(access) < cpu.cpl)
    throw new Fault(
      "#GP",
      error,
      `${software} needs CPL ≤ the gate's DPL, but CPL is ${cpu.cpl} and the DPL of gate ${hex(vector, 2)} is ${dpl(access)}`,
      GATE_SEE,
    )
  if (!isPresent(access)) throw new Fault("#NP", error, `gate ${hex(vector, 2)} is not present (P = 0)`, SEE)
  return gate
}

function needHandlerCode(cpu: Cpu, gate: Gate, external: number): Descriptor {
  if ((gate.selector & 0xfffc) === 0)
    throw new Fault("#GP", external, "the gate holds a null code selector", SEE)
  const error = selectorError(gate.selector) | external
  const code = needDescriptor(cpu, gate.selector, "#GP", external)
  if (!isCode(code.access))
    throw new Fault(
      "#GP",
      error,
      `the gate leads to selector ${hex(gate.selector, 4)}, which is not code`,
      SEE,
    )
  if (dpl(code.access) > cpu.cpl)
    throw new Fault(
      "#GP",
      error,
      `a handler cannot be in an outer ring: its DPL is ${dpl(code.access)}, and CPL is ${cpu.cpl}`,
      GATE_SEE,
    )
  if (!isPresent(code.access))
    throw new Fault("#NP", error, `the handler's code segment is not present (P = 0)`, SEE)
  return code
}

function saveState(cpu: Cpu, stack: Stack, size: 16 | 32, delivery: Delivery): void {
  stack.push(delivery.resume ? cpu.flags.value | RF : cpu.flags.value, size, "EFLAGS")
  stack.push(cpu.segments.selector[CS], size, CS_OF_RING[cpu.cpl])
  stack.push(cpu.eip, size, "EIP")
  if (delivery.errorCode !== null) stack.push(delivery.errorCode, size, "error code")
}

function enterSame(cpu: Cpu, gate: Gate, code: Descriptor, delivery: Delivery, external: number): void {
  const stack = currentStack(cpu, external)
  saveState(cpu, stack, gate.size, delivery)
  enterCode(cpu, gate.selector, code, cpu.cpl, gate.offset, external)
  cpu.reg[ESP] = stack.pointer
}

function enterInner(cpu: Cpu, gate: Gate, code: Descriptor, delivery: Delivery, external: number): void {
  const ring = dpl(code.access)
  const place = innerStack(cpu, ring, external)
  tellSwitch(cpu, place, ring, "TSS")
  const stack = new Stack(cpu, place, ring === 3, selectorError(place.selector) | external)
  pushOuter(cpu, stack, gate.size)
  saveState(cpu, stack, gate.size, delivery)
  switchTo(cpu, place, stack.pointer)
  enterCode(cpu, gate.selector, code, ring, gate.offset, external)
}

/** From virtual-8086 mode: all segment registers are saved, for the handler's may hold selectors only. */
function enterFromVirtual(
  cpu: Cpu,
  gate: Gate,
  code: Descriptor,
  delivery: Delivery,
  external: number,
): void {
  if (dpl(code.access) !== 0 || isConforming(code.access))
    throw new Fault(
      "#GP",
      selectorError(gate.selector) | external,
      `a handler for virtual-8086 mode must be in ring 0 and not conforming, but its DPL is ${dpl(code.access)}`,
      VIRTUAL_SEE,
    )
  const place = innerStack(cpu, 0, external)
  tellSwitch(cpu, place, 0, "TSS")
  const stack = new Stack(cpu, place, false, selectorError(place.selector) | external)
  for (const register of [GS, FS, DS, ES])
    stack.push(cpu.segments.selector[register], gate.size, SEGMENT_NAMES[register])
  pushOuter(cpu, stack, gate.size)
  saveState(cpu, stack, gate.size, delivery)
  for (const register of [GS, FS, DS, ES])
    cpu.segments.set(register, 0, { base: 0, limit: 0, access: UNUSABLE })
  switchTo(cpu, place, stack.pointer)
  enterCode(cpu, gate.selector, code, 0, gate.offset, external)
}

function pushOuter(cpu: Cpu, stack: Stack, size: 16 | 32): void {
  stack.push(cpu.segments.selector[SS], size, SS_OF_RING[cpu.cpl])
  stack.push(cpu.reg[ESP], size, "ESP")
}

/** Flags that IRET may load in any ring, for an operand size of 16 and of 32 bits. */
const RETURN_FLAGS_16 = CF | PF | AF | ZF | SF | TF | DF | OF | NT
const RETURN_FLAGS_32 = RETURN_FLAGS_16 | RF | AC | ID

/** Which flags IRET loads: IF only if CPL ≤ IOPL, IOPL only in ring 0; the others silently keep their value. */
function returnMask(cpu: Cpu, size: 16 | 32): number {
  const always = size === 32 ? RETURN_FLAGS_32 : RETURN_FLAGS_16
  return always | (cpu.cpl <= cpu.flags.iopl ? IF : 0) | (cpu.cpl === 0 ? IOPL : 0)
}

/**
 * IRET: in the same ring, to an outer one, or to virtual-8086 mode.
 * With EFLAGS.NT set it switches back to the task that was nested in.
 * @faults as RETF; #TS, #NP and what the other task meets
 */
export function interruptReturn(cpu: Cpu, size: 16 | 32): void {
  if (cpu.protectedSegments) returnByFrame(cpu, size)
  else interruptReturn8086(cpu, size)
}

function returnByFrame(cpu: Cpu, size: 16 | 32): void {
  if (cpu.flags.has(NT)) {
    const { selector, descriptor } = linkedTask(cpu)
    switchTask(cpu, selector, descriptor, "IRET")
    return
  }
  const stack = currentStack(cpu)
  const offset = stack.pop(size, "EIP")
  const selector = stack.pop(size, "CS") & 0xffff
  const flags = stack.pop(size, "EFLAGS")
  if (size === 32 && flags & VM && cpu.cpl === 0) {
    enterVirtual(cpu, stack, selector, offset, flags)
    return
  }
  const mask = returnMask(cpu, size)
  returnTo(cpu, stack, { selector, offset, size, drop: 0 }, () => cpu.popFlags(mask, flags))
}

/** Go to virtual-8086 mode: the frame holds all segment registers. */
function enterVirtual(cpu: Cpu, stack: Stack, selector: number, offset: number, flags: number): void {
  const esp = stack.pop(32, "ESP")
  const numbers = [SS, ES, DS, FS, GS].map(
    (register) => [register, stack.pop(32, SEGMENT_NAMES[register]) & 0xffff] as const,
  )
  if (offset >>> 0 > 0xffff)
    throw new Fault(
      "#GP",
      0,
      `the saved EIP ${hex(offset)} is beyond the 64 KiB of an 8086 segment`,
      IRET_SEE,
    )
  cpu.replaceFlags(~0, flags)
  for (const [register, number] of [[CS, selector] as const, ...numbers]) load8086(cpu, register, number)
  cpu.eip = offset
  cpu.reg[ESP] = esp
  cpu.ringChanged(0)
}

/** The type field alone, for readers of the IDT. */
export const gateKind = (access: number): string | undefined => GATES[access & 0x1f]?.kind
