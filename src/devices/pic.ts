/**
 * The pair of 8259A interrupt controllers: fifteen request lines. Line 2 of the first leads to the second.
 * @see Intel 8259A Programmable Interrupt Controller, data sheet
 */
import type { InterruptController } from "../machine/board/device"
import { CASCADE, chip, holding, type PicChip, read, setLine, take, winner, write } from "./pic-chip"

const FIRST_PORT = 0x20
const SECOND_PORT = 0xa0

/** Both chips at ports 20h-21h and A0h-A1h, vectors 08h and 70h until software says otherwise, all lines masked. */
export function pic(): InterruptController {
  const chips = (device: InterruptController) => device.state as { first: PicChip; second: PicChip }
  const chipAt = (device: InterruptController, port: number) =>
    port >= SECOND_PORT ? chips(device).second : chips(device).first
  /** The second chip's output is line 2 of the first. */
  const cascade = (device: InterruptController) => {
    const { first, second } = chips(device)
    setLine(first, CASCADE, winner(second) >= 0)
  }
  return {
    name: "pic",
    kind: "pic",
    byteWide: true,
    state: { first: chip(0x08), second: chip(0x70) },
    ports: [
      [FIRST_PORT, FIRST_PORT + 1],
      [SECOND_PORT, SECOND_PORT + 1],
    ],
    in(port) {
      const value = read(chipAt(this, port), (port & 1) === 1)
      cascade(this)
      return value
    },
    out(port, _size, value) {
      write(chipAt(this, port), (port & 1) === 1, value & 0xff)
      cascade(this)
    },
    request(line, level) {
      const { first, second } = chips(this)
      if (line < 8) setLine(first, line, level)
      else setLine(second, line - 8, level)
      cascade(this)
    },
    look(line) {
      const { first, second } = chips(this)
      if (line < 8) return { high: (first.lines & (1 << line)) !== 0, held: holding(first, line, (n) => n) }
      const inner = holding(second, line - 8, (n) => n + 8)
      const outer = second.irr & (1 << (line - 8)) ? holding(first, CASCADE, (n) => n) : undefined
      return { high: (second.lines & (1 << (line - 8))) !== 0, held: inner ?? outer }
    },
    pending() {
      return winner(chips(this).first) >= 0
    },
    acknowledge() {
      const { first, second } = chips(this)
      const line = winner(first)
      // A request that went away before it was acknowledged ends as the spurious line 7.
      if (line < 0) return first.base + 7
      take(first, line)
      if (line !== CASCADE || first.single) return first.base + line
      const inner = winner(second)
      if (inner < 0) return second.base + 7
      take(second, inner)
      cascade(this)
      return second.base + inner
    },
  }
}
