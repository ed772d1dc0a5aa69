/**
 * Hostile guests, each aimed at one way out of its machine, or at what others are owed of the processor. Every hypervisor must pass
 * them: none reads or writes one byte outside, none keeps another from its share, and the monitor has seen what each tried.
 */
import type { HostileGuest } from "./attempts"
import { DEVICES } from "./devices"
import { EVENTS } from "./events"
import { MEMORY } from "./memory"
import { PAGING } from "./paging"
import { SEGMENTS } from "./segments"
import { TABLES } from "./tables"

export type { End, HostileGuest } from "./attempts"

/** All of them, by subject. */
export const HOSTILE_GUESTS: readonly HostileGuest[] = [
  ...MEMORY,
  ...PAGING,
  ...SEGMENTS,
  ...TABLES,
  ...EVENTS,
  ...DEVICES,
]
