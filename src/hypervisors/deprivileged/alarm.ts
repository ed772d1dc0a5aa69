/**
 * How a monitor gets the processor back: a line of the machine's interrupt controllers, which the monitor sets up for itself. Guests
 * run with the real IF set, whatever they believe, so the alarm always comes through.
 */
import type { DeviceHost, Ring0 } from "../../machine/board/device"
import { HOST_VECTORS } from "./house"

/** The line, on the second controller. */
const LINE = 11
const FIRST = { port: 0x20, vectors: HOST_VECTORS, cascade: 1 << 2, mask: ~(1 << 2) } as const
const SECOND = { port: 0xa0, vectors: HOST_VECTORS + 8, cascade: 2, mask: ~(1 << (LINE - 8)) } as const
/** ICW1: edges, cascaded, ICW4 follows. ICW4: 8086 mode, and interrupts end by themselves. */
const [ICW1, ICW4] = [0x11, 0x03]

/** Set up both controllers, so that nothing but the alarm comes through. @see Intel 8259A data sheet, "Programming the 8259A" */
export function setUpAlarm(ring0: Ring0): void {
  for (const { port, vectors, cascade, mask } of [FIRST, SECOND]) {
    ring0.out(port, 8, ICW1)
    for (const word of [vectors, cascade, ICW4, mask & 0xff]) ring0.out(port + 1, 8, word)
  }
}

/** Have the alarm ring after so many cycles, at least one, and not as was asked before; Infinity: not at all. */
export function setAlarm(ring0: Ring0, cycles: number): void {
  ring0.cancel(0)
  if (cycles !== Number.POSITIVE_INFINITY) ring0.after(Math.max(1, cycles), 0)
}

/** The time has come. */
export function ringAlarm(host: DeviceHost): void {
  host.interrupt(LINE, true)
}

/** The interrupt was taken. */
export function endAlarm(ring0: Ring0): void {
  ring0.interrupt(LINE, false)
}
