/** The student's function does privileged instructions on a virtual processor. */

import { enterRing } from "../../../guests/kit"
import { startController, startTimer } from "../../../guests/traps"
import type { MonitoredVcpu } from "../../../hypervisors/deprivileged/monitor"
import type { ExitOf } from "../../../hypervisors/exit"
import { serve } from "../../../hypervisors/vcpu"
import { IF } from "../../../isa/eflags"
import { hex } from "../../../numbers/int"
import type { Random } from "../../../numbers/random"
import type { Feedback } from "../../exercise"
import { wrong } from "../../lines"
import { programOf, type Scene } from "../scene"
import { instructionOf, monitored, nextExit } from "./guest-run"
import type { Judging, PosedTask, Returned, TaskKind } from "./task"

/** The virtual processor as the function gets it. */
interface VirtualCpu {
  ring: number
  eip: number
  eax: number
  interrupts: boolean
  halted: boolean
  cr0: number
  cr3: number
}

/** Instructions that a question may be about, and lines with which a guest makes use of each. */
const INSTRUCTIONS: Readonly<Record<string, readonly string[]>> = {
  cli: ["cli"],
  sti: ["sti"],
  hlt: ["sti", "hlt", "cli"],
  clts: ["mov eax, 0x19", "mov cr0, eax", "clts"],
  "mov eax, cr0": ["mov eax, cr0"],
  "mov eax, cr3": ["mov ecx, 0x200000", "mov cr3, ecx", "mov eax, cr3"],
}
/** These are always asked for: nothing is simpler, and nothing goes wrong as often. */
const ALWAYS = ["cli", "sti", "hlt"]

const FILLERS = ["inc edx", "mov ebx, 5", "xor esi, esi", "add edi, 3"]

/** A guest that does all of it in ring 0, then one of it in ring 3, where it may not. */
function guest(choose: Random, asked: readonly string[]): Scene {
  const kernel = choose
    .shuffled([...asked, ...asked])
    .flatMap((name) => [choose.pick(FILLERS), ...INSTRUCTIONS[name]])
  return {
    gates: [
      { vector: 13, handler: "refused" },
      { vector: 0x20, handler: "tick" },
    ],
    lines: `${startTimer(1000)}
${startController([0])}
${kernel.map((line) => `  ${line}`).join("\n")}
${enterRing(3, "application")}
application:
  ${choose.pick(FILLERS)}
  ${choose.pick(asked)}
tick:
  push eax
  mov al, 0x20
  out 0x20, al
  pop eax
  iretd
refused:
  cli
  hlt`,
  }
}

const flat = ({ cpu }: MonitoredVcpu["machine"]): VirtualCpu => ({
  ring: cpu.cpl,
  eip: cpu.eip >>> 0,
  eax: cpu.reg[0] >>> 0,
  interrupts: (cpu.flags.value & IF) !== 0,
  halted: cpu.activity === "halted",
  cr0: cpu.readControl(0) >>> 0,
  cr3: cpu.readControl(3) >>> 0,
})

const FIELDS: Readonly<Record<Exclude<keyof VirtualCpu, "ring">, string>> = {
  eip: "EIP",
  interrupts: "IF",
  halted: "halted",
  eax: "EAX",
  cr0: "CR0",
  cr3: "CR3",
}

/** What the guest would see otherwise than on bare metal; undefined: nothing. */
function problem(
  exit: ExitOf<"instruction">,
  before: VirtualCpu,
  right: VirtualCpu,
  { value, args }: Returned,
): Feedback | undefined {
  const where = `In ring ${before.ring} the guest executed \`${instructionOf(exit)}\``
  const wanted = before.ring === 3 ? "fault" : "done"
  if (value !== "done" && value !== "fault")
    return wrong(`${where}, and the function gave ${JSON.stringify(value)}: it must give "done" or "fault".`)
  if (value !== wanted)
    return wrong(
      wanted === "fault"
        ? `${where}, and it was done: an application has switched what only its kernel may.`
        : `${where}, and the kernel's own handler of #GP was entered: on bare metal the kernel may execute it.`,
    )
  if (wanted === "fault") return undefined
  const cpu = (args[1] ?? {}) as VirtualCpu
  const field = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).find(
    (name) => !isSame(cpu[name], right[name]),
  )
  return (
    field &&
    wrong(
      `${where}; after it ${FIELDS[field]} was ${shown(cpu[field])}, and on bare metal ${shown(right[field])}.`,
    )
  )
}

const isSame = (given: unknown, right: number | boolean) =>
  typeof right === "number" ? typeof given === "number" && given >>> 0 === right : given === right
const shown = (value: unknown) => (typeof value === "number" ? hex(value >>> 0) : String(value))

/** The function is asked for the instructions of the question; all else the guest gets from a monitor that is right. */
function* judge(guests: readonly Scene[], asked: readonly string[]): Judging {
  let count = 0
  for (const scene of guests) {
    const vcpu = monitored(programOf(scene))
    for (let exit = nextExit(vcpu); exit; exit = nextExit(vcpu)) {
      const before = flat(vcpu.machine)
      const own = exit.why === "instruction" && asked.includes(instructionOf(exit)) ? exit : undefined
      const seen = own && { instruction: instructionOf(own), length: own.instruction.length }
      const returned = seen && (yield { args: [seen, before] })
      serve(exit, vcpu, vcpu.devices)
      if (!own || !returned) continue
      const found = problem(own, before, flat(vcpu.machine), returned)
      if (found) return found
      count++
    }
  }
  return {
    right: true,
    text: `${guests.length} guests came to their ends, and at each of ${count} exits the virtual processor was what a real one would have been.`,
  }
}

const STUB = `/** @returns "done", or "fault" if the guest's own handler of #GP is to be called instead */
function emulate(
  exit: { instruction: string; length: number },
  cpu: {
    ring: number; eip: number; eax: number
    interrupts: boolean; halted: boolean; cr0: number; cr3: number
  },
): string {
  return "done"
}`

function pose(choose: Random): PosedTask {
  const others = Object.keys(INSTRUCTIONS).filter((name) => !ALWAYS.includes(name))
  const asked = [...ALWAYS, choose.pick(others)]
  const guests = [1, 2, 3].map(() => guest(choose, asked))
  return {
    text: `You are the monitor. A guest's kernel runs in ring 1 and its applications in ring 3; at each exit that an instruction caused, \`emulate\` is called. Do the instruction on the virtual processor \`cpu\`: ${asked.map((name) => `\`${name}\``).join(", ")}.\n\n\`exit\` has the \`instruction\` as it is written, and its \`length\` in bytes. \`cpu\` is \`{ ring, eip, eax, interrupts, halted, cr0, cr3 }\`: \`ring\` is 0 or 3, as the guest believes, \`eip\` is the instruction's own address, \`interrupts\` is IF, \`halted\` says whether it waits for an interrupt. Give "done", or "fault" if on bare metal the instruction would have raised #GP.`,
    stub: STUB,
    judge: () => judge(guests, asked),
  }
}

/** CLI, STI, HLT and one more, by hand. */
export const EMULATE: TaskKind = { name: "trap-and-emulate/emulate", title: "Emulate", pose }
