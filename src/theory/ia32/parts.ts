/** What is looked at before and after an instruction: every part of the processor's state, in groups that are read together. */

import { FLAG_BITS, IF, IOPL, VM } from "../../isa/eflags"
import { CS, LDTR, NAMES32, SEGMENT_NAMES, SS, TR } from "../../isa/registers"
import { READ } from "../../machine/board/physical-space"
import type { Machine } from "../../machine/machine"
import { PLAIN } from "../../machine/processor/model-specific"
import { REGISTERS } from "../../machine/processor/registers"
import type { Part } from "../subject"
import type { LatchState } from "./latch"
import { codeSelector, dataSelector, STALE } from "./world"

/** What is observed. */
interface Observed {
  readonly machine: Machine
  readonly ports: LatchState
}

/** Parts that are read together. */
interface Group {
  readonly parts: readonly Part[]
  /** An instruction that changes these may have reached what entering the next situation does not set. */
  readonly deep: boolean
  /** Write a number for each part, from `at` on. */
  readonly read: (observed: Observed, into: Int32Array, at: number) => void
}

const listed = (name: string, digits: number, means?: Part["means"]): Part => ({
  name,
  listed: true,
  digits,
  ...(means ? { means } : {}),
})
/** Registers, written as everywhere. The search looks too often to save a state each time: `read` reads the processor's own. */
const DIGITS = new Map(REGISTERS.map(({ name, digits }) => [name, digits]))
const resource = (name: string) => listed(name, DIGITS.get(name) as number)
const plain = (name: string): Part => ({ name, listed: false, digits: DIGITS.get(name) as number })

const mode: Group = {
  parts: [
    listed("CPL", 0, (cpl) => `it runs in ring ${cpl}`),
    listed("VM", 0, (vm) => `it runs in ${vm ? "virtual-8086" : "protected"} mode`),
    listed("IF", 0, (on) => `interrupts are ${on ? "on" : "off"}`),
    listed("IOPL", 0),
  ],
  deep: false,
  read({ machine: { cpu } }, into, at) {
    const flags = cpu.flags.value
    into[at++] = cpu.cpl
    into[at++] = flags & VM ? 1 : 0
    into[at++] = flags & IF ? 1 : 0
    into[at++] = (flags & IOPL) >> 12
  },
}

/** Loading one of these may empty the TLB. */
const control: Group = {
  parts: ["CR0", "CR3", "CR4"].map(resource),
  deep: true,
  read({ machine: { cpu } }, into, at) {
    into[at++] = cpu.control[0]
    into[at++] = cpu.control[3]
    into[at++] = cpu.control[4]
  },
}

const tables: Group = {
  parts: [
    ...["GDTR", "IDTR"].flatMap((name) => [`${name}.base`, `${name}.limit`]),
    ...["LDTR", "TR"].flatMap((name) => [name, `${name}.base`]),
  ].map(resource),
  deep: false,
  read({ machine: { cpu } }, into, at) {
    const { gdtr, idtr, segments } = cpu
    for (const { base, limit } of [gdtr, idtr]) {
      into[at++] = base
      into[at++] = limit
    }
    for (const segment of [LDTR, TR]) {
      into[at++] = segments.selector[segment]
      into[at++] = segments.base[segment]
    }
  },
}

const surroundings: Group = {
  parts: [
    listed("address mapping", 8),
    listed("accesses to ports", 0),
    listed("the last value sent to a port", 8),
    listed("halted", 0),
  ],
  deep: true,
  read({ machine, ports }, into, at) {
    into[at++] = mapping(machine)
    into[at++] = ports.accesses
    into[at++] = ports.sent
    into[at++] = machine.cpu.activity === "running" ? 0 : 1
  },
}

/** Where the stale page leads to now. */
function mapping({ cpu: { linear, protectedMode } }: Machine): number {
  try {
    return protectedMode ? linear.translate(STALE, READ, false) : STALE
  } catch {
    return -1
  }
}

const DEBUG = [0, 1, 2, 3, 6, 7]
const debug: Group = {
  parts: DEBUG.map((n) => resource(`DR${n}`)),
  deep: true,
  read({ machine: { cpu } }, into, at) {
    for (const register of DEBUG) into[at++] = cpu.readDebug(register)
  },
}

const MODEL_SPECIFIC = Object.values(PLAIN)
const modelSpecific: Group = {
  parts: [...Object.keys(PLAIN).map(resource), listed("the time-stamp counter's offset", 8)],
  deep: true,
  read({ machine }, into, at) {
    const { modelSpecific } = machine.cpu
    for (const register of MODEL_SPECIFIC) into[at++] = modelSpecific.read(register)[0]
    into[at++] = modelSpecific.timeStamp[0] - machine.clock.now
  },
}

const registers: Group = {
  parts: [...NAMES32, "EIP"].map(plain),
  deep: false,
  read({ machine: { cpu } }, into, at) {
    for (let register = 0; register < 8; register++) into[at++] = cpu.reg[register]
    into[at++] = cpu.eip
  },
}

/** The flags that are not among the machine's resources. */
const OWN_FLAGS = FLAG_BITS.filter(([name]) => !["VM", "IF", "IOPL", "VIF", "VIP"].includes(name))
const OWN_MASKS = OWN_FLAGS.map(([, mask]) => mask)
const flags: Group = {
  parts: OWN_FLAGS.map(([name]) => name).map(plain),
  deep: false,
  read({ machine: { cpu } }, into, at) {
    const { value } = cpu.flags
    for (const mask of OWN_MASKS) into[at++] = value & mask ? 1 : 0
  },
}

const SEGMENTS = [0, 1, 2, 3, 4, 5]
const segments: Group = {
  parts: SEGMENTS.map((n) => SEGMENT_NAMES[n])
    .flatMap((name) => [name, `${name}.base`, `${name}.limit`, `${name}.access`])
    .map(plain),
  deep: false,
  read({ machine: { cpu } }, into, at) {
    const { selector, base, limit, access } = cpu.segments
    for (const n of SEGMENTS) {
      const ofMode = n === CS || n === SS
      into[at++] = ofMode ? withoutMode(selector[n]) : selector[n]
      into[at++] = base[n]
      into[at++] = limit[n]
      into[at++] = ofMode ? access[n] & ~DPL : access[n]
    }
  },
}

/**
 * A selector of CS or SS without what only says the mode again: RPL, and that it is the ring's own plain segment, which
 * is another one in each ring.
 */
const withoutMode = (selector: number) => (OWN_SEGMENTS.has(selector) ? 0 : selector & ~3)
const OWN_SEGMENTS = new Set([0, 1, 2, 3].flatMap((ring) => [codeSelector(ring), dataSelector(ring)]))
const DPL = 3 << 5

const GROUPS = [mode, control, tables, surroundings, debug, modelSpecific, registers, flags, segments]

/** Every part, as `observe` fills it in. */
export const PARTS: readonly Part[] = GROUPS.flatMap(({ parts }) => parts)

/** Fill in the parts. */
export function observe(observed: Observed, into: Int32Array): void {
  let at = 0
  for (const { parts, read } of GROUPS) {
    read(observed, into, at)
    at += parts.length
  }
}

const DEEP: readonly number[] = GROUPS.flatMap(({ parts, deep }) => parts.map(() => deep)).flatMap(
  (deep, n) => (deep ? [n] : []),
)

/** Whether something changed that entering the next situation does not set: registers of their own, and the TLB. */
export function changedDeeply(before: Int32Array, after: Int32Array): boolean {
  for (const n of DEEP) if (before[n] !== after[n]) return true
  return false
}
