/**
 * The surroundings of the silicon vectors, built in a machine's memory: descriptor tables, page tables, a ring-0 stub
 * that enters ring 3 by IRET, and handlers that halt. Linear 0xC0000000 and up is ring 0's window on physical memory.
 */
import { EAX, ESP, SS } from "../../../src/isa/registers"
import { Machine } from "../../../src/machine/machine"
import type { Settings, Vector } from "./vector"

const PAGE = 0x1000
export const DATA = 0x20000000
export const CODE = 0x30000000
const WINDOW = 0xc0000000
const DIRECTORY = 0x1000
const DATA_TABLE = 0x2000
const CODE_TABLE = 0x3000
const WINDOW_TABLE = 0x4000
const DATA_PAGE = 0x5000
const CODE_PAGE = 0x6000
const GDT = 0x7000
const LDT = 0x7100
const TSS = 0x7200
const IDT = 0x7400
const HANDLERS = 0x7600
const STUB = 0x7700
/** Instructions of the stub. */
const STUB_STEPS = 6
const STACK_TOP = 0x9000
const GATES = 32
/** More than REP can do within a page. */
const STEP_LIMIT = 10_000
const HLT = 0xf4
const CODE16 = 0x47
const START = 0x800

/** Exceptions by vector, and those that push an error code. */
const NAMES = [
  "#DE",
  "#DB",
  "NMI",
  "#BP",
  "#OF",
  "#BR",
  "#UD",
  "#NM",
  "#DF",
  "",
  "#TS",
  "#NP",
  "#SS",
  "#GP",
  "#PF",
  "",
  "#MF",
  "#AC",
]
const WITH_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17])

export const GENERAL = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const
export const SEGMENTS = ["es", "cs", "ss", "ds", "fs", "gs"] as const
const USUAL: Readonly<Record<string, number>> = { esp: DATA + START, es: 0x2b, cs: 0x23, ss: 0x2b, ds: 0x2b }

/** Flags by name, as the vectors name them. */
export const FLAGS: Readonly<Record<string, number>> = {
  cf: 1 << 0,
  pf: 1 << 2,
  af: 1 << 4,
  zf: 1 << 6,
  sf: 1 << 7,
  tf: 1 << 8,
  df: 1 << 10,
  of: 1 << 11,
  nt: 1 << 14,
  ac: 1 << 18,
  id: 1 << 21,
}
const INTERRUPT_FLAG = 1 << 9
const RESERVED_FLAG = 1 << 1

/** GDT: null, ring-0 code and data, unused, ring-3 code and data (23, 2b), TSS (30), LDT (38). */
const GLOBAL_TABLE = [
  [0, 0],
  [0x0000ffff, 0x00cf9b00],
  [0x0000ffff, 0x00cf9300],
  [0, 0],
  [0x0000ffff, 0x00cffb00],
  [0x0000ffff, 0x00cff300],
  systemDescriptor(WINDOW + TSS, 0x67, 0x89),
  systemDescriptor(WINDOW + LDT, 10 * 8 - 1, 0x82),
]
const TSS_SELECTOR = 0x30
const LDT_SELECTOR = 0x38

/** The local table of FORMAT.md, from selector 07 on. */
const LOCAL_TABLE = [
  segment(DATA, 0xfff, 0xf3, 0x4),
  segment(DATA, 0xfff, 0xf1, 0x4),
  segment(DATA, 0x7ff, 0xf7, 0x4),
  segment(DATA, 0xfff, 0x73, 0x4),
  segment(0, 0xfffff, 0xfb, 0xc),
  segment(0, 0xfffff, 0xf9, 0xc),
  segment(0, 0xfffff, 0x7f, 0xc),
  segment(DATA, 0xfff, 0xf3, 0x0),
  segment(CODE, 0xfff, 0xfb, 0x0),
  segment(DATA, 0x7ff, 0xf7, 0x0),
]

/** A descriptor's two words: `type` is the access byte, `size` the four bits G, D/B, 0, AVL. */
function segment(base: number, limit: number, type: number, size: number): [number, number] {
  const low = ((base & 0xffff) << 16) | (limit & 0xffff)
  const high = (base & 0xff000000) | (size << 20) | (limit & 0xf0000) | (type << 8) | ((base >>> 16) & 0xff)
  return [low, high]
}

function systemDescriptor(base: number, limit: number, type: number): [number, number] {
  return segment(base, limit, type, 0)
}

/** What became of a vector: the whole state that ring 0 found, and the fault that led there. */
export interface Result {
  readonly numbers: ReadonlyMap<string, number>
  readonly flags: number
  readonly data: Uint8Array
  readonly code: Uint8Array
  readonly fault: string
}

/** The state that a vector starts in, complete. */
export interface Start {
  readonly numbers: ReadonlyMap<string, number>
  readonly flags: number
  readonly data: Uint8Array
  readonly code: Uint8Array
}

/** Completes what a line says with what it leaves unsaid. */
export function startOf({ bytes, before }: Vector): Start {
  const cs = before.numbers.get("cs") ?? USUAL.cs
  const base = cs === CODE16 ? CODE : 0
  const numbers = new Map<string, number>()
  for (const name of [...GENERAL, ...SEGMENTS])
    numbers.set(name, before.numbers.get(name) ?? USUAL[name] ?? 0)
  numbers.set("eip", before.numbers.get("eip") ?? CODE + START - base)
  const code = new Uint8Array(PAGE).fill(HLT)
  code.set(bytes, (numbers.get("eip") as number) + base - CODE)
  return { numbers, flags: flagsOf(before), data: withMemory(new Uint8Array(PAGE), before, DATA), code }
}

export function flagsOf({ flags }: Settings): number {
  return [...flags].reduce((bits, name) => bits | FLAGS[name], 0)
}

/** Writes into a copy of a page what the settings say about it. */
export function withMemory(page: Uint8Array, { memory }: Settings, base: number): Uint8Array {
  const copy = page.slice()
  for (const { address, bytes } of memory)
    if (address >= base && address < base + PAGE) copy.set(bytes, address - base)
  return copy
}

/** A machine in which vectors can be played one after the other. */
export class Stage {
  readonly machine = new Machine({ memory: 1, hertz: 1e6 })

  constructor() {
    this.writePageTables()
    this.writeTables()
    this.enterPagedMode()
  }

  private words(at: number, words: readonly number[]): void {
    for (const [index, word] of words.entries()) this.machine.memory.set(at + 4 * index, 32, word)
  }

  private writePageTables(): void {
    const [present, user, writable] = [1, 4, 2]
    const directory = (linear: number, table: number) =>
      this.words(DIRECTORY + (linear >>> 22) * 4, [table | present | user | writable])
    directory(DATA, DATA_TABLE)
    directory(CODE, CODE_TABLE)
    directory(WINDOW, WINDOW_TABLE)
    this.words(DATA_TABLE, [DATA_PAGE | present | user | writable])
    this.words(CODE_TABLE, [CODE_PAGE | present | user])
    this.words(
      WINDOW_TABLE,
      Array.from({ length: 256 }, (_, page) => (page * PAGE) | present | writable),
    )
  }

  private writeTables(): void {
    this.words(GDT, GLOBAL_TABLE.flat())
    this.words(LDT, LOCAL_TABLE.flat())
    this.words(TSS + 4, [WINDOW + STACK_TOP, 0x10])
    this.machine.memory.set(TSS + 0x66, 16, 0x68)
    for (let vector = 0; vector < GATES; vector++) this.words(IDT + 8 * vector, gate(vector))
    this.machine.memory.write(HANDLERS, new Uint8Array(GATES).fill(HLT))
    // pop gs; pop fs; pop es; pop ds; popad; iretd
    this.machine.memory.write(STUB, [0x0f, 0xa9, 0x0f, 0xa1, 0x07, 0x1f, 0x61, 0xcf])
  }

  private enterPagedMode(): void {
    const { cpu } = this.machine
    const [PE, AM, WP, PG] = [1, 1 << 18, 1 << 16, 1 << 31]
    cpu.writeControl(3, DIRECTORY)
    cpu.writeControl(0, PE | AM | WP | PG)
    Object.assign(cpu.gdtr, { base: WINDOW + GDT, limit: GLOBAL_TABLE.length * 8 - 1 })
    Object.assign(cpu.idtr, { base: WINDOW + IDT, limit: GATES * 8 - 1 })
    cpu.loadLdtr(LDT_SELECTOR)
    cpu.loadTr(TSS_SELECTOR)
  }

  /** Play one instruction from `start` until ring 0 has the machine again. */
  play(start: Start): Result {
    const { memory } = this.machine
    memory.write(DATA_PAGE, start.data)
    memory.write(CODE_PAGE, start.code)
    this.enterRing3(start)
    this.machine.run({ steps: STUB_STEPS })
    this.restoreStackPointer(start)
    const { why } = this.machine.run({ steps: STEP_LIMIT })
    if (why !== "halted") return this.lost(why)
    return this.result(start)
  }

  /** Ring 0 pops segments and registers from its stack, and leaves by IRET. */
  private enterRing3({ numbers, flags }: Start): void {
    const { cpu } = this.machine
    const get = (name: string) => numbers.get(name) as number
    const popad = ["edi", "esi", "ebp", "esp", "ebx", "edx", "ecx", "eax"].map(get)
    const frame = [get("eip"), get("cs"), flags | INTERRUPT_FLAG | RESERVED_FLAG, get("esp"), get("ss")]
    const words = [...["gs", "fs", "es", "ds"].map(get), ...popad, ...frame]
    this.words(STACK_TOP - 4 * words.length, words)
    cpu.activity = "running"
    cpu.flags.value = RESERVED_FLAG
    cpu.loadSegment(SS, 0x10)
    cpu.reg[ESP] = WINDOW + STACK_TOP - 4 * words.length
    cpu.eip = WINDOW + STUB
  }

  /** IRET to a stack of 16 bits leaves ring 0's upper half in ESP. Linux hides that, so the processor's answers do not show it. */
  private restoreStackPointer({ numbers }: Start): void {
    const { cpu } = this.machine
    if (cpu.cpl === 3) cpu.reg[ESP] = numbers.get("esp") as number
  }

  private lost(why: string): Result {
    return {
      numbers: new Map(),
      flags: 0,
      data: new Uint8Array(PAGE),
      code: new Uint8Array(PAGE),
      fault: `lost: ${why}`,
    }
  }

  /** Reads the exception frame on ring 0's stack. */
  private result(start: Start): Result {
    const { cpu, memory } = this.machine
    const vector = (cpu.eip >>> 0) - WINDOW - HANDLERS - 1
    const at = (cpu.reg[ESP] >>> 0) - WINDOW
    const errorCode = WITH_ERROR_CODE.has(vector) ? memory.get(at, 32) >>> 0 : undefined
    const word = (index: number) => memory.get(at + (errorCode === undefined ? 0 : 4) + 4 * index, 32) >>> 0
    const numbers = new Map<string, number>(GENERAL.map((name, index) => [name, cpu.reg[EAX + index] >>> 0]))
    for (const [index, name] of SEGMENTS.entries()) numbers.set(name, cpu.segments.selector[index])
    numbers
      .set("eip", word(0))
      .set("cs", word(1) & 0xffff)
      .set("esp", word(3))
      .set("ss", word(4) & 0xffff)
    const completed = vector === 13 && errorCode === 0 && word(0) !== start.numbers.get("eip")
    return {
      numbers,
      flags: word(2),
      data: memory.read(DATA_PAGE, PAGE),
      code: memory.read(CODE_PAGE, PAGE),
      fault: completed ? "" : faultText(vector, errorCode, cpu.readControl(2)),
    }
  }
}

function gate(vector: number): [number, number] {
  const [forRing0, forRing3] = [0x8e00, 0xee00]
  const offset = WINDOW + HANDLERS + vector
  const type = vector === 3 || vector === 4 ? forRing3 : forRing0
  return [(0x08 << 16) | (offset & 0xffff), (offset & 0xffff0000) | type]
}

function faultText(vector: number, errorCode: number | undefined, cr2: number): string {
  const name = NAMES[vector] ?? `vector ${vector}`
  const code = errorCode === undefined ? "" : `(${errorCode.toString(16)})`
  return `${name}${code}${name === "#PF" ? ` cr2=${(cr2 >>> 0).toString(16)}` : ""}`
}
