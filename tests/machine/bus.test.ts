import { describe, expect, test } from "vitest"
import type { Device } from "../../src/machine/board/device"
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

describe("physical ranges", () => {
  const mapped = (name: string, ...memory: [number, number][]) => ({ name, state: null, memory })
  const bus = () => new Machine({ memory: 1, hertz: 1_000_000 })

  test("belong to one device: another one that wants a part of them is refused", () => {
    const machine = bus().attach(mapped("card", [0xa_0000, 0xa_1fff], [0xfeb0_0000, 0xfeb0_0fff]))
    expect(() => machine.attach(mapped("late", [0xa_1000, 0xa_2fff]))).toThrow(
      'addresses from 000A1000h to 000A2FFFh belong to "card"; "late" cannot have them',
    )
    expect(() => machine.attach(mapped("wide", [0xfea0_0000, 0xfeff_ffff]))).toThrow(/belong to "card"/)
    expect(() => machine.attach(mapped("beside", [0xa_2000, 0xa_2fff]))).not.toThrow()
  })

  test.each([
    [0xfec0_0000, 0xfec0_00ff],
    [0xfec0_0004, 0xfec0_0fff],
    [0x2000, 0xfff],
    [0xffff_f000, 0x1_0000_0fff],
    [-4096, -1],
    [0.5, 4095.5],
  ])("%d to %d are no whole pages and are refused, and nothing of the device is attached", (first, last) => {
    const machine = bus()
    const device = { ...mapped("odd", [first, last]), ports: [[0x300, 0x300] as const] }
    expect(() => machine.attach(device)).toThrow(/"odd" wants the addresses .*: they must be whole pages/)
    expect(machine.bus.devices).toEqual([])
    expect(() => machine.attach({ name: "next", state: null, ports: [[0x300, 0x300]] })).not.toThrow()
  })
})

test("a device that is refused for one of its ports has none of them", () => {
  const machine = new Machine({ memory: 1, hertz: 1_000_000 }).attach(witness("first", 0x302, 0x302))
  expect(() => machine.attach(witness("late", 0x300, 0x303))).toThrow('port 302h belongs to "first"')
  expect(() => machine.attach(witness("next", 0x300, 0x301))).not.toThrow()
})
