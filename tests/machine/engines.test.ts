/** Law: interpreted = generated = recorded = unrecorded, in state, ledger and TLB counts, however the run is cut. */
import { describe, expect, test } from "vitest"
import type { Machine } from "../../src/machine/machine"
import { hashOf, recordRun } from "../../src/machine/recording"
import { busy, numbers } from "./busy"
import { boot } from "./guest"

/** What the generator of programs chooses from: text with R for a register, M for an address, N for a number. */
const LINES = [
  "add R, R",
  "adc R, N",
  "sub R, [M]",
  "sbb [M], R",
  "and R, N",
  "or byte [M], al",
  "xor R, R",
  "cmp R, R",
  "cmp word [M], 7",
  "test R, N",
  "inc R",
  "dec word [M]",
  "neg R",
  "mov R, [M]",
  "mov [M], R",
  "mov al, [M]",
  "mov [M], bx",
  "mov ah, bl",
  "movzx R, byte [M]",
  "lea R, [R + 4 * R + N]",
  "shl R, 3",
  "rcr R, 1",
  "imul R, R",
  "xchg R, [M]",
  "push R\n pop R",
  "pushf\n pop R",
  "setc al",
  "cmovz R, [M]",
  "bts [M], R",
  "call leaf",
  "rdtsc\n xor ebp, eax",
  "int 0x80",
  "ud2",
  "mov eax, cr3\n mov cr3, eax",
  "invlpg [leaf]",
  "mov esi, M\n mov edi, M\n mov ecx, 40\n rep movsb",
  "mov edi, M\n mov ecx, 33\n rep stosd",
  "mov esi, M\n mov edi, M\n mov ecx, 50\n repe cmpsb",
  "mov edi, M\n mov ecx, 50\n repne scasw",
  "std\n mov esi, M\n mov edi, M\n mov ecx, 9\n rep movsd\n cld",
  "cli\n nop\n sti",
] as const
/** Lines with a label of their own: jumps, loops, code that rewrites code. */
const LABELLED = [
  "jz .L\n inc R\n.L:",
  "jbe .L\n mov [M], R\n.L:",
  "mov ecx, 5\n.L: add R, ecx\n loop .L",
  "mov [.L + 1], R\n.L: mov eax, 5",
  "inc byte [.L + 1]\n.L: mov bl, 7",
  "mov dl, [.L]\n xor dl, 0x28\n mov [.L], dl\n.L: add eax, ebx",
  "mov byte [.L], 0x90\n.L: nop",
]
const REGISTERS = ["eax", "ebx", "edx", "ebp"]

/** A program of so many lines that goes round for ever, under paging, with the timer on. */
function randomProgram(seed: number, lines: number): string {
  const random = numbers(seed)
  const pick = <T>(from: readonly T[]) => from[random(from.length)]
  const address = () => `0x${(0x300000 + random(0x2100)).toString(16)}`
  const line = (n: number) =>
    (random(4) === 0 ? pick(LABELLED) : pick(LINES))
      .replaceAll(/\bR\b/g, () => pick(REGISTERS))
      .replaceAll(/\bM\b/g, address)
      .replaceAll(/\bN\b/g, () => String(random(0x7fffffff)))
      .replaceAll(".L", `.l${n}`)
  return `${PROLOGUE}\nagain:\n ${Array.from({ length: lines }, (_, n) => line(n)).join("\n ")}\n jmp again\n${HANDLERS}`
}

const PROLOGUE = `
  mov al, 0x11
  out 0x20, al
  mov al, 0x20
  out 0x21, al
  mov al, 4
  out 0x21, al
  mov al, 1
  out 0x21, al
  mov al, 0xfe
  out 0x21, al
  mov al, 0x34
  out 0x43, al
  mov al, 200
  out 0x40, al
  xor al, al
  out 0x40, al
  cld
  mov dword [0x380000], 0x381007
  mov edi, 0x381000
  mov eax, 7
.fill: stosd
  add eax, 0x1000
  cmp edi, 0x382000
  jb .fill
  mov eax, 0x380000
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
  sti`
const HANDLERS = `
leaf: add eax, [esp]
  ret
service: inc dword [ticks]
  iretd
skip: add dword [esp], 2
  iretd
tick: push eax
  mov al, 0x20
  out 0x20, al
  inc dword [ticks]
  pop eax
  iretd
align 4
ticks: dd 0`
const GATES = [
  { vector: 0x80, handler: "service" },
  { vector: 6, handler: "skip" },
  { vector: 0x20, handler: "tick" },
]

const STEPS = 20_000
const interpreted = (machine: Machine) => {
  machine.engine.units.enabled = false
  return machine
}
/** Code is generated as soon as may be. */
const generated = (machine: Machine) => {
  Object.assign(machine.engine.units, { enabled: true, threshold: 2 })
  return machine
}

function hashAfter(machine: Machine, pieces: () => number): string {
  for (let left = STEPS; left > 0; ) {
    const { steps } = machine.run({ steps: Math.min(left, pieces()) })
    left -= steps
    if (steps === 0) break
  }
  return hashOf(machine)
}
const whole = () => STEPS

const GUESTS: readonly (readonly [name: string, make: () => Machine])[] = [
  ["the busy guest", busy],
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(
    (seed) =>
      [
        `a random program, seed ${seed}`,
        () => boot(randomProgram(seed, 12 + 6 * seed), { gates: GATES, hertz: 33_000_000 }).machine,
      ] as const,
  ),
]

describe.each(GUESTS)("%s ends the same", (_name, make) => {
  const expected = hashAfter(interpreted(make()), whole)
  test("interpreted and generated", () => {
    const machine = generated(make())
    expect(hashAfter(machine, whole)).toBe(expected)
    expect(machine.engine.units.made).toBeGreaterThan(1)
  })
  test("generated, cut at random", () => {
    const random = numbers(99)
    expect(hashAfter(generated(make()), () => 1 + random(60))).toBe(expected)
  })
  test("interpreted, cut at every instruction", () =>
    expect(hashAfter(interpreted(make()), () => 1)).toBe(expected))
  test("generated, and recorded", () => {
    const machine = generated(make())
    expect(recordRun(machine, STEPS).recorded.hash).toBe(expected)
  })
  test("generated, while a listener wants every detail", () => {
    const machine = generated(make())
    machine.listener = { detail: true, tell: () => {} }
    machine.run({ steps: STEPS })
    machine.listener = undefined
    expect(hashOf(machine)).toBe(expected)
  })
})

test("generated code is left at each of its instructions as if it had been interpreted", () => {
  const [[, make]] = GUESTS.slice(3)
  const [a, b] = [generated(make()), interpreted(make())]
  a.run({ steps: 5000 })
  b.run({ steps: 5000 })
  for (let n = 0; n < 400; n++) {
    expect(a.run({ steps: 7 + (n % 50) })).toEqual(b.run({ steps: 7 + (n % 50) }))
    expect(a.save()).toEqual(b.save())
  }
})

test("where the host forbids generating code, the machine interprets, and ends the same", () => {
  const expected = hashAfter(generated(busy()), whole)
  const real = globalThis.Function
  globalThis.Function = (() => {
    throw new EvalError("Code generation from strings disallowed for this context")
  }) as unknown as FunctionConstructor
  try {
    const machine = busy()
    expect(machine.engine.units.enabled).toBe(false)
    expect(hashAfter(machine, whole)).toBe(expected)
  } finally {
    globalThis.Function = real
  }
})
