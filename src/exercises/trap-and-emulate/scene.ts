/** Small guests for the exercises on trap-and-emulate: a kernel of a few lines and an application, on bare metal or in a virtual machine. */
import { codeSelector, type KitGate, kit } from "../../guests/kit"
import { once } from "../../guests/once"
import { hypervise } from "../../hypervisors/kinds"
import type { TrapAndEmulate } from "../../hypervisors/trap-and-emulate"
import { assemble } from "../../isa/assemble"
import type { Program } from "../../isa/program"
import type { Machine } from "../../machine/machine"
import { pc } from "../../pc"

/** A guest. Before its lines stands the kit, which loads the tables and gives the selectors and stacks their names. */
export interface Scene {
  /** Handlers that are the guest's own. */
  readonly gates: readonly KitGate[]
  /** Lines of assembly: they begin in ring 0, with interrupts off. */
  readonly lines: string
}

/** A machine under trap-and-emulate, before its first step. */
export interface Hosted {
  readonly machine: Machine
  readonly hypervisor: TrapAndEmulate
}

const HIGHEST_VECTOR = 0x80
const GATE_BYTES = 8
/** Low in memory: a small machine is sooner made. */
const ORIGIN = 0x1000
/** MiB of each guest, of the monitor, and of the shadow tables that it has for each. Page tables may lie at 2 MiB. */
const [GUEST, MONITOR, SHADOWS] = [3, 2, 1]

/** The tables and how they are loaded: the same for all scenes, so it is assembled once, and gates are put in later. */
const kernel = once(() =>
  assemble(`${kit({ origin: ORIGIN, gates: [{ vector: HIGHEST_VECTOR, handler: "main" }] })}\nmain:\n`),
)
const SHARED = /^(?:(?:CODE|DATA|stack)[0-3]|tss|[gi]dt|[gi]dt_register)$/
const shared = once(() =>
  Object.entries(kernel().symbols)
    .filter(([name]) => SHARED.test(name))
    .map(([name, value]) => `${name} equ ${value}`),
)

/** A scene as one program. */
export function programOf({ gates, lines }: Scene): Program {
  const { origin, bytes, labels, entry } = kernel()
  const own = assemble([`org ${origin + bytes.length}`, ...shared(), lines].join("\n"))
  const all = new Uint8Array([...bytes, ...own.bytes])
  const idt = labels.idt - origin
  all.fill(0, idt, idt + GATE_BYTES * (HIGHEST_VECTOR + 1))
  for (const gate of gates) all.set(gateBytes(gate, own.labels[gate.handler]), idt + GATE_BYTES * gate.vector)
  return { ...own, origin, entry, bytes: all, labels: { ...labels, ...own.labels } }
}

/** A gate as the processor reads it: offset, selector, P, DPL and type. */
function gateBytes({ dpl = 0, kind = "interrupt", ring = 0 }: KitGate, offset: number): Uint8Array {
  const access = 0x80 | (dpl << 5) | (kind === "interrupt" ? 0x0e : 0x0f)
  return new Uint8Array(
    Uint16Array.from([offset & 0xffff, codeSelector(ring), access << 8, offset >>> 16]).buffer,
  )
}

/** A guest on bare metal. */
export const onBareMetal = (guest: Program): Machine => pc({ memory: GUEST }).load(guest)

/** Guests in virtual machines, "first" and "second"; a guest's time is its own steps if it is alone. */
export function hosted(...guests: readonly Program[]): Hosted {
  const memory = MONITOR + guests.length * (GUEST + SHADOWS)
  const machine = pc({ memory })
  const vms = guests.map((_, n) => ({ name: NAMES[n], memory: GUEST }))
  const hypervisor = hypervise(machine, "trap-and-emulate", {
    vms,
    time: guests.length > 1 ? "machine" : "steps",
  })
  for (const [n, guest] of guests.entries()) hypervisor.guests[n].vm.load(guest)
  return { machine, hypervisor }
}
const NAMES = ["first", "second"]

/** As `run`, but the last run is kept: a question is asked, and then checked. */
export function keepingLast<Given, Out>(run: (given: Given) => Out): (given: Given) => Out {
  let last: { readonly key: string; readonly out: Out } | undefined
  return (given) => {
    const key = JSON.stringify(given)
    if (last?.key !== key) last = { key, out: run(given) }
    return last.out
  }
}
