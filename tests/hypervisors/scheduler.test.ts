/** The credit scheduler by itself, and with virtual machines. */
import { describe, expect, test, vi } from "vitest"
import { kernelProgram } from "../../src/guests/kernel/index"
import { hypervise } from "../../src/hypervisors/kinds"
import { Scheduler, type Share, timesFor } from "../../src/hypervisors/scheduler"
import type { VmOptions } from "../../src/hypervisors/virtual-machine"
import { assemble } from "../../src/isa/assemble"
import type { Program } from "../../src/isa/program"
import { loadMultiboot } from "../../src/loaders/multiboot"
import { pc } from "../../src/pc"
import { numbers } from "../machine/busy"

/** Long runs, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })

const PERIOD = 300
const TIMES = { slice: PERIOD, period: PERIOD }
const scheduler = (...shares: readonly Partial<Share>[]) =>
  new Scheduler(
    shares.map(({ weight = 256, cap = 0 }) => ({ weight, cap })),
    TIMES,
  )
const credits = (of: Scheduler) => of.save().standings.map(({ credit }) => credit)

describe("worked cases", () => {
  test("a period of 300 cycles gives weights 256 and 512 credits of 100 and 200, and who ran pays 300", () => {
    const two = scheduler({}, { weight: 512 })
    expect(two.pick(0)).toBe(0)
    expect(two.left(0)).toBe(300)
    expect(two.pick(300)).toBe(1)
    expect(credits(two)).toEqual([-200, 200])
    expect(two.pick(600)).toBe(1)
    expect(credits(two)).toEqual([-100, 100])
    expect(two.pick(900)).toBe(0)
    expect(credits(two)).toEqual([0, 0])
  })

  test("who wakes with credit left goes before all others, and has no such right a second time", () => {
    const three = scheduler({}, {}, {})
    three.pick(0)
    three.block(2)
    expect(three.pick(10)).toBe(1)
    three.wake(2)
    expect(three.pick(20)).toBe(2)
    expect(three.pick(30)).toBe(2)
    expect(three.save().standings[2].boosted).toBe(false)
  })

  test("who wakes owing credit waits for its turn", () => {
    const two = scheduler({}, {})
    two.pick(0)
    two.pick(200)
    two.block(0)
    expect(two.pick(200)).toBe(1)
    two.wake(0)
    expect(two.pick(210)).toBe(1)
  })

  test("a cap of 20 % stops a virtual machine that is alone until it has earned what it used", () => {
    const one = scheduler({ cap: 20 })
    expect(one.pick(0)).toBe(0)
    expect(one.pick(300)).toBe(-1)
    expect(credits(one)).toEqual([-240])
    expect(one.left(300)).toBe(300)
    for (const now of [600, 900, 1200]) expect(one.pick(now)).toBe(-1)
    expect(one.pick(1500)).toBe(0)
  })

  test("what a cap leaves goes to the others by weight", () => {
    const three = scheduler({ cap: 20 }, {}, { weight: 512 })
    three.pick(0)
    three.pick(300)
    expect(credits(three)).toEqual([60 - 300, 80, 160])
  })

  test("nobody waits: there is no end of a turn", () => {
    const two = scheduler({}, {})
    two.block(1)
    two.pick(0)
    expect(two.left(0)).toBe(Number.POSITIVE_INFINITY)
  })

  test("a turn and a period are 30 ms", () => {
    expect(timesFor(33_000_000)).toEqual({ slice: 990_000, period: 990_000 })
  })
})

/** What a virtual machine wants of the processor: it runs for about so long, then sleeps. */
interface Wish extends Share {
  readonly run: number
  readonly sleep: number
}
const hog = (weight: number, cap = 0): Wish => ({ weight, cap, run: Number.POSITIVE_INFINITY, sleep: 0 })

/** Time in cycles passes from one event to the next. */
class Course {
  readonly scheduler: Scheduler
  now = 0
  idle = 0
  readonly had: number[]
  readonly longestWait: number[]
  private readonly wakes: number[]
  private readonly rest: number[]
  private readonly waitsSince: number[]

  constructor(
    private readonly wishes: readonly Wish[],
    private readonly random: (below: number) => number,
  ) {
    this.scheduler = new Scheduler(wishes, TIMES)
    const each = <T>(of: (wish: Wish) => T) => wishes.map(of)
    this.had = each(() => 0)
    this.longestWait = each(() => 0)
    this.wakes = each(() => Number.POSITIVE_INFINITY)
    this.waitsSince = each(() => 0)
    this.rest = each(({ run }) => this.about(run))
  }

  private about(cycles: number): number {
    return cycles === Number.POSITIVE_INFINITY ? cycles : 1 + this.random(2 * cycles)
  }

  /** Go on to the next event. @returns who had the processor */
  step(): number {
    for (let n = 0; n < this.wishes.length; n++) if (this.wakes[n] <= this.now) this.wake(n)
    const vm = this.scheduler.pick(this.now)
    const next = Math.min(...this.wakes) - this.now
    const time = Math.min(next, this.scheduler.left(this.now), this.rest[vm] ?? Number.POSITIVE_INFINITY)
    this.now += time
    if (vm < 0) this.idle += time
    else this.ran(vm, time)
    return vm
  }

  private wake(vm: number): void {
    this.wakes[vm] = Number.POSITIVE_INFINITY
    this.rest[vm] = this.about(this.wishes[vm].run)
    this.waitsSince[vm] = this.now
    this.scheduler.wake(vm)
  }

  private ran(vm: number, time: number): void {
    this.longestWait[vm] = Math.max(this.longestWait[vm], this.now - time - this.waitsSince[vm])
    this.waitsSince[vm] = this.now
    this.had[vm] += time
    this.rest[vm] -= time
    if (this.rest[vm] > 0) return
    this.scheduler.block(vm)
    this.wakes[vm] = this.now + this.about(this.wishes[vm].sleep)
  }

  /** Whether anybody is runnable whose cap does not forbid it. */
  get wanted(): boolean {
    return this.wishes.some(
      ({ cap }, n) => this.scheduler.isRunnable(n) && (cap === 0 || credits(this.scheduler)[n] >= 0),
    )
  }

  shares(): number[] {
    return this.had.map((cycles) => cycles / this.now)
  }
}

const SEEDS = Array.from({ length: 10 }, (_, n) => n + 1)
const ROUNDS = 10_000

/** Two to four that always want to run, some that sleep now and then, some with caps. */
function anyWishes(random: (below: number) => number, caps: boolean): Wish[] {
  const weight = () => 128 * (1 + random(4))
  const hogs = Array.from({ length: 2 + random(3) }, () => hog(weight()))
  const sleepers = Array.from({ length: random(4) }, () => ({
    ...hog(weight()),
    run: 1 + random(100),
    sleep: 1 + random(2000),
  }))
  const capped = caps ? [hog(weight(), 5 + random(20))] : []
  return [...hogs, ...sleepers, ...capped]
}

function course(seed: number, caps = false): Course {
  const random = numbers(seed)
  return new Course(anyWishes(random, caps), random)
}
const run = (of: Course, rounds = ROUNDS) => {
  for (let n = 0; n < rounds; n++) of.step()
  return of
}

describe("laws, by seed", () => {
  test.each(SEEDS)("who always wants to run has shares by weight, whoever sleeps beside: seed %i", (seed) => {
    const random = numbers(seed)
    const wishes = anyWishes(random, false)
    const shares = run(new Course(wishes, random)).shares()
    const hogs = wishes.flatMap(({ run: length, weight }, n) =>
      length === Number.POSITIVE_INFINITY ? [{ weight, share: shares[n] }] : [],
    )
    const [weights, all] = [
      hogs.reduce((sum, { weight }) => sum + weight, 0),
      hogs.reduce((sum, { share }) => sum + share, 0),
    ]
    for (const { weight, share } of hogs)
      expect(Math.abs(share - (all * weight) / weights)).toBeLessThan(0.02)
  })

  test.each(SEEDS)("a cap is kept within 1 % of the processor: seed %i", (seed) => {
    const random = numbers(seed)
    const wishes = anyWishes(random, true)
    const { cap } = wishes[wishes.length - 1]
    expect(run(new Course(wishes, random)).shares().at(-1)).toBeLessThan(cap / 100 + 0.01)
  })

  test.each(SEEDS)("nobody waits longer than its weight explains: seed %i", (seed) => {
    const random = numbers(seed)
    const wishes = anyWishes(random, false)
    const { longestWait } = run(new Course(wishes, random))
    const weights = wishes.reduce((sum, { weight }) => sum + weight, 0)
    for (const [n, { weight }] of wishes.entries())
      expect(longestWait[n]).toBeLessThanOrEqual((weights / weight + 2 * wishes.length) * PERIOD)
  })

  test.each(SEEDS)("the processor is idle only while nobody may run: seed %i", (seed) => {
    const all = course(seed, true)
    for (let n = 0; n < 2000; n++) expect(all.step() >= 0 || !all.wanted, `round ${n}`).toBe(true)
  })

  test.each(SEEDS)(
    "a scheduler that is saved and restored at any point goes on as before: seed %i",
    (seed) => {
      const all = course(seed, true)
      const point = numbers(seed + 1000)
      for (let n = 0; n < 2000; n++) {
        if (point(20) === 0) {
          const state = JSON.parse(JSON.stringify(all.scheduler.save()))
          const copy = course(seed, true).scheduler
          copy.restore(state)
          expect(copy.left(all.now)).toBe(all.scheduler.left(all.now))
          expect(copy.pick(all.now)).toBe(all.scheduler.pick(all.now))
          expect(copy.save()).toEqual(all.scheduler.save())
        }
        all.step()
      }
    },
  )
})

/** A clock so slow that a turn of 30 ms is 30,000 cycles. */
const HERTZ = 1_000_000
const ENDLESS = assemble("org 0x100000\nagain: inc dword [0x200000]\n jmp again")
const HALTED = assemble("org 0x100000\n cli\n hlt")

/** Virtual machines, each with a program or the guest kernel's command line. */
function machines(
  hertz: number,
  ...vms: readonly (Partial<VmOptions & Share> & { program: Program | string })[]
) {
  const machine = pc({ memory: 8 + 8 * vms.length, hertz })
  const options = vms.map(({ program: _, ...rest }, n) => ({ name: `vm${n}`, memory: 8, ...rest }))
  const { guests } = hypervise(machine, "trap-and-emulate", { vms: options })
  for (const [n, { program }] of vms.entries())
    if (typeof program !== "string") guests[n].vm.load(program)
    else loadMultiboot(guests[n].vm.machine, kernelProgram("kernel-well-behaved").bytes, program)
  return { machine, steps: () => guests.map(({ vcpu }) => vcpu.retired) }
}

describe("virtual machines", () => {
  test("two guest kernels of weights 256 and 512 make steps as 1 to 2", () => {
    const { machine, steps } = machines(
      20 * HERTZ,
      { program: "compute 1000" },
      { program: "compute 1000", weight: 512 },
    )
    machine.run({ steps: 10_000_000 })
    const booted = steps()
    machine.run({ steps: 36_000_000 })
    const [first, second] = steps().map((each, n) => each - booted[n])
    expect(second / first).toBeGreaterThan(1.9)
    expect(second / first).toBeLessThan(2.1)
  })

  test("three of weights 256, 256 and 512 make steps as 1 to 1 to 2", () => {
    const { machine, steps } = machines(
      HERTZ,
      { program: ENDLESS },
      { program: ENDLESS },
      { program: ENDLESS, weight: 512 },
    )
    machine.run({ steps: 4_000_000 })
    const all = steps()
    const sum = all.reduce((a, b) => a + b)
    expect(all.map((each) => each / sum)).toEqual(
      [0.25, 0.25, 0.5].map((share) => expect.closeTo(share, 1.5)),
    )
  })

  test("one that halts leaves its time to the others", () => {
    const { machine, steps } = machines(
      HERTZ,
      { program: HALTED },
      { program: ENDLESS },
      { program: ENDLESS },
    )
    machine.run({ steps: 2_000_000 })
    const [halted, first, second] = steps()
    expect(halted).toBe(2)
    expect(first + second).toBeGreaterThan(1_900_000)
  })

  test("one with a cap of 20 % has a fifth of the time, with others or alone", () => {
    const beside = machines(HERTZ, { program: ENDLESS, cap: 20 }, { program: ENDLESS })
    beside.machine.run({ steps: 3_000_000 })
    expect(beside.steps()[0] / beside.machine.clock.now).toBeCloseTo(0.2, 1)
    const alone = machines(HERTZ, { program: ENDLESS, cap: 20 })
    expect(alone.machine.run({ steps: 500_000 }).why).toBe("limit")
    expect(alone.steps()[0] / alone.machine.clock.now).toBeCloseTo(0.2, 1)
  })
})
