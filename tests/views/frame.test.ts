import { asm, enterRing, explore, type Frame, kit, pc, record } from "ringlab"
import { describe, expect, test } from "vitest"
import { errorCodeWords } from "../../src/views/error-code"

/** Frames of a guest, by the label that stands behind the step: the first step that leads there. */
function framesOf(source: ReturnType<typeof asm>, steps = 100) {
  const recording = record(pc().load(source), { steps })
  const all = Array.from({ length: recording.steps + 1 }, (_, step) => recording.frame(step))
  const text = (frame: Frame) => frame.code.find(({ ran }) => ran)?.text
  return { recording, all, step: (wanted: string) => all.find((frame) => text(frame) === wanted) as Frame }
}

const notes = (frame: Frame) => frame.stack.map(({ note }) => note)

/** Ring 3 calls the kernel; the kernel counts in a variable that stands beside its code. */
const call = (flags: number, inRing3 = "  int 0x80") => asm`${kit({
  gates: [
    { vector: 13, handler: "refused" },
    { vector: 0x80, handler: "service", dpl: 3 },
  ],
  ports: [0x3f8],
})}
main:
${enterRing(3, "user", flags)}
user:
${inRing3}
  hlt
service:
  push ecx                ; one more word on the stack
  inc dword [calls]
  mov eax, 5              ; still the source
  pop ecx
  iretd                   ; back
refused:
  hlt
calls: dd 0
`

describe("a frame pushed by the processor", () => {
  const { step } = framesOf(call(2))

  test("is marked as written, also where memory held the same words", () => {
    const { stack, changes } = step("int 0x80")
    expect(stack.map(({ written }) => written)).toEqual([true, true, true, true, true])
    expect(changes.filter(({ what }) => what === "memory")).toHaveLength(5)
  })

  test("keeps its names while it is on the stack", () => {
    const names = ["EIP", "CS (ring 3)", "EFLAGS", "ESP", "SS (ring 3)"]
    expect(notes(step("int 0x80"))).toEqual(names)
    expect(notes(step("mov eax, 5"))).toEqual([undefined, ...names])
    expect(notes(step("pop ecx"))).toEqual(names)
  })

  test("is gone when IRET has popped it, which is told word by word", () => {
    const { all } = framesOf(call(2))
    const back = all.findLast((frame) => frame.events.some((line) => line.startsWith("took"))) as Frame
    expect(back.events.map((line) => /^took (\w+)/.exec(line)?.[1]).filter(Boolean)).toEqual([
      "EIP",
      "CS",
      "EFLAGS",
      "ESP",
      "SS",
    ])
  })

  test("is pushed after the stack was switched, to the place that the TSS names", () => {
    const { events } = step("int 0x80")
    const place = (start: string) => events.findIndex((line) => line.startsWith(start))
    expect(place("the TSS names the stack of ring 0")).toBeGreaterThanOrEqual(0)
    expect(place("the TSS names")).toBeLessThan(place("pushed SS"))
  })
})

test("pushed flags are named, so that RF in a fault's frame is no riddle", () => {
  const pushed = (inRing3: string) => notes(framesOf(call(0x3202, inRing3)).step(inRing3))
  expect(pushed("int 0x80")).toContain("EFLAGS (IF, IOPL 3)")
  expect(pushed("hlt")).toContain("EFLAGS (IF, IOPL 3, RF)")
})

test("a gap in the code stands where lines are left out, not between lines that follow each other", () => {
  const gapAfter = (lines: number) =>
    framesOf(asm`start: jmp away
back:
${"  nop\n".repeat(lines)}
away: jmp back`).step("jmp back").code
  expect(gapAfter(8).at(-1)).toMatchObject({ text: "jmp back", ran: true })
  expect(gapAfter(8).at(-1)?.gapBefore).toBeUndefined()
  expect(gapAfter(9).at(-1)?.gapBefore).toBe(true)
})

test("tables of data are left out of the code around the next instruction", () => {
  const { all } = framesOf(call(2))
  const { code } = all.find(({ code }) => code.some(({ label, next }) => label === "main" && next)) as Frame
  expect(code.filter(({ text }) => text.startsWith("times"))).toEqual([])
  expect(code.find(({ label }) => label === "main")?.gapBefore).toBe(true)
})

test("the tables are decoded", () => {
  const { idt, gdt } = framesOf(call(2)).step("int 0x80")
  expect(gdt.find(({ index }) => index === 0x38)).toEqual({
    index: 0x38,
    name: "code",
    detail: "base 0h, limit FFFFFFFFh",
    dpl: 3,
  })
  expect(gdt.find(({ index }) => index === 0x48)).toMatchObject({ name: "busy TSS", dpl: 0 })
  expect(idt.find(({ used }) => used)).toEqual({
    index: 0x80,
    name: "interrupt 80h",
    detail: "interrupt gate to 0008h:service",
    dpl: 3,
    used: true,
  })
})

test("an empty stack shows no more than its top", () => {
  const { all } = framesOf(call(2))
  const inRing3 = all.find(({ ring }) => ring === 3) as Frame
  expect(notes(inRing3)).toEqual(["stack3: empty"])
})

test("the code stays as it was written when a variable beside it changes", () => {
  const { code } = framesOf(call(2)).step("mov eax, 5")
  const lines = code.map(({ text, comment }) => [text, comment])
  expect(lines).toContainEqual(["iretd", "back"])
  expect(lines).toContainEqual(["dd 0", undefined])
})

test("an instruction that was overwritten is shown as it is now", () => {
  const source = asm`start:
  mov byte [place], 0x40
  nop
place: nop ; was it?
  hlt`
  const { code } = record(pc().load(source)).frame(1)
  expect(code.map(({ text, comment }) => [text, comment])).toContainEqual(["inc eax", undefined])
})

test("a port fault names the port that is closed, not the first of the two", () => {
  const { step } = framesOf(call(2, "  mov dx, 0x3f8\n  out dx, ax"))
  expect(step("out dx, ax").sentence).toMatch(/port 03F9h, of the 2 from 03F8h on, needs CPL ≤ IOPL/)
})

describe("a popped flag that may not change", () => {
  const popping = "  pushfd\n  or dword [esp], 0x200\n  popfd"

  test("is told: IF stays, and why", () => {
    const { sentence, events } = framesOf(call(2, popping)).step("popfd")
    const why = "IF stays 0, though 1 was popped: that needs CPL ≤ IOPL, but CPL is 3 and IOPL is 0"
    expect(sentence).toContain(`Silently, ${why}.`)
    expect(events).toContain(why)
  })

  test("is not told where it changes", () => {
    const { sentence } = framesOf(call(0x3002, popping)).step("popfd")
    expect(sentence).not.toContain("Silently")
    expect(sentence).toContain("Flag IF changed from 0 to 1")
  })
})

test.each([
  [13, 0x10, "selector 0010h of the GDT; the RPL is left out"],
  [13, 0x6a, "gate 0Dh of the IDT (bit 1)"],
  [13, 0x1564, "selector 1560h of the LDT (bit 2); the RPL is left out"],
  [13, 0x43, "gate 08h of the IDT (bit 1), while an event was being delivered (bit 0)"],
  [13, 0, "no selector"],
  [14, 6, "not present, a write, from ring 3"],
  [14, 1, "a right is missing, a read, from ring 0, 1 or 2"],
  [8, 0, "always 0"],
])("the error code of vector %i, %i, is told in words", (vector, code, words) => {
  expect(errorCodeWords(vector, code)).toBe(words)
})

test("a conditional jump says when it is not taken", () => {
  const { sentence } = framesOf(asm`start: xor eax, eax
  jnz start
  hlt`).step("jnz start")
  expect(sentence).toContain("Its condition does not hold")
})

test("HLT says whether anything can wake the processor", () => {
  const { sentence } = framesOf(call(2)).all.at(-1) as Frame
  expect(sentence).toContain("with IF 0: only a non-maskable interrupt could wake it")
})

test.each([
  [200, 500],
  [180, 0],
  [700, 500],
])(
  "the timer's share of the time is its handling over its period (divisor %i, %i rounds)",
  (divisor, length) => {
    const { sentence } = explore("traps/timer", { divisor, length, clock: "33 MHz" }).result
    const numbers = /every ([\d,]+) cycles\. Handling one takes ([\d,]+) cycles: ([\d.]+) %/.exec(sentence)
    const [period, busy, share] = (numbers ?? []).slice(1).map((text) => Number(text.replaceAll(",", "")))
    expect(share).toBeCloseTo((100 * busy) / period, 0)
  },
)

describe("the descriptor that a segment register holds", () => {
  /** DS is loaded from entry 50h; then the entry changes, and DS only when it is loaded again. */
  const { step, all } = framesOf(asm`${kit({ descriptors: ["dw 0xffff, 0\n  db 0, 0x92, 0xcf, 0"] })}
main:
  mov eax, 0x50
  mov ds, eax
  mov byte [gdt + 0x52], 0x10
  mov ebx, 0x50
  mov ds, ebx
  hlt`)
  const held = (frame: Frame) =>
    frame.changes.flatMap(({ what, name, old, value }) => (what === "descriptor" ? [[name, old, value]] : []))

  test("is among the changes, with what it was", () => {
    const based = "data, ring 0, base 10h, limit FFFFFFFFh"
    expect(held(step("mov ds, ebx"))).toEqual([["DS", "data, ring 0", based]])
    expect(step("mov ds, ebx").sentence).toContain(
      "The descriptor held in DS changed from data, ring 0 to data",
    )
  })

  test("stays as it is while its entry in the table changes", () => {
    expect(held(step("mov byte [gdt + 0x52], 0x10"))).toEqual([])
  })

  test("is not told in the sentence when the selector is", () => {
    const loading = all.find(({ changes }) => changes.some(({ what }) => what === "segment")) as Frame
    expect(held(loading).length).toBeGreaterThan(0)
    expect(loading.sentence).not.toContain("descriptor held")
  })
})

test("a debug register that changes is among the changes", () => {
  const { step } = framesOf(asm`main: mov eax, 5
  mov dr2, eax
  hlt`)
  expect(step("mov dr2, eax").changes).toEqual([
    { what: "control", name: "DR2", old: "00000000h", value: "00000005h" },
  ])
})
