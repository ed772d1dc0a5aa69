/** What is looked at before and after an instruction: every part of the processor's state, in groups that are read together. */

import { FLAG_BITS, IF, IOPL, VM } from "../../isa/eflags"
import { CS, LDTR, NAMES32, SEGMENT_NAMES, SS, TR } from "../../isa/registers"
import { READ } from "../../machine/board/physical-space"
import type { Machine } from "../../machine/machine"
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
const plain = (name: string, digits: number): Part => ({ name, listed: false, digits })

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
  parts: ["CR0", "CR3", "CR4"].map((name) => listed(name, 8)),
  deep: true,
  read({ machine: { cpu } }, into, at) {
    into[at++] = cpu.control[0]
    into[at++] = cpu.control[3]
    into[at++] = cpu.control[4]
  },
}

const tables: Group = {
  parts: [
    ...["GDTR", "IDTR"].flatMap((name) => [listed(`${name}.base`, 8), listed(`${name}.limit`, 4)]),
    ...["LDTR", "TR"].flatMap((name) => [listed(name, 4), listed(`${name}.base`, 8)]),
  ],
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
  parts: DEBUG.map((n) => listed(`DR${n}`, 8)),
  deep: true,
  read({ machine: { cpu } }, into, at) {
    for (const register of DEBUG) into[at++] = cpu.readDebug(register)
  },
}

const MODEL_SPECIFIC = {
  IA32_BIOS_SIGN_ID: 0x8b,
  SYSENTER_CS: 0x174,
  SYSENTER_ESP: 0x175,
  SYSENTER_EIP: 0x176,
}
const MODEL_SPECIFIC_NUMBERS = Object.values(MODEL_SPECIFIC)
const modelSpecific: Group = {
  parts: [...Object.keys(MODEL_SPECIFIC), "the time-stamp counter's offset"].map((name) => listed(name, 8)),
  deep: true,
  read({ machine }, into, at) {
    const { modelSpecific } = machine.cpu
    for (const register of MODEL_SPECIFIC_NUMBERS) into[at++] = modelSpecific.read(register)[0]
    into[at++] = modelSpecific.timeStamp[0] - machine.clock.now
  },
}

const registers: Group = {
  parts: [...NAMES32, "EIP"].map((name) => plain(name, 8)),
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
  parts: OWN_FLAGS.map(([name]) => plain(name, 0)),
  deep: false,
  read({ machine: { cpu } }, into, at) {
    const { value } = cpu.flags
    for (const mask of OWN_MASKS) into[at++] = value & mask ? 1 : 0
  },
}

const SEGMENTS = [0, 1, 2, 3, 4, 5]
const segments: Group = {
  parts: SEGMENTS.map((n) => SEGMENT_NAMES[n]).flatMap((name) => [
    plain(name, 4),
    plain(`${name}.base`, 8),
    plain(`${name}.limit`, 8),
    plain(`${name}.access`, 4),
  ]),
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
