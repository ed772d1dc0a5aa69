/** Guests that load system tables of their own making, and go inward by gates, tasks and system calls that they forged. */
import { attempts, attemptsInRing3, attemptsOnly, type HostileGuest, prepared } from "./attempts"

const VECTORS = Array.from({ length: 256 }, (_, vector) => vector)
/** Neither an exception's nor the one by which attempts in ring 3 end. */
const isFree = (vector: number) => vector > 31 && vector !== 0x8f
/** A TSS's descriptor in a source: `label` is where it lies. */
const tss = (label: string, access = 0x89, limit = 103) =>
  `dw ${limit}, (ORIGIN + ${label} - $$) & 0xffff\ndb ((ORIGIN + ${label} - $$) >> 16) & 0xff, ${access}, 0, 0`
/** A task's 104 bytes: it begins at `entry`, in segments and a directory that may be forged. */
const task = (label: string, entry: string, { cs = "CODE0", ss = "DATA0", cr3 = 0 } = {}) => `
align 16
${label}:
  dd 0
  dd stack0, DATA0, stack1, DATA1, stack2, DATA2
  dd ${cr3}, ${entry}, 2
  dd 1, 2, 3, 4, 0x308000, 5, 6, 7
  dd DATA0, ${cs}, ${ss}, DATA0, DATA0, DATA0, 0
  dw 0, 104`

/** Programs for virtual-8086 mode: what is privileged there, and what lies beyond. */
const PROGRAMS_8086 = [
  "cli",
  "mov ax, 0xffff\nmov es, ax\nmov word [es:0xf000], 0x8086\nmov ax, [es:0xfff0]\nsti",
  "int 0x10",
  "int 0x8f",
  "pushf\npopf",
  "in al, 0x21",
  "mov eax, cr0",
  "mov word [0xffff], ax",
]

/** IRET to virtual-8086 mode: GS FS DS ES SS ESP EFLAGS CS EIP. */
const enter8086 = (offset: string, flags: number) =>
  `${["0x1000", "0xffff", "0x2000", "0x2000", "0x2000", "0xfffe", flags, "0x1000", offset].map((word) => `  push ${word}`).join("\n")}\n  iretd`

export const TABLES: readonly HostileGuest[] = [
  {
    name: "an-interrupt-table-elsewhere",
    tries:
      "Loads IDTR with its own code, nothing, memory of others and the last 4 MiB, and asks for interrupts through each.",
    seenAs: ["LIDT"],
    source: `${prepared()}
  mov esi, idt
  mov edi, 0x300000
  mov ecx, 0x200
  rep movsd
  mov dword [0x300000 + 0x80 * 8], 0x0008f0d0        ; gate 80h leads into the last 4 MiB
  mov dword [0x300000 + 0x80 * 8 + 4], 0xffffee00
  mov dword [0x300000 + 0x81 * 8], 0x1f80f0d0        ; 81h to a selector of a monitor's
  mov dword [0x300000 + 0x81 * 8 + 4], 0xffffee00
${attempts(
  ...["0x300000", "0x3ff800"].flatMap((at) => [
    `mov dword [0x3ff800 + 13 * 8], 0\nmov dword [table + 2], ${at}\nlidt [table]\nint 0x80`,
    "int 0x81",
    "int 0x82",
    "lidt [idt_register]\nud2",
  ]),
)}
table: dw 0x7ff
  dd 0`,
    ends: "shutdown",
  },
  {
    name: "no-interrupt-table",
    tries:
      "Points IDTR at an address that no table maps, then asks for interrupts; lets one fault lead to the next.",
    seenAs: ["LIDT", "INT"],
    ends: "shutdown",
    source: `${prepared()}
  mov dword [0x200000], 0x87
  mov eax, 0x10
  mov cr4, eax
  mov eax, 0x200000
  mov cr3, eax
  mov eax, 0x80000011
  mov cr0, eax
  lidt [table]
  int 0x80
  jmp finish
table: dw 0x7ff
  dd 0x40000000`,
  },
  {
    name: "every-vector-from-ring-0",
    tries: "Asks for all 256 vectors by INT in ring 0, with no gates of its own but the exceptions'.",
    seenAs: ["INT", "INT3", "INTO"],
    source: `${prepared()}
${attempts(...VECTORS.filter(isFree).map((vector) => `int ${vector}`), "int 3", "int3", "stc\nmov eax, 0x7fffffff\nadd eax, 1\ninto", "int 0", "int 2", "int 8")}`,
  },
  {
    name: "every-vector-from-ring-3",
    tries: "Asks for all 256 vectors by INT in ring 3; a few of them have gates of its own, which lead on.",
    seenAs: ["INT"],
    source: `${prepared([
      { vector: 0x30, handler: "done", dpl: 3 },
      { vector: 0xf0, handler: "done", dpl: 3 },
      { vector: 0xfb, handler: "done", dpl: 3 },
      { vector: 0xff, handler: "done", dpl: 3 },
      { vector: 0x80, handler: "done", dpl: 3, kind: "trap" },
    ])}
${attemptsInRing3(...VECTORS.map((vector) => `int ${vector}\nint ${vector}`))}`,
  },
  {
    name: "traps-with-prefixes",
    tries:
      "Raises breakpoints, overflow, bounds and INT1 with prefixes and across a page's end, where a monitor must find out what came.",
    seenAs: ["INT 03h", "exception 1", "exception 5", "INT3"],
    source: `${prepared()}
${attempts(
  "db 0x66, 0xcc",
  "db 0xf3, 0xcd, 3",
  "db 0x2e, 0x66, 0xcd, 0x8f",
  "db 0xcd, 3",
  "db 0xf1",
  "mov eax, 5\nbound eax, [next]",
  "mov byte [0x300fff], 0xcd\nmov byte [0x301000], 0x8f\njmp 0x300fff",
  "mov byte [0x300fff], 0x03\nmov byte [0x301000], 0xcc\njmp 0x301000",
  "db 0xf0, 0xcc",
)}
${attemptsInRing3("db 0x66, 0xcc", "db 0xf3, 0xcd, 3", "db 0xf1", "db 0x66, 0xcd, 0x8f", "mov eax, 0x7fffffff\nadd eax, 1\ndb 0x66\ninto")}`,
  },
  {
    name: "task-gates",
    tries:
      "Switches tasks by a gate, a jump and a call, to tasks whose segments, directory and links are forged.",
    seenAs: ["JMP far", "CALL far", "LTR", "INT"],
    source: `${prepared(
      [],
      [
        tss("good_task"),
        tss("forged_task"),
        tss("short_task", 0x89, 50),
        "dw 0, 0x50, 0xe500, 0",
        "dw 0xffff, 0xa000\ndb 0xff, 0x89, 0, 0xff",
        "dw 0, 0x1f90, 0xe500, 0",
      ],
    )}
  jmp begin
${task("good_task", "in_task")}
${task("forged_task", "in_task", { cs: "0x1f80", ss: "0x1f88" })}
short_task equ good_task
in_task:
  add dword [notes + 0x600], eax
  mov dword [0xffffe000], esp
  iretd
  add dword [notes + 0x604], eax
  iretd
begin:
${attempts("call 0x50:0", "call 0x68:0", "call 0x60:0", "jmp 0x70:0", "mov eax, 0x70\nltr ax", "jmp 0x78:0", "mov eax, 0x1f90\nltr ax", "mov eax, 0x48\nltr ax", "jmp 0x58:0")}`,
    ends: "shutdown",
  },
  {
    name: "forged-links",
    tries:
      "Sets NT and returns into tasks that were never left: a monitor's TSS, itself, one without a directory.",
    seenAs: ["IRET", "exception 10", "POPF"],
    source: `${prepared([], [tss("a_task", 0x8b)])}
  jmp begin
${task("a_task", "in_task", { cr3: 0x7fff_f000 })}
in_task:
  mov dword [notes + 0x700], 0x7a5c
  jmp finish
begin:
${attemptsOnly(0, [
  "mov word [tss], 0x1f90\npush 0x4002\npopfd\niretd",
  "mov word [tss], 0\npush 0x4002\npopfd\niretd",
  "mov word [tss], 0xffff\npush 0x4002\npopfd\niretd",
  "push 2\npopfd",
])}
${attemptsInRing3("mov word [tss], 0x1f90\npush 0x4002\npopfd\niretd")}
${attempts("mov word [tss], 0x50\npush 0x4002\npopfd\niretd", "mov word [tss], 0x48\npush 0x4002\npopfd\niretd")}`,
  },
  {
    name: "a-task-for-faults",
    tries: "Has double faults handled by a task, takes the gates of other faults away, and faults.",
    seenAs: ["MOV Sreg"],
    source: `${prepared([], [tss("rescue")])}
  jmp begin
${task("rescue", "rescued")}
rescued:
  mov dword [notes + 0x700], 0x5a7e
  pop dword [notes + 0x704]
  jmp finish
begin:
  mov dword [idt + 8 * 8], 0x00500000   ; a task gate
  mov dword [idt + 8 * 8 + 4], 0x00008500
  mov dword [idt + 11 * 8 + 4], 0
  mov dword [idt + 13 * 8 + 4], 0
  mov eax, 0x1f80
  mov ds, eax
  jmp finish`,
  },
  {
    name: "open-ports",
    tries:
      "Opens ports to ring 3 by the bitmap of its TSS and by IOPL, and uses interrupt controller, timer and reset line from there.",
    seenAs: ["OUT", "IN", "IRET"],
    source: `${prepared()}
  mov word [tss + 102], 0
  mov word [GDT + 0x48], 0xffff        ; the bitmap is whatever lies behind
  mov byte [GDT + 0x4d], 0x89
  mov eax, 0x48
  ltr ax
  xor eax, eax
  mov edi, 0x300000
${attemptsInRing3(
  "mov al, 0xff\nout 0x21, al\nout 0xa1, al",
  "in al, 0x21\nmov [ORIGIN + 0x200000], al",
  "mov dx, 0x3f8\nmov al, 'x'\nout dx, al",
  "mov edx, 0xfffe\nin eax, dx",
  "mov edx, 0x20\nmov ecx, 4\nmov esi, ORIGIN\nrep outsb",
  "push 0x3202\npopfd\ncli\nin al, 0x40",
)}`,
  },
  {
    name: "iopl",
    tries:
      "Raises IOPL by POPF, IRET and a task, in rings 0 and 3, then turns interrupts off and uses ports in ring 3.",
    seenAs: ["CLI", "OUT", "IRET"],
    source: `${prepared()}
  push 0x3002
  popfd
${attemptsInRing3("cli", "push 0x3002\npopfd\ncli", "sti", "mov al, 0x34\nout 0x43, al")}`,
  },
  {
    name: "ring-3-with-iopl-3",
    tries: "Enters ring 3 with IOPL 3 by IRET, and there turns interrupts off, uses the timer and runs on.",
    seenAs: ["CLI", "OUT"],
    ends: "never",
    source: `${prepared()}
  push DATA3
  push stack3
  push 0x3202
  push CODE3
  push outer
  iretd
outer:
  cli
  mov al, 0xff
  out 0x21, al
  out 0xa1, al
  mov al, 0x30
  out 0x43, al
again:
  inc eax
  jmp again`,
  },
  {
    name: "fast-system-calls",
    tries:
      "Sets the registers of SYSENTER to a monitor's selectors and pages, and uses SYSENTER and SYSEXIT in all rings.",
    seenAs: ["WRMSR", "SYSENTER", "SYSEXIT"],
    source: `${prepared()}
${attemptsOnly(0, [
  "mov ecx, 0x174\nmov eax, 0x1f80\nxor edx, edx\nwrmsr",
  "mov ecx, 0x175\nmov eax, 0xffffb000\nxor edx, edx\nwrmsr",
  "mov ecx, 0x176\nmov eax, 0xfffff010\nxor edx, edx\nwrmsr",
  "rdmsr\nmov [notes], eax",
  "mov ecx, 0xc0000080\nrdmsr",
  "sysexit",
])}
${attemptsInRing3("sysexit", "mov ecx, 0x174\nrdmsr", "mov ecx, 0x176\nwrmsr")}
  mov ecx, 0x174
  mov eax, CODE0
  xor edx, edx
  wrmsr
  mov ecx, 0x175
  mov eax, stack0
  wrmsr
  mov ecx, 0x176
  mov eax, finish
  wrmsr
${attempts(
  "mov dword [next], entered\npush DATA3\npush stack3\npush 2\npush CODE3\npush .three\niretd\n.three:\nmov edx, finish\nmov ecx, stack0\nsysenter\nentered:",
)}`,
  },
  {
    name: "virtual-8086",
    tries:
      "Runs 8086 programs as tasks with IOPL 0 and 3, which reach beyond 1 MiB and use what is privileged.",
    seenAs: ["IRET", "interpreted"],
    source: `${prepared()}
  mov esi, programs
  mov edi, 0x10000
  mov ecx, 32
  rep movsd
${attempts(...[0x2_0002, 0x2_3002].flatMap((flags) => PROGRAMS_8086.map((_, n) => enter8086(`program_${n} - programs`, flags))))}
bits 16
programs:
${PROGRAMS_8086.map((text, n) => `program_${n}:\n${text}\n  hlt`).join("\n")}
  times 128 db 0xf4
bits 32`,
  },
  {
    name: "real-mode-and-back",
    tries:
      "Leaves protected mode and comes back with real segments, which no descriptor describes, and traps with those.",
    seenAs: ["MOV CR", "interpreted"],
    source: `${prepared()}
${attempts(
  ...[
    "clts\nmov [es:0x10], ebx\ncli",
    "mov ebx, 0x13\nmov ss, ebx",
    "mov eax, [0xffc]\nmov dword [es:0xfffd], 1",
    "int 0x80",
    "jmp CODE0:.far\n.far:\nclts\nmov [es:0x10], ebx",
    "mov dword [0x20], ebx\nand al, 0xfe\nmov cr0, eax\nmov ebx, 0x2003\nmov ss, ebx\nmov ds, ebx\nmov es, ebx\nmov esp, 0x800\nor al, 1\nmov cr0, eax\nmov ebx, DATA0\nmov ds, ebx\nmov es, ebx\njmp CODE0:.near\n.near:\nclts\npush eax\nclts\npush ebx",
  ].map(
    (text, n) =>
      `mov eax, cr0\nand al, 0xfe\nmov cr0, eax\nmov ebx, 0x1003\nmov ds, ebx\nmov ebx, 0x0807\nmov es, ebx\nmov [es:${4 * n}], ebx\nor al, 1\nmov cr0, eax\n${text}`,
  ),
)}`,
  },
]
