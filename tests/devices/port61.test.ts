/** Port 61h: what software measures time with before it has interrupts. */
import { asm, pc } from "ringlab"
import { describe, expect, test } from "vitest"

const run = (body: string) => {
  const machine = pc({ memory: 1 }).load(asm`org 0x8000
start:
${body}
  hlt`)
  machine.run({ steps: 20_000 })
  expect(machine.cpu.activity).toBe("halted")
  return machine
}
/** Counter 2 counts 1000 ticks, in mode 0 or 1. */
const count = (mode: number) =>
  `  mov al, ${0xb0 | (mode << 1)}\n out 0x43, al\n mov al, 0xe8\n out 0x42, al\n mov al, 3\n out 0x42, al\n`
const UNTIL_DONE = (label: string) => `${label}: in al, 0x61\n test al, 0x20\n jz ${label}\n`
const TICKS_PER_CYCLE = 1_193_182 / 33_000_000

test("bit 4 changes with every refresh of memory, so that a wait for it ends", () => {
  run(`  mov ecx, 10
again:
high: in al, 0x61
  test al, 0x10
  jz high
low: in al, 0x61
  test al, 0x10
  jnz low
  loop again`)
})

describe("counter 2", () => {
  test("raises bit 5 when its count is done", () => {
    const machine = run(
      `  mov al, 1\n out 0x61, al\n ${count(0)} rdtsc\n mov ebx, eax\n ${UNTIL_DONE("until_done")} rdtsc\n sub eax, ebx`,
    )
    const ticks = machine.cpu.reg[0] * TICKS_PER_CYCLE
    expect(ticks).toBeGreaterThan(880)
    expect(ticks).toBeLessThan(1250)
  })
  test("begins anew when its gate rises, in mode 1", () => {
    const machine = run(`  mov al, 1\n out 0x61, al\n ${count(1)}
  mov ecx, 10000
later: loop later
  mov al, 0
  out 0x61, al
  mov al, 1
  out 0x61, al
  rdtsc
  mov ebx, eax
${UNTIL_DONE("until_done")} rdtsc
  sub eax, ebx`)
    expect(machine.cpu.reg[0] * TICKS_PER_CYCLE).toBeGreaterThan(880)
  })
})
