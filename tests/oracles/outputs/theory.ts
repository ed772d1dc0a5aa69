/* Cells of a notebook, each below a line that names it: a classification of all instructions, and witnesses of each kind. */
import { popekGoldberg } from "ringlab"

// %% classification
const verdict = popekGoldberg({ ring: 3, umip: true, repaired: ["POPF"] }, { states: 60 })
verdict

// %% witness-behaviour
verdict.witness("PUSHF", "behaviour")

// %% witness-control
verdict.witness("LGDT", "control")

// %% witness-privileged
verdict.witness("POPF", "privileged")
