/** The student's function hands an event over to the guest's own handler. */
import { enterRing } from "../../../guests/kit"
import type { MonitoredVcpu } from "../../../hypervisors/deprivileged/monitor"
import type { Exit } from "../../../hypervisors/exit"
import { serve } from "../../../hypervisors/vcpu"
import { IF, RF } from "../../../isa/eflags"
import type { Program } from "../../../isa/program"
import { CS, ESP, SS } from "../../../isa/registers"
import { hex } from "../../../numbers/int"
import type { Random } from "../../../numbers/random"
import type { Feedback } from "../../exercise"
import { wrong } from "../../lines"
import { programOf, type Scene } from "../scene"
import { monitored, nextExit } from "./guest-run"
import type { Judging, PosedTask, Returned, TaskKind } from "./task"

/** The virtual processor as the function gets it. */
interface VirtualCpu {
  ring: number
  cs: number
  eip: number
  ss: number
  esp: number
  eflags: number
}

const EVENTS: readonly { readonly line: string; readonly vector: number }[] = [
  { line: "int 0x80", vector: 0x80 },
  { line: "int 0x30", vector: 0x30 },
  { line: "int3", vector: 3 },
  { line: "ud2", vector: 6 },
  { line: "div ecx", vector: 0 },
]
const PROTECTION = { line: "cli", vector: 13 }

/** From ring 3 and from ring 0, with and without an error code, through gates of both kinds, with interrupts on and off. */
function guest(choose: Random): Scene {
  const kinds = choose.shuffled(["interrupt", "trap", "interrupt", "trap", "interrupt", "trap"] as const)
  const gates = [...EVENTS, PROTECTION].map(({ vector }, n) => ({
    vector,
    handler: `handler${vector}`,
    dpl: 3,
    kind: kinds[n],
  }))
  const handlers = [...EVENTS, PROTECTION].map(({ line, vector }) => {
    const drop = vector === 13 ? "\n  add esp, 4" : ""
    const skip = { ud2: 2, "div ecx": 2, cli: 1 }[line] ?? 0
    return `handler${vector}:${drop}\n  add dword [esp], ${skip}\n  iretd`
  })
  const lines = (events: readonly { readonly line: string }[]) =>
    events.map(({ line }) => `  ${line}`).join("\n")
  return {
    gates: [...gates, { vector: 0x21, handler: "end", dpl: 3 }],
    lines: `  xor ecx, ecx
${choose.below(2) ? "  sti\n  nop" : ""}
${lines(choose.shuffled(EVENTS).slice(0, 2))}
${enterRing(3, "application", choose.pick([0x202, 2]))}
application:
  xor ecx, ecx
${lines(choose.shuffled([...choose.shuffled(EVENTS).slice(0, 3), PROTECTION]))}
  int 0x21
${handlers.join("\n")}
end:
  cli
  hlt`,
  }
}

const flat = ({ cpu }: MonitoredVcpu["machine"]): VirtualCpu => ({
  ring: cpu.cpl,
  cs: cpu.segments.selector[CS],
  eip: cpu.eip >>> 0,
  ss: cpu.segments.selector[SS],
  esp: cpu.reg[ESP] >>> 0,
  eflags: (cpu.flags.value & ~RF) >>> 0,
})

/** The event that the guest's own handler is owed; undefined: none is. */
function eventOf(exit: Exit, { ring }: VirtualCpu): { vector: number; errorCode?: number } | undefined {
  if (exit.why === "system call") return { vector: exit.vector }
  if (exit.why === "exception")
    return { vector: exit.vector, ...(exit.errorCode === undefined ? {} : { errorCode: exit.errorCode }) }
  return exit.why === "instruction" && ring === 3 ? { vector: PROTECTION.vector, errorCode: 0 } : undefined
}

/** INT n saves the address behind itself. */
const returnsTo = (exit: Exit, { eip }: VirtualCpu) =>
  exit.why === "system call" ? eip + (exit.vector === 3 ? 1 : 2) : eip

function gateOf({ memory }: MonitoredVcpu["machine"], { labels }: Program, vector: number) {
  const at = labels.idt + 8 * vector
  return {
    selector: memory.get(at + 2, 16) & 0xffff,
    offset: memory.get(at, 16) & 0xffff,
    kind: memory.get(at + 5, 8) & 1 ? "trap" : "interrupt",
  }
}

const stackOf = ({ memory }: MonitoredVcpu["machine"], { labels }: Program) => ({
  ss: memory.get(labels.tss + 8, 32) >>> 0,
  esp: memory.get(labels.tss + 4, 32) >>> 0,
})

/** A fault saves EFLAGS with RF, which is left out here: nothing is to be learnt from it. */
const withoutResume = (word: number, n: number, length: number) =>
  (n === 2 + (length % 2 ? 0 : 1) ? word & ~RF : word) >>> 0

const WORDS = ["EIP", "CS", "EFLAGS", "ESP", "SS"]

/** What the guest's handler would find otherwise than on bare metal; undefined: nothing. */
function problem(
  what: string,
  frame: readonly number[],
  hasCode: boolean,
  right: VirtualCpu,
  { value, args }: Returned,
): Feedback | undefined {
  if (!Array.isArray(value))
    return wrong(`${what}: the function gave ${JSON.stringify(value)}, and no list of numbers.`)
  const found = value.map((word) => Number(word) >>> 0).reverse()
  const names = hasCode ? ["the error code", ...WORDS] : WORDS
  const n = frame.findIndex((word, n) => found[n] !== word)
  if (n >= 0) {
    const instead = found[n] === undefined ? "nothing" : hex(found[n])
    return wrong(
      `${what}: at ESP + ${4 * n} the handler found ${instead}, and on bare metal ${names[n]}, ${hex(frame[n])}.`,
    )
  }
  if (found.length > frame.length)
    return wrong(`${what}: ${found.length} doublewords were pushed, and on bare metal ${frame.length}.`)
  return stateProblem(what, right, (args[1] ?? {}) as VirtualCpu)
}

function stateProblem(what: string, right: VirtualCpu, cpu: VirtualCpu): Feedback | undefined {
  const field = (["ring", "cs", "eip", "ss", "esp"] as const).find(
    (name) => Number(cpu[name]) >>> 0 !== right[name],
  )
  if (field)
    return wrong(
      `${what}: the handler ran with ${field.toUpperCase()} ${hex(Number(cpu[field]) >>> 0)}, and on bare metal with ${hex(right[field])}.`,
    )
  const [on, wanted] = [cpu.eflags & IF, right.eflags & IF]
  if (on !== wanted)
    return wrong(
      `${what}: the handler ran with interrupts ${on ? "on" : "off"}, and on bare metal with interrupts ${wanted ? "on" : "off"}.`,
    )
  return undefined
}

function* judge(guests: readonly Scene[]): Judging {
  let count = 0
  for (const scene of guests) {
    const program = programOf(scene)
    const vcpu = monitored(program)
    for (let exit = nextExit(vcpu); exit; exit = nextExit(vcpu)) {
      const { machine } = vcpu
      const before = flat(machine)
      const event = eventOf(exit, before)
      const gate = event && gateOf(machine, program, event.vector)
      const cpu = { ...before, eip: returnsTo(exit, before) }
      const returned = event && (yield { args: [event, cpu, { gate, stack: stackOf(machine, program) }] })
      serve(exit, vcpu, vcpu.devices)
      if (!event || !returned) continue
      const right = flat(machine)
      const length = (before.ring === 3 ? 5 : 3) + (event.errorCode === undefined ? 0 : 1)
      const frame = Array.from({ length }, (_, n) =>
        withoutResume(machine.memory.get(right.esp + 4 * n, 32), n, length),
      )
      const what = `From ring ${before.ring}, vector ${hex(event.vector, 2)}, ${gate?.kind} gate`
      const found = problem(what, frame, event.errorCode !== undefined, right, returned)
      if (found) return found
      count++
    }
  }
  return {
    right: true,
    text: `${guests.length} guests came to their ends, and each of ${count} handlers found what it finds on bare metal.`,
  }
}

const STUB = `/** @returns the doublewords that are pushed for the handler, the first one first */
function reflect(
  event: { vector: number; errorCode?: number },
  cpu: { ring: number; cs: number; eip: number; ss: number; esp: number; eflags: number },
  tables: {
    gate: { selector: number; offset: number; kind: "interrupt" | "trap" }
    stack: { ss: number; esp: number }
  },
): number[] {
  return []
}`

function pose(choose: Random): PosedTask {
  const guests = [1, 2, 3].map(() => guest(choose))
  return {
    text: "You are the monitor. An event came to you that is the guest's own: a system call of its application's or of its kernel's, or an exception. `reflect` is to do what the processor would have done on bare metal: leave the right frame on the stack, and the virtual processor at the guest's handler.\n\n`event` has the `vector` and, if the exception has one, the `errorCode`. `cpu` is the virtual processor, as the guest believes it to be: `ring` is 0 or 3, `eip` is where the handler is to return to; change it. `tables` is what you have read in the guest's own tables: the `gate` of this vector, and the `stack` that the TSS names for ring 0. Handlers run in ring 0. Give the doublewords that you push, the first one first; `esp` is to point at the last one.",
    stub: STUB,
    judge: () => judge(guests),
  }
}

/** Frame, stack and IF, by hand. */
export const REFLECT: TaskKind = { name: "trap-and-emulate/reflect", title: "Reflect", pose }
