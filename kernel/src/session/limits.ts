/** How much one cell may take before the kernel steps in. Numbers a teacher may want to know, in one place. */
export const limits = {
  /** Characters of text that one cell may print; the rest is dropped, with a sentence. */
  textPerCell: 1_000_000,
  /** Characters that a change between the two streams counts for: each makes an output of its own. */
  streamChange: 100,
  /** Messages of a cell besides its text and result: displays, clearings, comms, errors that come after its end … */
  messagesPerCell: 2_000,
  /** … and how many more in each second, so that an animation may go on for as long as the reader likes. */
  messagesPerSecond: 60,
  /** Characters of JSON in all of them together. */
  messageBytesPerCell: 64_000_000,
  /** Characters of a value's plain text. */
  plainText: 50_000,
  /** Characters of an error's message. */
  errorText: 10_000,
  /** Megabytes of JavaScript heap; arrays of bytes lie outside of it. */
  heapMegabytes: 1024,
  /** Megabytes that the session's process may take in all. */
  processMegabytes: 4096,
  /** Milliseconds after which a compiler that nobody asks is let go; it is back in a second. */
  compilerIdle: 120_000,
  /** Milliseconds after an interrupt until code that does not hear it is broken off, as a debugger does … */
  breakOff: 400,
  /** … and until the reader is told that variables will be lost. */
  interruptWarning: 3000,
  /** Milliseconds that an interrupted cell has to come to its senses before the session is ended. */
  interruptGrace: 5000,
} as const

/** Why a session ended that went beyond its memory. */
export const OUT_OF_MEMORY = "it needed more memory than a notebook may have"

/** Stands where the text of a cell was cut off. */
export const MORE_TEXT = `\n(more than ${limits.textPerCell} characters: the rest of this cell's text is not shown)\n`
