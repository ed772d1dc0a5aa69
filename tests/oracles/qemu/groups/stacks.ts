/** Inner stacks that are wrong, and pairs of faults. */
import type { Case } from "../case"
import * as W from "../world"

const SPARE = W.SPARE
const at = (descriptor: [number, number]) => W.descriptorAt(SPARE, descriptor)
/** Faults are handled in ring 1, which has a good stack. */
const RING_1_HANDLERS = [8, 10, 11, 12, 13].flatMap((vector) =>
  W.gateAt(vector, W.gate(W.code(1), W.stub(vector), W.rights(W.INTERRUPT_GATE))),
)
const GATE = SPARE + 8
const CALL_GATE = W.descriptorAt(GATE, W.gate(W.CODE[0], W.stub(0x50), W.rights(0xc, 3), 2))

/** What the TSS says of ring 0's stack, and what its descriptor is. */
const WRONG: Record<string, { ss0: number; esp0?: number; pokes?: W.Poke[] }> = {
  "a null SS": { ss0: 0 },
  "a null SS with RPL 3": { ss0: 3 },
  "SS beyond the GDT": { ss0: 0x200 },
  "SS in a null LDT": { ss0: 0x14 },
  "SS of RPL 1": { ss0: W.DATA[0] | 1 },
  "SS of DPL 1": { ss0: W.DATA[1] },
  "SS that is code": { ss0: W.CODE[0] },
  "SS that is read-only": { ss0: SPARE, pokes: at(W.flatOf(0x11)) },
  "SS that is a TSS": { ss0: W.TASK_B },
  "SS that is not present": { ss0: SPARE, pokes: at(W.flatOf(W.DATA_TYPE, 0, false)) },
  "SS that was not accessed": { ss0: SPARE, pokes: at(W.flatOf(0x12)) },
  "ESP at the bottom": { ss0: SPARE, esp0: 4, pokes: at(W.segment(0x7000, 0xfff, 0x93, W.BIG)) },
  "room for four words only": { ss0: SPARE, esp0: 16, pokes: at(W.segment(0x7000, 0xfff, 0x93, W.BIG)) },
  "ESP beyond the limit": { ss0: SPARE, esp0: 0x2000, pokes: at(W.segment(0x7000, 0xff, 0x93, W.BIG)) },
  "expand-down with too little room": {
    ss0: SPARE,
    esp0: 0x7008,
    pokes: at(W.segment(0, 0x6fff, 0x97, W.BIG)),
  },
  "expand-down with room": { ss0: SPARE, esp0: 0x7100, pokes: at(W.segment(0, 0x6fff, 0x97, W.BIG)) },
  "16 bits": { ss0: SPARE, esp0: 0x12340100, pokes: at(W.segment(0x7000, 0xffff, 0x93)) },
}

function wrongStacks(): Case[] {
  const ways = { "INT n": "int 0x58", "a call gate": `call 0x${(GATE | 3).toString(16)}:0` }
  return Object.entries(WRONG).flatMap(([what, { ss0, esp0 = W.stackTop(0), pokes = [] }]) =>
    Object.entries(ways).map(
      ([way, code]): Case => ({
        name: `${way} to ring 0: ${what}`,
        ring: 3,
        state: { ss0, esp0 },
        pokes: [...RING_1_HANDLERS, ...CALL_GATE, ...pokes],
        code: `  push dword 0x11\n  push dword 0x22\n  ${code}`,
      }),
    ),
  )
}

/** A fault instead of INT n: EXT is set, and the fault that comes of it may make a double fault. */
function wrongStacksByFault(): Case[] {
  return Object.entries(WRONG).flatMap(([what, { ss0, esp0 = W.stackTop(0), pokes = [] }]) =>
    [6, 0].map(
      (vector): Case => ({
        name: `${vector === 6 ? "UD2" : "DIV by 0"} to ring 0: ${what}`,
        ring: 3,
        state: { ss0, esp0, edx: 0, ecx: 0 },
        pokes: [...RING_1_HANDLERS, ...pokes],
        code: vector === 6 ? "  ud2" : "  div ecx",
      }),
    ),
  )
}

/** A TSS that is too short for the stacks that are asked for. */
function shortTss(): Case[] {
  return [0x67, 9, 8, 0xb, 7, 3].map(
    (limit): Case => ({
      name: `INT n to ring 0 with a TSS of limit ${limit.toString(16)}h`,
      ring: 0,
      pokes: [...W.descriptorAt(SPARE, W.segment(W.AT.taskB, limit, 0x89)), ...W.faultTasks()],
      code: `  mov eax, 0x${SPARE.toString(16)}
  ltr ax
  push dword 0x43
  push dword 0x7400
  push dword 2
  push dword 0x23
  push dword 0x${(W.AT.case + 0x40).toString(16)}
  iretd
  times 0x40 - ($ - .begin_of_case) nop
  int 0x58`,
    }),
  )
}

const PAGING: W.Poke[] = [[W.AT.cr0, 0x80000011]]
const UNMAPPED = 0x400800
const broken = (vector: number, second: string): W.Poke[] => {
  const gate = (selector: number) =>
    W.gateAt(vector, W.gate(selector, W.stub(vector), W.rights(W.INTERRUPT_GATE, 3)))
  if (second === "GP") return W.gateAt(vector, [0, 0])
  if (second === "NP") return W.gateAt(vector, W.gate(W.CODE[0], 0, 0x6e))
  return gate(W.code(2))
}
const innerState = (second: string): Record<string, number> =>
  second === "TS"
    ? { ss2: 0 }
    : second === "SS"
      ? { ss2: SPARE | 2 }
      : second === "PF"
        ? { esp2: UNMAPPED }
        : {}

/** Instructions of ring 3 that make the first fault. */
const FIRST: Record<string, [vector: number, code: string]> = {
  DE: [0, "sub ecx, ecx\n  div ecx"],
  DB: [1, "pushfd\n  or dword [esp], 0x100\n  popfd\n  nop"],
  BP: [3, "int3"],
  OF: [4, "mov al, 0x7f\n  inc al\n  into"],
  BR: [5, "bound eax, [0x30000]"],
  UD: [6, "ud2"],
  NM: [7, "db 0xdb, 0xe3"],
  TS: [10, "int 0x57"],
  NP: [11, "mov eax, 0x103\n  mov ds, ax"],
  SS: [12, "mov eax, 0x10b\n  mov ss, ax"],
  GP: [13, "cli"],
  PF: [14, "mov eax, [0x500000]"],
  "INT n": [0x40, "int 0x40"],
}

/** Each fault, and another one while it is being delivered. */
function pairs(): Case[] {
  return Object.entries(FIRST).flatMap(([first, [vector, code]]) =>
    ["GP", "NP", "TS", "SS", "PF"].map(
      (second): Case => ({
        name: `${second} while ${first} is delivered`,
        ring: 3,
        state: { ...innerState(second), ss1: first === "TS" ? 0 : W.data(1) },
        pokes: [
          ...PAGING,
          ...(first === "NM" ? ([[W.AT.cr0, 0x80000015]] as W.Poke[]) : []),
          ...W.descriptorAt(SPARE + 8, W.flatOf(W.DATA_TYPE, 3, false)),
          ...W.descriptorAt(SPARE, W.flatOf(W.DATA_TYPE, first === "NP" ? 3 : 2, false)),
          ...W.gateAt(0x57, W.gate(W.code(1), 0, 0xee)),
          ...broken(vector, second),
        ],
        code: `  ${code}\n  int 0x58`,
      }),
    ),
  )
}

export const stacks = (): Case[] => [...wrongStacks(), ...wrongStacksByFault(), ...shortTss()]
export const doubles = (): Case[] => pairs()
