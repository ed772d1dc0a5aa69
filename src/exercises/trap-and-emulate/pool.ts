/** What the exercises on trap-and-emulate have guests do: instructions of a kernel and of an application, and the kernel around them. */
import { enterRing } from "../../guests/kit"
import type { Random } from "../../numbers/random"
import type { Scene } from "./scene"

/** Who executes an instruction, as the guest takes it: ring 0 or ring 3. */
export type Who = "the guest kernel" | "the application"

/** An instruction to look at. */
export interface Deed {
  readonly who: Who
  /** Lines before it, in the same ring. */
  readonly before: readonly string[]
  readonly line: string
}

const kernel = (line: string, ...before: string[]): Deed => ({ who: "the guest kernel", line, before })
const application = (line: string, ...before: string[]): Deed => ({ who: "the application", line, before })

/** By what it is about. `place` is a few bytes of memory. */
export const DEEDS: readonly (readonly Deed[])[] = [
  [
    kernel("cli"),
    kernel("sti"),
    kernel("hlt"),
    kernel("mov eax, cr0"),
    kernel("mov cr0, eax", "mov eax, 0x11"),
    kernel("mov eax, cr3"),
    kernel("lidt [idt_register]"),
    kernel("lgdt [gdt_register]"),
    kernel("clts"),
    kernel("in al, 0x61"),
    kernel("out 0x80, al", "mov al, 7"),
    kernel("iretd", "push 2", "push CODE0", "push after"),
  ],
  [
    kernel("pushfd"),
    kernel("popfd", "push 0x202"),
    kernel("popfd", "push 2"),
    kernel("sgdt [place]"),
    kernel("sidt [place]"),
    kernel("smsw eax"),
    kernel("str eax"),
    kernel("mov eax, cs"),
    kernel("push cs"),
    kernel("mov eax, ss"),
    application("sidt [place]"),
    application("smsw eax"),
  ],
  [
    kernel("add eax, ecx", "mov eax, 5", "mov ecx, 6"),
    kernel("mov [place], esp"),
    kernel("pushad"),
    kernel("mov eax, ds"),
    kernel("cpuid", "xor eax, eax"),
    kernel("lea eax, [esp + 8]"),
    application("imul eax, ecx", "mov eax, 5", "mov ecx, 6"),
    application("mov [place], esp"),
    application("mov eax, cs"),
    application("mov eax, ss"),
    application("pushfd"),
  ],
  [
    application("int 0x80"),
    application("int 0x30", "mov eax, 4"),
    application("int3"),
    application("ud2"),
    application("div ecx", "xor ecx, ecx"),
    application("cli"),
    application("hlt"),
    application("in al, 0x60"),
    application("mov eax, cr0"),
    application("lidt [place]"),
    kernel("int 0x30"),
    kernel("ud2"),
    kernel("div ecx", "xor ecx, ecx"),
    kernel("int3"),
  ],
]

/** Whose handlers the guest's IDT names: all of them stand still. */
const HANDLERS = [0, 3, 6, 13, 0x30, 0x80].map((vector) => ({
  vector,
  handler: "handler",
  dpl: [3, 0x30, 0x80].includes(vector) ? 3 : 0,
}))

/** Lines that any ring may run, that need no monitor and change nothing that is asked about. */
export const FILLERS = ["nop", "inc edx", "mov ebx, 5", "xor esi, esi", "lea edi, [ebx + 4]", "test ebx, ebx"]

/** The lines that a student reads: the deed's last line stands at `here`. */
export const listingOf = ({ before, line }: Deed, filler: string): string =>
  [filler, ...before, "here:", line, "after:"]
    .map((each) => (each.endsWith(":") ? each : `  ${each}`))
    .join("\n")

/** The guest that does it, with interrupts on or off before. */
export function sceneOf(deed: Deed, interrupts: boolean, filler: string): Scene {
  const lines = `${listingOf(deed, filler)}\n  cli\n  hlt`
  const [flags, enable] = interrupts ? [0x202, "  sti\n  nop"] : [2, ""]
  const own =
    deed.who === "the application" ? `${enterRing(3, "own", flags)}\nown:\n${lines}` : `${enable}\n${lines}`
  return { gates: HANDLERS, lines: `${own}\nhandler:\n  cli\n  hlt\nalign 8\nplace: dd 0, 0` }
}

/** A deed of each kind as often as of any other. */
export const pickDeed = (choose: Random): Deed => choose.pick(choose.pick(DEEDS))
