/** Interrupt, trap and task gates of the IDT: from every ring to every kind of code, asked for and met by a fault. */
import type { Case } from "../case"
import * as W from "../world"

const RINGS = [0, 1, 2, 3]
const VECTOR = 0x40
const KINDS = {
  "interrupt gate": W.INTERRUPT_GATE,
  "trap gate": W.TRAP_GATE,
  "16-bit interrupt gate": W.INTERRUPT_GATE_16,
  "16-bit trap gate": W.TRAP_GATE_16,
}
const INTERRUPTS_ON = 0x202
const TARGETS = [
  ...RINGS.map((ring) => ({ to: `code ${ring}`, selector: W.CODE[ring] | ring })),
  ...RINGS.map((ring) => ({ to: `conforming code ${ring}`, selector: W.CONFORMING[ring] })),
]
const into = (vector: number, selector: number, type: number, dpl = 3, offset: number = W.stub(vector)) =>
  W.gateAt(vector, W.gate(selector, offset, W.rights(type, dpl)))

/** Every kind of gate, from every ring, to every ring's code. */
function everyGate(): Case[] {
  return Object.entries(KINDS).flatMap(([kind, type]) =>
    RINGS.flatMap((ring) =>
      TARGETS.flatMap(({ to, selector }): Case[] => [
        {
          name: `INT through ${kind} from ring ${ring} to ${to}`,
          ring,
          state: { eflags: INTERRUPTS_ON },
          pokes: into(VECTOR, selector, type),
          code: "  int 0x40",
        },
        {
          name: `UD through ${kind} from ring ${ring} to ${to}`,
          ring,
          state: { eflags: INTERRUPTS_ON },
          pokes: into(6, selector, type),
          code: "  nop\n  ud2",
        },
      ]),
    ),
  )
}

/** INT n, INT3 and INTO heed the gate's DPL; faults do not. */
function gateLevels(): Case[] {
  const ways = {
    "INT n": [VECTOR, "int 0x40"],
    INT3: [3, "int3"],
    INTO: [4, "into"],
    UD2: [6, "ud2"],
  } as const
  return Object.entries(ways).flatMap(([way, [vector, code]]) =>
    RINGS.flatMap((ring) =>
      RINGS.map(
        (dpl): Case => ({
          name: `${way} in ring ${ring} with a gate of DPL ${dpl}`,
          ring,
          state: { eflags: 0x802 },
          pokes: into(vector, W.CODE[0], W.INTERRUPT_GATE, dpl),
          code: `  ${code}`,
        }),
      ),
    ),
  )
}

/** What the gate may be, and what it may lead to, that is wrong. */
function wrongGates(): Case[] {
  const flat = W.flatOf
  const spare = W.SPARE
  const via = (selector: number) => W.gate(selector, W.stub(VECTOR), W.rights(W.INTERRUPT_GATE, 3))
  const to = (descriptor: [number, number]) => ({
    gate: via(spare),
    pokes: W.descriptorAt(spare, descriptor),
  })
  const wrong: Record<string, { gate: [number, number]; pokes?: W.Poke[] }> = {
    "a null selector": { gate: via(0) },
    "a null selector with RPL 3": { gate: via(3) },
    "a selector beyond the GDT": { gate: via(0x200) },
    "a selector in a null LDT": { gate: via(0x14) },
    "a gate that is not present": { gate: W.gate(W.CODE[0], 0, 0x6e) },
    "code that is not present": to(flat(W.CODE_TYPE, 0, false)),
    "code of DPL 3 that is not present": to(flat(W.CODE_TYPE, 3, false)),
    "an offset beyond the limit": {
      gate: via(spare),
      pokes: W.descriptorAt(spare, W.segment(0, 0xfff, 0x9b, W.BIG)),
    },
    "an offset beyond the limit of code 1": {
      gate: via(spare),
      pokes: W.descriptorAt(spare, W.segment(0, 0xfff, 0xbb, W.BIG)),
    },
    "a task gate to a TSS that is not present": {
      gate: W.gate(W.TASK_B, 0, W.rights(W.TASK_GATE, 3)),
      pokes: W.descriptorAt(W.TASK_B, W.segment(W.AT.taskB, 103, 0x09)),
    },
    "a task gate to a busy TSS": { gate: W.gate(W.TASK_A, 0, W.rights(W.TASK_GATE, 3)) },
    "a task gate to a null selector": { gate: W.gate(0, 0, W.rights(W.TASK_GATE, 3)) },
    "a task gate to code": { gate: W.gate(W.CODE[0], 0, W.rights(W.TASK_GATE, 3)) },
    "a task gate to the LDT": { gate: W.gate(0x14, 0, W.rights(W.TASK_GATE, 3)) },
    "a task gate beyond the GDT": { gate: W.gate(0x1000, 0, W.rights(W.TASK_GATE, 3)) },
    "a task gate that is not present": { gate: W.gate(W.TASK_B, 0, 0x65) },
    "a task gate to a short TSS": {
      gate: W.gate(W.TASK_B, 0, W.rights(W.TASK_GATE, 3)),
      pokes: W.descriptorAt(W.TASK_B, W.segment(W.AT.taskB, 102, 0x89)),
    },
  }
  const types = Array.from({ length: 32 }, (_, type) => type).filter(
    (type) => ![5, 6, 7, 14, 15].includes(type),
  )
  for (const type of types)
    wrong[`a gate of type ${type}`] = { gate: W.gate(W.CODE[0], W.stub(VECTOR), W.rights(type, 3)) }
  for (let type = 0; type < 16; type++) {
    wrong[`a system segment of type ${type}`] = to(W.segment(0, 0xfffff, W.rights(type)))
    if (type < 8) wrong[`data of type ${type}`] = to(flat(0x10 | type))
  }
  return Object.entries(wrong).flatMap(([what, { gate, pokes = [] }]) =>
    [0, 3].flatMap((ring): Case[] => [
      {
        name: `INT n in ring ${ring}: ${what}`,
        ring,
        pokes: [...W.gateAt(VECTOR, gate), ...pokes],
        code: "  int 0x40",
      },
      {
        name: `UD2 in ring ${ring}: ${what}`,
        ring,
        pokes: [...W.gateAt(6, gate), ...pokes],
        code: "  ud2",
      },
    ]),
  )
}

export const gates = (): Case[] => [...everyGate(), ...gateLevels(), ...wrongGates()]
