/**
 * A stage for trying instructions in any ring, under any IOPL. The guest on it is an ordinary kernel: it fills its tables,
 * reads from memory where the reader wishes to go, and gets there by IRET. Whatever faults ends in `faulted`, with HLT.
 */
import { asm } from "../isa/assemble"
import { FLAG_BITS, IF } from "../isa/eflags"
import type { Program } from "../isa/program"
import { CS, LDTR, SEGMENT_NAMES, TR } from "../isa/registers"
import type { CpuState } from "../machine/cpu"
import type { Event } from "../machine/events"
import type { Machine, MachineState } from "../machine/machine"
import { hex } from "../numbers/int"
import { pc } from "../pc"
import { codeSelector, dataSelector, ioMap, kit } from "./kit"

/** Which ring to visit, and with which EFLAGS. */
export interface Visit {
  /** 0-3. */
  readonly ring: number
  /** EFLAGS.IOPL, 0-3. */
  readonly iopl: number
  /** EFLAGS.IF; off if not said. */
  readonly interrupts?: boolean
  /** Have the kernel choose other tables and flags before it goes: what a careful instruction does not notice. */
  readonly otherKernel?: boolean
  /** What EBX holds on arrival; 0 if not said. */
  readonly value?: number
  /** Ports from 0 to 3FFh that the I/O permission bitmap opens to every ring. */
  readonly ports?: readonly number[]
}

/** What came of one instruction. */
export interface Tried {
  /** The fault it raised, if it did. */
  readonly fault: Extract<Event, { is: "fault" }> | undefined
  /** What it did to registers, flags, tables, memory and ports, a short line each; nothing if it faulted. */
  readonly effects: readonly string[]
  readonly before: CpuState
  readonly after: CpuState
}

/** #UD, #NP, #SS, #GP and #PF: whatever the tries may raise. */
const FAULTS = [6, 11, 12, 13, 14]

/** Descriptors beside the kit's, from selector 0050h on. */
const DESCRIPTORS = [
  "  dw 0xffff, 0\n  db 0, 0x9e, 0xcf, 0        ; 0050h: conforming code, DPL 0",
  "  dw 0xffff, 0\n  db 0, 0xf0, 0xcf, 0        ; 0058h: read-only data, DPL 3",
  "  dw 0xffff, 0\n  db 0, 0x72, 0xcf, 0        ; 0060h: data, DPL 3, not present",
  "  dw 0xffff, 0\n  db 0, 0xf8, 0xcf, 0        ; 0068h: execute-only code, DPL 3",
  "  dw 103, (ORIGIN + tss - $$) & 0xffff\n  db (ORIGIN + tss - $$) >> 16, 0x89, 0, 0  ; 0070h: a second TSS",
  "  dw 7, 0\n  db 0, 0x82, 0, 0           ; 0078h: an LDT with one descriptor",
]

/** Selectors of those descriptors, with RPL 0. */
export const CONFORMING = 0x50
export const READ_ONLY = 0x58
export const NOT_PRESENT = 0x60
export const EXECUTE_ONLY = 0x68
const OTHER_TSS = 0x70
const OTHER_LDT = 0x78
/** Descriptors of the four rings' data segments, with RPL 0. */
export const dataOfRing = (ring: number) => dataSelector(ring) & ~3

/** The kit makes a bitmap if a port is open; each visit then writes its own. */
const SOME_PORT = 0

function source(code: string): Program {
  const gates = FAULTS.map((vector) => ({ vector, handler: "faulted" }))
  return asm`${kit({ gates, descriptors: DESCRIPTORS, ports: [SOME_PORT] })}
main:
  cmp dword [wish.other], 0
  je .go
  lgdt [other_gdt]        ; the same tables, but shorter or longer
  lidt [other_idt]
  mov eax, ${OTHER_LDT}
  lldt ax
  mov eax, ${OTHER_TSS}
  ltr ax
  mov eax, cr0
  or eax, 8               ; CR0.TS
  mov cr0, eax
.go:
  mov eax, [wish.data]
  mov ds, eax
  mov es, eax
  push eax
  push stack0 - 8         ; every ring finds its stack at the same place
  push dword [wish.flags]
  push dword [wish.code]
  push dword [wish.target]
  mov ebx, [wish.value]
  xor eax, eax
  iretd
faulted:
  hlt
wish:
.code: dd 0
.data: dd 0
.flags: dd 0
.target: dd 0
.other: dd 0
.value: dd 0
other_gdt: dw gdt_end - gdt + 7
  dd gdt
other_idt: dw idt_end - idt + 7
  dd idt
scratch: times 16 dd 0
${code}
`
}

const RESERVED_FLAG = 2
/** More steps than any way to a try takes. */
const MOST_STEPS = 1000

/**
 * One machine with code to be tried in any ring. Each visit begins anew, from the machine as it was loaded.
 * The code has labels where the tries begin; it may use `scratch`, 64 bytes of memory.
 */
export class Stage {
  readonly program: Program
  private readonly machine: Machine
  private readonly start: MachineState

  /** @throws AssemblyError if the code has a mistake */
  constructor(code: string) {
    this.program = source(code)
    this.machine = pc({ memory: 2 }).load(this.program)
    this.start = this.machine.save()
  }

  /**
   * Go to a label in the wished ring, and on in that ring to another label.
   * @returns the machine; the next visit takes it back
   * @throws RangeError if a label is unknown, or the code faults or runs on for long before it gets there
   */
  visit(from: string, to: Visit, at = from): Machine {
    this.reset()
    this.machine.memory.write(this.address("wish"), this.wish(from, to))
    this.machine.memory.write(this.address("io_map"), ioMap(to.ports ?? []))
    this.runTo(this.address(from))
    this.runTo(this.address(at))
    return this.machine
  }

  /** As `visit`, and run one step there. */
  try(from: string, to: Visit, at = from): Tried {
    return tryStep(this.visit(from, to, at))
  }

  private address(label: string): number {
    const address = this.program.labels[label]
    if (address === undefined) throw new RangeError(`the stage has no label "${label}"`)
    return address
  }

  /** Put back what the last visit changed; code stays decoded. */
  private reset(): void {
    const { memory } = this.machine
    const { bytes, origin } = this.program
    bytes.forEach((byte, n) => {
      if (memory.bytes[origin + n] !== byte) memory.set(origin + n, 8, byte)
    })
    this.machine.restore(this.start)
  }

  private wish(
    from: string,
    { ring, iopl, interrupts = false, otherKernel = false, value = 0 }: Visit,
  ): Uint8Array {
    const flags = RESERVED_FLAG | (iopl << 12) | (interrupts ? IF : 0)
    const words = [
      codeSelector(ring),
      dataSelector(ring),
      flags,
      this.address(from),
      otherKernel ? 1 : 0,
      value,
    ]
    return new Uint8Array(Int32Array.from(words).buffer)
  }

  private runTo(address: number): void {
    const { machine } = this
    for (let left = MOST_STEPS; machine.cpu.eip !== address; left--)
      if (left === 0 || machine.step().why !== "limit")
        throw new RangeError(`the code never gets to ${hex(address)}`)
  }
}

/** Run one step and say what came of it. */
function tryStep(machine: Machine): Tried {
  const events: Event[] = []
  const before = machine.cpu.save()
  machine.listener = { detail: true, tell: (event) => void events.push(event) }
  machine.step()
  machine.listener = undefined
  const after = machine.cpu.save()
  const fault = events.find((event) => event.is === "fault") as Tried["fault"]
  return { fault, effects: fault ? [] : effectsOf(before, after, events), before, after }
}

/** Everything a step changed but EIP, and what went to memory and through ports. */
function effectsOf(before: CpuState, after: CpuState, events: readonly Event[]): string[] {
  const old = new Map(facts(before))
  const changed = facts(after).filter(([name, value]) => old.get(name) !== value)
  return [...changed.map(([name, value]) => `${name} = ${value}`), ...events.flatMap(eventEffect)]
}

const REGISTERS = ["EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"]

/** A processor's state as names and texts. */
function facts({
  reg,
  flags,
  segments,
  gdtr,
  idtr,
  control,
  debug,
  activity,
}: CpuState): (readonly [string, string])[] {
  return [
    ...REGISTERS.map((name, n) => [name, hex(reg[n])] as const),
    ...FLAG_BITS.map(([name, mask]) => [name, String((flags & mask) / (mask & -mask))] as const),
    ...[CS, LDTR, TR].map((n) => [SEGMENT_NAMES[n], hex(segments[n][0], 4)] as const),
    ...[...control.entries()].map(([n, value]) => [`CR${n}`, hex(value)] as const),
    ...[...debug.entries()].map(([n, value]) => [`DR${n}`, hex(value)] as const),
    ["GDTR", `${hex(gdtr.base)}:${hex(gdtr.limit, 4)}`],
    ["IDTR", `${hex(idtr.base)}:${hex(idtr.limit, 4)}`],
    ["processor", activity],
  ]
}

function eventEffect(event: Event): string[] {
  if (event.is === "write") return [`[${hex(event.linear)}] = ${hex(event.value, event.size / 4)}`]
  if (event.is === "port")
    return [`port ${hex(event.port, 4)} ${event.direction} ${hex(event.value, event.size / 4)}`]
  return []
}
