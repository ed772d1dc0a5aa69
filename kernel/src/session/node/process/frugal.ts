/**
 * How a session's process uses memory, for the GNU C library, which reads these once at the start; others do not know them. Left
 * to itself it keeps large pieces that were given back, and hands them out filled: the memory of a simulated machine, of which a
 * guest uses little, would then all be there.
 */
export const FRUGAL: Readonly<Record<string, string>> = {
  /** Bytes from which on a piece is the system's, there when it is touched and gone when it is given back. */
  MALLOC_MMAP_THRESHOLD_: "131072",
  /** Heaps for small pieces. */
  MALLOC_ARENA_MAX: "2",
}

/** Keeps these from the programs that cells start. */
export function forgetFrugality(): void {
  for (const name of Object.keys(FRUGAL)) delete process.env[name]
}
