/** How the command ends, and what it says when it cannot do what was asked. */

import { hex } from "ringlab"

/** Exit codes, as README.md and --help tell them. */
export const EXIT = {
  halted: 0,
  left: 0,
  internal: 1,
  usage: 2,
  file: 3,
  shutdown: 4,
  limit: 5,
  reset: 6,
  /** A boot sector called a BIOS service that is not there. */
  missing: 7,
  /** As a shell says it, 128 and the number of a signal: SIGHUP, SIGINT, SIGPIPE and SIGTERM. */
  hungUp: 129,
  stopped: 130,
  nobodyReads: 141,
  terminated: 143,
} as const

/** Something the user can mend; its message is one sentence, or empty if there is nobody to tell it. */
export class Trouble extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message)
  }
}

/** The command was not written as it must be. */
export const badUsage = (message: string) => new Trouble(EXIT.usage, message)

/** A file cannot be read, written or used. */
export const badFile = (file: string, message: string) => new Trouble(EXIT.file, `${file}: ${message}`)

const LAST_ADDRESS = 0xffff_ffff

/** Refuse bytes at an address from which they reach beyond 4 GiB. @throws Trouble */
export function checkReach(file: string, address: number, length: number): void {
  const beyond = address + length - 1 - LAST_ADDRESS
  if (beyond > 0)
    throw badFile(
      file,
      `it reaches ${beyond} byte${beyond === 1 ? "" : "s"} beyond ${hex(LAST_ADDRESS)}, the last address there is.`,
    )
}

/** The reader of a pipe has left, as in `ringlab disasm FILE | head`. */
export const nobodyReads = () => new Trouble(EXIT.nobodyReads, "")
