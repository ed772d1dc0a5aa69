/** Port input and output. @see SDM Vol. 1 ch. 18 "Input/Output" */
import { transfer } from "../processor"

/** IN accumulator, port. Devices look at the clock and may interrupt, so a run of instructions ends here. */
export const inPort = transfer((p, i) => {
  const [accumulator, port] = i.operands
  const number = p.get(port) & 0xffff
  p.set(accumulator, p.inPort(number, accumulator.size))
})

/** OUT port, accumulator. */
export const outPort = transfer((p, i) => {
  const [port, accumulator] = i.operands
  p.outPort(p.get(port) & 0xffff, accumulator.size, p.get(accumulator))
})
