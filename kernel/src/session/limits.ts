/** How much one cell may take before the kernel steps in. Numbers a teacher may want to know, in one place. */
export const limits = {
  /** Characters of text that one cell may print; the rest is dropped, with a sentence. */
  textPerCell: 1_000_000,
  /** Displays and results that one cell may show, and their size together in characters of JSON. */
  displaysPerCell: 2_000,
  displayBytesPerCell: 64_000_000,
  /** Characters of a value's plain text. */
  plainText: 50_000,
  /** Megabytes of JavaScript heap; arrays of bytes lie outside of it. */
  heapMegabytes: 1024,
  /** Megabytes that the session's process may take in all. */
  processMegabytes: 4096,
  /** Milliseconds that an interrupted cell has to come to its senses before the session is ended. */
  interruptGrace: 5000,
} as const
