/**
 * Random kernels that a trap-and-emulate hypervisor must run as bare metal does: they do whatever a kernel may do, in rings 0 and 3, but
 * ask for nothing that does not trap and tells of the real processor (PUSHF with IF clear, SMSW, CS on the stack …).
 */
import { assemble } from "../../src/isa/assemble"
import type { Program } from "../../src/isa/program"
import { numbers } from "../machine/busy"
import { CHANGED, DATA, FRAME, LINE_BYTES, NAMES, timer } from "./random-kernel-text"

/**
 * Lines by kind. R is a register, A an address of data, N a number, D a selector for data, C a descriptor that may change, V one of the
 * windows, P the place of its page's entry, and E a new entry. What is stale is undefined, so whoever changes an entry invalidates.
 */
const ORDINARY = [
  "add R, R",
  "adc R, N",
  "sub R, [A]",
  "sbb [A], R",
  "xor R, [A]",
  "cmp R, R",
  "inc dword [A]",
  "neg R",
  "imul R, [A]",
  "mov [A], R",
  "mov R, [A]",
  "mov [A], al",
  "movzx R, word [A]",
  "lea R, [R + 4 * R + N]",
  "rcl R, 3",
  "shld R, R, 7",
  "xchg R, [A]",
  "lock xadd [A], R",
  "bts [A], ebx",
  "bswap R",
  "cmpxchg [A], R",
  "mov R, N",
  "setc [A]",
  "cmovz R, [A]",
  "push R\n pop R",
  "push dword [A]\n pop dword [A]",
  "pusha\n popa",
  "enter 16, 1\n leave",
  "push N\n pop R",
  "xlatb",
  "call .L\n.L: pop R\n and R, 0xffff",
  "cmp R, R\n jbe .L\n inc R\n.L:",
  "mov ecx, 5\n.L: add R, ecx\n loop .L",
  "inc byte [.L + 1]\n.L: mov bl, 7",
  "mov [fs:A], R",
  "mov R, [gs:A]",
  "add R, [es:A]",
  "mov [fs:N], R",
  "mov esi, A\n mov edi, A\n mov ecx, 40\n rep movsb",
  "mov edi, A\n mov ecx, 33\n rep stosd",
  "mov esi, A\n mov edi, A\n mov ecx, 50\n repe cmpsb",
  "mov edi, A\n mov ecx, 50\n repne scasw",
  "lodsd\n stosd",
  "std\n mov esi, A\n mov edi, A\n mov ecx, 20\n rep movsd\n cld",
  "mov esi, A\n mov edi, A\n mov ecx, 9\n fs rep movsw",
  "rdtsc\n add R, eax",
  "xor eax, eax\n cpuid",
  "a16 rep lodsb",
  "push word [A]\n pop word [A]",
  "mov ecx, 300\n.L: loop .L",
] as const
const SEGMENTS = [
  "mov eax, D\n mov ds, eax",
  "mov eax, D\n mov es, eax",
  "mov eax, D\n mov fs, eax",
  "mov eax, D\n mov gs, eax",
  "mov eax, D + 3\n mov fs, eax",
  "mov eax, D + 3\n mov ds, eax",
  "mov R, fs",
  "mov R, ds",
  "push gs\n pop R",
  "push fs\n pop es",
  "push D\n pop ds",
  "mov dword [0x20100], N\n mov word [0x20104], D\n les R, [0x20100]",
  "lfs R, [A]",
  "mov eax, DATA3\n mov ds, eax\n mov es, eax",
  "mov eax, DATA3\n mov fs, eax\n mov gs, eax",
  "mov [ds:A], R",
  "mov R, [es:A]",
  "o16 push fs\n o16 pop gs",
] as const
const FAULTS = [
  "ud2",
  "int 0x80",
  "int 0x82",
  "int 0x83",
  "int 0x84",
  "int 0x85",
  "int 0x87",
  "int 0xf3",
  "int3",
  "db 0xcd, 3",
  "into",
  "cli",
  "sti",
  "hlt",
  "xor eax, eax\n div eax",
  "bound eax, [A]",
  "mov R, [0x70000000]",
  "mov [0xffc00000], R",
  "mov R, [0xfffffffe]",
  "in al, 0x40",
  "out 0x80, al",
  "mov eax, cr3",
  "jmp 0x70000000",
  "jmp D:0",
  "jmp D + 3:.L\n.L:",
  "db 0x66, 0x2e, 0xf4",
  "db 0xf3, 0xfa",
  "db 0xf0, 0xfa",
  "db 0x2e, 0xcd, 0x87",
  "db 0x67, 0x0f, 0x06",
  "db 0x0f, 0x0b, 0x0f, 0xff",
  "times 15 db 0x66\n nop",
  "clts",
  "invd",
  "wbinvd",
  "lgdt [gdt_register]",
  "invlpg [A]",
  "db 0x0f, 0x20, 0xc8",
  "mov eax, dr0",
  "ltr ax",
  "lldt ax",
  "db 0xdb, 0xe3",
  "mov [0x5f00], R",
  "mov [0x8000], R",
  "mov R, [0x1ffffe]",
  "iretd",
  "retf",
  "sysexit",
  "rdmsr",
] as const
/** In ring 0 only. */
const KERNEL = [
  "mov eax, cr0\n xor eax, 0x10000\n mov cr0, eax",
  "mov eax, cr0\n xor eax, 0x8\n mov cr0, eax",
  "clts\n mov R, cr0",
  "mov eax, cr0\n xor eax, 0x40000\n mov cr0, eax",
  "mov eax, cr0\n xor eax, 0x4\n mov cr0, eax",
  "mov ax, 9\n lmsw ax",
  "mov eax, cr4\n xor eax, 0x10\n mov cr4, eax",
  "mov eax, cr4\n xor eax, 4\n mov cr4, eax",
  "mov eax, cr4\n xor eax, 0x80\n mov cr4, eax",
  "mov R, cr2",
  "mov eax, N\n mov cr2, eax",
  "mov eax, 0x3000\n mov cr3, eax",
  "mov eax, 0x4000\n mov cr3, eax",
  "mov eax, cr3\n mov cr3, eax",
  "mov eax, cr0\n and eax, 0x7fffffff\n mov cr0, eax\n mov R, [A]\n or eax, 0x80000000\n mov cr0, eax",
  "lgdt [gdt_register]",
  "lgdt [gdt_register2]",
  "lgdt [gdt_register3]",
  "mov dword [0x6010], 0x1007\n mov dword [0x7010], 0x1007\n invlpg [0x404000]\n lgdt [gdt_register4]",
  "lidt [idt_register]",
  "lidt [idt_register2]",
  "and byte [GDT + TSS + 5], ~2\n mov eax, TSS\n ltr ax",
  "mov eax, LDT\n lldt ax",
  "xor eax, eax\n lldt ax",
  "mov eax, C\n lldt ax",
  "cli",
  "sti",
  "sti\n hlt",
  "sti\n nop\n cli",
  "hlt",
  "mov eax, DATA0 + 3\n sti\n mov ss, ax",
  "mov eax, DATA0\n sti\n mov ss, ax",
  "mov al, 0x36\n out 0x43, al\n mov al, 90\n out 0x40, al\n xor al, al\n out 0x40, al",
  "in al, 0x40\n add bl, al",
  "in al, 0x21\n out 0x80, al",
  "in al, 0x21\n xor al, 1\n out 0x21, al",
  "mov al, 0\n out 0x43, al\n in al, 0x40\n mov bl, al\n in al, 0x40",
  "in al, 0x20\n add bl, al",
  "mov dx, 0x3f8\n mov al, bl\n out dx, al",
  "mov dx, 0x3fd\n in al, dx",
  "mov al, 0xa\n out 0x70, al\n in al, 0x71",
  "in eax, 0x60",
  "mov dx, 0x3f8\n mov esi, A\n mov ecx, 5\n rep outsb",
  "mov dx, 0x40\n mov edi, A\n mov ecx, 3\n rep insb",
  "in ax, 0x40",
  "in al, 0x92\n xor al, 2\n out 0x92, al",
  "mov eax, DATA0\n mov ss, eax\n mov esp, TOP0",
  "mov eax, SMALL_STACK\n mov ss, eax\n mov esp, TOP0",
  "mov eax, D + 3\n mov ss, eax",
  "mov eax, READ_ONLY0\n mov ss, eax",
  "mov eax, CODE0\n mov ss, eax",
  "push 0x102\n push CODE0\n push .L\n iretd\n.L: add R, N\n inc R\n nop\n nop\n nop",
  "push 2\n push CODE0\n push .L\n iretd\n.L:",
  "push CODE0\n push .L\n retf\n.L:",
  "call GATE0:0",
  "call GATE3:0",
  "jmp SHIFTED_CODE:.L - 0x1000\n.L: add R, N\n jmp CODE0:.M\n.M:",
  "jmp CODE0:.L\n.L:",
  "push N\n push CODE0\n push .L\n retf 4\n.L:",
  "jmp CONFORMING:.L\n.L: inc R\n jmp CODE0:.M\n.M:",
  "mov ecx, 0x174\n rdmsr\n add R, eax",
  "mov ecx, 0x10\n rdmsr",
  "mov ecx, N\n rdmsr",
  "mov eax, dr7\n mov R, eax",
  "mov eax, dr6",
  "mov eax, A\n mov dr0, eax\n mov eax, 0xf0003\n mov dr7, eax",
  "mov eax, .L\n mov dr1, eax\n mov eax, 8\n mov dr7, eax\n.L: inc R",
  "xor eax, eax\n mov dr7, eax\n mov dr6, eax",
  "and byte [GDT + TSS2 + 5], ~2\n mov eax, TSS2\n ltr ax",
] as const
/** Tables of segments and gates. */
const TABLES = [
  "xor byte [GDT + C + 5], 0x80",
  "xor byte [GDT + C + 5], 0x60",
  "xor byte [GDT + C + 5], 2",
  "and byte [GDT + C + 5], ~1",
  "xor dword [GDT + C], 0x400",
  "xor byte [GDT + C + 6], 0x80",
  "xor byte [GDT + C + 4], 1",
  "mov R, [GDT + C + 4]",
  "mov R, [GDT + C]",
  "xor byte [0x24000 + C + 5], 0x80",
  "mov eax, D\n mov fs, eax\n xor dword [GDT + D], 0x100\n mov R, [fs:0x100]",
  "xor byte [IDT + 8 * 0x82 + 5], 0x60",
  "xor byte [IDT + 8 * 0x83 + 5], 0x60",
  "xor byte [IDT + 8 * 0x80 + 5], 0x80",
  "xor byte [IDT + 8 * 3 + 5], 0x60",
  "xor byte [IDT + 8 * 0x85 + 5], 1",
  "xor byte [0x26005], 0x80",
  "xor byte [0x2600d], 1",
  "mov R, [0x2600c]",
  "mov R, [0x1800]",
  "mov [0x1900], R",
  "mov [0x2f00], R",
] as const
/** Page tables. */
const PAGES = [
  "mov dword [P], E\n invlpg [V]",
  "mov dword [P], E\n invlpg [V]\n mov R, [V + 0x900]",
  "mov dword [P], E\n invlpg [V]\n mov [V + 0x900], R",
  "mov dword [P], 0\n invlpg [V]\n mov dword [P], E\n mov R, [V + 0x900]",
  "and dword [P], ~0x20\n invlpg [V]\n mov R, [V + 0x800]\n mov R, [P]",
  "and dword [P], ~0x60\n invlpg [V]\n mov [V + 0x800], R\n mov R, [P]",
  "and dword [P], ~0x40\n mov eax, cr3\n mov cr3, eax\n mov [V + 0x800], R\n mov R, [P]",
  "and dword [P], ~0x20\n mov eax, cr3\n mov cr3, eax\n mov R, [V + 0x800]\n mov R, [P]",
  "mov R, [P]",
  "mov dword [P], E\n mov eax, cr3\n mov cr3, eax",
  "mov dword [P], E\n mov eax, 0x3000\n mov cr3, eax",
  "mov dword [P], E\n mov eax, 0x4000\n mov cr3, eax\n mov [V + 0x900], R",
  "xor dword [0x3004], 0x1000\n mov eax, cr3\n mov cr3, eax",
  "xor dword [0x3004], 2\n mov eax, cr3\n mov cr3, eax",
  "xor dword [0x4004], 4\n mov eax, cr3\n mov cr3, eax",
  "and dword [0x3004], ~0x20\n mov eax, cr3\n mov cr3, eax\n mov R, [0x3004]",
  "xor dword [0x3008], 2\n mov eax, cr3\n mov cr3, eax",
  "mov R, [0x3004]",
  "mov R, [0x4000]",
  "and dword [0x5000 + 4 * 0x21], ~0x60\n invlpg [0x21000]\n mov R, [0x5000 + 4 * 0x21]",
  "xor dword [0x5000 + 4 * 0x22], 2\n invlpg [0x22000]",
  "xor dword [0x5000 + 4 * 0x23], 4\n invlpg [0x23000]",
  "cli\n and dword [0x5004], ~0x20\n invlpg [0x1000]\n mov R, [0x5004]\n sti",
  "cli\n and dword [0x5008], ~0x60\n invlpg [0x2000]\n mov R, [0x5008]\n sti",
  "xor dword [0x5004], 2\n invlpg [0x1000]",
  "xor dword [0x5008], 2\n invlpg [0x2000]",
  "and dword [0x5040], ~0x20\n invlpg [0x10000]\n mov R, [0x5040]",
  "mov R, [0x5004]",
  "cli\n and dword [0x5090], ~0x20\n invlpg [0x24000]\n nop\n mov R, [0x5090]\n sti",
  "mov R, [0x800800]",
  "mov [0x820900], R",
] as const
/** In ring 3 only, with interrupts on and IOPL 0. */
const APPLICATION = [
  "pushf\n pop R",
  "pushf\n or dword [esp], 0x100\n popf\n add R, N\n inc R\n inc R\n nop\n nop",
  "pushf\n xor dword [esp], 0x3200\n popf\n pushf\n pop R",
  "pushf\n xor dword [esp], 0x40000\n popf\n mov R, [A]",
  "pushf\n or dword [esp], 0x4000\n popf\n iretd",
  "call CODE3 + 3:.L\n.L: pop R\n pop R",
  "push CODE3 + 3\n push .L\n retf\n.L:",
  "call GATE3:0",
  "push N\n push N\n call GATE3_WORDS:0",
  "call GATE0:0",
  "mov esi, .L\n sysenter\n.L:",
  "mov eax, DATA3 + 3\n mov ss, eax\n inc R",
  "mov eax, D + 3\n mov ss, eax",
  "push 0x202\n push CODE3 + 3\n push .L\n iretd\n.L:",
  "jmp USER_CODE + 3:.L - 0x800\n.L: jmp CODE3 + 3:.M\n.M:",
  "mov eax, cs",
  "mov eax, ss",
  "call TSS2:0",
  "mov esp, TOP3",
  "mov esp, 0x70000000\n push R",
  "mov esp, 0x20ffe\n pop R\n mov esp, TOP3",
] as const

/** By way of ring 0, whatever the ring is. */
const OUTWARD = (flags: number) => `int 0x81\n mov ecx, ${flags}\n mov edx, .L\n jmp outward\n.L:`
const INWARD = "int 0x81\n sti"
const LAST = `int 0x81\n mov eax, DATA0\n mov ds, eax\n dec dword [PASSES]\n jnz 0x10000\n cli\n hlt`

/** What a line is: with "plain", it must run in ring 3 with interrupts on and IOPL 0; `leads` says what the next ones run in. */
type Mode = "kernel" | "plain" | "application"
interface Line {
  readonly text: string
  readonly needs?: Mode
  readonly leads?: Mode
}

/** Whether no line asks what would be told of the real processor. */
export function isWellBehaved({ lines }: RandomKernel): boolean {
  let mode: Mode = "kernel"
  return lines.every(({ needs, leads = mode }) => {
    const fits = needs === undefined || needs === mode
    mode = leads
    return fits
  })
}

/** A random kernel: plain data, so that it can be made smaller. */
export interface RandomKernel {
  readonly seed: number
  /** Ticks of the PIT between two interrupts; 0: no timer. */
  readonly divisor: number
  readonly lines: readonly Line[]
}

const REGISTERS = ["eax", "ebx", "edx", "ebp"]
/** Entries of the windows; those of the first four may let in tables. */
const FRAMES = [0x20000, 0x21000, 0x22000, 0x23000]
const TABLE_FRAMES = [0x1000, 0x3000, 0x4000, 0x6000, 0x26000, 0x120000, 0x80000000]
const RIGHTS = [7, 7, 7, 5, 3, 1, 6, 0x67, 0x65, 0x63]

/** The kernel of a seed. */
export function randomKernel(seed: number): RandomKernel {
  const random = numbers(Math.imul(seed, 0x9e37_79b1))
  for (let n = 0; n < 4; n++) random(2)
  const pick = <T>(from: readonly T[]) => from[random(from.length)]
  const hex = (value: number) => `0x${(value >>> 0).toString(16)}`
  const window = () => random(8)
  const address = () => {
    const kind = random(8)
    if (kind < 3) return hex(0x2_0000 + random(0x4000))
    if (kind < 5) return hex(0x2_0ffa + 0x1000 * random(3) + random(8))
    return hex(0x40_0800 + 0x1000 * window() + random(0x600))
  }
  const entry = (n: number) =>
    hex((n < 4 && random(3) === 0 ? pick(TABLE_FRAMES) : pick(FRAMES)) | pick(RIGHTS))
  const fill = (line: string) => {
    const n = window()
    const [data, changed] = [pick(DATA), pick(CHANGED)]
    return line
      .replaceAll(/\bR\b/g, () => pick(REGISTERS))
      .replaceAll(/\bA\b/g, address)
      .replaceAll(/\bN\b/g, () => String(random(0x7fff_ffff)))
      .replaceAll(/GDT \+ D\b/g, `GDT + ${changed}`)
      .replaceAll(/\bD\b/g, data)
      .replaceAll(/\bC\b/g, changed)
      .replaceAll(/\bV\b/g, hex(0x40_0000 + 0x1000 * n))
      .replaceAll(/\bP\b/g, hex((random(3) === 0 ? 0x7000 : 0x6000) + 4 * n))
      .replaceAll(/\bE\b/g, () => entry(n))
  }
  let mode: Mode = "kernel"
  const next = (): Line => {
    if (random(6) === 0) {
      const flags = pick([0x202, 0x202, 0x202, 0x2, 0x3202])
      mode = mode !== "kernel" ? "kernel" : flags === 0x202 ? "plain" : "application"
      return { text: mode === "kernel" ? INWARD : OUTWARD(flags), leads: mode }
    }
    const kind = pick<readonly string[]>(
      mode === "kernel" ? KERNEL_KINDS : [...APPLICATION_KINDS, mode === "plain" ? APPLICATION : ORDINARY],
    )
    return { text: fill(pick(kind)), needs: kind === APPLICATION ? "plain" : undefined }
  }
  return {
    seed,
    divisor: pick([0, 3, 5, 10, 20, 40, 100, 300]),
    lines: Array.from({ length: 6 + random(40) }, next),
  }
}

const KERNEL_KINDS = [ORDINARY, KERNEL, KERNEL, TABLES, PAGES, SEGMENTS, FAULTS]
const APPLICATION_KINDS = [ORDINARY, SEGMENTS, FAULTS]

const FRAME_PROGRAM = assemble(FRAME)
const SYMBOLS = Object.entries(FRAME_PROGRAM.symbols)
  .filter(([name]) => /^(outward|entered|entered_words|gdt_register\d?|idt_register\d?)$/.test(name))
  .map(([name, value]) => `${name} equ ${value}`)
  .join("\n")

/** Its programs, the one to begin with last. */
export function programsOf({ divisor, lines }: RandomKernel): readonly Program[] {
  const text = [`${timer(divisor)}\n${INWARD}`, ...lines.map(({ text }) => text), LAST].map(
    (line, n) =>
      ` align ${LINE_BYTES}\nline_${n}: ${line.replaceAll(".L", `.l${n}`).replaceAll(".M", `.m${n}`)}\n jmp line_${n + 1}`,
  )
  return [
    HALTS,
    assemble(`org 0x10000\n${NAMES}${SYMBOLS}\n${text.join("\n")}\nline_${lines.length + 2}: hlt`),
    START,
  ]
}
/** Who jumps where no code is halts: zeros would be instructions that write somewhere. */
const HALTS: Program = { ...assemble("hlt"), origin: 0x8000, bytes: new Uint8Array(0x6000).fill(0xf4) }
const START: Program = { ...FRAME_PROGRAM, entry: FRAME_PROGRAM.symbols.start }
