/** Which kind each instruction is, found by running it in ring 0 and outside. */
import { once } from "../../guests/once"
import type { Tried } from "../../guests/rings"
import { ATTEMPTS, type Attempt, KindStage, type Verdict } from "../../guests/rings-kinds"
import type { Experiment, Result, Values } from "../experiment"

const GROUPS = Object.keys(ATTEMPTS)
const STAGES = new Map(GROUPS.map((group) => [group, once(() => new KindStage(ATTEMPTS[group]))]))

const outcome = ({ fault }: Tried) => (fault ? `${fault.name}(${fault.errorCode ?? ""})` : "completes")

function row({ name }: Attempt, { runs, kind, why }: Verdict): string[] {
  return [name, ...runs.map(outcome), kind, why]
}

function count(verdicts: readonly Verdict[], kind: Verdict["kind"]): string {
  const number = verdicts.filter((verdict) => verdict.kind === kind).length
  return `${number} ${kind}`
}

function run({ group, ring }: Values): Result {
  const attempts = ATTEMPTS[String(group)]
  const stage = STAGES.get(String(group))?.()
  if (!stage)
    throw new RangeError(`there is no group of instructions "${group}"; there are: ${GROUPS.join(", ")}`)
  const verdicts = attempts.map((attempt) => stage.kind(attempt, Number(ring)))
  const kinds = ["privileged", "IOPL-sensitive", "privileged without exception", "non-privileged"] as const
  return {
    sentence: `Of these ${attempts.length} instructions, seen from ring ${ring}: ${kinds.map((kind) => count(verdicts, kind)).join(", ")}.`,
    table: {
      columns: [
        "instruction",
        "ring 0",
        `ring ${ring}, IOPL 0`,
        `ring ${ring}, IOPL 3`,
        "kind",
        "what was seen",
      ],
      rows: attempts.map((attempt, n) => row(attempt, verdicts[n])),
    },
  }
}

/** Each row is four runs: ring 0, the chosen ring with IOPL 0 and with IOPL 3, and under a kernel with other tables. */
export const KINDS_EXPERIMENT: Experiment = {
  name: "rings/kinds",
  title: "Four kinds of instruction",
  about:
    "Every row is run in ring 0 and in the ring you choose, and the runs are compared. Dangerous are those “without exception”: the kernel's business, and no exception (no fault) is raised.",
  parameters: {
    group: { kind: "choice", label: "Instructions about", options: GROUPS, value: GROUPS[0] },
    ring: { kind: "range", label: "Outer ring", unit: "", min: 1, max: 3, step: 1, value: 3 },
  },
  run,
}
