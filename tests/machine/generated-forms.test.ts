/** Law: each form of each instruction does in generated code what it does when it is interpreted, faults included. */
import { expect, test } from "vitest"
import { IF, IOPL, STATUS } from "../../src/isa/eflags"
import { DS, EBX, EDI, ES, ESI, ESP, SS } from "../../src/isa/registers"
import type { Machine } from "../../src/machine/machine"
import { random } from "../../src/numbers/random"
import { pc } from "../../src/pc"
import { encodingsOf, formsOf } from "../../src/theory/ia32/forms"
import { DATA } from "../../src/theory/ia32/world"

const CODE = 0x8000
const STACK = 0x6000
const SEED = 20261125
const ENCODINGS = 2
/** Turns of each: the second is hot. */
const TURNS = 5
const JUMP_TO_ITSELF = [0xeb, 0xfe]
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, -0x8000_0000, -1]
/** Segments with limits, so that accesses are checked. */
const SMALL = { base: 0, limit: 0xffff, access: 0xc093 }

const machines = [false, true].map((enabled) => {
  const machine = pc({ memory: 1 })
  for (const generator of [machine.engine.units, machine.cpu.checkedGates])
    Object.assign(generator, { enabled, threshold: 2 })
  return machine
})
const fresh = machines[0].save()
const choose = random(SEED)
const someValue = () => (choose.below(2) === 0 ? choose.pick(EDGES) : choose.below(2 ** 32) | 0)

/** Registers and flags at random, with pointers that mostly point to memory. */
function someState() {
  const reg = Array.from({ length: 8 }, someValue)
  const pointer = () => (choose.below(8) === 0 ? someValue() : DATA + choose.below(64))
  for (const register of [EBX, ESI, EDI]) reg[register] = pointer()
  reg[ESP] = choose.below(8) === 0 ? someValue() : STACK + 4 * choose.below(8)
  const flags = 2 | (choose.below(2 ** 22) & (STATUS | IF | IOPL | 0x400))
  const data = Array.from({ length: 96 }, () => choose.below(256))
  return { reg, flags, data, flat: choose.below(4) !== 0 }
}

function put(machine: Machine, { reg, flags, data, flat }: ReturnType<typeof someState>): void {
  machine.restore(fresh)
  const { cpu, memory } = machine
  if (!flat) for (const segment of [DS, ES, SS]) cpu.segments.set(segment, 0x10, SMALL)
  cpu.reg.set(reg)
  cpu.flags.value = flags
  cpu.eip = CODE
  memory.write(DATA, data)
  memory.write(STACK, data)
}

const words = (machine: Machine, at: number) =>
  new Int32Array(machine.memory.read(at - 256, 512).buffer).join()
/** What is to be the same: all state, and memory where it may have been written. */
const look = (machine: Machine) =>
  [JSON.stringify(machine.save()), words(machine, DATA), words(machine, STACK)].join("\n")

const forms = formsOf()

test(`${forms.length} forms, seed ${SEED}`, () => {
  let generated = 0
  for (const form of forms)
    for (const bytes of encodingsOf(form, ENCODINGS, 32, choose)) {
      for (const { memory } of machines) memory.write(CODE, [...bytes, ...JUMP_TO_ITSELF])
      const before = machines[1].engine.units.made
      for (let turn = 0; turn < TURNS; turn++) {
        const state = someState()
        const [interpreted, compiled] = machines.map((machine) => {
          put(machine, state)
          machine.run({ steps: 2 })
          return look(machine)
        })
        if (compiled !== interpreted)
          expect.fail(`${form.form}, turn ${turn}, ${JSON.stringify(state)}:\n${compiled}\n${interpreted}`)
      }
      if (machines[1].engine.units.made > before) generated++
    }
  // All but those whose first turns end in the same fault, or that are no 32-bit code.
  expect(generated).toBeGreaterThan(1.5 * forms.length)
})
