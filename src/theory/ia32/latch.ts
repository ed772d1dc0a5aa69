/** A device at every port, so that each access to a port leaves a trace. */
import type { Device } from "../../machine/board/device"

/** What the latch remembers. */
export interface LatchState {
  accesses: number
  sent: number
}

/** Each access changes it, as reading a serial port takes a character away. */
export const latch = (): Device & { state: LatchState } => ({
  name: "latch",
  state: { accesses: 0, sent: 0 },
  ports: [[0, 0xffff]],
  in() {
    this.state.accesses++
    return 0x5a
  },
  out(_port, _size, value) {
    this.state.accesses++
    this.state.sent = value
  },
})
