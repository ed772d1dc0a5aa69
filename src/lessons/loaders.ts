/**
 * The lessons, each loaded when something of it is asked for. `build.mjs` puts `at-once.ts` in this file's place where all of
 * ringlab is one file.
 */
import type { Lessons } from "./lesson"

/** The comments name the files that the extension's builder makes. */
export const LESSONS: Lessons = {
  rings: () => import(/* webpackChunkName: "lesson-rings" */ "./rings"),
  traps: () => import(/* webpackChunkName: "lesson-traps" */ "./traps"),
  "trap-and-emulate": () => import(/* webpackChunkName: "lesson-trap-and-emulate" */ "./trap-and-emulate"),
  "popek-goldberg": () => import(/* webpackChunkName: "lesson-popek-goldberg" */ "./popek-goldberg"),
}
