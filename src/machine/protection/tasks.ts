/**
 * Hardware task switching: the whole state of the processor goes to one task-state segment and comes from another.
 * @see SDM Vol. 3A Chapter 7 "Task Management"
 */
import { NT, RF, VM } from "../../isa/eflags"
import { CS, DS, ES, ESP, FS, GS, LDTR, SEGMENT_NAMES, SS, TR } from "../../isa/registers"
import { hex } from "../../numbers/int"
import type { TaskSource } from "../events/events"
import { Fault } from "../events/fault"
import { CR0 } from "../processor/control"
import type { Core } from "../processor/core"
import {
  type Descriptor,
  dpl,
  isCode,
  isConforming,
  isPresent,
  isReadable,
  NOT_SYSTEM,
  TYPE,
  TYPE_LDT,
  UNUSABLE,
} from "../processor/descriptors"
import { currentStack } from "../processor/stack"
import { load8086 } from "./real-address"
import { checkStack, loadCache, needDescriptor, selectorError } from "./segmentation"

const SEE = 'SDM Vol. 3A §7.3 "Task Switching"'

/** An event whose handler is a task. */
interface TaskEvent {
  /** The saved EFLAGS shall have RF, as of a faulting instruction. */
  readonly resume: boolean
  /** EXT in the error codes of what goes wrong: 1 unless an instruction asked for the event. */
  readonly external: number
  /** Goes onto the new task's stack. */
  readonly errorCode: number | null
}

const NO_EVENT: TaskEvent = { resume: false, external: 0, errorCode: null }

/** Type of a task gate, in GDT, LDT and IDT. */
export const TASK_GATE = 5
/** Types of a TSS descriptor: bit 3 is its width, bit 1 whether it is busy. */
const WIDE = 8
const BUSY = 2
const isTss = (access: number) => (access & (NOT_SYSTEM | 0x5)) === 1
const BUSY_IN_HIGH = BUSY << 8

/**
 * Where a task-state segment keeps what. One of 32 bits, with its offsets, the last doubleword first:
 *
 *      31                   16 15                    0
 *     ┌───────────────────────┬───────────────────────┐
 *     │ base of the I/O map   │ 0                   │T│ 100
 *     │ 0                     │ LDTR                  │ 96
 *     │ 0                     │ GS FS DS SS CS ES     │ 92-72, a doubleword each
 *     ├───────────────────────┴───────────────────────┤
 *     │ EDI ESI EBP ESP EBX EDX ECX EAX               │ 68-40
 *     │ EFLAGS                                        │ 36
 *     │ EIP                                           │ 32
 *     │ CR3                                           │ 28
 *     ├───────────────────────┬───────────────────────┤
 *     │ 0                     │ SS2, under it ESP2    │ 24, 20
 *     │ 0                     │ SS1, under it ESP1    │ 16, 12
 *     │ 0                     │ SS0, under it ESP0    │ 8, 4
 *     │ 0                     │ link: the task before │ 0
 *     └───────────────────────┴───────────────────────┘
 *
 * One of 16 bits has words only, no CR3, FS, GS, T and I/O map: link 0, SP0 to SS2 from 2 on, IP 14, FLAGS
 * 16, AX to DI from 18 on, ES CS SS DS from 34 on, LDTR 42.
 * @see SDM Vol. 3A §7.2.1 "Task-State Segment (TSS)", Figure 7-2, §7.6 "16-Bit Task-State Segment (TSS)",
 * Figure 7-10
 */
interface Layout {
  readonly size: 16 | 32
  /** A segment of this limit holds all of it. */
  readonly least: number
  readonly ip: number
  readonly flags: number
  /** EAX ECX EDX EBX ESP EBP ESI EDI begin here. */
  readonly registers: number
  readonly segments: readonly (readonly [register: number, offset: number])[]
  readonly ldt: number
  readonly cr3?: number
  readonly trap?: number
}

const SEGMENT_REGISTERS = [ES, CS, SS, DS, FS, GS]
const TSS_32: Layout = {
  size: 32,
  least: 103,
  ip: 32,
  flags: 36,
  registers: 40,
  segments: SEGMENT_REGISTERS.map((register, n) => [register, 72 + 4 * n]),
  ldt: 96,
  cr3: 28,
  trap: 100,
}
const TSS_16: Layout = {
  size: 16,
  least: 43,
  ip: 14,
  flags: 16,
  registers: 18,
  segments: [ES, CS, SS, DS].map((register, n) => [register, 34 + 2 * n]),
  ldt: 42,
}
const layoutOf = (access: number) => (access & WIDE ? TSS_32 : TSS_16)

/**
 * The TSS that a task gate or a far transfer names, ready to be switched to.
 * @param external 1 if an event is being delivered
 * @faults #GP, #NP with the selector
 */
export function availableTask(cpu: Core, selector: number, external: number): Descriptor {
  return needTask(cpu, selector, "#GP", false, external)
}

/** The task that IRET goes back to: the link of the present TSS. @faults #TS, #NP with the selector */
export function linkedTask(cpu: Core): { selector: number; descriptor: Descriptor } {
  const selector = cpu.linear.readAs(false, cpu.segments.base[TR], 16)
  return { selector, descriptor: needTask(cpu, selector, "#TS", true, 0) }
}

function needTask(
  cpu: Core,
  selector: number,
  kind: "#GP" | "#TS",
  busy: boolean,
  external: number,
): Descriptor {
  const code = selectorError(selector) | external
  const name = `selector ${hex(selector, 4)}`
  if (selector & 4) throw new Fault(kind, code, `${name} is in the LDT, and a TSS must be in the GDT`, SEE)
  const descriptor = needDescriptor(cpu, selector, kind, external)
  if (!isTss(descriptor.access)) throw new Fault(kind, code, `${name} is not a TSS`, SEE)
  if (((descriptor.access & BUSY) !== 0) !== busy)
    throw new Fault(kind, code, `${name} is a TSS, but it is ${busy ? "not " : ""}busy`, SEE)
  if (!isPresent(descriptor.access)) throw new Fault("#NP", code, `${name}: not present (P = 0)`, SEE)
  const { least } = layoutOf(descriptor.access)
  if (descriptor.limit < least)
    throw new Fault(
      "#TS",
      code,
      `${name}: a TSS needs a limit of ${least} or more, not ${descriptor.limit}`,
      SEE,
    )
  return descriptor
}

/** Switch to a task. Whatever is wrong with the new task's own segments is found when it runs already, and is its fault. */
export function switchTask(
  cpu: Core,
  selector: number,
  target: Descriptor,
  source: TaskSource,
  event = NO_EVENT,
): void {
  const nests = source === "CALL" || source === "gate"
  const layout = layoutOf(target.access)
  const from = cpu.segments.selector[TR]
  cpu.charge(cpu.prices.taskState)
  const state = readState(cpu, target, layout)
  saveState(cpu, source, event.resume)
  if (!nests) setBusy(cpu, findOwn(cpu), false)
  if (nests) cpu.linear.writeAs(false, target.base, 16, from)
  if (source !== "IRET") setBusy(cpu, target, true)
  cpu.charge(cpu.prices.taskState)
  cpu.tellDetail({ is: "task", from, to: selector, how: source })
  cpu.segments.set(TR, selector, { ...target, access: target.access | BUSY })
  cpu.setControlBits(0, CR0.TS)
  cpu.clearLocalBreakpoints()
  loadState(cpu, state, layout, nests, event)
}

/** A task's state as its segment holds it. */
interface TaskState {
  readonly cr3: number | undefined
  readonly ip: number
  readonly flags: number
  readonly registers: readonly number[]
  readonly segments: readonly (readonly [register: number, selector: number])[]
  readonly ldt: number
  readonly trap: boolean
}

/** Read all of it before anything is written: a page that is not there must not leave half a switch. */
function readState(cpu: Core, { base }: Descriptor, layout: Layout): TaskState {
  const word = (offset: number, size: 16 | 32) => cpu.linear.readAs(false, (base + offset) | 0, size)
  const selector = (offset: number) => word(offset, 16) & 0xffff
  const step = layout.size / 8
  const wide = layout.size === 32
  const full = (offset: number) => (wide ? word(offset, 32) : word(offset, 16) & 0xffff)
  return {
    cr3: layout.cr3 === undefined ? undefined : word(layout.cr3, 32),
    ip: full(layout.ip),
    flags: full(layout.flags),
    registers: Array.from({ length: 8 }, (_, n) => full(layout.registers + step * n) | (wide ? 0 : ~0xffff)),
    segments: SEGMENT_REGISTERS.map((register) => [
      register,
      selectorAt(layout.segments, register, selector),
    ]),
    ldt: selector(layout.ldt),
    trap: layout.trap !== undefined && (word(layout.trap, 16) & 1) !== 0,
  }
}

/** A selector of the TSS; a 16-bit one has no FS and GS, which become null. */
function selectorAt(
  segments: Layout["segments"],
  register: number,
  selector: (offset: number) => number,
): number {
  const place = segments.find(([number]) => number === register)
  return place ? selector(place[1]) : 0
}

function saveState(cpu: Core, source: TaskSource, resume: boolean): void {
  const { base, access } = cpu.segments.cache(TR)
  const layout = layoutOf(access)
  const step = layout.size / 8
  const write = (offset: number, value: number, size: 16 | 32 = layout.size) =>
    cpu.linear.writeAs(false, (base + offset) | 0, size, value)
  const flags = cpu.flags.value & (source === "IRET" ? ~NT : ~0)
  write(layout.ip, cpu.eip)
  write(layout.flags, resume ? flags | RF : flags)
  cpu.reg.forEach((value, n) => {
    write(layout.registers + step * n, value)
  })
  for (const [register, offset] of layout.segments) write(offset, cpu.segments.selector[register], 16)
}

const findOwn = (cpu: Core) => needDescriptor(cpu, cpu.segments.selector[TR], "#TS")

function setBusy(cpu: Core, { at, high }: Descriptor, busy: boolean): void {
  cpu.linear.writeAs(false, (at + 4) | 0, 32, busy ? high | BUSY_IN_HIGH : high & ~BUSY_IN_HIGH)
}

/** From here on faults are the new task's. */
function loadState(cpu: Core, state: TaskState, layout: Layout, nests: boolean, event: TaskEvent): void {
  const ring = cpu.cpl
  cpu.eip = state.ip
  cpu.reg.set(state.registers)
  cpu.replaceFlags(~0, layout.size === 32 ? state.flags : state.flags & 0xffff)
  if (nests) cpu.replaceFlags(NT, NT)
  for (const [register, selector] of state.segments)
    cpu.segments.set(register, selector, { base: 0, limit: 0, access: unloaded(selector) })
  try {
    if (state.cr3 !== undefined && cpu.readControl(0) & CR0.PG) cpu.writeControl(3, state.cr3)
    loadLdt(cpu, state.ldt, event.external)
    if (state.flags & VM && layout.size === 32) loadVirtual(cpu, state)
    else loadSegments(cpu, state, event.external)
    cpu.ringChanged(ring)
    if (event.errorCode !== null) pushErrorCode(cpu, event.errorCode, layout.size, event.external)
    checkStart(cpu, event.external)
    if (state.trap) cpu.trapAfterSwitch()
  } catch (reason) {
    throw reason instanceof Fault ? reason.inNewTask() : reason
  }
}

/** Selectors come first, descriptors follow: until then nothing can be used, but CS says already in which ring it is. */
const unloaded = (selector: number) => UNUSABLE | ((selector & 3) << 5)

function pushErrorCode(cpu: Core, errorCode: number, size: 16 | 32, external: number): void {
  const stack = currentStack(cpu, external)
  stack.push(errorCode, size, "error code")
  cpu.reg[ESP] = stack.pointer
}

function checkStart(cpu: Core, external: number): void {
  if (cpu.eip >>> 0 > cpu.segments.limit[CS])
    throw new Fault(
      "#GP",
      external,
      `the new task's EIP ${hex(cpu.eip)} is beyond its code segment's limit`,
      SEE,
    )
}

function loadLdt(cpu: Core, selector: number, external: number): void {
  cpu.segments.set(LDTR, selector, { base: 0, limit: 0, access: UNUSABLE })
  if ((selector & 0xfffc) === 0) return
  const says = `the new task's LDT, selector ${hex(selector, 4)}, is not a present LDT in the GDT`
  const code = selectorError(selector) | external
  if (selector & 4) throw new Fault("#TS", code, says, SEE)
  const descriptor = needDescriptor(cpu, selector, "#TS", external)
  const { access } = descriptor
  if (access & NOT_SYSTEM || (access & TYPE) !== TYPE_LDT || !isPresent(access))
    throw new Fault("#TS", code, says, SEE)
  cpu.segments.set(LDTR, selector, descriptor)
}

function loadVirtual(cpu: Core, state: TaskState): void {
  for (const [register, number] of state.segments) load8086(cpu, register, number)
}

/** In the manual's order: CS, SS, then the data segments. @see Table 7-1 "Exception Conditions Checked During a Task Switch" */
function loadSegments(cpu: Core, { segments }: TaskState, external: number): void {
  const selectors = new Map(segments)
  const selectorOf = (register: number) => selectors.get(register) ?? 0
  const code = needTaskCode(cpu, selectorOf(CS), external)
  const ring = selectorOf(CS) & 3
  loadCache(cpu, CS, selectorOf(CS), code)
  loadTaskStack(cpu, selectorOf(SS), ring, external)
  for (const register of [DS, ES, FS, GS]) loadTaskData(cpu, register, selectorOf(register), ring, external)
}

function needTaskCode(cpu: Core, selector: number, external: number): Descriptor {
  const code = selectorError(selector) | external
  const name = `the new task's CS = ${hex(selector, 4)}`
  if ((selector & 0xfffc) === 0) throw new Fault("#TS", external, `${name} is null`, SEE)
  const descriptor = needDescriptor(cpu, selector, "#TS", external)
  const { access } = descriptor
  if (!isCode(access)) throw new Fault("#TS", code, `${name} is not code`, SEE)
  const [level, ring] = [dpl(access), selector & 3]
  if (isConforming(access) ? level > ring : level !== ring)
    throw new Fault("#TS", code, `${name}: its RPL is ${ring}, but its segment's DPL is ${level}`, SEE)
  if (!isPresent(access)) throw new Fault("#NP", code, `${name}: not present (P = 0)`, SEE)
  return descriptor
}

function loadTaskStack(cpu: Core, selector: number, ring: number, external: number): void {
  if ((selector & 0xfffc) === 0) throw new Fault("#TS", external, "the new task's SS is null", SEE)
  const descriptor = needDescriptor(cpu, selector, "#TS", external)
  checkStack(selector, descriptor, ring, "#TS", external)
  loadCache(cpu, SS, selector, descriptor)
}

function loadTaskData(cpu: Core, register: number, selector: number, ring: number, external: number): void {
  if ((selector & 0xfffc) === 0) return
  const code = selectorError(selector) | external
  const name = `the new task's ${SEGMENT_NAMES[register]} = ${hex(selector, 4)}`
  const descriptor = needDescriptor(cpu, selector, "#TS", external)
  const { access } = descriptor
  if (!(access & NOT_SYSTEM) || !isReadable(access))
    throw new Fault("#TS", code, `${name} is neither data nor readable code`, SEE)
  if (!(isCode(access) && isConforming(access)) && Math.max(ring, selector & 3) > dpl(access))
    throw new Fault("#TS", code, `${name}: ring ${ring} may not use its DPL ${dpl(access)}`, SEE)
  if (!isPresent(access)) throw new Fault("#NP", code, `${name}: not present (P = 0)`, SEE)
  loadCache(cpu, register, selector, descriptor)
}
