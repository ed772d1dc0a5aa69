import { describe, expect, test } from "vitest"
import { asm, kit, pc, record } from "../../src/index"
import { REGISTERS } from "../../src/machine/processor/registers"
import type { CpuState } from "../../src/machine/processor/state"

const program = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main: mov eax, -2
  sti
  int 0x80
  cli
  hlt
service: inc dword [ticks]
  mov cr2, eax
  iretd
ticks: dd 0x80000000`
const run = record(program)
const inService = run.at(17)

describe("a moment of a recording answers", () => {
  test("with registers by name, as unsigned numbers", () => {
    expect(inService.eax).toBe(0xffff_fffe)
    expect([inService.cs, inService.ss, inService.tr, inService.cr0]).toEqual([0x08, 0x10, 0x48, 0x11])
    expect(run.at(run.steps).cr2).toBe(0xffff_fffe)
  })

  test("with flags, ring, sentence and instructions", () => {
    expect([run.at(14).flags.IF, run.at(15).flags.IF, run.at(16).flags.IF]).toEqual([0, 1, 0])
    expect(inService).toMatchObject({
      step: 17,
      ring: 0,
      instruction: "inc dword [ticks]",
      next: "mov cr2, eax",
    })
    expect(inService.sentence).toBe(run.frame(17).sentence)
    expect(run.at(0).instruction).toBeUndefined()
    expect(run.at(0).next).toBe("lgdt [gdt_register]")
  })

  test("with memory by label, register or address, a doubleword unless another size is said", () => {
    expect([run.at(16).memory("ticks"), inService.memory("ticks")]).toEqual([0x8000_0000, 0x8000_0001])
    expect(inService.memory(program.labels.ticks + 3, "db")).toBe(0x80)
    expect(inService.memory("ticks+2", "dw")).toBe(0x8000)
    expect(inService.memory("esp")).toBe(program.labels.main + 8)
  })

  test("the same, whichever moment was asked before", () => {
    const [early, late] = [run.at(14), run.at(run.steps)]
    expect([late.flags.IF, early.eax, late.memory("ticks"), early.memory("ticks")]).toEqual([
      0, 0xffff_fffe, 0x8000_0001, 0x8000_0000,
    ])
  })

  test.each([
    ["a step", () => run.at(999), "there is no step 999: this recording has steps 0 to"],
    ["a step between two", () => run.at(1.5), "there is no step 1.5"],
    ["a label", () => inService.memory("tikcs"), '"tikcs" names no place in memory: did you mean ticks?'],
    [
      "an unknown word",
      () => inService.memory("whatever"),
      "write a label of the program, a register, or an address",
    ],
    [
      "an address below 0",
      () => inService.memory(-1),
      "-1 is no address: it must be a whole number from 0 to FFFFFFFFh",
    ],
    ["no memory", () => inService.memory(0x8000_0000), "after step 17 there is no memory at 80000000h"],
  ])("with one sentence where there is no such thing: %s", (_, ask, says) => {
    expect(ask).toThrow(RangeError)
    expect(ask).toThrow(says)
  })
})

test("a machine answers with each of its registers by name, as the list of registers has them", () => {
  const machine = pc({ memory: 2 }).load(program)
  machine.run()
  const state = machine.save().cpu
  const named = REGISTERS.filter(({ group }) => ["general", "segments", "control", "debug"].includes(group))
  const answers = named.map(({ name }) => machine[name.toLowerCase() as "eax"])
  expect(answers).toEqual(named.map(({ of }) => (of(state as CpuState) ?? 0) >>> 0))
  expect([machine.eax, machine.eip, machine.cs, machine.cr0]).toEqual([
    0xffff_fffe,
    program.labels.service >>> 0,
    8,
    0x11,
  ])
  expect(machine.flags.IF).toBe(0)
})

test("names of registers are in no saved state", () => {
  const machine = pc({ memory: 1 })
  expect(Object.keys(machine)).not.toContain("eax")
  expect(Object.keys(machine.save())).toEqual(["cpu", "clock", "ledger", "devices", "board"])
})
