/** A third fault, while a double fault is being delivered: the processor shuts down. Each case is an image of its own. */
import type { Case } from "../case"
import * as W from "../world"

const broken = (vector: number) => W.gateAt(vector, [0, 0])
const inRing2 = (vector: number) =>
  W.gateAt(vector, W.gate(W.code(2), W.stub(vector), W.rights(W.INTERRUPT_GATE)))
const absent = (vector: number) => W.gateAt(vector, W.gate(W.CODE[0], 0, 0x0e))
const toTask = (selector: number) => W.gateAt(8, W.gate(selector, 0, W.rights(W.TASK_GATE)))
const spare = (descriptor: [number, number]) => W.descriptorAt(W.SPARE, descriptor)

const THIRD: Record<string, { pokes: W.Poke[]; state?: Case["state"] }> = {
  "the gate of the double fault is none": { pokes: broken(8) },
  "the gate of the double fault is not present": { pokes: absent(8) },
  "the stack of the double fault is null": { pokes: inRing2(8), state: { ss2: 0 } },
  "the stack of the double fault is not mapped": {
    pokes: [[W.AT.cr0, 0x80000011], ...inRing2(8)],
    state: { esp2: 0x400800 },
  },
  "the task of the double fault is busy": { pokes: toTask(W.TASK_A) },
  "the task of the double fault is not present": {
    pokes: [...toTask(W.SPARE), ...spare(W.segment(W.AT.taskDouble, 103, 0x09))],
  },
  "the task of the double fault is too short": {
    pokes: [...toTask(W.SPARE), ...spare(W.segment(W.AT.taskDouble, 50, 0x89))],
  },
  "the double fault has a handler": { pokes: [] },
  "the double fault has a handler in ring 2": { pokes: inRing2(8) },
}

export const shutdowns = (): Case[] =>
  Object.entries(THIRD).flatMap(([what, { pokes, state = {} }]) => [
    {
      name: `GP while GP is delivered, ${what}`,
      ring: 3,
      state,
      pokes: [...broken(13), ...pokes],
      code: "  cli",
    },
    {
      name: `NP while DE is delivered, ${what}`,
      ring: 3,
      state,
      pokes: [...absent(0), ...pokes],
      code: "  sub ecx, ecx\n  div ecx",
    },
  ])
