/** Signals that ask a run to end. It ends in order, so that all that the guest sent is where it shall be. */
import { EXIT } from "./trouble"

const EXIT_CODES = { SIGINT: EXIT.stopped, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const
type Asking = keyof typeof EXIT_CODES
const ASKING = Object.keys(EXIT_CODES) as Asking[]

/** Hears one signal; the second ends the process at once, as it does where nobody listens. */
export class Stop {
  /** Tells which signal came; undefined as long as none has. */
  exitCode: number | undefined

  /** @param wake called when it comes */
  constructor(private readonly wake: () => void) {
    for (const signal of ASKING) process.on(signal, this.hear)
  }

  private readonly hear = (signal: NodeJS.Signals = "SIGINT"): void => {
    this.exitCode = EXIT_CODES[signal as Asking]
    this.close()
    this.wake()
  }

  close(): void {
    for (const signal of ASKING) process.off(signal, this.hear)
  }
}
