/**
 * No hostile guest gets out: each runs in one virtual machine beside a witness in another, under every hypervisor. What is compared: all
 * that is not its own with a run beside an idle guest, the witness's progress with a run beside one that computes, the monitor's tables
 * with what it wrote, and the guest's own end with its end on bare metal.
 */
import { describe, expect, test, vi } from "vitest"
import { HOSTILE_GUESTS, type HostileGuest } from "../../src/guests/hostile/index"
import { kernelProgram } from "../../src/guests/kernel/index"
import { HYPERVISORS, type HypervisorName, hypervise } from "../../src/hypervisors/kinds"
import type { TrapAndEmulate } from "../../src/hypervisors/trap-and-emulate"
import { assemble } from "../../src/isa/assemble"
import type { Program } from "../../src/isa/program"
import { loadMultiboot } from "../../src/loaders/multiboot"
import type { Machine } from "../../src/machine/machine"
import { pc } from "../../src/pc"
import { changedPages, differences, ownTables, processorProblems, shadowProblems } from "./inspect"
import { COMPUTES, DONE, IDLE, PROGRESS, WITNESS } from "./witness"

/** Long runs, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })

const MEBIBYTES = 4
/** Steps that are looked at one by one, and the distance of looks from then on. */
const SINGLE_STEPS = 4000
const STRIDE = 99_991
/** Steps in which each would have had a turn. */
const TURNS = 2_200_000
/** Cycles: at least three turns of each virtual machine. A translator is called for each write beside code that was translated. */
const TIME = { "trap-and-emulate": 6_000_000, "binary-translation": 12_000_000 } as const
/** Of what a neighbour that only computes leaves. */
const LEAST_SHARE = 0.8
const BARE_STEPS = 100_000
const KERNEL_TIME = 80_000_000
/** As what a monitor sees all guests, who need not do anything for it. */
const SEEN_BY = { "trap-and-emulate": [], "binary-translation": ["translation"] } as const
/** A machine with the guest "bad" and the witness "good", what was wrong at any look, and how far the witness came. */
interface Run {
  readonly progress: number
  readonly machine: Machine
  readonly vmm: TrapAndEmulate
  readonly problems: Set<string>
}

function run(name: HypervisorName, source: string): Run {
  const machine = pc({ memory: 16 })
  const vms = ["bad", "good"].map((vm) => ({ name: vm, memory: MEBIBYTES }))
  const vmm = hypervise(machine, name, { vms })
  vmm.guests[0].vm.load(program(source))
  vmm.guests[1].vm.load(program(WITNESS))
  const problems = new Set<string>()
  const look = (steps: number) => {
    machine.run({ steps })
    for (const problem of processorProblems(machine)) problems.add(problem)
  }
  for (let n = 0; n < SINGLE_STEPS; n++) look(1)
  while (machine.clock.now < TIME[name]) look(STRIDE)
  const witness = vmm.guests[1].vm.memory
  const progress = witness.get(PROGRESS, 32) >>> 0
  witness.set(PROGRESS, 32, 0)
  return { machine, vmm, problems, progress }
}

/** Each is assembled once. */
function program(source: string): Program {
  const made = programs.get(source) ?? assemble(source)
  programs.set(source, made)
  return made
}
const programs = new Map<string, Program>()
/** What software can tell of a processor that has come to its end. */
function end({ cpu }: Machine) {
  const { reg, eip, flags, segments, control, debug, gdtr, idtr, activity } = cpu.save()
  return { reg, eip, flags, segments, control, debug, gdtr, idtr, activity }
}

/** One or another. */
const oneOf = (names: readonly string[]) =>
  expect.stringMatching(new RegExp(`^(${names.join("|")})( [0-9A-F]{2}h)?$`)) as unknown as string

/** Reasons of the hostile guest's exits during a run. */
function exitsDuring(act: () => void, { guests: [{ exits }] }: TrapAndEmulate): string[] {
  const before = { ...exits }
  act()
  return Object.keys(exits).filter((reason) => exits[reason] !== before[reason])
}

function expectSameEnd({ source, ends = "halted", differs }: HostileGuest, { machine, vmm }: Run): void {
  const { vm } = vmm.guests[0]
  const bare = pc({ memory: MEBIBYTES }).load(program(source))
  expect(bare.run({ steps: BARE_STEPS }).why).toBe(ends)
  expect(vm.machine.cpu.activity).toBe(bare.cpu.activity)
  expect(exitsDuring(() => machine.run({ steps: TURNS }), vmm)).toEqual([])
  if (differs) return
  expect(end(vm.machine)).toEqual(end(bare))
  expect(differences(bare, vm, machine).slice(0, 10)).toEqual([])
}

/** Guests of different subjects. */
const BESIDE_THE_KERNEL = [
  "tables-that-name-others",
  "every-page-a-root",
  "forged-segments",
  "interrupts-off-for-ever",
  "a-storm-of-ticks",
]

/** What the kernel says, but for times, and how it ends. */
function kernelBeside(name: HypervisorName, source: string) {
  const machine = pc({ memory: 24 })
  const vmm = hypervise(machine, name, { vms: ["bad", "good"].map((vm) => ({ name: vm, memory: 8 })) })
  vmm.guests[0].vm.load(program(source))
  const kernel = vmm.guests[1].vm.machine
  loadMultiboot(kernel, kernelProgram("kernel-well-behaved").bytes, "compute 1")
  while (!kernel.serial.endsWith("halted\n") && machine.clock.now < KERNEL_TIME)
    machine.run({ steps: STRIDE })
  const lines = kernel.serial.split("\n").filter((line) => !line.startsWith("time:"))
  return { lines, activity: kernel.cpu.activity }
}

/** Under the first hypervisor each guest is tried; under others every third, and each in `npm run soak -- hostile`. */
const some = <Guest>(guests: readonly Guest[], name: HypervisorName) =>
  name === "trap-and-emulate" || process.env.RINGLAB_HOSTILE ? guests : guests.filter((_, n) => n % 3 === 0)

describe.each(Object.keys(HYPERVISORS) as HypervisorName[])("under %s", (name) => {
  const beside = new Map<string, Run>()
  /** Runs beside guests that mean no harm, made once. */
  const reference = (source: string) => {
    const made = beside.get(source) ?? run(name, source)
    beside.set(source, made)
    return made
  }

  test("a witness beside an idle guest comes through, and gets as much as one beside a guest that computes", () => {
    const [idle, computes] = [IDLE, COMPUTES].map(reference)
    for (const { vmm } of [idle, computes]) expect(vmm.guests[1].vm.memory.get(DONE, 32)).toBe(1)
    expect(idle.progress).toBeGreaterThan(1.5 * computes.progress)
    expect([...idle.problems, ...computes.problems]).toEqual([])
  })

  test.each(some(HOSTILE_GUESTS, name).map((guest) => [guest.name, guest] as const))(
    "%s reaches nothing outside, is seen, takes no more than its share, and ends as on bare metal",
    (_, guest) => {
      const hostile = run(name, guest.source)
      const idle = reference(IDLE)
      expect([...hostile.problems, ...shadowProblems(hostile.machine, hostile.vmm)]).toEqual([])
      expect(ownTables(hostile.machine, hostile.vmm)).toEqual(ownTables(idle.machine, idle.vmm))
      expect(hostile.progress).toBeGreaterThan(LEAST_SHARE * reference(COMPUTES).progress)
      expect(changedPages(hostile.machine, idle.machine, hostile.vmm, "bad")).toEqual([])
      expect(Object.keys(hostile.vmm.guests[0].exits)).toContainEqual(
        oneOf([...guest.seenAs, ...SEEN_BY[name]]),
      )
      if (guest.ends !== "never") expectSameEnd(guest, hostile)
    },
  )

  test("a kernel says beside guests of each subject what it says beside an idle one", () => {
    const idle = kernelBeside(name, IDLE)
    expect(idle.lines).toContain("halted")
    const subjects = some(BESIDE_THE_KERNEL, name)
    const hostile = HOSTILE_GUESTS.filter((guest) => subjects.includes(guest.name))
    expect(hostile.map(({ source }) => kernelBeside(name, source))).toEqual(subjects.map(() => idle))
  })
})
