/**
 * What random kernels have in common: tables, handlers, and where everything lies.
 *
 *     01000 GDT, and from 800h on data    08000 what starts it, handlers     20000-23FFF data
 *     02000 IDT, TSS, second TSS          0E800 top of ring 0's stack        24000       a copy of the GDT
 *     03000 first directory               10000 the lines, 128 bytes each    25000       a copy of the IDT
 *     04000 second directory              1F000 top of ring 3's stack        26000       LDT
 *     05000 table of the first 4 MiB      400000 eight windows, whose pages change; 800000 a large page
 *     06000 table of the next 4 MiB, 07000 another one
 *
 * A line that faults is left out: the handler goes on with the next. So every line is tried in whatever state the lines before it left.
 */
import { startController, startTimer } from "../../src/guests/traps"

export const LINE_BYTES = 128
export const LINES = 0x1_0000
const hex = (value: number) => `0x${(value >>> 0).toString(16)}`

/** A descriptor's lines; `access` with its DPL, `big` the D or B bit. */
function descriptor(base: number, limit: number, access: number, big = true): string {
  const pages = limit > 0xf_ffff
  const size = pages ? limit >>> 12 : limit
  const high = (pages ? 0x80 : 0) | (big ? 0x40 : 0) | (size >>> 16)
  return `dw ${size & 0xffff}, ${base & 0xffff}\n db ${(base >>> 16) & 0xff}, ${access}, ${high}, ${base >>> 24}`
}
const gate = (label: string, selector: string, access: number, words = 0) =>
  `dw ${label}, ${selector}\n db ${words}, ${access}\n dw 0`

const FOUR_GIB = 0xffff_ffff
/** Descriptors from selector 8 on, by name. What comes behind LDT is never changed by the lines, what comes from FIRST on may be. */
const DESCRIPTORS: Readonly<Record<string, string>> = {
  CODE0: descriptor(0, FOUR_GIB, 0x9a),
  DATA0: descriptor(0, FOUR_GIB, 0x92),
  CODE3: descriptor(0, FOUR_GIB, 0xfa),
  DATA3: descriptor(0, FOUR_GIB, 0xf2),
  TSS: descriptor(0x2900, 103, 0x89),
  LDT: descriptor(0x26000, 31, 0x82),
  SMALL_STACK: descriptor(0, FOUR_GIB, 0x92, false),
  SHIFTED_CODE: descriptor(0x1000, FOUR_GIB, 0x9a),
  FIRST: descriptor(0x2_0000, 0xfff, 0x92),
  SHORT3: descriptor(0x1_f801, 0x1234, 0xf2),
  DOWN3: descriptor(0, 0x2_0fff, 0xf6),
  DOWN0: descriptor(0x1_0000, 0x1_1000, 0x96),
  ABSENT: descriptor(0, FOUR_GIB, 0x72),
  READ_ONLY0: descriptor(0, 0x40_7fff, 0x90),
  READ_ONLY3: descriptor(0x8000, 0x3f_ffff, 0xf0),
  HIGH: descriptor(0xfff0_0000, FOUR_GIB, 0xf2),
  HIDDEN: descriptor(0xffd0_0000, FOUR_GIB, 0xf2),
  UP_TO_THE_MONITOR: descriptor(0, 0xffbf_ffff, 0xf3),
  READABLE_CODE: descriptor(0x1_0000, 0xf_ffff, 0x9a),
  USER_CODE: descriptor(0x800, 0x4f_ffff, 0xfa),
  EXECUTE_ONLY: descriptor(0, FOUR_GIB, 0xf8),
  CONFORMING: descriptor(0, FOUR_GIB, 0x9e),
  RING1: descriptor(0, FOUR_GIB, 0xb2),
  TSS2: descriptor(0x2a00, 103, 0x89),
  GATE3: gate("entered", "CODE0", 0xec),
  GATE3_WORDS: gate("entered_words", "CODE0", 0xec, 2),
  GATE0: gate("entered", "CODE0", 0x8c),
  TASK_GATE: gate("0", "TSS2", 0xe5),
}
const SELECTORS = Object.keys(DESCRIPTORS)
/** Descriptors that lines may change and load, by name. */
export const CHANGED = SELECTORS.slice(SELECTORS.indexOf("FIRST"))
/** What data segments may be loaded with. */
export const DATA = [...CHANGED, "DATA0", "DATA3", "0", "LOCAL", "LOCAL + 8"]
export const NAMES = `${SELECTORS.map((name, n) => `${name} equ ${8 * n + 8}`).join("\n")}
LOCAL equ 4
GDT equ 0x1000
IDT equ 0x2000
TOP0 equ 0xe800
TOP3 equ 0x1f000
PASSES equ 0xf000
`

/** Exceptions with an error code. */
const WITH_CODE = new Set([8, 10, 11, 12, 13, 14, 17])
const EXCEPTIONS = [0, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 16, 17]
/** Gates of the IDT: label, rights. */
const GATES = new Map<number, readonly [label: string, access: number]>([
  ...EXCEPTIONS.map(
    (vector) => [vector, [`fault_${vector}`, vector === 3 || vector === 4 ? 0xee : 0x8e]] as const,
  ),
  [1, ["debug", 0x8e]],
  [2, ["finish", 0x8e]],
  [8, ["finish", 0x8e]],
  [0x20, ["tick", 0x8e]],
  [0x27, ["tick", 0x8e]],
  [0x80, ["service", 0xee]],
  [0x81, ["inward", 0xee]],
  [0x82, ["service", 0xef]],
  [0x83, ["service", 0x8e]],
  [0x84, ["service", 0x6e]],
])
const FREE = new Map([
  [0x85, gate("service3", "CODE3 + 3", 0xee)],
  [0x86, gate("0", "TSS2", 0xe5)],
])
const idt = Array.from({ length: 0x90 }, (_, vector) => {
  const [label, access] = GATES.get(vector) ?? []
  return FREE.get(vector) ?? (label ? gate(label, "CODE0", access as number) : "dq 0")
}).join("\n ")

const pages = (from: number, count: number, flags: number) =>
  Array.from({ length: count }, (_, n) => hex((from + n * 0x1000) | flags)).join(", ")

/** Pages that ring 3 must not write: what starts with 4 is the kernel's. */
const IDENTITY = `dd ${pages(0, 16, 3)}, ${pages(0x10000, 0x14, 7)}, ${pages(0x24000, 4, 3)}, ${pages(0x28000, 0x1d8, 7)}`

/** Everything but the lines; assembled once. */
export const FRAME = `org 0x1000
${NAMES}
LINES equ ${LINES}
gdt: dq 0
 ${Object.values(DESCRIPTORS).join("\n ")}
gdt_end:
 times 0x1000 - ($ - $$) db 0
idt: ${idt}
 times 0x1900 - ($ - $$) db 0
tss: dd 0, TOP0, DATA0
 times 88 db 0
 dd 104 << 16
 times 0x1a00 - ($ - $$) db 0
tss2: dd 0, TOP0, DATA0, 0, 0, 0, 0
 dd 0x3000, LINES, 2, 1, 2, 3, 4, TOP0 - 64, 5, 6, 7, DATA0, CODE0, DATA0, DATA0, DATA0, DATA0, 0
 dd 104 << 16
 times 0x2000 - ($ - $$) db 0
directory: dd 0x5007, 0x6007, 0x80000087
 times 0x3000 - ($ - $$) db 0
directory2: dd 0x5007, 0x7005, 0x87
 times 0x4000 - ($ - $$) db 0
table: ${IDENTITY}
 times 0x5000 - ($ - $$) db 0
table2: dd 0x20007, 0x21007, 0x22005, 0x23003, 0x20007, 0x21005, 0, 0x22007
 times 0x6000 - ($ - $$) db 0
table3: dd 0x23007, 0x22007, 0x21007, 0x20005, 0, 0x21007, 0x22003, 0x20007
 times 0x7000 - ($ - $$) db 0

start: lgdt [gdt_register]
 lidt [idt_register]
 jmp CODE0:.reload
.reload: mov eax, DATA0
 mov ds, eax
 mov es, eax
 mov fs, eax
 mov gs, eax
 mov ss, eax
 mov esp, TOP0
 mov eax, TSS
 ltr ax
 mov esi, gdt
 mov edi, 0x24000
 mov ecx, 0x400
 rep movsd
 mov esi, idt
 mov edi, 0x25000
 mov ecx, 0x400
 rep movsd
 mov dword [0x26000], 0x0000ffff
 mov dword [0x26004], 0x00cf9200
 mov dword [0x26008], 0x00000fff
 mov dword [0x2600c], 0x0040f202
 mov ecx, 0x174
 mov eax, CODE0
 xor edx, edx
 wrmsr
 mov ecx, 0x175
 mov eax, TOP0
 wrmsr
 mov ecx, 0x176
 mov eax, quick
 wrmsr
 mov eax, 0x3000
 mov cr3, eax
 mov eax, cr4
 or eax, 0x10
 mov cr4, eax
 mov eax, cr0
 or eax, 0x80010000
 mov cr0, eax
${startController([0])}
 mov dword [PASSES], 2
 jmp LINES

; Frame: EDI ESI EBP ESP EBX EDX ECX EAX vector code EIP CS EFLAGS ESP SS, from EBP on
${EXCEPTIONS.map((vector) => `fault_${vector}:${WITH_CODE.has(vector) ? "" : " push 0\n"} push ${vector}\n jmp fault`).join("\n")}
fault: cmp esp, 0xe000
 jb finish
 pusha
 mov ebp, esp
 mov eax, DATA3
 mov ds, eax
 mov es, eax
 cld
 mov ebx, [digest]
 mov ecx, 8
.next: rol ebx, 5
 add ebx, [ebp + 4 * ecx]
 inc ecx
 cmp ecx, 13
 jne .next
 mov [digest], ebx
 cmp dword [ebp + 32], 14
 jne .no_page
 mov eax, cr2
 add [digest], eax
.no_page: mov eax, [ebp + 40]
 cmp word [ebp + 44], SHIFTED_CODE
 jne .flat
 add eax, 0x1000
.flat: sub eax, LINES
 cmp eax, 0x4000
 jae finish
 and eax, ~${LINE_BYTES - 1}
 add eax, LINES + ${LINE_BYTES}
 and dword [ebp + 48], ~0x4100
 test byte [ebp + 44], 3
 jnz .outer
 mov [TOP0 - 12], eax
 mov dword [TOP0 - 8], CODE0
 mov eax, [ebp + 48]
 mov [TOP0 - 4], eax
 mov eax, DATA0
 mov ss, eax
 popa
 mov esp, TOP0 - 12
 iretd
.outer: mov [ebp + 40], eax
 mov dword [ebp + 44], CODE3 + 3
 mov dword [ebp + 52], TOP3
 mov dword [ebp + 56], DATA3 + 3
 popa
 add esp, 8
 iretd

debug: inc dword [ss:debugs]
 test byte [ss:debugs], 3
 jnz .on
 and dword [esp + 8], ~0x100
.on: or dword [esp + 8], 0x10000
 iretd
tick: push eax
 mov al, 0x20
 out 0x20, al
 inc dword [ss:ticks]
 pop eax
 iretd
service: inc dword [ss:services]
 iretd
service3: add eax, 3
 iretd
inward: pop eax
 mov ecx, DATA0
 mov ss, ecx
 mov esp, TOP0
 jmp eax
outward: mov eax, DATA3
 mov ds, eax
 mov es, eax
 push DATA3 + 3
 push TOP3
 push ecx
 push CODE3 + 3
 push edx
 iretd
entered: inc dword [ss:services]
 retf
entered_words: mov eax, [esp + 8]
 retf 8
quick: inc dword [ss:services]
 mov edx, esi
 mov ecx, TOP3
 sti
 sysexit
finish: cli
 hlt
 jmp finish
align 4
digest: dd 0
debugs: dd 0
ticks: dd 0
services: dd 0
gdt_register: dw gdt_end - gdt - 1
 dd gdt
gdt_register2: dw gdt_end - gdt - 1
 dd 0x24000
gdt_register3: dw 0x7f
 dd gdt
gdt_register4: dw gdt_end - gdt - 1
 dd 0x404000
idt_register: dw 0x47f
 dd idt
idt_register2: dw 0x47f
 dd 0x25000
`
/** The PIT, going round every so many of its ticks. */
export const timer = (divisor: number) => (divisor === 0 ? "" : startTimer(divisor))
