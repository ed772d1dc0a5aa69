/**
 * System control port A, 92h: bit 1 is the fast way to the A20 gate, and bit 0 pulses the processor's reset line.
 * @see IBM Personal System/2 Hardware Interface Technical Reference, "System Control Port A"
 */
import type { Device } from "../machine/board/device"

const RESET = 1
const A20 = 2

/** One port; the gate it shares with the keyboard controller is the board's. Its state is the other bits, written last. */
export function port92(): Device {
  return {
    name: "port92",
    kind: "port92",
    byteWide: true,
    state: 0,
    ports: [[0x92, 0x92]],
    in(_port, _size, host) {
      return (this.state as number) | (host.a20 ? A20 : 0)
    },
    out(_port, _size, value, host) {
      host.gateA20((value & A20) !== 0)
      if (value & RESET) host.reset()
      this.state = value & 0xff & ~(A20 | RESET)
    },
  }
}
