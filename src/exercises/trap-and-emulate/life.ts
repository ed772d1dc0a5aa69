/** A guest's short life, chosen by a seed: what its kernel and its application do that somebody must see to. */
import { enterRing } from "../../guests/kit"
import { startController, startTimer } from "../../guests/traps"
import { hypervise } from "../../hypervisors/kinds"
import { assemble } from "../../isa/assemble"
import { FREE } from "../../machine/events/costs"
import type { Random } from "../../numbers/random"
import { pc } from "../../pc"
import { type Hosted, keepingLast, programOf, type Scene } from "./scene"
import { type MonitorStep, monitorSteps } from "./steps"
import { type Stop, Watch } from "./watch"

/** What the kernel can do, and the application. Each is done once. */
const KERNEL: readonly (readonly string[])[] = [
  ["mov eax, cr0"],
  ["mov eax, 0x200000", "mov cr3, eax"],
  ["lidt [idt_register]"],
  ["clts"],
  ["in al, 0x61"],
  ["mov al, 1", "out 0x80, al"],
  ["mov [0x150000], eax"],
  ["mov eax, [0x160000]"],
  ["pushfd", "pop eax"],
  ["sti", "hlt", "cli"],
]
const APPLICATION: readonly (readonly string[])[] = [
  ["int 0x80"],
  ["cli"],
  ["ud2"],
  ["mov eax, [0x170000]"],
  ["mov eax, cs"],
  ["mov eax, cr3"],
  ["in al, 0x60"],
]
/** The last thing: the kernel halts for good, or a fault meets an IDT in which nothing is. */
const ENDS: readonly (readonly string[])[] = [
  ["cli", "hlt"],
  ["lidt [nothing]", "ud2"],
]

/** Its acts. */
export interface Life {
  readonly kernel: readonly string[]
  readonly application: readonly string[]
  readonly end: readonly string[]
}

/** Choose one: it always sleeps once, for the sake of the other virtual machine. */
export function chooseLife(choose: Random): Life {
  const sleep = KERNEL[KERNEL.length - 1]
  const others = choose.shuffled(KERNEL.slice(0, -1)).slice(0, 2 + choose.below(2))
  return {
    kernel: choose.shuffled([...others, sleep]).flat(),
    application: choose.shuffled(APPLICATION).slice(0, 2).flat(),
    end: choose.pick(ENDS),
  }
}

const block = (label: string, lines: readonly string[]) =>
  [`${label}:`, ...lines.map((line) => `  ${line}`)].join("\n")

/** What the student reads. */
export const listingOf = ({ kernel, application, end }: Life): string =>
  [
    block("begin", [...kernel, "jmp enter_application"]),
    block("application", [...application, "int 0x30"]),
    block("last", end),
  ].join("\n")

const handler = (vector: number, label: string, dpl = 0) => ({ vector, handler: label, dpl })

/** The whole guest. Faults of the application's are passed over: each of its instructions that fault here has as many bytes as is added. */
function sceneOf(life: Life): Scene {
  return {
    gates: [
      handler(6, "two_bytes"),
      handler(13, "protection"),
      handler(0x20, "tick"),
      handler(0x30, "last", 3),
      handler(0x80, "service", 3),
    ],
    lines: `${startTimer(TICKS)}
${startController([0])}
${listingOf(life)}
enter_application:
${enterRing(3, "application")}
enter_end:
two_bytes:
  add dword [esp], 2
  iretd
protection:               ; CLI has one byte, MOV from CR3 three, IN two
  pop dword [code]
  mov edx, [esp]
  cmp byte [edx], 0xfa
  je .one
  cmp byte [edx], 0x0f
  jne two_bytes
  inc dword [esp]
  inc dword [esp]
.one:
  inc dword [esp]
  iretd
tick:
  mov al, 0x20
  out 0x20, al
  iretd
service:
  mov eax, 1
  iretd
align 8
nothing: dd 0, 0
code: dd 0`,
  }
}

/** So slow a clock that the guest's timer does not tick while it works, and soon when it sleeps. Work of the monitor's takes no time. */
const HERTZ = 100_000
const TICKS = 5000
const MEMORY = 11
/** More than any life takes. */
const MOST_STEPS = 20_000

/** The machine on which this guest lives beside another one that computes. */
export function hostOf(life: Life): Hosted & { readonly guest: ReturnType<typeof programOf> } {
  const guest = programOf(sceneOf(life))
  const machine = pc({ memory: MEMORY, hertz: HERTZ, prices: FREE })
  const vms = ["first", "second"].map((name) => ({ name, memory: 3 }))
  const hypervisor = hypervise(machine, "trap-and-emulate", { vms })
  hypervisor.guests[0].vm.load(guest)
  hypervisor.guests[1].vm.load(assemble("org 0x1000\nagain: inc eax\n  jmp again"))
  return { machine, hypervisor, guest }
}

/** All exits from the label `begin` to the end of the guest, but for those on its way to ring 3. */
export function stopsOf(life: Life): readonly Stop[] {
  const { guest, ...host } = hostOf(life)
  const { begin, enter_application: from, enter_end: to } = guest.labels
  const watch = new Watch(host).run(begin)
  const before = watch.stops.length
  for (let n = 0; n < MOST_STEPS && !watch.stops.at(-1)?.isOver; n++) watch.step()
  return watch.stops.slice(before).filter(({ at, vm }) => vm !== "first" || at < from || at >= to)
}

/** What is owed to the guests in such a life, moment by moment. */
export const stepsOf = keepingLast((life: Life): readonly MonitorStep[] => monitorSteps(stopsOf(life)))
