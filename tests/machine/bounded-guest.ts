/** Random guests as in `random-guest.ts`, whose segments have bases and limits that they run into, in rings 0, 1 and 3. */
import type { Machine } from "../../src/machine/machine"
import { numbers } from "./busy"
import { boot } from "./guest"
import {
  dma,
  HALF,
  HALF_TEXT,
  LABELLED,
  LINES,
  ON,
  PROLOGUE,
  REGISTERS,
  tables,
  WATCHING,
} from "./random-guest"

/** A segment; `access` without a DPL. */
interface Bounds {
  readonly base: number
  readonly limit: number
  readonly access: number
  /** Its B or D bit is clear. */
  readonly small?: boolean
}
const READ_ONLY = 0x90
const DATA = 0x92
const DOWN = 0x96
const EXECUTE_ONLY = 0x98
const CODE = 0x9a
const CONFORMING = 0x9e

/** Data lie from 300000h on; a limit below 1 MiB counts bytes. */
const DATA_SEGMENTS: readonly Bounds[] = [
  { base: 0, limit: 0xffbf_ffff, access: DATA },
  { base: 0, limit: 0x4f_ffff, access: DATA },
  { base: 0, limit: 0x38_6fff, access: DATA },
  { base: 0, limit: 0xffff_ffff, access: DATA },
  { base: 0x28_0000, limit: 0x8_1a35, access: DATA },
  { base: 0x2f_ff01, limit: 0x20fd, access: DATA },
  { base: 0x30_0803, limit: 0x1401, access: DATA },
  { base: 0x2a_0010, limit: 0x6_10ef, access: DATA },
  { base: 0xfff0_0000, limit: 0xffbf_ffff, access: DATA },
  { base: 0x30_0000, limit: 0xffe, access: DATA },
  { base: 0x30_0000, limit: 0xfff, access: DATA },
  { base: 0, limit: 0x38_6fff, access: READ_ONLY },
  { base: 0, limit: 0xffff_ffff, access: READ_ONLY },
  { base: 0, limit: 0x30_0fff, access: DOWN },
  { base: 0x28_0000, limit: 0x8_0a35, access: DOWN },
  { base: 0x1000, limit: 0x2f_ffff, access: CODE },
]
const CODE_SEGMENTS: readonly Bounds[] = [
  { base: 0, limit: 0xffbf_ffff, access: CODE },
  { base: 0, limit: 0x30_ffff, access: CODE },
  { base: 0, limit: 0x11_ffff, access: CODE },
  { base: 0x1000, limit: 0x30_efff, access: CODE },
  { base: 0x40, limit: 0x30_ffff, access: CODE },
  { base: 0x10_0000, limit: 0x1_ffd5, access: CODE },
  { base: 0, limit: 0x11_ffff, access: EXECUTE_ONLY },
  { base: 0, limit: 0x30_ffff, access: CONFORMING },
  { base: 0xfff0_0000, limit: 0xffff_ffff, access: CODE },
  { base: 0, limit: 0xffff_ffff, access: CODE },
]
/** Where a stack's top is. */
const TOP = 0x30_c000
const STACK_SEGMENTS: readonly Bounds[] = [
  { base: 0, limit: 0xffbf_ffff, access: DATA },
  { base: 0x1000, limit: 0x4f_ffff, access: DATA },
  { base: 0, limit: 0xfff, access: DOWN },
  { base: 0, limit: 0xffff_ffff, access: DATA },
  { base: 0x30_a003, limit: 0x1ffc, access: DATA },
  { base: 0x30_0000, limit: 0xffff, access: DATA, small: true },
]
/** Those that hold what handlers use. */
const STACKS_OF_RING_0 = 4
/** What holds the address of the next line. */
const NOTES: Bounds = { base: 0xf_f000, limit: 0xf_ffff, access: DATA }

function descriptor({ base, limit, access, small = false }: Bounds, ring: number): string {
  const pages = limit > 0xf_ffff
  const size = pages ? limit >>> 12 : limit
  const high = (pages ? 0x80 : 0) | (small ? 0 : 0x40) | (size >>> 16)
  const dpl = access === CONFORMING ? 0 : ring << 5
  return `  dw ${size & 0xffff}, ${base & 0xffff}
  db ${(base >>> 16) & 0xff}, ${access | dpl}, ${high}, ${base >>> 24}`
}

/** Jumps, calls and returns to where a code segment may have ended: 310000h, and behind the page of `edge`. @ makes an EIP of a label. */
const LEAVING = [
  "push @.L\n cmp R, R\n jbe 0x310000\n add esp, 4\n.L:",
  "push @.L\n jmp 0x310000\n.L:",
  "push @.L\n mov eax, @0x310000\n jmp eax\n.L:",
  "mov eax, @0x310000\n call eax",
  "mov dword [M], @0x310000\n call [M]",
  "push @.L\n push @0x310000\n ret\n.L:",
  "push N\n push @.L\n ret 4\n.L:",
  "mov ecx, 2\n call edge.loop",
  "mov ecx, 1\n call edge.loop",
  "xor ecx, ecx\n call edge.zero",
  "mov ecx, 7\n call edge.zero",
  "cmp R, R\n call edge.equal",
  "call edge.jump",
  "call 0x310000",
]
/** Segment registers loaded anew, and stacks that are left. */
const LOADING = [
  "mov eax, OTHER\n mov fs, eax",
  "mov eax, FS_FIRST\n mov fs, eax",
  "push es\n push ds\n pop es\n pop ds\n push es\n push ds\n pop es\n pop ds",
  "xor eax, eax\n mov es, eax",
  "mov eax, ES_FIRST\n mov es, eax",
  "lodsd\n stosd",
  "push dword [M]\n pop dword [M]",
]
/** Only where faults are handled on another stack. */
const OFF_THE_STACK = [
  "mov esp, TOP - 2\n pop R",
  "mov esp, TOP + 3\n push R",
  "mov esp, TOP - 4\n mov dword [esp], @.L\n ret\n.L:",
  "mov esp, TOP\n ret",
  "mov ebp, TOP - 1\n leave",
  "mov esp, TOP\n mov dword [esp - 4], @.L\n call [esp - 4]\n.L:",
]

/** The segments of a guest, by its seed. */
function segmentsOf(seed: number, ring: number) {
  const random = numbers(1000 + seed)
  const any = () => DATA_SEGMENTS[random(DATA_SEGMENTS.length)]
  const stacks = ring === 0 ? STACKS_OF_RING_0 : STACK_SEGMENTS.length
  return {
    cs: CODE_SEGMENTS[seed % CODE_SEGMENTS.length],
    ss: STACK_SEGMENTS[random(stacks)],
    ds: any(),
    es: any(),
    fs: any(),
    other: any(),
    gs: NOTES,
  }
}

/** First selector of the kit's further descriptors; HALF has it. */
const SELECTOR = 0x50
const ORDER = ["cs", "ss", "ds", "es", "fs", "other", "gs"] as const
const hexOf = (value: number) => `0x${(value >>> 0).toString(16)}`
/** Makes an offset of an address. */
const less = ({ base }: Bounds) => ((base | 0) < 0 ? ` + ${hexOf(-base)}` : ` - ${hexOf(base)}`)

function randomText(seed: number, ring: number, segments: ReturnType<typeof segmentsOf>): string {
  const random = numbers(seed)
  const pick = <T>(from: readonly T[]) => from[random(from.length)]
  const kinds = [LINES, LINES, LABELLED, LEAVING, LOADING, ring === 0 ? WATCHING : OFF_THE_STACK]
  const offset = (segment: "ds" | "es" | "fs" | "ss") => {
    const { base, limit } = segments[segment]
    return hexOf(random(3) === 0 ? limit - 4 + random(6) : 0x30_0000 + random(0x2100) - base)
  }
  const memory = (address: string) => {
    const segment = pick(["ds", "ds", "es", "fs", "ss"] as const)
    const at = address === "M" ? offset(segment) : `${address}${less(segments[segment])}`
    return `[${segment}:${at}]`
  }
  const pointer = (register: string, address: string) => {
    const segment = register === "esi" ? "ds" : "es"
    const at = address === "M" ? offset(segment) : `${address}${less(segments[segment])}`
    return `mov ${register}, ${at}`
  }
  const line = (n: number) => `mov dword [gs:resume${less(NOTES)}], @.n${n}
 ${pick(pick(kinds))
   .replaceAll(/\[((?:M\b|\.L|PTE|0x|leaf)[^\]]*)\]/g, (_, address) => memory(address))
   .replaceAll(/mov (esi|edi), (M\b|\.[LM]|0x\w+)/g, (_, register, address) => pointer(register, address))
   .replaceAll(/\bR\b/g, () => pick(REGISTERS))
   .replaceAll(/(?<!\.)\bM\b/g, () => hexOf(0x30_0000 + random(0x2100)))
   .replaceAll(/\bN\b/g, () => String(random(0x7fffffff)))
   .replaceAll(".L", `.l${n}`)
   .replaceAll(".M", `.m${n}`)}
.n${n}:`
  const lines = Array.from({ length: 10 + 3 * (seed % 12) }, (_, n) => line(n)).join("\n ")
  const text = `${PROLOGUE}${tables(seed % 4 === 0)}${ON}\n${enter(ring)}\nagain: mov esp, TOP\n cld\n ${lines}\n jmp again\n${handlers(ring, segments)}`
  return text
    .replaceAll(/@([.\w]+)/g, (_, label) => `${label}${less(segments.cs)}`)
    .replaceAll(/\bTOP\b/g, hexOf(TOP - segments.ss.base))
}

/** Load all segments, and go to the program in its ring. */
function enter(ring: number): string {
  const selectors = ORDER.map(
    (name, n) => `SELECTOR_${name} equ ${hexOf((SELECTOR + 8 + 8 * n) | ring)}`,
  ).join("\n")
  const loads = ["ds", "es", "fs", "gs"].map((name) => ` mov eax, SELECTOR_${name}\n mov ${name}, eax`)
  const stack = ring === 0 ? " mov eax, SELECTOR_ss\n mov ss, eax\n mov esp, TOP" : ""
  const outer = ring === 0 ? "" : " push SELECTOR_ss\n push TOP\n"
  return `${selectors}
OTHER equ SELECTOR_other
FS_FIRST equ SELECTOR_fs
ES_FIRST equ SELECTOR_es
 mov dword [${hexOf(TOP)}], @again
${loads.join("\n")}
${stack}
${outer} push 0x3202
 push SELECTOR_cs
 push @again
 iretd`
}

/** Handlers run in flat code, and on the guest's stack if it is in ring 0. What is refused is left out; who went astray begins again. */
function handlers(ring: number, { cs, ss }: ReturnType<typeof segmentsOf>): string {
  const ticks = `[ss:ticks${ring === 0 ? less(ss) : ""}]`
  return `leaf: add eax, [esp]
  ret
service: inc dword ${ticks}
  iretd
skip: add dword [esp], 2
  iretd
traced: inc dword ${ticks}
  test byte ${ticks}, 3
  jnz .on
  and dword [esp + 8], ~0x100
.on: or dword [esp + 8], 0x10000
  iretd
tick: push eax
  mov al, 0x20
  out 0x20, al
  inc dword ${ticks}
  mov eax, [esp + 4]
  sub eax, @start
  cmp eax, 0x20000
  jb .inside
  cmp word [esp + 8], SELECTOR_cs
  jne .inside
  mov dword [esp + 4], @again
.inside: pop eax
  iretd
refused: add esp, 4
  inc dword ${ticks}
  push eax
  mov eax, [cs:resume]
  cmp eax, ${hexOf(cs.limit)}
  jbe .inside
  mov eax, @again
.inside: mov [esp + 4], eax
  ${ring === 0 ? "" : "mov dword [esp + 16], TOP"}
  pop eax
  iretd
${HALF_TEXT}
align 4
ticks: dd 0
resume: dd 0
  times 0x20000 - 64 - ($ - $$) db 0x90
edge:
.loop: inc ebx
  loop beyond
  ret
.zero: jecxz beyond
  ret
.equal: je beyond
  ret
.jump: jmp beyond
  times 0x20000 - ($ - $$) db 0x90
beyond: ret`
}

const GATES = [
  { vector: 0x80, handler: "service", dpl: 3 },
  { vector: 1, handler: "traced" },
  { vector: 6, handler: "skip" },
  { vector: 0x20, handler: "tick" },
  ...[11, 12, 13, 14].map((vector) => ({ vector, handler: "refused" })),
]

/** A random guest in bounded segments, not yet run. */
export function boundedGuest(seed: number): Machine {
  const ring = [0, 1, 3][seed % 3]
  const segments = segmentsOf(seed, ring)
  const descriptors = [HALF, ...ORDER.map((name) => descriptor(segments[name], ring))]
  const options = { gates: GATES, descriptors, hertz: 33_000_000, devices: [dma()] }
  return boot(randomText(seed, ring, segments), options).machine
}

/** Whether a guest's own code runs now, and not a handler. */
export const runsOwnCode = ({ cpu }: Machine): boolean =>
  cpu.segments.selector[1] >> 3 === (SELECTOR + 8) >> 3
