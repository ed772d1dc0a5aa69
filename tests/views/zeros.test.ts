import { expect, test } from "vitest"
import { asm, pc, type RecordOptions, record } from "../../src/index"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"

/** Five bytes from 1000h on, and nothing after them. */
const PAST_ITS_END = asm`org 0x1000
main: mov eax, 0x2000`

const told = (source: Parameters<typeof record>[0], options?: RecordOptions) => {
  const { why, steps, timeline } = record(source, options)
  return { why, steps, end: timeline.end }
}

test("a program that runs past its end is stopped there, and says where that is and what zeros are", () => {
  expect(told(PAST_ITS_END)).toEqual({
    why: "zeros",
    steps: 32,
    end: "It ran past the end of the program, at 00001005h: zeros, which mean add [eax], al. The recording ends after 32 steps.",
  })
})

test("a jump to where nobody wrote anything is stopped, too", () => {
  const { why, end } = told(asm`org 0x1000
main: mov eax, 0x4000
  jmp 0x3000`)
  expect(why).toBe("zeros")
  expect(end).toMatch(
    /^It came to 000030[0-4].h, where nobody wrote anything: zeros, which mean add \[eax\], al\./,
  )
})

test("a machine without a program is stopped, too", () => {
  expect(told(pc({ memory: 1 })).end).toMatch(/^It came to 00000020h, where nobody wrote anything: zeros/)
})

test("zeros are stopped at after a long run as well, within a sixty-fourth of it", () => {
  const { why, steps } = told(
    asm`org 0x1000
main: mov ecx, 500000
.again: loop .again
  mov eax, 0x4000`,
    { steps: 1_000_000 },
  )
  expect(why).toBe("zeros")
  expect(steps).toBeGreaterThan(500_002 + 16)
  expect(steps).toBeLessThan(510_000)
})

test.each([
  ["throughZeros is said", PAST_ITS_END, { steps: 500, throughZeros: true }],
  ["the reader drives the machine", PAST_ITS_END, undefined],
  [
    "the zeros are the program's own",
    asm`org 0x1000
main: mov eax, 0x4000
  times 2000 db 0`,
    { steps: 500 },
  ],
  [
    "what runs stands behind zeros, and is none",
    asm`org 0x1000
  jmp main
  times 64 db 0
main: jmp main`,
    { steps: 500 },
  ],
])("a recording goes on where %s", (_, program, options) => {
  const machine = pc({ memory: 1 }).load(program)
  const own = { steps: 500, drive: () => machine.run({ steps: 500 }) }
  expect(told(machine, options ?? own)).toMatchObject({ why: "limit", steps: 500 })
})

test("code that was written behind the program while it ran is run", () => {
  const { why, steps } = record(asm`org 0x1000
main: mov word [target], 0xf4fa
  jmp target
  times 100 db 0x90
target equ $ + 64`)
  expect([why, steps]).toEqual(["halted", 4])
})

test("a recording that ended at zeros replays to its end", () => {
  const { recording } = record(PAST_ITS_END).output()
  const replay = new Replay((recording as { run: never }).run, rebuild)
  expect(replay.playThrough()).toBe(true)
})

test("a program alone is recorded on a machine of its own", () => {
  const { why, steps } = record(asm`main: mov eax, 1
  cli
  hlt`)
  expect([why, steps]).toEqual(["halted", 3])
})

test("a boot sector alone is started as a PC starts one", () => {
  const run = record(asm`bits 16
org 0x7c00
  mov ax, 5
  cli
  hlt
  times 510 - ($ - $$) db 0
  dw 0xaa55`)
  expect(run.why).toBe("halted")
  expect(run.frame(1).registers[0]).toMatchObject({ name: "EAX", value: 5 })
  expect(run.frame(0).sentence).toContain("mov ax, 5")
})
