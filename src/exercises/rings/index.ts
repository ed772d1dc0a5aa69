/**
 * Exercises of the lesson on rings.
 *
 * How to write one, for teachers. An exercise is one file here and one line in this list.
 *
 * 1. Write a function `pose(choose)` that makes a question. Everything that varies is chosen with `choose` (`pick`, `below`,
 *    `shuffled`), so that a seed always gives the same question. Vary the program, the registers and the ring, not only
 *    numbers: a test asks 200 seeds and wants at least 20 questions that differ in more than digits.
 * 2. Put the program on a machine and run it; the answer is what the machine did. `Stage` runs a few lines in any ring under
 *    any IOPL (`popf.ts` is a short example); `pc()`, `asm` and `kit` make any other machine. Never write an answer down.
 * 3. Give `because`, what happened in the run, for whoever is right or asks for the solution; the `rule` with the manual's
 *    section, for whoever misses twice: the same for each answer, or it would tell it; and `look`, where to look, for whoever
 *    misses without a known thought.
 * 4. For each known way to think wrongly give a slip: the answer it leads to, its name, and one or two sentences that say
 *    where the thought goes astray, best as a question, and never what is right instead. At least three. Where a slip's answer
 *    happens to be right, it does not count.
 * 5. Let `run` record what decides (`recordStage` of `runs.ts`), with the student's answer in it if it can be.
 * 6. Hand all of it to `posedExercise(name, title, pose)`, add the exercise to the list below and its name to the tests, and
 *    put `exercise("rings/…")` into the notebook.
 *
 * A question that is answered with code has a `check`, a `solve` and a `run` of its own: see `find-out.ts`.
 */
import type { Exercise } from "../exercise"
import { CPL } from "./cpl"
import { FIND_OUT } from "./find-out"
import { IOPL } from "./iopl"
import { POPF } from "./popf"
import { PORTS } from "./ports"
import { PRIVILEGED } from "./privileged"
import { SEGMENTS } from "./segments"

export const RING_EXERCISES: readonly Exercise[] = [CPL, PRIVILEGED, IOPL, POPF, PORTS, SEGMENTS, FIND_OUT]
