/** The groups of cases: an image and a file of answers each. */
import type { Case } from "./case"
import { gates } from "./groups/gates"
import { operands } from "./groups/operands"
import { paging } from "./groups/paging"
import { ports } from "./groups/ports"
import { privileged } from "./groups/privileged"
import { looks, segments } from "./groups/segments"
import { shutdowns } from "./groups/shutdowns"
import { doubles, stacks } from "./groups/stacks"
import { steps } from "./groups/steps"
import { tasks } from "./groups/tasks"
import { callGates, jumps, returning } from "./groups/transfers"
import { virtual } from "./groups/virtual"

/** Cases by the name of their file. */
export const GROUPS: Readonly<Record<string, () => Case[]>> = {
  gates,
  jumps,
  "call-gates": callGates,
  returns: returning,
  segments,
  looks,
  stacks,
  doubles,
  tasks,
  paging,
  operands,
  ports,
  steps,
  virtual,
  privileged,
}

/** Cases that the machine may not survive: an image each, and one file of answers. */
export const ALONE = { name: "shutdowns", cases: shutdowns }
