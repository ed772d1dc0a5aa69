import { describe, expect, test } from "vitest"
import { assemble } from "../../src/isa/assemble"
import { PENTIUM4, type PriceChanges } from "../../src/machine/events/costs"
import { Ledger } from "../../src/machine/events/ledger"
import { Machine, type MachineOptions } from "../../src/machine/machine"
import { GENERATIONS, type GenerationName } from "../../src/machine/processor/generations"
import { recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import { pc } from "../../src/pc"

const NAMES = Object.keys(GENERATIONS) as GenerationName[]
const machine = (options: Partial<MachineOptions> = {}) =>
  new Machine({ memory: 1, hertz: 33_000_000, ...options })

/** Microseconds that one IN from port 80h takes. */
function microsecondsOfAPort(generation: string): number {
  const { clock, options } = run(pc({ memory: 1, generation }), "in al, 0x80\n hlt")
  return (clock.now / options.hertz) * 1e6
}

function run(made: Machine, source: string): Machine {
  made.load(assemble(`org 0x1000\n ${source}`)).run({ steps: 1_000 })
  return made
}

describe("a processor's generation", () => {
  test("is a P6 at 33 MHz with the Pentium 4's prices if nothing is said, as release 0.1.0 had it", () => {
    expect(pc().options).toEqual({ memory: 16, hertz: 33_000_000 })
    expect(pc().cpu.prices.port.cycles).toBe(PENTIUM4.port.cycles)
    expect(pc().cpu.identify(1)).toEqual([0x619, 0, 0, 0xa97c])
  })

  test.each(NAMES.filter((name) => name !== "p6"))("%s reads a port in about a microsecond", (name) => {
    const time = microsecondsOfAPort(name)
    expect(time).toBeGreaterThan(0.5)
    expect(time).toBeLessThan(2)
  })

  test("brings its clock along, unless another one is said", () => {
    expect(pc({ generation: "pentium-4" }).options).toEqual({
      memory: 16,
      hertz: 3_800_000_000,
      generation: "pentium-4",
    })
    expect(pc({ generation: "pentium-4", hertz: 1_000_000 }).options.hertz).toBe(1_000_000)
  })

  test("says by CPUID what CR4 has, and in EDX after a reset who it is", () => {
    const UMIP = 1 << 11
    const { cpu } = machine({ generation: "pentium-4" })
    expect(cpu.identify(7)[2]).toBe(0)
    expect(() => cpu.writeControl(4, UMIP)).toThrow()
    expect(() => machine().cpu.writeControl(4, UMIP)).not.toThrow()
    expect(machine({ generation: "pentium-4" }).reset().cpu.reg[2]).toBe(0xf43)
  })

  test("that does not exist is refused, and those that do are named", () => {
    expect(() => pc({ generation: "i9" })).toThrow(
      'there is no processor generation "i9": the generations are p6, pentium-pro, pentium-4',
    )
    expect(() => machine({ generation: "toString" })).toThrow(RangeError)
  })
})

describe("prices", () => {
  test("can be other ones than the generation's", () => {
    const { ledger } = run(machine({ prices: { port: 7, cli: 0 } }), "cli\n in al, 0x80\n hlt")
    expect(ledger.entries()).toMatchObject({ port: 7, system: 0 })
  })

  test.each([
    [{ gateEntrance: 1 }, /there is no price "gateEntrance": the prices are gateEntry, /],
    [{ port: 1.5 }, /the price port is 1.5: it must be a whole number/],
    [{ port: -1 }, /the price port is -1/],
  ])("%j are refused", (prices, says) => {
    expect(() => machine({ prices: prices as PriceChanges })).toThrow(says)
  })

  test.each(NAMES)(
    "and a generation (%s) go with a recording, so that its replay ends as it did",
    (generation) => {
      const made = pc({ memory: 1, generation, prices: { cli: 5 } }).load(
        assemble("org 0x1000\n cli\n mov eax, 1\n cpuid\n in al, 0x80\n hlt"),
      )
      const { recorded } = recordRun(made, 1_000)
      const replay = new Replay(JSON.parse(JSON.stringify(recorded)), rebuild)
      expect(replay.playThrough()).toBe(true)
      expect(replay.machine.options).toEqual(made.options)
      const { prices, ...others } = recorded.options
      const cheaper = new Replay(
        { ...recorded, options: { ...others, prices: { ...prices, cli: 4 } } },
        rebuild,
      )
      expect(cheaper.playThrough()).toBe(false)
    },
  )
})

describe("the ledger", () => {
  const SEVEN = ["work", "gate", "walk", "port", "system", "idle", "exit"]

  test("does not save a cause that came later and was not met, so that no hash changes", () => {
    expect(new Ledger(SEVEN).entries()).toEqual(new Ledger().entries())
  })

  test("saves and restores it when it was", () => {
    const ledger = new Ledger(SEVEN)
    ledger.addTo(6, 1186)
    expect(ledger.entries()).toMatchObject({ exit: 1186, gate: 0 })
    const other = new Ledger(SEVEN)
    other.restore(JSON.parse(JSON.stringify(ledger.entries())))
    expect(other.entries()).toEqual(ledger.entries())
    other.restore(new Ledger().entries())
    expect(other.entries()).toEqual(new Ledger().entries())
  })
})
