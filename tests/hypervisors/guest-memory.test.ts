/** A guest's memory, whose pages lie anywhere in the machine's. */
import { expect, test } from "vitest"
import { GuestMemory } from "../../src/hypervisors/guest-memory"
import { Memory } from "../../src/machine/board/memory"

/** Three pages that lie backwards, with gaps, in a machine of eight. */
function scattered() {
  const machine = new Memory(8 * 4096)
  const memory = new GuestMemory(Uint32Array.from([6, 4, 1]), machine)
  const written: number[] = []
  memory.onWrite = (page) => void written.push(page)
  return { machine, memory, written }
}

test("a guest's page is the machine's page that the table says", () => {
  const { machine, memory } = scattered()
  memory.set(0x1234, 32, 0x11223344)
  expect(machine.get(0x4234, 32)).toBe(0x11223344)
  expect(memory.place(0x2fff)).toBe(0x1fff)
})

test.each([16, 32] as const)(
  "an access of %i bits across two pages goes to both, wherever they lie",
  (size) => {
    const { machine, memory } = scattered()
    memory.set(0xfff, size, 0x44332211)
    expect(machine.get(0x6fff, 8) & 0xff).toBe(0x11)
    expect(machine.get(0x4000, 8) & 0xff).toBe(0x22)
    expect(machine.get(0x7000, 8)).toBe(0)
    expect(memory.get(0xfff, size)).toBe(size === 16 ? 0x2211 : 0x44332211)
  },
)

test("bytes are written and read across pages, from odd addresses too", () => {
  const { machine, memory } = scattered()
  const bytes = Uint8Array.from({ length: 5000 }, (_, n) => (n * 7) & 0xff)
  for (const at of [0xffd, 0x1000]) {
    memory.write(at, bytes)
    expect(memory.read(at, bytes.length)).toEqual(bytes)
  }
  expect(machine.read(0x1000, 904)).toEqual(bytes.subarray(4096))
})

test("a page is read whole", () => {
  const { memory } = scattered()
  memory.set(0x2ffc, 32, -2)
  expect([...memory.page(2).subarray(4090)]).toEqual([0, 0, 0xfe, 0xff, 0xff, 0xff])
})

test("pages about to be written are told, both of an access across them", () => {
  const { memory, written } = scattered()
  memory.set(0x1000, 8, 1)
  memory.set(0x1ffe, 32, 1)
  expect(written).toEqual([1, 1, 2])
})

test("what does not fit is refused with the numbers", () => {
  const { memory } = scattered()
  expect(() => memory.write(0x2fff, [1, 2])).toThrow(
    "2 bytes at 12287 do not fit into a guest's memory of 12288 bytes",
  )
  expect(() => memory.read(0x3000, 1)).toThrow("1 bytes at 12288 are not in a guest's memory of 12288 bytes")
})
