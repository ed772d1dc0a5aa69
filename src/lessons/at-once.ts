/** The lessons where all of ringlab is one file, which has them anyway: see `loaders.ts`. */
import type { Lessons } from "./lesson"
import * as popekGoldberg from "./popek-goldberg"
import * as rings from "./rings"
import * as trapAndEmulate from "./trap-and-emulate"
import * as traps from "./traps"

export const LESSONS: Lessons = {
  rings: async () => rings,
  traps: async () => traps,
  "trap-and-emulate": async () => trapAndEmulate,
  "popek-goldberg": async () => popekGoldberg,
}
