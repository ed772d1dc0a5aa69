/** Which registers the processor holds for a guest that runs, and which it holds for the monitor. */
import { IF, ZF } from "../../isa/eflags"
import { LDTR, NAMES32, SEGMENT_NAMES, TR } from "../../isa/registers"
import type { Machine } from "../../machine/machine"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { hosted, keepingLast, programOf } from "./scene"
import { Watch } from "./watch"

const RULE =
  'The guest runs on the processor itself, so what its ordinary instructions work with has to be there. What decides who rules has to be the monitor\'s: where events lead to, which pages are whose, whether the monitor gets the processor back. These are the registers that only privileged instructions load (SDM Vol. 3A §2.8 "System Instruction Summary").'

type Read = (machine: Machine) => number
const general = (name: string): readonly [string, Read] => [
  name,
  ({ cpu }) => cpu.reg[NAMES32.indexOf(name as (typeof NAMES32)[number])] >>> 0,
]
const segment = (name: string): readonly [string, Read] => [
  name,
  ({ cpu }) => cpu.segments.selector[SEGMENT_NAMES.indexOf(name as (typeof SEGMENT_NAMES)[number])],
]

/** Registers by name. */
const READS: readonly (readonly [name: string, read: Read])[] = [
  ...["EAX", "EBX", "EDX", "ESI", "EDI", "EBP", "ESP"].map(general),
  ...["DS", "ES", "FS"].map(segment),
  ["EIP", ({ cpu }) => cpu.eip >>> 0],
  ["ZF", ({ cpu }) => cpu.flags.value & ZF],
  ["IDTR", ({ cpu }) => cpu.idtr.base >>> 0],
  ["GDTR", ({ cpu }) => cpu.gdtr.base >>> 0],
  ["LDTR", ({ cpu }) => cpu.segments.selector[LDTR]],
  ["TR", ({ cpu }) => cpu.segments.selector[TR]],
  ["CR3", ({ cpu }) => cpu.readControl(3) >>> 0],
  ["IF", ({ cpu }) => cpu.flags.value & IF],
]

/** What whoever takes a register for the guest's thinks. */
const TAKEN_FOR_THE_GUESTS: Readonly<Record<string, readonly [misconception: string, text: string]>> = {
  IDTR: [
    "guest-idt-is-the-real-one",
    "With the guest's IDT in IDTR every event would lead to the guest, and none to the monitor.",
  ],
  GDTR: [
    "guest-gdt-is-the-real-one",
    "The guest's GDT has segments of ring 0, and none of the monitor's: the processor has shadows of it.",
  ],
  LDTR: [
    "guest-gdt-is-the-real-one",
    "A descriptor table of the guest's could name ring 0: the processor has shadows of it.",
  ],
  TR: ["guest-tss-is-the-real-one", "The TSS says where ring 0 has its stack, and ring 0 is the monitor."],
  CR3: [
    "guest-page-tables-are-real",
    "The guest's page tables name pages of a memory that is not the machine's.",
  ],
  IF: [
    "guest-turns-interrupts-off",
    "With the real IF at 0 the monitor could not get the processor back from a kernel that runs on and on.",
  ],
}
const NOT_THE_GUESTS: readonly [misconception: string, text: string] = [
  "all-registers-are-virtual",
  "Then each ordinary instruction would have to be emulated. The guest computes with the processor's own registers.",
]

/** What the kernel does first: it leaves values of its own wherever it can. */
function listing(choose: Random): string {
  const values = choose.shuffled(["eax", "ebx", "edx", "esi", "edi", "ebp"]).slice(0, 3)
  const sets = values.map((name) => `mov ${name}, ${1 + choose.below(900)}`)
  const lines = choose.shuffled([...sets, "lidt [idt_register]", "sub esp, 16"])
  return ["mov eax, 0x200000", "mov cr3, eax", choose.pick(["cli", "sti\n  cli"]), ...lines, "here:", "nop"]
    .map((line) => (line.endsWith(":") ? line : `  ${line}`))
    .join("\n")
}

interface Held {
  readonly name: string
  readonly virtual: number
  readonly real: number
}

const run = keepingLast((lines: string): readonly Held[] => {
  const program = programOf({ gates: [], lines: `${lines}\n  cli\n  hlt` })
  const { machine, hypervisor } = hosted(program)
  new Watch({ machine, hypervisor }).run(program.labels.here)
  const { vm } = hypervisor.guests[0]
  vm.host?.beforeSave()
  return READS.map(([name, read]) => ({ name, virtual: read(vm.machine), real: read(machine) }))
})

const isGuests = ({ virtual, real }: Held) => virtual === real

function pose(choose: Random): Posed {
  const lines = listing(choose)
  const all = run(lines)
  const [own, others] = [all.filter(isGuests), all.filter((held) => !isGuests(held))].map((list) =>
    choose.shuffled(list),
  )
  const wantsGuests = choose.below(2) === 0
  const [right, wrong] = wantsGuests ? [own[0], others.slice(0, 3)] : [others[0], own.slice(0, 3)]
  const options = choose.shuffled([right, ...wrong].map(({ name }) => name))
  const asked = wantsGuests
    ? "Which one holds what the guest has put there?"
    : "Which one does not hold what the guest has put there?"
  const slips: Slip[] = wrong.map(({ name }) => {
    const [misconception, text] = wantsGuests ? TAKEN_FOR_THE_GUESTS[name] : NOT_THE_GUESTS
    return { answer: name, misconception, text }
  })
  return {
    text: `Under trap-and-emulate a guest kernel is at \`here\`. Look at the registers of the processor itself: ${options.join(", ")}.\n\n${asked}`,
    listing: lines,
    form: { kind: "choice", options },
    answer: right.name,
    because: `In the run: ${[right, ...wrong].map(({ name, virtual, real }) => `${name} was ${hex(real)}, for the guest ${hex(virtual)}`).join("; ")}. ${RULE}`,
    rule: RULE,
    slips,
  }
}

/** The guest is run; the student says what of it is in the processor. */
export const REGISTERS = posedExercise("trap-and-emulate/registers", "The guest's, or the monitor's?", pose)
