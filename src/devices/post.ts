/**
 * The power-on self-test's display: programs write to port 80h how far they have come, and some to port 190h. The last
 * codes are kept.
 */

import type { Device } from "../machine/board/device"
import { withCard } from "../numbers/card"

/** What was written, and to which port. */
export type PostCode = readonly [port: number, value: number]

/** Plain data. */
export interface PostState {
  /** All writes, also those that are no longer kept. */
  count: number
  /** The last ones, oldest first. */
  codes: PostCode[]
}

/** Linux writes to port 80h merely to wait, so not everything can be kept. */
const KEPT = 4096

/** A diagnostic display at ports 80h and 190h; what was written last can be read. */
export function post(): Device {
  const state = (device: Device) => device.state as PostState
  const device: Device = {
    name: "post",
    kind: "post",
    byteWide: true,
    state: { count: 0, codes: [] } satisfies PostState,
    ports: [
      [0x80, 0x80],
      [0x190, 0x190],
    ],
    in(port) {
      return state(this).codes.findLast(([written]) => written === port)?.[1] ?? 0xff
    },
    out(port, _size, value) {
      const s = state(this)
      s.count++
      s.codes.push([port, value & 0xff])
      // Twice as many before any are dropped, so that dropping costs little.
      if (s.codes.length >= 2 * KEPT) s.codes = s.codes.slice(KEPT)
    },
  }
  return withCard(device, () => ({
    title:
      "POST card at ports 80h and 190h: attach it to a machine, and its state holds the codes that were written",
  }))
}
