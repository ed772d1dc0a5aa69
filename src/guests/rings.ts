/**
 * A stage for trying instructions in any ring, under any IOPL. The guest on it is an ordinary kernel: it fills its tables,
 * reads from memory where the reader wishes to go, and gets there by IRET. Whatever faults ends in `faulted`, with HLT.
 */
import { asm, assemble } from "../isa/assemble"
import { IF } from "../isa/eflags"
import type { Program } from "../isa/program"
import type { Event } from "../machine/events/events"
import type { Machine, MachineState } from "../machine/machine"
import { changedIn, REGISTERS, written } from "../machine/processor/registers"
import type { CpuState } from "../machine/processor/state"
import { hex } from "../numbers/int"
import { pc } from "../pc"
import { codeSelector, dataSelector, ioMap, kit } from "./kit"
import { once } from "./once"

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

/** INT 20h, 21h and 22h lead to the label `handler` of the code, in ring 0, 1 and 2; every ring may use them. */
const SERVICES = [0, 1, 2].map((ring) => ({ vector: 0x20 + ring, handler: "service", dpl: 3, ring }))

/** Low in memory, so that one MiB is enough: a smaller machine is sooner made. */
const ORIGIN = 0x1000

/** The kernel. Code to be tried stands behind it, at `code`, and is assembled by itself. */
const KERNEL = once(() => {
  const faults = FAULTS.map((vector) => ({ vector, handler: "faulted" }))
  return asm`${kit({ gates: [...faults, ...SERVICES], descriptors: DESCRIPTORS, ports: [SOME_PORT], origin: ORIGIN })}
main:
  cmp dword [wish.other], 0
  je .go
  mov esi, idt            ; a copy of the IDT, and a longer GDT
  mov edi, idt_copy
  mov ecx, (idt_end - idt) / 4
  rep movsd
  xor esi, esi
  xor edi, edi
  lidt [other_idt]
  lgdt [other_gdt]
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
service:
  jmp [cs:wish.handler]
wish:
.code: dd 0
.data: dd 0
.flags: dd 0
.target: dd 0
.other: dd 0
.value: dd 0
.handler: dd 0
other_gdt: dw gdt_end - gdt + 7
  dd gdt
other_idt: dw idt_end - idt + 7
  dd idt_copy
idt_copy: times (idt_end - idt) / 4 + 2 dd 0
scratch: times 16 dd 0
align 16
code:
`
})

/** Names of the kernel's that the code may use. */
const SHARED = /^(?:(?:CODE|DATA|stack)[0-3]|gdt_register|idt_register|scratch)$/
const shared = once(() =>
  Object.entries(KERNEL().symbols)
    .filter(([name]) => SHARED.test(name))
    .map(([name, value]) => `${name} equ ${value}`),
)
const ends = ({ origin, bytes }: Program) => origin + bytes.length

/** How many lines stand before the code when it is assembled: what an error's line number must be reduced by. */
export const linesBefore = () => shared().length + 1

const RESERVED_FLAG = 2
/** More steps than any way to a try takes. */
const MOST_STEPS = 1000

/**
 * One machine with code to be tried in any ring. Each visit begins anew, from the machine as it was loaded.
 * The code has labels where the tries begin. It may use `scratch`, 64 bytes of memory, the selectors CODE0-DATA3, and
 * INT 20h-22h, which lead to its label `handler` in ring 0-2.
 */
export class Stage {
  readonly program: Program
  private readonly machine: Machine
  private readonly start: MachineState

  /** @throws AssemblyError if the code has a mistake */
  constructor(code: string) {
    const kernel = KERNEL()
    this.program = assemble([`org ${ends(kernel)}`, ...shared(), code].join("\n"))
    this.machine = pc({ memory: 1 }).load(this.program).load(kernel)
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

  /**
   * Go to a label in the wished ring and run until another one, or a fault, or a thousand steps.
   * @returns the machine where it came to, and the fault that stopped it
   */
  follow(
    from: string,
    to: Visit,
    until: string,
  ): { machine: Machine; reached: boolean; fault: Tried["fault"] } {
    const machine = this.visit(from, to)
    const end = this.address(until)
    for (let left = MOST_STEPS; left > 0 && machine.cpu.eip !== end; left--) {
      const { fault } = tryStep(machine)
      if (fault) return { machine, reached: false, fault }
    }
    return { machine, reached: machine.cpu.eip === end, fault: undefined }
  }

  private address(label: string): number {
    const address = this.program.labels[label] ?? KERNEL().labels[label]
    if (address === undefined) throw new RangeError(`the stage has no label "${label}"`)
    return address
  }

  /** Put back what the last visit changed; code stays decoded. */
  private reset(): void {
    putBack(this.machine, KERNEL())
    putBack(this.machine, this.program)
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
      this.program.labels.handler ?? 0,
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

/** Write the bytes that differ. */
function putBack({ memory }: Machine, { origin, bytes }: Program): void {
  for (let n = 0; n < bytes.length; n++)
    if (memory.bytes[origin + n] !== bytes[n]) memory.set(origin + n, 8, bytes[n])
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

/** Left out are EIP, which always changes, and SS and the data segments, which no try is about. */
const SILENT = ["EIP", "ES", "SS", "DS", "FS", "GS"]
const FACTS = REGISTERS.filter(({ group, name }) => group !== "descriptors" && !SILENT.includes(name))

/** What a step changed in the processor, and what went to memory and through ports. */
function effectsOf(before: CpuState, after: CpuState, events: readonly Event[]): string[] {
  const changed = changedIn(FACTS, before, after)
  return [
    ...changed.map(({ name, value, digits }) => `${name} = ${written(value, digits)}`),
    ...(before.activity === after.activity ? [] : [`processor = ${after.activity}`]),
    ...events.flatMap(eventEffect),
  ]
}

function eventEffect(event: Event): string[] {
  if (event.is === "write") return [`[${hex(event.linear)}] = ${hex(event.value, event.size / 4)}`]
  if (event.is !== "port") return []
  const value = hex(event.value, event.size / 4)
  const port = `port ${hex(event.port, 3)}`
  return [event.direction === "in" ? `${value} read from ${port}` : `${value} written to ${port}`]
}
