import { expect, test } from "vitest"
import type { Device } from "../../src/machine/board/bus"
import { Machine } from "../../src/machine/machine"

/** Keeps what comes to its ports, and answers with the port's number and the access's size. */
const witness = (
  name: string,
  first: number,
  last: number,
  byteWide?: true,
): Device & { state: unknown[] } => ({
  name,
  state: [],
  ports: [[first, last]],
  byteWide,
  in: (port, size) => (port & 0xf) * 16 + size,
  out(port, size, value) {
    ;(this.state as unknown[]).push([port, size, value])
  },
})

test("a device of 8 bits gets a wide access byte by byte, its neighbour what is the neighbour's", () => {
  const [narrow, other] = [witness("narrow", 0x300, 0x302, true), witness("other", 0x303, 0x303, true)]
  const { bus } = new Machine({ memory: 1, hertz: 1_000_000 }).attach(narrow, other)
  bus.out(0x300, 32, 0x44332211)
  expect(narrow.state).toEqual([0x11, 0x22, 0x33].map((value, n) => [0x300 + n, 8, value]))
  expect(other.state).toEqual([[0x303, 8, 0x44]])
  expect(bus.in(0x301, 16) & 0xffff).toBe(0x2818)
})

test("a device of any width gets it whole", () => {
  const wide = witness("wide", 0x300, 0x303)
  const { bus } = new Machine({ memory: 1, hertz: 1_000_000 }).attach(wide)
  bus.out(0x300, 32, 0x44332211)
  expect(wide.state).toEqual([[0x300, 32, 0x44332211]])
  expect(bus.in(0x302, 16)).toBe(0x30)
})

test("where nobody has the first port, the next one is asked all the same", () => {
  const { bus } = new Machine({ memory: 1, hertz: 1_000_000 }).attach(witness("late", 0x301, 0x301))
  expect(bus.in(0x300, 16) & 0xffff).toBe(0x18ff)
  expect(bus.in(0xffff, 32)).toBe(-1)
})
