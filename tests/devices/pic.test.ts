import { expect, test } from "vitest"
import type { pic } from "../../src/devices/pic"
import type { Event } from "../../src/machine/events"
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
