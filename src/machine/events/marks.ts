/** Happenings of a run that a reader may jump to. */

/** The kinds of happening that a reader may jump to, in the order of `Mark`'s code. */
export const MARK_KINDS = ["trap", "interrupt", "fault", "ring", "port", "cr3"] as const
/** One kind of happening that a reader may jump to. */
export type MarkKind = (typeof MARK_KINDS)[number]

/**
 * One happening worth jumping to: [step, index into MARK_KINDS, value].
 * The value is the vector of a trap, interrupt or fault, the new ring, the port number, or the new CR3.
 * Step n is the n-th step of the recording, counted from 1; frame n shows the machine after it.
 */
export type Mark = readonly [step: number, kind: number, value: number]
