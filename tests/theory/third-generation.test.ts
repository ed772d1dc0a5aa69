import { describe, expect, test } from "vitest"
import { kindOf, offendersOf, offendingMnemonics } from "../../src/theory/classification"
import { theorem } from "../../src/theory/theorems"
import {
  classifyThirdGeneration,
  recheckThirdGeneration,
  type SmallClassification,
} from "../../src/theory/third-generation/classify"
import {
  encode,
  NEW_PSW,
  OLD_PSW,
  PRIVILEGED,
  SmallMachine,
  wordsOf,
} from "../../src/theory/third-generation/machine"

const HANDLER = { supervisor: true, pc: 3, base: 8, bound: 8 }

/** A machine with a program at word 100, and room for 20 words. */
function machineWith(words: readonly number[], supervisor: boolean): SmallMachine {
  const machine = new SmallMachine(new Set(PRIVILEGED))
  machine.storage.set(wordsOf(HANDLER), NEW_PSW)
  machine.storage.set(words, 100)
  machine.psw = { supervisor, pc: 0, base: 100, bound: 20 }
  return machine
}

describe("the small machine", () => {
  test("reaches storage through the relocation-bounds register, in either mode", () => {
    for (const supervisor of [true, false]) {
      const program = [encode("LOAD", 10), encode("ADD", 11), encode("STORE", 19)]
      const machine = machineWith(program, supervisor)
      machine.storage.set([40, 2], 110)
      const traps = program.map(() => machine.step())
      expect(traps).toEqual([undefined, undefined, undefined])
      expect([machine.storage[119], machine.psw.pc]).toEqual([42, 3])
    }
  })

  test("swaps the PSWs at a trap, with the old one at the instruction", () => {
    const machine = machineWith([encode("JUMP", 5), 0, 0, 0, 0, encode("LPSW", 0)], false)
    machine.step()
    expect(machine.step()).toMatchObject({ name: "a privileged-instruction trap", aside: false })
    expect([...machine.storage.subarray(OLD_PSW, OLD_PSW + 4)]).toEqual([0, 5, 100, 20])
    expect(machine.psw).toEqual(HANDLER)
  })

  test("comes back from a trap by LPSW", () => {
    const machine = machineWith([encode("SVC")], false)
    machine.step()
    machine.storage.set([encode("LPSW", 7)], 8 + 3)
    machine.storage.set([0, 1, 100, 20], 8 + 7)
    expect(machine.step()).toMatchObject({ name: "a memory trap" }) // four words do not fit below the bound
    machine.psw = { ...HANDLER, bound: 11 }
    expect(machine.step()).toBeUndefined()
    expect(machine.psw).toEqual({ supervisor: false, pc: 1, base: 100, bound: 20 })
  })

  test.each([
    ["beyond the bound", encode("LOAD", 20), { base: 100, bound: 20 }],
    ["beyond storage", encode("STORE", 19), { base: 240, bound: 20 }],
  ])("traps at an address %s, and changes nothing of the program", (_, word, where) => {
    const machine = machineWith([], true)
    machine.psw = { supervisor: true, pc: 0, ...where }
    machine.storage[where.base] = word
    expect(machine.step()).toMatchObject({ name: "a memory trap", aside: true })
    expect(machine.accumulator).toBe(0)
  })

  test("jumps on zero only if the accumulator is zero", () => {
    const ends = [0, 7].map((accumulator) => {
      const machine = machineWith([encode("JZERO", 9)], false)
      machine.accumulator = accumulator
      machine.step()
      return machine.psw.pc
    })
    expect(ends).toEqual([9, 1])
  })
})

const judged = (classification: SmallClassification) => {
  const { virtualizable, hybrid, recursive } = theorem(classification)
  return [virtualizable.holds, hybrid.holds, recursive.holds]
}

describe("the classification of the small machine", () => {
  const sound = classifyThirdGeneration()
  const flawed = classifyThirdGeneration({ flawed: true })

  test("finds each instruction's kind by running it", () => {
    const kinds = sound.forms.map((form) => [form.mnemonic, kindOf(form), form.control, form.behaviour])
    expect(kinds).toEqual([
      ["LOAD", "neither", false, false],
      ["STORE", "neither", false, false],
      ["ADD", "neither", false, false],
      ["JUMP", "neither", false, false],
      ["JZERO", "neither", false, false],
      ["SVC", "neither", false, false],
      ["JRST 1", "both", true, false],
      ["LPSW", "both", true, true],
      ["SPSW", "both", false, true],
      ["LRB", "both", true, true],
      ["SRB", "both", false, true],
      ["HALT", "both", true, false],
    ])
    for (const { tried } of sound.forms) expect(tried).toBeGreaterThanOrEqual(2000)
  })

  test("all three theorems hold for it", () => {
    expect(offendersOf(sound)).toEqual([])
    expect(judged(sound)).toEqual([true, true, true])
  })

  test("the flaw is one offender, which leaves only hybrid monitors possible", () => {
    expect(offendingMnemonics(flawed)).toEqual(["JRST 1"])
    expect(judged(flawed)).toEqual([false, true, false])
    expect(offendersOf(flawed)[0].witnesses.control?.sentence).toBe(
      "JRST 1 in supervisor mode completes and changes mode from supervisor to user.",
    )
  })

  test("the flaw repaired, the theorems hold again", () => {
    expect(judged(classifyThirdGeneration({ flawed: true, repaired: ["JRST 1"] }))).toEqual([
      true,
      true,
      true,
    ])
  })

  test.each(Array.from({ length: 8 }, (_, n) => n + 2))("seed %i finds the same", (seed) => {
    const again = classifyThirdGeneration({ flawed: true, seed })
    const kinds = ({ forms }: SmallClassification) =>
      forms.map((form) => [kindOf(form), form.control, form.behaviour])
    expect(kinds(again)).toEqual(kinds(flawed))
  })

  test("every witness shows the same when it is run again; of the flaw, nothing on the sound machine", () => {
    for (const { form, witnesses } of flawed.forms)
      for (const witness of Object.values(witnesses))
        expect(recheckThirdGeneration(form, witness, flawed.conditions)).toEqual({
          holds: true,
          sentence: witness.sentence,
        })
    const behaviour = offendersOf(flawed)[0].witnesses.behaviour
    expect(behaviour && recheckThirdGeneration("JRST 1", behaviour, sound.conditions).holds).toBe(false)
  })

  test("an instruction that does not exist cannot be repaired", () => {
    expect(() => classifyThirdGeneration({ repaired: ["POPF"] })).toThrow(
      '"POPF" cannot be repaired: the machine has LOAD, STORE,',
    )
  })
})
