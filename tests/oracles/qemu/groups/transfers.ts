/** Far jumps, calls and returns: direct, through call gates, inward and outward. */
import type { Case } from "../case"
import * as W from "../world"

const RINGS = [0, 1, 2, 3]
const hex = (value: number) => `0x${value.toString(16)}`
const TARGET = W.stub(0x50)
const kinds = (ring: number) => [
  { to: `code ${ring}`, selector: W.CODE[ring] },
  { to: `conforming code ${ring}`, selector: W.CONFORMING[ring] },
]

/** JMP and CALL straight to a code segment: CPL, RPL, DPL, conforming or not. */
function direct(): Case[] {
  return ["jmp", "call"].flatMap((name) =>
    RINGS.flatMap((ring) =>
      RINGS.flatMap((level) =>
        kinds(level).flatMap(({ to, selector }) =>
          RINGS.map(
            (rpl): Case => ({
              name: `${name} from ring ${ring} to ${to} with RPL ${rpl}`,
              ring,
              code: `  ${name} ${hex(selector | rpl)}:${hex(TARGET)}`,
            }),
          ),
        ),
      ),
    ),
  )
}

const GATE = W.SPARE
const GATE_TYPES = { "16-bit call gate": 4, "call gate": 0xc }
const callGate = (type: number, dpl: number, selector: number, parameters = 0, offset = TARGET) =>
  W.descriptorAt(GATE, W.gate(selector, offset, W.rights(type, dpl), parameters))

/** Call gates from every ring to every kind of code. */
function throughGates(): Case[] {
  return ["jmp", "call"].flatMap((name) =>
    Object.entries(GATE_TYPES).flatMap(([kind, type]) =>
      RINGS.flatMap((ring) =>
        RINGS.flatMap((level) =>
          kinds(level).map(
            ({ to, selector }): Case => ({
              name: `${name} through a ${kind} from ring ${ring} to ${to}`,
              ring,
              pokes: callGate(type, 3, selector | level),
              code: `  ${name} ${hex(GATE | 3)}:0`,
            }),
          ),
        ),
      ),
    ),
  )
}

/** The gate's own DPL, against CPL and RPL. */
function gateLevels(): Case[] {
  return ["jmp", "call"].flatMap((name) =>
    RINGS.flatMap((ring) =>
      RINGS.flatMap((dpl) =>
        RINGS.map(
          (rpl): Case => ({
            name: `${name} from ring ${ring} through a gate of DPL ${dpl} with RPL ${rpl}`,
            ring,
            pokes: callGate(0xc, dpl, W.CODE[ring]),
            code: `  ${name} ${hex(GATE | rpl)}:0`,
          }),
        ),
      ),
    ),
  )
}

/** Parameters are copied to the inner stack. */
function parameters(): Case[] {
  return Object.entries(GATE_TYPES).flatMap(([kind, type]) =>
    [0, 1, 2, 5, 31].flatMap((count) =>
      [1, 3].map(
        (ring): Case => ({
          name: `call from ring ${ring} through a ${kind} with ${count} parameters`,
          ring,
          pokes: callGate(type, 3, W.CODE[0], count),
          code: `  push dword 0x1111\n  push dword 0x22222222\n  push dword 0x33330033\n  call ${hex(GATE | 3)}:0`,
        }),
      ),
    ),
  )
}

/** What is wrong with the gate or with what is behind it. */
function wrongTargets(): Case[] {
  const beyond = W.segment(0, 0xfff, 0x9b, W.BIG)
  const OTHER = GATE + 8
  const behind = (descriptor: [number, number]) => [
    ...callGate(0xc, 3, OTHER),
    ...W.descriptorAt(OTHER, descriptor),
  ]
  const wrong: Record<string, W.Poke[]> = {
    "a gate that is not present": W.descriptorAt(GATE, W.gate(W.CODE[0], TARGET, 0x6c)),
    "a gate with a null selector": callGate(0xc, 3, 0),
    "a gate with a null selector of RPL 3": callGate(0xc, 3, 3),
    "a gate to a selector beyond the GDT": callGate(0xc, 3, 0x200),
    "a gate to a selector in the LDT": callGate(0xc, 3, 0x14),
    "a gate to code that is not present": behind(W.flatOf(W.CODE_TYPE, 0, false)),
    "a gate to data": callGate(0xc, 3, W.DATA[0]),
    "a gate to a TSS": callGate(0xc, 3, W.TASK_B),
    "a gate to a gate": callGate(0xc, 3, GATE),
    "a gate to an offset beyond the limit": behind(beyond),
    "code with the offset beyond its limit": W.descriptorAt(GATE, beyond),
    "code that is not present": W.descriptorAt(GATE, W.flatOf(W.CODE_TYPE, 0, false)),
    "code of DPL 3 that is not present": W.descriptorAt(GATE, W.flatOf(W.CODE_TYPE, 3, false)),
    "execute-only code": W.descriptorAt(GATE, W.flatOf(0x19)),
    "code that was not accessed": W.descriptorAt(GATE, W.flatOf(0x1a)),
  }
  for (let type = 0; type < 24; type++)
    if (![1, 3, 4, 5, 9, 11, 12].includes(type))
      wrong[`a descriptor of type ${type}`] = W.descriptorAt(GATE, W.flatOf(type, 3))
  return Object.entries(wrong).flatMap(([what, pokes]) =>
    ["jmp", "call"].flatMap((name) =>
      [0, 3].map(
        (ring): Case => ({
          name: `${name} in ring ${ring}: ${what}`,
          ring,
          pokes,
          code: `  ${name} ${hex(GATE | ring)}:${hex(TARGET)}`,
        }),
      ),
    ),
  )
}

const selectors: Record<string, number> = {
  null: 0,
  "null with RPL 3": 3,
  "beyond the GDT": 0x200,
  "in the LDT": 0x1c,
}

function noSelector(): Case[] {
  return Object.entries(selectors).flatMap(([what, selector]) =>
    ["jmp", "call"].map(
      (name): Case => ({
        name: `${name} to a selector ${what}`,
        code: `  ${name} ${hex(selector)}:0`,
      }),
    ),
  )
}

/** Words that RETF and IRET find, the last pushed first. */
const pushAll = (words: readonly string[], size: number) =>
  words.map((word) => `  push ${size === 16 ? "word" : "dword"} ${word}`).join("\n")
const suffix = (size: number) => (size === 16 ? "o16 " : "")

/** RETF and IRET from every ring, to every kind of code, with every RPL. */
function returns(): Case[] {
  const cases: Case[] = []
  for (const name of ["retf", "iret"])
    for (const ring of RINGS)
      for (const rpl of RINGS)
        for (const level of RINGS)
          for (const { to, selector } of kinds(level)) {
            const flags = name === "iret" ? ["0x246"] : []
            const frame = [
              hex(W.data(rpl)),
              hex(W.stackTop(rpl) - 16),
              ...flags,
              hex(selector | rpl),
              hex(TARGET),
            ]
            cases.push({
              name: `${name} from ring ${ring} to ${to} with RPL ${rpl}`,
              ring,
              code: `${pushAll(frame, 32)}\n  ${name === "iret" ? "iretd" : "retf"}`,
            })
          }
  return cases
}

/** RETF with parameters to drop, and 16-bit frames. */
function dropping(): Case[] {
  return [16, 32].flatMap((size) =>
    [0, 4, 8].flatMap((drop) =>
      [
        [0, 0],
        [0, 3],
        [1, 2],
        [3, 3],
      ].map(([from, to]): Case => {
        const outer = from === to ? [] : [hex(W.data(to)), hex(W.stackTop(to) - 64)]
        const parameters = drop === 4 || drop === 8 ? new Array((drop * 8) / size).fill("0x55") : []
        return {
          name: `${size}-bit retf ${hex(drop)} from ring ${from} to ring ${to}`,
          ring: from,
          code: `${pushAll([...outer, ...parameters, hex(W.code(to)), hex(TARGET)], size)}\n  ${suffix(size)}retf ${drop}`,
        }
      }),
    ),
  )
}

/** The upper half of ESP, where a stack or a frame has 16 bits: ring 0's stack lies at 17100h of a segment 64 KiB lower. */
function halves(): Case[] {
  const high = W.SPARE
  const narrow = W.SPARE + 8
  const pokes = [
    ...W.descriptorAt(high, W.segment(0xffff0000, 0xfffff, 0x93, W.BIG | W.GRANULAR)),
    ...W.descriptorAt(narrow, W.segment(0, 0xffff, 0xf3)),
  ]
  const stacks = { "a 32-bit stack": W.data(3), "a 16-bit stack": narrow | 3 }
  return Object.entries(stacks).flatMap(([what, ss]) =>
    [16, 32].flatMap((size) =>
      ["retf", "iret"].map((name): Case => {
        const esp = size === 16 ? "0x73c0" : "0x123473c0"
        const flags = name === "iret" ? ["2"] : []
        const end = name === "iret" ? (size === 16 ? "iretw" : "iretd") : `${suffix(size)}retf`
        return {
          name: `${size}-bit ${name} from a stack above 64 KiB to ${what}`,
          pokes,
          code: `  mov eax, ${hex(high)}\n  mov ss, ax\n  mov esp, 0x17100\n${pushAll([hex(ss), esp, ...flags, hex(W.code(3)), hex(TARGET)], size)}\n  ${end}`,
        }
      }),
    ),
  )
}

/** What is wrong with the stack that a return goes to, or with the code. */
function wrongReturns(): Case[] {
  const spare = W.SPARE
  const at = (descriptor: [number, number]) => W.descriptorAt(spare, descriptor)
  const stacks: Record<string, [selector: number, pokes?: W.Poke[]]> = {
    "a null SS": [0],
    "a null SS with RPL 3": [3],
    "SS beyond the GDT": [0x203],
    "SS of RPL 2": [W.DATA[3] | 2],
    "SS of DPL 2": [W.DATA[2] | 3],
    "SS that is read-only": [spare | 3, at(W.flatOf(0x11, 3))],
    "SS that is code": [W.CODE[3] | 3],
    "SS that is not present": [spare | 3, at(W.flatOf(0x13, 3, false))],
    "SS that was not accessed": [spare | 3, at(W.flatOf(0x12, 3))],
    "SS with 16 bits": [spare | 3, at(W.segment(0, 0xffff, 0xf3))],
  }
  const codes: Record<string, [selector: number, pokes?: W.Poke[]]> = {
    "a null CS": [0],
    "a null CS with RPL 3": [3],
    "CS beyond the GDT": [0x203],
    "CS that is data": [W.data(3)],
    "CS that is not present": [spare | 3, at(W.flatOf(W.CODE_TYPE, 3, false))],
    "CS with a limit before EIP": [spare | 3, at(W.segment(0, 0xfff, 0xfb, W.BIG))],
    "CS that is a TSS": [W.TASK_B | 3],
  }
  const frame = (name: string, ss: number, cs: number) =>
    `${pushAll([hex(ss), "0x12347330", ...(name === "iretd" ? ["0x3202"] : []), hex(cs), hex(TARGET)], 32)}\n  ${name}`
  return ["retf", "iretd"].flatMap((name) => [
    ...Object.entries(stacks).map(
      ([what, [ss, pokes = []]]): Case => ({
        name: `${name}: ${what}`,
        pokes,
        code: frame(name, ss, W.code(3)),
      }),
    ),
    ...Object.entries(codes).map(
      ([what, [cs, pokes = []]]): Case => ({
        name: `${name}: ${what}`,
        pokes,
        code: frame(name, W.data(3), cs),
      }),
    ),
  ])
}

/** A return outward makes null what the outer ring may not use. */
function droppedSegments(): Case[] {
  return [1, 3].flatMap((ring) =>
    Object.entries({
      "data 0": W.DATA[0],
      "data 1": W.DATA[1],
      "data 3": W.DATA[3],
      "code 0": W.CODE[0],
      "conforming code 0": W.CONFORMING[0],
      "data 3 with RPL 3": W.data(3),
    }).map(
      ([what, selector]): Case => ({
        name: `a return to ring ${ring} with ${what} in DS ES FS GS`,
        code: `  mov eax, ${hex(selector)}\n  mov ds, ax\n  mov es, ax\n  mov fs, ax\n  mov gs, ax\n${pushAll([hex(W.data(ring)), hex(W.stackTop(ring)), hex(W.code(ring)), hex(TARGET)], 32)}\n  retf`,
      }),
    ),
  )
}

/** The flags that IRET and POPF load, by CPL, IOPL and operand size. */
function flags(): Case[] {
  const cases: Case[] = []
  for (const ring of RINGS)
    for (const iopl of RINGS)
      for (const size of [16, 32])
        for (const value of [0x3fcad7, 0x0]) {
          const image = value & 0xffcad7 & (size === 16 ? 0xffff : -1) & ~0x34100
          const state = { eflags: 2 | (iopl << 12) | (value === 0 ? 0xed5 & ~0x100 : 0) }
          const shown = `${size} bits in ring ${ring} with IOPL ${iopl}, flags ${hex(image)}`
          const word = size === 16 ? "word" : "dword"
          cases.push({
            name: `popf, ${shown}`,
            ring,
            state,
            code: `  push ${word} ${hex(image)}\n  ${suffix(size)}popf${size === 16 ? "w" : "d"}`.replace(
              "o16 popfw",
              "popfw",
            ),
          })
          cases.push({
            name: `iret, ${shown}`,
            ring,
            state,
            code: `${pushAll([hex(image), hex(W.code(ring)), hex(size === 16 ? TARGET : TARGET)], size)}\n  ${size === 16 ? "iretw" : "iretd"}`,
          })
        }
  return cases.map((each) => (each.name.startsWith("popf") ? { ...each, code: `${each.code}\n  ud2` } : each))
}

export const jumps = (): Case[] => [...direct(), ...noSelector()]
export const callGates = (): Case[] => [
  ...throughGates(),
  ...gateLevels(),
  ...parameters(),
  ...wrongTargets(),
]
export const returning = (): Case[] => [
  ...returns(),
  ...dropping(),
  ...halves(),
  ...wrongReturns(),
  ...droppedSegments(),
  ...flags(),
]
