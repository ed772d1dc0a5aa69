/** A kernel on a bare machine and under a hypervisor, compared at each exit and at the end. */

import { hypervise } from "../../src/hypervisors/kinds"
import { IF, IOPL } from "../../src/isa/eflags"
import type { Program } from "../../src/isa/program"
import { CS, DS, ES, FS, GS } from "../../src/isa/registers"
import { FREE } from "../../src/machine/events/costs"
import type { Machine } from "../../src/machine/machine"
import { DEVICES, pc } from "../../src/pc"
import { isWellBehaved, lineAt, programsOf, type RandomKernel, SERVICE3 } from "./random-kernel"

const HERTZ = 33_000_000
/** MiB of the guest, and of the machine that it runs on. */
const [GUEST, HOST] = [1, 4]
/** Steps of the guest; who takes more is compared so far. */
const MOST = 20_000

const REGISTERS = ["EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"]
const SEGMENTS = ["ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"]
const FIELDS = ["selector", "base", "limit", "rights", "flatness"]

/** In what the processor differs from the bare one, in words; empty: in nothing. */
export function processorDiffers({ cpu: bare }: Machine, { cpu }: Machine): string {
  const found: string[] = []
  const compare = (what: string, a: unknown, b: unknown) => {
    if (a !== b) found.push(`${what} ${show(b)}, bare ${show(a)}`)
  }
  compare("EIP", bare.eip | 0, cpu.eip | 0)
  compare("EFLAGS", bare.flags.value, cpu.flags.value)
  for (let n = 0; n < 8; n++) compare(REGISTERS[n], bare.reg[n], cpu.reg[n])
  for (const n of [0, 2, 3, 4]) compare(`CR${n}`, bare.readControl(n), cpu.readControl(n))
  for (const [n, field] of bare.segments.fields.entries())
    compare(`${SEGMENTS[n % 8]}'s ${FIELDS[n >> 3]}`, field, cpu.segments.fields[n])
  for (const name of ["gdtr", "idtr"] as const) {
    compare(`${name}'s base`, bare[name].base, cpu[name].base)
    compare(`${name}'s limit`, bare[name].limit, cpu[name].limit)
  }
  return found.join("; ")
}
const show = (value: unknown) => (typeof value === "number" ? (value >>> 0).toString(16) : String(value))

/** The rest of the state: all but memory, TLB, ledger and what the processor was compared for. */
function stateDiffers(bare: Machine, guest: Machine): string {
  const [a, b] = [bare.save(), guest.save()]
  const parts = (state: typeof a) => ({
    ...state,
    ledger: 0,
    clock: { ...state.clock, charged: 0 },
    cpu: { ...state.cpu, tlb: 0 },
  })
  const [mine, theirs] = [parts(b), parts(a)] as Record<string, unknown>[]
  return Object.keys(theirs)
    .filter((key) => JSON.stringify(mine[key]) !== JSON.stringify(theirs[key]))
    .map((key) => `${key} ${JSON.stringify(mine[key])}, bare ${JSON.stringify(theirs[key])}`)
    .join("; ")
}

/** A bare machine and a hypervisor's with the same programs. */
export function both(programs: readonly Program[]) {
  const bare = pc({
    memory: GUEST,
    hertz: HERTZ,
    prices: FREE,
    devices: [DEVICES.post({ memory: GUEST, hertz: HERTZ })],
  })
  const host = pc({ memory: HOST, hertz: HERTZ, prices: FREE })
  const [guest] = hypervise(host, "trap-and-emulate", {
    vms: [{ name: "vm", memory: GUEST }],
    time: "steps",
  }).guests
  for (const program of programs) {
    bare.load(program)
    guest.vm.load(program)
  }
  return { bare, host, guest }
}

function memoryDiffers(bare: Machine, host: Machine, frames: Uint32Array): string {
  for (let page = 0; page < frames.length; page++) {
    const [a, b] = [bare.memory.page(page), host.memory.page(frames[page])]
    if (Buffer.compare(a, b) === 0) continue
    const at = a.findIndex((byte, n) => byte !== b[n])
    return `byte ${show(page * 4096 + at)} of memory ${show(b[at])}, bare ${show(a[at])}`
  }
  return ""
}

/** How a random kernel differs under the hypervisor, in words; empty: in nothing. `seen`: exits are counted there. */
export function divergence(kernel: RandomKernel, seen: Record<string, number> = {}): string {
  const { bare, host, guest } = both(programsOf(kernel))
  const { vm, vcpu } = guest
  let found = ""
  const check = (when: string) => {
    if (found !== "") return
    const behind = vcpu.retired - bare.clock.steps
    if (behind > 0) bare.run({ steps: behind })
    const how =
      bare.clock.steps === vcpu.retired
        ? processorDiffers(bare, vm.machine)
        : `steps ${vcpu.retired}, bare ${bare.clock.steps}`
    if (how !== "") found = `step ${vcpu.retired}, ${when}, last bare ${show(bare.cpu.eip)}: ${how}`
  }
  // An exit may cut a repeated instruction in two. A fault takes the flags of its comparisons back, to those after the cut; and who comes
  // at a page that was only missing in the shadow tables does not know that it was cut. Processors are no better: such a run is given up.
  let cutAt = -1
  let lost = false
  const leave = vcpu.leave.bind(vcpu)
  vcpu.leave = (ring0, vector) => {
    const exit = leave(ring0, vector)
    if (!exit) cutAt = vcpu.retired
    lost ||= holdsRing1(vm.machine)
    return exit
  }
  const step = vcpu.step.bind(vcpu)
  vcpu.step = () => {
    lost ||= vcpu.retired === cutAt && vcpu.hasEvent
    step()
  }
  const enter = vcpu.enter.bind(vcpu)
  vcpu.enter = (ring0) => {
    lost ||= vm.machine.cpu.suspended && isComparison(vm.machine)
    if (vcpu.retired !== cutAt && !lost) check("going on")
    enter(ring0)
  }
  let ended = "limit"
  while (found === "" && !lost && vcpu.retired < MOST && ended === "limit")
    ended = host.run({ steps: 500 }).why
  if (ended !== "limit" && !lost) {
    check("end")
    const why = bare.run({ steps: 1 }).why
    if (why !== vm.machine.cpu.activity) found ||= `it is ${vm.machine.cpu.activity}, bare ${why}`
    found ||= memoryDiffers(bare, host, vm.memory.frames) || stateDiffers(bare, vm.machine)
  }
  if (found !== "" && tells(kernel, vcpu.retired)) {
    found = ""
    seen.told = (seen.told ?? 0) + 1
  }
  if (lost) seen.lost = (seen.lost ?? 0) + 1
  for (const [reason, count] of Object.entries(guest.exits)) seen[reason] = (seen[reason] ?? 0) + count
  seen.steps = (seen.steps ?? 0) + vcpu.retired
  seen[`ended ${ended} ${vm.machine.cpu.activity}`] =
    (seen[`ended ${ended} ${vm.machine.cpu.activity}`] ?? 0) + 1
  return found
}

/**
 * Whether a kernel comes to what tells of the real processor: to a line for applications elsewhere than there, or to IRETD in ring 3 where
 * IOPL lets it change IF. Who makes kernels does not see each fault ahead, nor that a gate to ring 3 clears IF. Only who differs is looked at.
 */
function tells(kernel: RandomKernel, steps: number): boolean {
  const { bare } = both(programsOf(kernel))
  const { cpu } = bare
  for (let n = 0; n <= steps; n++) {
    const plain = isPlain(cpu.flags.value, cpu.segments.selector[CS])
    if (lineAt(kernel, cpu.segments.base[CS] + cpu.eip)?.needs === "plain" && !plain) return true
    if (cpu.eip === SERVICE3 && (cpu.flags.value & IOPL) !== 0) return true
    bare.run({ steps: 1 })
  }
  return false
}
const isPlain = (eflags: number, cs: number) => (cs & 3) === 3 && (eflags & (IOPL | IF)) === IF

/** A selector with RPL 1 of a segment of ring 0 is refused on bare metal, but not to a kernel that has ring 1 for ring 0. */
const holdsRing1 = ({ cpu }: Machine) => [DS, ES, FS, GS].some((n) => (cpu.segments.selector[n] & 3) === 1)

/** Whether the next instruction is a CMPS or SCAS with a prefix. Code lies where its linear addresses say. */
function isComparison({ cpu, memory }: Machine): boolean {
  const PREFIXES = [0xf2, 0xf3, 0x64, 0x66, 0x67]
  let at = cpu.eip
  while (memory.holds(at, 1) && PREFIXES.includes(memory.get(at, 8) & 0xff)) at++
  return memory.holds(at, 1) && [0xa6, 0xa7, 0xae, 0xaf].includes(memory.get(at, 8) & 0xff)
}

/** The smallest kernel found that still diverges. */
export function shrink(kernel: RandomKernel): RandomKernel {
  for (let at = kernel; ; ) {
    const smaller = at.lines.map((_, n) => ({ ...at, lines: at.lines.filter((_, other) => other !== n) }))
    const next = [{ ...at, divisor: 0 }, ...smaller]
      .filter((each) => each.divisor !== at.divisor || each.lines.length < at.lines.length)
      .filter(isWellBehaved)
      .find((each) => divergence(each) !== "")
    if (!next) return at
    at = next
  }
}
