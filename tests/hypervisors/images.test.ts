/** Virtual machines saved in the middle of their run, and resumed elsewhere. */
import { describe, expect, test, vi } from "vitest"
import { kernelProgram } from "../../src/guests/kernel/index"
import { hypervise } from "../../src/hypervisors/kinds"
import { restoreBare, type VmImage } from "../../src/hypervisors/virtual-machine"
import { loadMultiboot } from "../../src/loaders/multiboot"
import { FREE } from "../../src/machine/events/costs"
import { DEVICES, pc } from "../../src/pc"
import { numbers } from "../machine/busy"

/** Long runs, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })

const GUEST = 8
const HERTZ = 33_000_000
const LINE = "forks 1"

/** A virtual machine with nothing in it, on a machine with more memory or less, and so with other frames. */
function empty(memory: number) {
  const machine = pc({ memory, hertz: HERTZ, prices: FREE })
  const { guests } = hypervise(machine, "trap-and-emulate", {
    vms: [{ name: "vm", memory: GUEST }],
    time: "steps",
  })
  return { machine, ...guests[0] }
}

/** A virtual machine with the guest kernel. */
function kernel() {
  const made = empty(16)
  loadMultiboot(made.vm.machine, kernelProgram("kernel-well-behaved").bytes, LINE)
  return made
}

const bare = () =>
  pc({ memory: GUEST, hertz: HERTZ, prices: FREE, devices: [DEVICES.post({ memory: GUEST, hertz: HERTZ })] })

/** How the kernel ends where nobody saves it. */
const END = (() => {
  const machine = bare()
  loadMultiboot(machine, kernelProgram("kernel-well-behaved").bytes, LINE)
  machine.run()
  return { serial: machine.serial, steps: machine.clock.steps }
})()

/** Step as often as it takes until an image can be made: not between an exit and the monitor. */
function imageOf({ machine, vm }: ReturnType<typeof kernel>): VmImage {
  try {
    return vm.save()
  } catch {
    machine.run({ steps: 1 })
    return vm.save()
  }
}

/** The kernel's image at points from a seed, as JSON. */
function images(seed: number, count: number): string[] {
  const random = numbers(seed)
  const running = kernel()
  return Array.from({ length: count }, () => {
    running.machine.run({ steps: 1 + random((1.5 * END.steps) / count) })
    return JSON.stringify(imageOf(running))
  })
}

const SEED = 5

describe("an image", () => {
  const saved = images(SEED, 4)

  test("is taken at different points, some of them while the guest runs directly", () => {
    const steps = saved.map((text) => (JSON.parse(text) as VmImage).state.clock.now)
    expect(new Set(steps).size).toBe(saved.length)
  })

  test("goes on under the hypervisor of another machine, in other frames, to the same end", () => {
    for (const text of saved) {
      const { machine, vm, vcpu } = empty(24)
      vm.restore(JSON.parse(text))
      machine.run()
      expect({ serial: vm.machine.serial, steps: vcpu.retired }, `seed ${SEED}`).toEqual(END)
    }
  })

  test("goes on on bare metal to the same end", () => {
    for (const text of saved) {
      const machine = restoreBare(bare(), JSON.parse(text))
      machine.run()
      expect({ serial: machine.serial, steps: machine.clock.steps }, `seed ${SEED}`).toEqual(END)
    }
  })

  test("changes nothing for the virtual machine that it was taken of, wherever it ran", () => {
    const running = kernel()
    const random = numbers(SEED + 1)
    for (let n = 0; n < 10; n++) {
      running.machine.run({ steps: 1 + random(END.steps / 10) })
      imageOf(running)
    }
    running.machine.run()
    expect({ serial: running.vm.machine.serial, steps: running.vcpu.retired }).toEqual(END)
  })

  test("of a machine that has halted can be replaced by one that has not", () => {
    const { machine, vm, vcpu } = kernel()
    machine.run()
    vm.restore(JSON.parse(saved[0]))
    machine.reset()
    expect(vm.machine.clock.steps).toBe((JSON.parse(saved[0]) as VmImage).state.clock.now)
    expect(vcpu.retired).toBeLessThan(END.steps)
  })
})

describe("one sentence says", () => {
  const image = (): VmImage => JSON.parse(JSON.stringify(kernel().vm.save()))

  test("that an image needs more memory", () => {
    const machine = pc({ memory: 4 })
    expect(() => restoreBare(machine, image())).toThrow(
      "the image of vm has 8 MiB of memory, and this machine 4: make it larger",
    )
  })

  test("that a device is missing", () => {
    expect(() => restoreBare(pc({ memory: 8 }), image())).toThrow(
      'the image of vm has the device "post", and this machine has none: add it',
    )
  })

  test.each<[string, (image: VmImage) => unknown]>([
    ["a page beyond memory", (good) => ({ ...good, pages: [[1 << 20, "AAAA"]] })],
    ["a page with too many bytes", (good) => ({ ...good, pages: [[1, "A".repeat(8000)]] })],
    ["a page that is no base64", (good) => ({ ...good, pages: [[1, "\u00e4"]] })],
    ["no pages", ({ pages: _, ...rest }) => rest],
    ["no processor", (good) => ({ ...good, state: { ...good.state, cpu: undefined } })],
    [
      "no registers",
      (good) => ({ ...good, state: { ...good.state, cpu: { ...good.state.cpu, reg: undefined } } }),
    ],
    ["no clock", (good) => ({ ...good, state: { ...good.state, clock: {} } })],
  ])("that an image is damaged: %s", (_, damage) => {
    expect(() => restoreBare(bare(), damage(image()) as VmImage)).toThrow(
      /^the image of vm is damaged \(.+\): save it again$/,
    )
  })

  test("that a virtual machine is in the processor", () => {
    const running = kernel()
    const good = image()
    running.machine.run({ steps: 1000 })
    expect(() => running.vm.restore(good)).toThrow(
      "vm is in the processor: put an image into a virtual machine that is not",
    )
  })
})
