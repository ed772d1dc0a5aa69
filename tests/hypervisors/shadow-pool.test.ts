/** Shadow page tables in a pool that is too small for them. */
import { expect, test } from "vitest"
import { ShadowPaging } from "../../src/hypervisors/mmu/shadow"
import { VirtualMachine } from "../../src/hypervisors/virtual-machine"
import { READ } from "../../src/machine/board/physical-space"

const FRAMES = Uint32Array.from({ length: 256 }, (_, page) => 1024 + page)
const POOL = [10, 11, 12, 13]
const AREA = 0x9000
const DIRECTORY = 0x1000

test("the directory that the processor is in keeps the monitor's pages when the pool is used up", () => {
  const words = new Map<number, number>()
  const memory = {
    get: (at: number) => words.get(at) ?? 0,
    set: (at: number, _size: number, value: number) => void words.set(at, value),
  }
  const host = { memory: 16, hertz: 1e6 }
  const vm = new VirtualMachine({ name: "small", devices: [] }, FRAMES, host, memory)
  const paging = new ShadowPaging(vm, POOL, AREA, memory)
  for (let n = 0; n < 8; n++) vm.memory.set(DIRECTORY + 4 * n, 32, 0x87) // pages of 4 MiB
  for (const [register, value] of [
    [4, 0x10],
    [3, DIRECTORY],
    [0, 0x8000_0011 | 0],
  ] as const)
    vm.machine.cpu.writeControl(register, value)
  const { root } = paging
  for (let n = 0; n < 8; n++) paging.fill(n << 22, READ, false)
  expect(memory.get(root + 4 * 1023)).toBe(AREA | 3)
})
