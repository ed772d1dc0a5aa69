/** Small guests for tests: a kit, a body, and what the machine looks like when it stops. */

import { type KitGate, kit } from "../../src/guests/kit"
import { assemble } from "../../src/isa/assemble"
import type { Event } from "../../src/machine/events/events"
import type { Machine, Outcome } from "../../src/machine/machine"
import { type PcOptions, pc } from "../../src/pc"

/** Every fault vector leads to a handler that halts; the stack then shows what was pushed. */
const FAULTS = [0, 1, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 17]
const STOP = (vector: number) => `fault_${vector}: hlt`

/** Lines that identity-map the first 4 MiB with a table at 202000h (directory at 201000h), all pages user and writable. */
export const MAP = `
  mov edi, 0x201000
  mov ecx, 2048
  xor eax, eax
  rep stosd
  mov dword [0x201000], 0x202007
  mov edi, 0x202000
  mov eax, 7
fill: stosd
  add eax, 0x1000
  cmp edi, 0x203000
  jb fill
  mov eax, 0x201000
  mov cr3, eax`
/** Lines that turn paging on. */
export const ON = `
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax`

export interface Ran {
  readonly machine: Machine
  readonly outcome: Outcome
  readonly events: readonly Event[]
  /** Value of a label. */
  readonly at: (label: string) => number
  /** The doubleword `n` slots up the stack where the machine stopped, unsigned. */
  readonly stack: (n: number) => number
  /** Fault names and error codes in order: "#GP(13)" has error code 13, "#UD" none. */
  readonly faults: readonly string[]
}

export interface GuestOptions extends PcOptions {
  readonly gates?: readonly KitGate[]
  /** More descriptors, from selector 50h on. */
  readonly descriptors?: readonly string[]
  readonly steps?: number
  /** Do something to the machine before it runs. */
  readonly before?: (machine: Machine) => void
}

/** A machine with a guest of which `main` is the body, not yet run. Gates of the body come before the stopping ones. */
export function boot(
  body: string,
  { gates = [], descriptors = [], ...options }: GuestOptions = {},
): { machine: Machine; at: (label: string) => number } {
  const own = new Set(gates.map(({ vector }) => vector))
  const stops = FAULTS.filter((vector) => !own.has(vector))
  const all = [...gates, ...stops.map((vector) => ({ vector, handler: `fault_${vector}` }))]
  const program = assemble(
    `${kit({ gates: all, descriptors })}\n${stops.map(STOP).join("\n")}\nmain:\n${body}\n`,
  )
  const machine = pc({ memory: 4, ...options }).load(program)
  const at = (label: string) => {
    const value = program.symbols[label]
    if (value === undefined) throw new RangeError(`no label ${label}`)
    return value
  }
  return { machine, at }
}

/** Run a guest until it halts, shuts down or has had enough. */
export function run(body: string, options: GuestOptions = {}): Ran {
  const { machine, at } = boot(body, options)
  const events: Event[] = []
  options.before?.(machine)
  machine.listener = { detail: false, tell: (event) => void events.push(event) }
  const outcome = machine.run({ steps: options.steps ?? 100_000 })
  machine.listener = undefined
  const stack = (n: number) => machine.memory.get(machine.cpu.reg[4] + 4 * n, 32) >>> 0
  const faults = events.flatMap((event) =>
    event.is === "fault" ? [event.name + (event.errorCode === null ? "" : `(${event.errorCode})`)] : [],
  )
  return { machine, outcome, events, at, stack, faults }
}

/** EAX ECX EDX EBX ESP EBP ESI EDI, unsigned, by name. */
export function register(
  machine: Machine,
  name: "eax" | "ecx" | "edx" | "ebx" | "esp" | "ebp" | "esi" | "edi",
): number {
  return machine.cpu.reg[["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"].indexOf(name)] >>> 0
}
