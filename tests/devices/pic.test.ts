import { expect, test } from "vitest"
import type { pic } from "../../src/devices/pic"
import type { Event } from "../../src/machine/events/events"
import { pc } from "../../src/pc"

/** What is told of request lines while `work` is done, with both chips set up for vectors 20h and 28h, nothing masked. */
function told(
  work: (line: (line: number, level: boolean) => void, out: (port: number, value: number) => void) => void,
) {
  const { bus, cpu } = pc({ memory: 1 })
  const out = (port: number, value: number) => bus.out(port, 8, value)
  for (const [port, base] of [
    [0x20, 0x20],
    [0xa0, 0x28],
  ]) {
    out(port, 0x11)
    for (const word of [base, 4, 1, 0]) out(port + 1, word)
  }
  const events: Event[] = []
  cpu.listener = { detail: true, tell: (event) => void (event.is === "irq" && events.push(event)) }
  work((line, level) => bus.request(line, level), out)
  return events.map((event) => (event.is === "irq" ? [event.line, event.level, event.held] : []))
}

test("a line that changes is told, one that stays is not", () => {
  const lines = told((line) => {
    for (const level of [false, true, true, false, false]) line(4, level)
  })
  expect(lines).toEqual([
    [4, true, undefined],
    [4, false, undefined],
  ])
})

test("a second request before the end of interrupt is held back, and why is told", () => {
  const { bus } = pc()
  const controller = bus.controller as ReturnType<typeof pic>
  expect(controller.look?.(0)).toEqual({ high: false, held: undefined })
  controller.out?.(0x21, 8, 0, bus.host(controller))
  controller.request(0, true)
  controller.acknowledge()
  controller.request(0, false)
  controller.request(0, true)
  expect(controller.look?.(0).held).toBe(
    "line 0 is in service until the handler sends an end of interrupt (EOI)",
  )
  controller.request(3, true)
  expect(controller.look?.(3).held).toContain("line 0 is in service")
  controller.out?.(0x20, 8, 0x20, bus.host(controller))
  expect(controller.look?.(0).held).toBeUndefined()
  expect(controller.look?.(3).held).toBe("line 0 goes first")
})

test("a masked line is held back, on either chip", () => {
  const held = told((line, out) => {
    out(0x21, 0x02)
    line(1, true)
    out(0xa1, 0x01)
    line(8, true)
    out(0xa1, 0x00)
    line(9, true)
    line(8, false)
    out(0x21, 0x04)
    line(10, true)
    line(9, false)
    line(10, false)
    line(10, true)
  }).map(([, , why]) => why)
  expect(held).toEqual([
    "line 1 is masked in the interrupt controller",
    "line 8 is masked in the interrupt controller",
    "line 8 goes first",
    undefined,
    "line 9 goes first",
    undefined,
    undefined,
    "line 2 is masked in the interrupt controller",
  ])
})

/** Both chips with vectors 20h and 28h, nothing masked; `fourth` is the first chip's ICW4. */
function chips(fourth = 0) {
  const { bus } = pc({ memory: 1 })
  const out = (port: number, ...values: number[]) => {
    for (const value of values) bus.out(port, 8, value)
  }
  out(0x20, 0x11)
  out(0x21, 0x20, 4, fourth)
  out(0xa0, 0x11)
  out(0xa1, 0x28, 2, 0)
  const { controller } = bus
  if (!controller) throw new Error("a PC has an interrupt controller")
  /** The line that would interrupt next, acknowledged; -1: none. */
  const next = () => (controller.pending() ? controller.acknowledge() - 0x20 : -1)
  const raise = (...lines: number[]) => {
    for (const line of lines) {
      bus.request(line, false)
      bus.request(line, true)
    }
  }
  const isr = () => {
    out(0x20, 0x0b)
    return bus.in(0x20, 8)
  }
  return { out, next, raise, isr, read: (port: number) => bus.in(port, 8) }
}

test("a line in service holds back itself and those behind it until its end of interrupt", () => {
  const { raise, next, out } = chips()
  raise(3)
  expect(next()).toBe(3)
  raise(3, 4)
  expect(next()).toBe(-1)
  raise(1)
  expect(next()).toBe(1)
  out(0x20, 0x20)
  expect(next()).toBe(-1)
  out(0x20, 0x20)
  expect(next()).toBe(3)
})

test("in special mask mode a masked line in service holds nothing back", () => {
  const { raise, next, out, isr } = chips()
  raise(3)
  next()
  out(0x21, 0x08)
  raise(5)
  expect(next()).toBe(-1)
  out(0x20, 0x68)
  expect(next()).toBe(5)
  raise(3)
  expect(next()).toBe(-1)
  out(0x20, 0x20)
  expect(isr()).toBe(0x08)
  raise(6)
  expect(next()).toBe(6)
  out(0x20, 0x20, 0x48, 0x20)
  expect(isr()).toBe(0)
})

test("a poll acknowledges by reading", () => {
  const { raise, out, read, isr } = chips()
  out(0x20, 0x0c)
  expect(read(0x20)).toBe(0)
  raise(6, 4)
  out(0x20, 0x0c)
  expect(read(0x20)).toBe(0x84)
  expect(isr()).toBe(0x10)
  out(0x20, 0x20, 0x0c)
  expect(read(0x21)).toBe(0x86)
  out(0x21, 0x81)
  expect(read(0x21)).toBe(0x81)
})

test("an end of interrupt with rotation makes its line the last", () => {
  const { raise, next, out } = chips()
  raise(0, 1)
  expect(next()).toBe(0)
  out(0x20, 0xa0)
  raise(0)
  expect(next()).toBe(1)
  out(0x20, 0xe1)
  expect(next()).toBe(0)
  out(0x20, 0x20, 0xc6)
  raise(7, 0)
  expect(next()).toBe(7)
})

test("automatic ends of interrupts rotate when they are told to", () => {
  const { raise, next, out } = chips(2)
  raise(1)
  expect(next()).toBe(1)
  raise(1, 2)
  expect(next()).toBe(1)
  out(0x20, 0x80)
  raise(1)
  expect([next(), next()]).toEqual([1, -1])
  raise(0, 1, 3)
  expect([next(), next(), next()]).toEqual([3, 0, 1])
  out(0x20, 0x00)
  raise(3)
  expect(next()).toBe(3)
  raise(0, 3)
  expect([next(), next()]).toEqual([3, 0])
})

test("in special fully nested mode the second chip interrupts its own handler, by a line that goes first", () => {
  const usual = chips()
  usual.raise(10)
  expect(usual.next()).toBe(10)
  usual.raise(9)
  expect(usual.next()).toBe(-1)
  const nested = chips(0x10)
  nested.raise(10)
  expect(nested.next()).toBe(10)
  nested.raise(12, 3)
  expect(nested.next()).toBe(-1)
  nested.raise(9)
  expect(nested.next()).toBe(9)
  nested.raise(1)
  expect(nested.next()).toBe(1)
  nested.raise(8)
  expect(nested.next()).toBe(-1)
})

test("a request that goes away before it is acknowledged is line 7, and nothing is in service", () => {
  const { bus } = pc({ memory: 1 })
  const { controller } = bus
  bus.out(0x21, 8, 0)
  bus.request(4, true)
  expect(controller?.pending()).toBe(true)
  bus.request(4, false)
  expect(controller?.acknowledge()).toBe(0x08 + 7)
  bus.out(0x20, 8, 0x0b)
  expect(bus.in(0x20, 8)).toBe(0)
})
