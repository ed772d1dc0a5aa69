/** Port input and output. @see SDM Vol. 1 ch. 18 "Input/Output" */
import { needing } from "../processor"

/** IN accumulator, port. Devices look at the clock and may interrupt, so a run of instructions ends here. */
export const inPort = needing((p, { operands: [accumulator, port] }) =>
  p.requirePort(p.get(port) & 0xffff, accumulator.size),
).transfer((p, { operands: [accumulator, port] }) => {
  p.set(accumulator, p.inPort(p.get(port) & 0xffff, accumulator.size))
})

/** OUT port, accumulator. */
export const outPort = needing((p, { operands: [port, accumulator] }) =>
  p.requirePort(p.get(port) & 0xffff, accumulator.size),
).transfer((p, { operands: [port, accumulator] }) => {
  p.outPort(p.get(port) & 0xffff, accumulator.size, p.get(accumulator))
})
