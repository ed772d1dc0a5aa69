/** The lessons where all of ringlab is one file, which has them anyway: see `loaders.ts`. */
import type { Lessons } from "./lesson"
import * as popekGoldberg from "./popek-goldberg"
import * as rings from "./rings"
import * as traps from "./traps"

export const LESSONS: Lessons = {
  rings: async () => rings,
  traps: async () => traps,
  "popek-goldberg": async () => popekGoldberg,
}
