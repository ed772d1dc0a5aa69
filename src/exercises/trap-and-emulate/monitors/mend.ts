/** The student finds out why a guest hangs, and mends the function that tells its monitor what to do. */
import { enterRing } from "../../../guests/kit"
import { startController, startTimer } from "../../../guests/traps"
import type { MonitoredVcpu } from "../../../hypervisors/deprivileged/monitor"
import type { Exit } from "../../../hypervisors/exit"
import type { Random } from "../../../numbers/random"
import type { Feedback } from "../../exercise"
import { wrong } from "../../lines"
import { onBareMetal, programOf, type Scene } from "../scene"
import { instructionOf, monitored, nextExit } from "./guest-run"
import type { Call, Judging, PosedTask, Returned, TaskKind } from "./task"

const ACTIONS = ["emulate", "reflect", "device", "nothing", "stop"] as const
type Action = (typeof ACTIONS)[number]

/** Exits at one place, and in all, after which a guest is said to hang. */
const MOST_AT_ONE_PLACE = 12
const MOST_EXITS = 200
const MOST_STEPS = 100_000
const PROTECTION = 13

/** Lines of the function, each with what it is where it has the fault. */
const LINES: readonly { readonly right: string; readonly faulty: string }[] = [
  {
    right: 'if (exit.why === "instruction") return "emulate"',
    faulty: 'if (exit.why === "instruction") return exit.ring === 0 ? "emulate" : "nothing"',
  },
  {
    right: 'if (exit.why === "system call") return "reflect"',
    faulty: 'if (exit.why === "system call") return exit.vector === 0x80 ? "reflect" : "nothing"',
  },
  {
    right: 'if (exit.why === "exception") return "reflect"',
    faulty: 'if (exit.why === "exception") return exit.ring === 3 ? "reflect" : "nothing"',
  },
  {
    right: 'if (exit.why === "io-in") return "device"',
    faulty: 'if (exit.why === "io-in") return "nothing"',
  },
  {
    right: 'if (exit.why === "io-out") return "device"',
    faulty: 'if (exit.why === "io-out") return exit.port === 0x3f8 ? "device" : "nothing"',
  },
]

const functionOf = (lines: readonly string[]) =>
  [
    "/** What the monitor is to do at an exit. */",
    "function owed(exit: {",
    "  why: string; ring: number; instruction?: string; vector?: number; port?: number; value?: number",
    "}): string {",
    ...lines.map((line) => `  ${line}`),
    '  return "stop"',
    "}",
  ].join("\n")

/** Acts of a guest; each prints a letter when it is through. */
const print = (letter: string) => `  mov edx, 0x3fd
.wait${letter}:
  in al, dx               ; the serial port: may it be written?
  test al, 0x20
  jz .wait${letter}
  mov al, '${letter}'
  mov edx, 0x3f8
  out dx, al`

const KERNEL_ACTS: readonly string[] = [
  "  cli\n  mov ecx, cr0",
  "  sti\n  hlt\n  cli",
  "  int 0x30",
  "  ud2",
  "  xor ecx, ecx\n  div ecx",
]
const APPLICATION_ACTS: readonly string[] = ["  int 0x30", "  cli", "  ud2", "  mov eax, cr0\n  nop"]

/** A guest that does some of it in any order, and prints how far it has come. */
function guest(choose: Random): Scene {
  const kernel = choose.shuffled(KERNEL_ACTS)
  const application = choose.shuffled(APPLICATION_ACTS).slice(0, 3)
  const through = (n: number, how: string) => how.replaceAll("LETTER", String.fromCharCode(65 + n))
  return {
    gates: [
      { vector: 0, handler: "skip" },
      { vector: 6, handler: "skip" },
      { vector: PROTECTION, handler: "protection" },
      { vector: 0x20, handler: "tick" },
      { vector: 0x30, handler: "service", dpl: 3 },
      { vector: 0x80, handler: "write", dpl: 3 },
      { vector: 0x21, handler: "end", dpl: 3 },
    ],
    lines: `${startTimer(300)}
${startController([0])}
kernel:
${kernel.map((act, n) => `${act}\n${print(String.fromCharCode(65 + n))}`).join("\n")}
${enterRing(3, "application")}
application:
${application.map((act, n) => through(kernel.length + n, `${act}\n  mov ebx, 'LETTER'\n  int 0x80`)).join("\n")}
  int 0x21
write:
  mov al, bl
  mov edx, 0x3f8
  out dx, al
  iretd
protection:               ; CLI has one byte, and MOV from CR0 three
  add esp, 4
  mov ecx, [esp]
  cmp byte [ecx], 0xfa
  je .one
  add dword [esp], 2
.one:
  inc dword [esp]
  iretd
skip:
  add dword [esp], 2
service:
  iretd
tick:
  mov al, 0x20
  out 0x20, al
  iretd
end:
  cli
  hlt`,
  }
}

/** What the function gets: plain data. */
function seen(exit: Exit, vcpu: MonitoredVcpu) {
  const { cpl: ring } = vcpu.machine.cpu
  switch (exit.why) {
    case "instruction":
      return { why: exit.why, ring, instruction: instructionOf(exit) }
    case "exception":
    case "system call":
      return { why: exit.why, ring, vector: exit.vector }
    case "io-in":
      return { why: exit.why, ring, port: exit.port }
    case "io-out":
      return { why: exit.why, ring, port: exit.port, value: exit.value }
    default:
      return { why: exit.why, ring }
  }
}

/** Do what the function said. What does not fit the exit is a mistake of its own. @returns what is wrong with it */
function act(action: Action, exit: Exit, vcpu: MonitoredVcpu): string | undefined {
  const { devices } = vcpu
  if (action === "emulate" && (exit.why === "instruction" || exit.why === "mmio")) vcpu.emulate(exit)
  else if (action === "reflect" && (exit.why === "exception" || exit.why === "system call"))
    vcpu.reflect(exit)
  else if (action === "device" && exit.why === "io-in") vcpu.answer(exit, devices.in(exit.port, exit.size))
  else if (action === "device" && exit.why === "io-out") devices.out(exit.port, exit.size, exit.value)
  else if (action !== "nothing" && action !== "stop")
    return `"${action}" cannot be done at an exit with why "${exit.why}"`
  return undefined
}

const said = (printed: string) => (printed === "" ? "nothing" : `“${printed}”`)

/** Let the function run a guest. @returns what the guest came to that bare metal does not come to */
function* drive(scene: Scene): Generator<Call, Feedback | undefined, Returned> {
  const program = programOf(scene)
  const bare = onBareMetal(program)
  bare.run({ steps: MOST_STEPS })
  const vcpu = monitored(program)
  const visits = new Map<string, number>()
  for (let n = 0; n < MOST_EXITS; n++) {
    const exit = nextExit(vcpu)
    if (!exit) break
    const { value } = yield { args: [seen(exit, vcpu)] }
    if (!ACTIONS.includes(value as Action))
      return wrong(
        `At an exit with why "${exit.why}" the function gave ${JSON.stringify(value)}: it must give one of ${ACTIONS.join(", ")}.`,
      )
    const mistake = act(value as Action, exit, vcpu)
    if (mistake) return wrong(`The monitor could not go on: ${mistake}.`)
    if (value === "stop") break
    const place = `${exit.why} ${exit.at} ${vcpu.machine.serial}`
    visits.set(place, (visits.get(place) ?? 0) + 1)
    if ((visits.get(place) as number) > MOST_AT_ONE_PLACE)
      return wrong(
        `A guest hangs: it comes to one place in ring ${vcpu.machine.cpu.cpl} again and again with why "${exit.why}", and has printed ${said(vcpu.machine.serial)}, on bare metal ${said(bare.serial)}.`,
      )
  }
  if (vcpu.machine.serial !== bare.serial)
    return wrong(
      `A guest came no further: it has printed ${said(vcpu.machine.serial)}, and on bare metal ${said(bare.serial)}.`,
    )
  return undefined
}

function* judge(guests: readonly Scene[]): Judging {
  for (const scene of guests) {
    const found = yield* drive(scene)
    if (found) return found
  }
  return {
    right: true,
    text: `${guests.length} guests came to their ends, and printed what they print on bare metal.`,
  }
}

function pose(choose: Random): PosedTask {
  const fault = choose.below(LINES.length)
  const lines = LINES.map(({ right, faulty }, n) => (n === fault ? faulty : right))
  const guests = [1, 2].map(() => guest(choose))
  return {
    text: `A monitor asks \`owed\` at each exit what it is to do: "emulate" the instruction on the virtual processor, "reflect" to the guest's own handler, have the virtual "device" give or take the value, do "nothing" and let the guest go on, or "stop". Under this one a guest hangs that does not hang on bare metal. Find out why, and mend it.\n\n\`exit\` has \`why\`: "instruction" (with the \`instruction\` as it is written), "system call" or "exception" (with the \`vector\`), "io-in" (with the \`port\`) or "io-out" (with \`port\` and \`value\`); and \`ring\`, 0 or 3, as the guest believes.`,
    stub: functionOf(lines),
    judge: () => judge(guests),
  }
}

/** A monitor with a fault. */
export const MEND: TaskKind = { name: "trap-and-emulate/mend", title: "Mend the monitor", pose }
