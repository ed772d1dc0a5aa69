/**
 * Random kernels that a trap-and-emulate hypervisor must run as bare metal does: they do whatever a kernel may do, in rings 0 and 3, but
 * ask for nothing that does not trap and tells of the real processor (PUSHF with IF clear, SMSW, CS on the stack …).
 */
import { assemble } from "../../src/isa/assemble"
import type { Program } from "../../src/isa/program"
import { numbers } from "../machine/busy"
import { APPLICATION, FAULTS, KERNEL, ORDINARY, PAGES, SEGMENTS, TABLES } from "./random-kernel-lines"
import { CHANGED, DATA, FRAME, LINE_BYTES, LINES, NAMES, timer } from "./random-kernel-text"

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
/** The handler of INT 85h: in ring 3, with IF clear. */
export const SERVICE3 = FRAME_PROGRAM.symbols.service3
const SYMBOLS = Object.entries(FRAME_PROGRAM.symbols)
  .filter(([name]) => /^(outward|entered|entered_words|gdt_register\d?|idt_register\d?)$/.test(name))
  .map(([name, value]) => `${name} equ ${value}`)
  .join("\n")

/** The line whose code lies at a linear address. */
export const lineAt = ({ lines }: RandomKernel, linear: number): Line | undefined =>
  lines[Math.floor((linear - LINES) / LINE_BYTES) - 1]

/** Its programs, the one to begin with last. */
export function programsOf({ divisor, lines }: RandomKernel): readonly Program[] {
  const text = [`${timer(divisor)}\n${INWARD}`, ...lines.map(({ text }) => text), LAST].map(
    (line, n) =>
      ` align ${LINE_BYTES}\nline_${n}: ${line.replaceAll(".L", `.l${n}`).replaceAll(".M", `.m${n}`)}\n jmp line_${n + 1}`,
  )
  return [
    HALTS,
    assemble(`org ${LINES}\n${NAMES}${SYMBOLS}\n${text.join("\n")}\nline_${lines.length + 2}: hlt`),
    START,
  ]
}
/** Who jumps where no code is halts: zeros would be instructions that write somewhere. */
const HALTS: Program = { ...assemble("hlt"), origin: 0x8000, bytes: new Uint8Array(0x6000).fill(0xf4) }
const START: Program = { ...FRAME_PROGRAM, entry: FRAME_PROGRAM.symbols.start }
