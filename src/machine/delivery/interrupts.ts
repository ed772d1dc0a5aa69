/**
 * Entering handlers through the IDT, and coming back by IRET.
 * @see SDM Vol. 3A §6.12 "Exception and Interrupt Handling"
 */
import { AC, AF, CF, DF, ID, IF, IOPL, NT, OF, PF, RF, SF, TF, VM, ZF } from "../../isa/eflags"
import { CS, DS, ES, ESP, FS, GS, SEGMENT_NAMES, SS } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { Fault } from "../events/fault"
import type { Delivery } from "../processor/checked-gates"
import type { Core } from "../processor/core"
import { type Descriptor, dpl, isCode, isConforming, isPresent, UNUSABLE } from "../processor/descriptors"
import { currentStack, type Stack } from "../processor/stack"
import { enterRealHandler, interruptReturn8086, load8086 } from "../protection/real-address"
import { returnTo } from "../protection/returns"
import { needDescriptor, readKnown, selectorError } from "../protection/segmentation"
import { availableTask, linkedTask, switchTask, TASK_GATE } from "../protection/tasks"
import { checkOffset, enterCode, innerStack, switchTo, tellSwitch } from "../protection/transfers"

const SEE = 'SDM Vol. 3A §6.12 "Exception and Interrupt Handling"'
const GATE_SEE = 'SDM Vol. 3A §6.12.1.1 "Protection of Exception- and Interrupt-Handler Procedures"'
const VIRTUAL_SEE =
  'SDM Vol. 3A §20.3.1 "Class 1—Hardware Interrupt and Exception Handling in Virtual-8086 Mode"'
const IRET_SEE = 'SDM Vol. 2A "IRET/IRETD—Interrupt Return"'

/** What is pushed, in words. */
const RINGS = [0, 1, 2, 3]
const CS_OF_RING = RINGS.map((ring) => `CS (ring ${ring})`)
const SS_OF_RING = RINGS.map((ring) => `SS (ring ${ring})`)

/** What a type of IDT gate means. */
interface GateKind {
  readonly name: string
  readonly interrupt: boolean
  readonly size: 16 | 32
  readonly task?: boolean
}

const gateKinds: (GateKind | undefined)[] = new Array(32).fill(undefined)
gateKinds[TASK_GATE] = { name: "task gate", interrupt: false, size: 32, task: true }
gateKinds[6] = { name: "16-bit interrupt gate", interrupt: true, size: 16 }
gateKinds[7] = { name: "16-bit trap gate", interrupt: false, size: 16 }
gateKinds[14] = { name: "interrupt gate", interrupt: true, size: 32 }
gateKinds[15] = { name: "trap gate", interrupt: false, size: 32 }
/** By a descriptor's type. @see SDM Vol. 3A §6.11 "IDT Descriptors" */
const GATES: readonly (GateKind | undefined)[] = gateKinds

/**
 * A gate of the IDT, taken apart: its upper doubleword, at address + 4, and the lower one. The types stand in
 * `gateKinds`.
 *
 *      31         16 15 14 13 12 11  8 7 5 4     0
 *     ┌─────────────┬──┬─────┬──┬─────┬───┬───────┐
 *     │ offset 31:16│ P│ DPL │ 0│ type│ 0 │ unused│
 *     └─────────────┴──┴─────┴──┴─────┴───┴───────┘
 *
 *      31                     16 15                     0
 *     ┌─────────────────────────┬────────────────────────┐
 *     │ selector                │ offset 15:0            │
 *     └─────────────────────────┴────────────────────────┘
 *
 * A gate of 16 bits has no offset above bit 15; a task gate has a selector only, of a TSS.
 * @see SDM Vol. 3A §6.11 "IDT Descriptors"
 */
interface Gate {
  readonly descriptor: Descriptor
  readonly kind: GateKind
  readonly selector: number
  readonly offset: number
}

/**
 * Go to a vector's handler: gate, code segment, stack, saved state, in the manual's order of checks.
 * Nothing of the CPU changes if any of it faults.
 * @faults #GP, #NP, #TS, #SS, #PF; the caller decides whether that makes a double fault
 */
export function enterHandler(cpu: Core, asked: Delivery): void {
  const delivery = cpu.suspended ? { ...asked, resume: true } : asked
  const external = byInstruction(delivery) ? 0 : 1
  cpu.charge(cpu.prices.gateEntry)
  cpu.enteredHandler = true
  cpu.repeatFlags = null
  cpu.suspended = false
  if (!cpu.protectedMode) enterRealHandler(cpu, delivery)
  else if (!cpu.checkedGates.enter(delivery)) enterByGate(cpu, delivery, external)
}

function enterByGate(cpu: Core, delivery: Delivery, external: number): void {
  const gate = needGate(cpu, delivery, external)
  if (gate.kind.task) enterTask(cpu, gate.selector, delivery, external)
  else enterCodeByGate(cpu, gate, delivery, external)
}

/** Through a task gate: the handler is a task, and an error code lies on its stack. */
function enterTask(cpu: Core, selector: number, { resume, errorCode }: Delivery, external: number): void {
  const task = availableTask(cpu, selector, external)
  switchTask(cpu, selector, task, "gate", { resume, errorCode, external })
}

function enterCodeByGate(cpu: Core, gate: Gate, delivery: Delivery, external: number): void {
  const code = needHandlerCode(cpu, gate.selector, external)
  const { cpl } = cpu
  if (cpu.virtual8086) enterFromVirtual(cpu, gate, code, delivery, external)
  else if (!isConforming(code.access) && dpl(code.access) < cpl)
    enterInner(cpu, gate, code, delivery, external)
  else enterSame(cpu, gate, code, delivery, external)
  if (cpu.detailed && gate.kind.interrupt && cpu.flags.has(IF))
    cpu.tellDetail({ is: "check", says: "the gate is an interrupt gate: IF becomes 0" })
  cpu.clearFlags(clearedBy(gate.kind))
}

/** INT1 counts as a hardware exception: EXT is 1, and the gate's DPL does not matter. */
const byInstruction = ({ software }: Delivery) => software !== undefined && software !== "INT1"

function needGate(cpu: Core, delivery: Delivery, external: number): Gate {
  const { vector } = delivery
  if (vector * 8 + 7 > cpu.idtr.limit) throw beyondTable(cpu, vector, external)
  const descriptor = readKnown(cpu, (cpu.idtr.base + vector * 8) | 0)
  const { access, low, high } = descriptor
  const kind = GATES[access & 0x1f]
  if (kind === undefined) throw noGate(vector, external)
  const offset = (low & 0xffff) | (kind.size === 32 ? high & 0xffff_0000 : 0)
  const gate = { descriptor, kind, selector: low >>> 16, offset }
  if (cpu.detailed) tellGate(cpu, vector, gate)
  if (byInstruction(delivery) && dpl(access) < cpu.cpl) throw closedGate(cpu, delivery, descriptor)
  if (!isPresent(access)) throw absentGate(vector, external)
  return gate
}

function needHandlerCode(cpu: Core, selector: number, external: number): Descriptor {
  if ((selector & 0xfffc) === 0) throw new Fault("#GP", external, "the gate holds a null code selector", SEE)
  const code = needDescriptor(cpu, selector, "#GP", external)
  if (!isCode(code.access) || dpl(code.access) > cpu.cpl || !isPresent(code.access))
    throw unfitCode(cpu, selector, code, external)
  return code
}

/** Room for what is saved beside EFLAGS, CS, EIP and error code; then the handler's offset; then pages. */
function checkEntry(
  { kind, offset }: Gate,
  code: Descriptor,
  stack: Stack,
  { errorCode }: Delivery,
  external: number,
  more: number,
): void {
  stack.needRoom(more + (errorCode === null ? 3 : 4), kind.size)
  checkOffset(code, offset, external)
}

function saveState(cpu: Core, stack: Stack, size: 16 | 32, delivery: Delivery): void {
  stack.push(delivery.resume ? cpu.flags.value | RF : cpu.flags.value, size, "EFLAGS")
  stack.push(cpu.segments.selector[CS], size, CS_OF_RING[cpu.cpl])
  stack.push(cpu.eip, size, "EIP")
  if (delivery.errorCode !== null) stack.push(delivery.errorCode, size, "error code")
}

function enterSame(cpu: Core, gate: Gate, code: Descriptor, delivery: Delivery, external: number): void {
  const stack = currentStack(cpu, external)
  checkEntry(gate, code, stack, delivery, external, 0)
  saveState(cpu, stack, gate.kind.size, delivery)
  enterCode(cpu, gate.selector, code, cpu.cpl, gate.offset, external)
  cpu.reg[ESP] = stack.pointer
  learn(cpu, gate, code, cpu.cpl, delivery.vector)
}

function enterInner(cpu: Core, gate: Gate, code: Descriptor, delivery: Delivery, external: number): void {
  const { cpl } = cpu
  const ring = dpl(code.access)
  const stack = innerStack(cpu, ring, external)
  const esp = stack.pointer
  checkEntry(gate, code, stack, delivery, external, 2)
  tellSwitch(cpu, stack, ring, "TSS")
  pushOuter(cpu, stack, gate.kind.size)
  saveState(cpu, stack, gate.kind.size, delivery)
  switchTo(cpu, stack)
  enterCode(cpu, gate.selector, code, ring, gate.offset, external)
  learn(cpu, gate, code, cpl, delivery.vector, stack, esp)
}

/** The checks of a delivery have been made: the next one like it may go without. */
function learn(
  cpu: Core,
  { descriptor, kind, offset }: Gate,
  code: Descriptor,
  cpl: number,
  vector: number,
  stack?: Stack<Descriptor>,
  esp = 0,
): void {
  if (kind.size === 16) return
  const selector = cpu.segments.selector[CS]
  const clears = clearedBy(kind)
  const open = dpl(descriptor.access) >= cpl
  cpu.checkedGates.checkedEntry(vector, cpl, {
    gate: descriptor,
    selector,
    code,
    ring: cpu.cpl,
    stack,
    offset,
    clears,
    esp,
    open,
  })
}

/** EFLAGS bits that a gate clears. */
const clearedBy = ({ interrupt }: GateKind) => (interrupt ? IF | TF | NT | RF | VM : TF | NT | RF | VM)

/** From virtual-8086 mode: all segment registers are saved, for the handler's may hold selectors only. */
function enterFromVirtual(
  cpu: Core,
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
  const stack = innerStack(cpu, 0, external)
  checkEntry(gate, code, stack, delivery, external, 6)
  tellSwitch(cpu, stack, 0, "TSS")
  for (const register of [GS, FS, DS, ES])
    stack.push(cpu.segments.selector[register], gate.kind.size, SEGMENT_NAMES[register])
  pushOuter(cpu, stack, gate.kind.size)
  saveState(cpu, stack, gate.kind.size, delivery)
  for (const register of [GS, FS, DS, ES])
    cpu.segments.set(register, 0, { base: 0, limit: 0, access: UNUSABLE })
  switchTo(cpu, stack)
  enterCode(cpu, gate.selector, code, 0, gate.offset, external)
}

function pushOuter(cpu: Core, stack: Stack, size: 16 | 32): void {
  stack.push(cpu.segments.selector[SS], size, SS_OF_RING[cpu.cpl])
  stack.push(cpu.reg[ESP], size, "ESP")
}

/** Flags that IRET may load in any ring, for an operand size of 16 and of 32 bits. */
const RETURN_FLAGS_16 = CF | PF | AF | ZF | SF | TF | DF | OF | NT
const RETURN_FLAGS_32 = RETURN_FLAGS_16 | RF | AC | ID

/** Which flags IRET loads: IF only if CPL ≤ IOPL, IOPL only in ring 0; the others silently keep their value. */
function returnMask(cpu: Core, size: 16 | 32): number {
  const always = size === 32 ? RETURN_FLAGS_32 : RETURN_FLAGS_16
  return always | (cpu.cpl <= cpu.flags.iopl ? IF : 0) | (cpu.cpl === 0 ? IOPL : 0)
}

/**
 * IRET: in the same ring, to an outer one, or to virtual-8086 mode.
 * With EFLAGS.NT set it switches back to the task that was nested in.
 * @faults as RETF; #TS, #NP and what the other task meets
 */
export function interruptReturn(cpu: Core, size: 16 | 32): void {
  if (cpu.protectedSegments) returnByFrame(cpu, size)
  else interruptReturn8086(cpu, size)
}

function returnByFrame(cpu: Core, size: 16 | 32): void {
  if (cpu.flags.has(NT)) {
    const { selector, descriptor } = linkedTask(cpu)
    switchTask(cpu, selector, descriptor, "IRET")
    return
  }
  if (size === 32 && cpu.checkedGates.comeBack(returnMask(cpu, 32))) return
  const stack = currentStack(cpu)
  const offset = stack.pop(size, "EIP")
  const selector = stack.pop(size, "CS") & 0xffff
  const flags = stack.pop(size, "EFLAGS")
  if (size === 32 && flags & VM && cpu.cpl === 0) {
    enterVirtual(cpu, stack, selector, offset, flags)
    return
  }
  returnTo(cpu, stack, { selector, offset, size, drop: 0, flags, flagMask: returnMask(cpu, size) })
}

/** Go to virtual-8086 mode: the frame holds all segment registers. */
function enterVirtual(cpu: Core, stack: Stack, selector: number, offset: number, flags: number): void {
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
export const gateKind = (access: number): string | undefined => GATES[access & 0x1f]?.name

// What is told of a gate, and what is wrong with one

function tellGate(cpu: Core, index: number, { descriptor, kind, selector, offset }: Gate): void {
  const told = { kind: kind.name, dpl: dpl(descriptor.access), selector, offset: offset >>> 0 }
  cpu.tellDetail({ is: "gate", table: "IDT", index, ...told })
}

/** Error code of a fault that names an entry of the IDT. */
const gateError = (vector: number, external: number) => vector * 8 + 2 + external

function beyondTable({ idtr }: Core, vector: number, external: number): Fault {
  const says = `vector ${hex(vector, 2)} is beyond the limit of the IDT (${hex(idtr.limit, 4)})`
  return new Fault("#GP", gateError(vector, external), says, SEE)
}

const noGate = (vector: number, external: number) =>
  new Fault("#GP", gateError(vector, external), `entry ${hex(vector, 2)} of the IDT is not a gate`, SEE)

const absentGate = (vector: number, external: number) =>
  new Fault("#NP", gateError(vector, external), `gate ${hex(vector, 2)} is not present (P = 0)`, SEE)

function closedGate({ cpl }: Core, { vector, software }: Delivery, { access }: Descriptor): Fault {
  const says = `${software} needs CPL ≤ the gate's DPL, but CPL is ${cpl} and the DPL of gate ${hex(vector, 2)} is ${dpl(access)}`
  return new Fault("#GP", gateError(vector, 0), says, GATE_SEE)
}

function unfitCode({ cpl }: Core, selector: number, { access }: Descriptor, external: number): Fault {
  const error = selectorError(selector) | external
  if (!isCode(access))
    return new Fault("#GP", error, `the gate leads to selector ${hex(selector, 4)}, which is not code`, SEE)
  if (dpl(access) <= cpl)
    return new Fault("#NP", error, "the handler's code segment is not present (P = 0)", SEE)
  const says = `a handler cannot be in an outer ring: its DPL is ${dpl(access)}, and CPL is ${cpl}`
  return new Fault("#GP", error, says, GATE_SEE)
}
