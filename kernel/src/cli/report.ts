/** What a run came to: counts on the way, and a summary at its end. */
import {
  type Event,
  hex,
  type Listener,
  type Machine,
  type MissingService,
  missingService,
  type Outcome,
  type PostState,
  screenText,
  type TrapAndEmulate,
} from "ringlab"
import type { Stage } from "./stage"

type Counts = Record<string, number>

/** What was typed on what, and before which step. */
interface Keystrokes {
  readonly step: number
  readonly on: "serial" | "keyboard"
  readonly text: string
}

/** Counts exceptions and interrupts as they happen, and keeps what was typed. */
export class Counter implements Listener {
  readonly detail = false
  readonly exceptions: Counts = {}
  readonly interrupts: Counts = {}
  readonly softwareInterrupts: Counts = {}
  readonly typed: Keystrokes[] = []

  tell(event: Event): void {
    if (event.is === "fault") count(this.exceptions, event.name)
    if (event.is === "interrupt") count(this.interrupts, hex(event.vector, 2))
    if (event.is === "trap") count(this.softwareInterrupts, hex(event.vector, 2))
  }
}

function count(counts: Counts, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

/** The end of a run, plain data. */
interface Report {
  readonly outcome: Outcome["why"]
  /** Steps: an iteration of a repeated instruction and the delivery of an interrupt count as one each. */
  readonly instructions: number
  readonly cycles: number
  /** The processor's generation, and cycles in a second: by these, cycles are time. */
  readonly generation: string
  readonly hertz: number
  /** All cycles, by cause; work is one a step. */
  readonly ledger: Readonly<Record<string, number>>
  /** What the guest sent, a character a byte. */
  readonly serial: string
  /** What was typed: typing it again at these steps gives the same run. */
  readonly typed: readonly Keystrokes[]
  /** The text screen, a line a row, without what is blank at the ends. */
  readonly screen: readonly string[]
  readonly postCodes: readonly { readonly port: number; readonly value: number }[]
  readonly registers: Readonly<Record<string, number>>
  readonly exceptions: Readonly<Counts>
  readonly interrupts: Readonly<Counts>
  readonly softwareInterrupts: Readonly<Counts>
  /** "bare", or the hypervisor's name. */
  readonly hypervisor: string
  /** Exits of all virtual machines, by reason. */
  readonly exits?: Readonly<Counts>
  /** Each virtual machine: steps of its own, and its exits. */
  readonly vms?: readonly VmReport[]
  /** The BIOS service that a boot sector called and that is not there. */
  readonly missing?: MissingService
}

/** What is told of a virtual machine. */
interface VmReport {
  readonly name: string
  readonly outcome: string
  readonly instructions: number
  readonly exits: Readonly<Counts>
}

function vmReports({ guests }: TrapAndEmulate): VmReport[] {
  return guests.map(({ vm, vcpu, exits }) => ({
    name: vm.name,
    outcome: vm.machine.cpu.activity,
    instructions: vcpu.retired,
    exits: { ...exits },
  }))
}

/** Put a report together: the guest's own state, and what all of it cost the machine. */
export function reportOf(
  { machine, guest, hypervisor }: Stage,
  why: Outcome["why"],
  counter: Counter,
): Report {
  const { clock, ledger } = machine
  const { generation = "p6", hertz } = machine.options
  const { exceptions, interrupts, softwareInterrupts, typed } = counter
  return {
    outcome: why,
    instructions: clock.steps,
    cycles: clock.now,
    generation,
    hertz,
    ledger: { ...ledger.entries(), work: clock.steps },
    serial: guest.serial,
    typed,
    screen: screenText(guest),
    postCodes: postCodes(guest),
    registers: registers(guest),
    exceptions,
    interrupts,
    softwareInterrupts,
    hypervisor: hypervisor?.name ?? "bare",
    ...(hypervisor ? virtualPart(vmReports(hypervisor)) : {}),
    missing: missingService(guest),
  }
}

function virtualPart(vms: readonly VmReport[]): Pick<Report, "exits" | "vms"> {
  const exits: Counts = {}
  for (const vm of vms)
    for (const [reason, times] of Object.entries(vm.exits)) exits[reason] = (exits[reason] ?? 0) + times
  return { exits, vms }
}

function postCodes({ bus }: Machine): Report["postCodes"] {
  const display = bus.devices.find(({ name }) => name === "post")?.state as PostState | undefined
  return (display?.codes ?? []).map(([port, value]) => ({ port, value }))
}

const GENERAL = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"]
const SEGMENTS = ["es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"]

function registers({ cpu }: Machine): Record<string, number> {
  const { gdtr, idtr } = cpu
  const values: (readonly [string, number])[] = [
    ...GENERAL.map((name, n) => [name, cpu.reg[n]] as const),
    ["eip", cpu.eip],
    ["eflags", cpu.flags.value],
    ...SEGMENTS.map((name, n) => [name, cpu.segments.selector[n]] as const),
    ...[0, 2, 3, 4].map((n) => [`cr${n}`, cpu.readControl(n)] as const),
    ["gdtr.base", gdtr.base],
    ["gdtr.limit", gdtr.limit],
    ["idtr.base", idtr.base],
    ["idtr.limit", idtr.limit],
    ["cpl", cpu.cpl],
  ]
  return Object.fromEntries(values.map(([name, value]) => [name, value >>> 0]))
}

const ENDINGS: Readonly<Record<Outcome["why"], string>> = {
  halted: "The machine halted",
  shutdown: "The processor shut down (a fault while it delivered a double fault)",
  limit: "The limit was reached",
  reset: "The machine reset itself, and there is no ROM to start from,",
  stopped: "You stopped the machine",
  left: "The hypervisor ended the run",
}

const counted = (count: number, thing: string) =>
  `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`

/** A report in a few lines. */
export function summary(report: Report): string {
  const { instructions, cycles, registers } = report
  const [inst, cyc] = [counted(instructions, "instruction"), counted(cycles, "cycle")]
  const place = `${hex(registers.cs, 4)}:${hex(registers.eip)}`
  const counts = (["exceptions", "interrupts", "softwareInterrupts"] as const).flatMap((kind) =>
    countLine(kind, report[kind]),
  )
  const codes = report.postCodes.map(({ value }) => hex(value, 2)).slice(-16)
  const post = codes.length > 0 ? [`last POST codes: ${codes.join(" ")}`] : []
  return [
    `${ENDINGS[report.outcome]} after ${inst} and ${cyc}, at ${place} in ring ${registers.cpl}.`,
    ...missingLine(report),
    registerLine(registers),
    ...counts,
    ...post,
    ...screenLines(report),
  ].join("\n")
}

function missingLine({ missing }: Report): string[] {
  if (!missing) return []
  const [vector, ah] = [missing.vector, missing.ah].map((value) => hex(value, 2))
  return [
    `Interrupt ${vector} came with AH = ${ah}, and nothing handles it: there is no BIOS, and of its services only INT 10h with AH = 0Eh. Use the devices, or put your own handler into the interrupt table.`,
  ]
}

const SHOWN = [...GENERAL, "eflags"]
const registerLine = (values: Report["registers"]) =>
  SHOWN.map((name) => `${name.toUpperCase()} ${hex(values[name])}`).join("  ")

const screenLines = ({ screen }: Report) => (screen.length > 0 ? ["the screen:", ...screen] : [])

function countLine(kind: string, counts: Readonly<Counts>): string[] {
  const words = kind === "softwareInterrupts" ? "software interrupts" : kind
  const parts = Object.entries(counts).map(([name, times]) => `${name} ${times}`)
  return parts.length > 0 ? [`${words}: ${parts.join(", ")}`] : []
}
