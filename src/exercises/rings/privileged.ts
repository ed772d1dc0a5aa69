/** What becomes of one instruction in one ring: the four kinds, as a question. */
import { Stage, type Visit } from "../../guests/rings"
import { ATTEMPTS, type Attempt } from "../../guests/rings-kinds"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { recordStage } from "../runs"
import { type Outcome, type Ran, run } from "./outcome"

const GROUPS = Object.values(ATTEMPTS)

/** The options as the student reads them. */
const OPTIONS: Readonly<Record<Outcome, string>> = {
  "the same as in ring 0": "It completes, and does what it would do in ring 0",
  privileged: "#GP(0): only ring 0 may run it",
  "above IOPL": "#GP(0): CPL is greater than IOPL",
  "other than in ring 0": "It completes, but silently does something else than in ring 0",
}

const RULES: Readonly<Record<Outcome, string>> = {
  "the same as in ring 0":
    'The processor refuses only what the manual lists: the privileged instructions (SDM Vol. 3A §5.9 "Privileged Instructions") and the IOPL-sensitive ones (SDM Vol. 1 §18.5.1 "I/O Privilege Level"). All else completes.',
  privileged:
    'A privileged instruction needs CPL 0, and IOPL has no say (SDM Vol. 3A §5.9 "Privileged Instructions").',
  "above IOPL":
    'CLI, STI and the port instructions need CPL ≤ IOPL; no ring as such is shut out (SDM Vol. 1 §18.5.1 "I/O Privilege Level").',
  "other than in ring 0":
    'Some instructions look at CPL and act differently instead of faulting: outside ring 0 POPF and IRET keep IOPL as it is, and IF too if CPL > IOPL (SDM Vol. 2B "POPF/POPFD/POPFQ", Table 4-15); and CS shows its own low bits to whoever reads it.',
}

const RULE =
  'A privileged instruction needs CPL 0, and IOPL has no say (SDM Vol. 3A §5.9 "Privileged Instructions"). CLI, STI and the port instructions need CPL ≤ IOPL (SDM Vol. 1 §18.5.1 "I/O Privilege Level"). All else completes, but not always alike: POPF and IRET look at CPL and IOPL before they write (SDM Vol. 2B "POPF/POPFD/POPFQ", Table 4-15), and CS shows CPL to whoever reads it.'
const LOOK =
  "Ask first whether it completes. If it does not, is it CPL or IOPL that stops it; if it does, would ring 0 see the same?"

function slips({ instruction }: Attempt, { ring }: Visit, { outcome, guarded }: Ran): Slip[] {
  const completes = outcome === "the same as in ring 0" || outcome === "other than in ring 0"
  const found: (Slip | false)[] = [
    guarded && {
      answer: OPTIONS.privileged,
      misconception: "iopl-means-privileged",
      text: `Ring 0 is not the only one that may ever run \`${instruction}\`. What does it ask for?`,
    },
    guarded && {
      answer: OPTIONS["above IOPL"],
      misconception: "iopl-upside-down",
      text: `IOPL is what counts for \`${instruction}\`, yes. Compare it with CPL once more.`,
    },
    completes &&
      !guarded && {
        answer: OPTIONS.privileged,
        misconception: "system-means-privileged",
        text: `\`${instruction}\` may look like the kernel's business, but the processor lets every ring run it.`,
      },
    completes &&
      !guarded && {
        answer: OPTIONS["above IOPL"],
        misconception: "iopl-guards-everything",
        text: `IOPL guards CLI, STI and the port instructions. \`${instruction}\` does not fault for its sake.`,
      },
    outcome === "privileged" && {
      answer: OPTIONS["above IOPL"],
      misconception: "iopl-guards-everything",
      text: `Would \`${instruction}\` complete in ring ${ring} if IOPL were 3?`,
    },
    outcome === "above IOPL" && {
      answer: OPTIONS.privileged,
      misconception: "iopl-means-privileged",
      text: `Is ring 0 really the only one that may ever run \`${instruction}\`?`,
    },
    outcome === "privileged" && {
      answer: OPTIONS["the same as in ring 0"],
      misconception: ring < 3 ? "inner-rings-are-kernel" : "iopl-opens-all",
      text:
        ring < 3
          ? `Ring ${ring} is nearer to the middle than ring 3. Is that near enough for \`${instruction}\`?`
          : `What is it that should let ring 3 run \`${instruction}\`?`,
    },
    (outcome === "privileged" || outcome === "above IOPL") && {
      answer: OPTIONS["other than in ring 0"],
      misconception: "silent-refusal",
      text: `That would be the dangerous kind, which fails in silence. \`${instruction}\` is not one of it.`,
    },
    outcome === "above IOPL" && {
      answer: OPTIONS["the same as in ring 0"],
      misconception: "iopl-upside-down",
      text: `\`${instruction}\` makes the processor compare something first. A smaller number is a mightier ring.`,
    },
    outcome === "other than in ring 0" && {
      answer: OPTIONS["the same as in ring 0"],
      misconception: "no-fault-no-difference",
      text: "That nothing faults does not mean that the same happens.",
    },
    outcome === "the same as in ring 0" && {
      answer: OPTIONS["other than in ring 0"],
      misconception: "outside-means-different",
      text: `Does it depend on CPL or IOPL what \`${instruction}\` does here? See what it writes, and where.`,
    },
  ]
  return found.filter((slip) => slip !== false)
}

function because({ outcome, tried: { fault, effects }, inRing0 }: Ran): string {
  if (fault) return `In the run: ${fault.name}(${fault.errorCode}): ${fault.says}.`
  const here = `In the run it completed. What it changed: ${effects.join(", ") || "nothing"}.`
  if (outcome === "the same as in ring 0") return here
  return `${here} In ring 0 it changes: ${inRing0.effects.join(", ") || "nothing"}.`
}

function pose(choose: Random): Posed {
  const attempt = choose.pick(choose.pick(GROUPS))
  const to = { ring: choose.pick([1, 2, 3, 3]), iopl: choose.below(4), interrupts: choose.below(2) === 1 }
  const lines = [...attempt.before, attempt.instruction].map((line) => `  ${line}`)
  const stage = new Stage(`from:\n${attempt.before.join("\n")}\n.here:\n${attempt.instruction}\n.next: nop`)
  const ran = run(stage, "from", to, "from.here")
  const { outcome } = ran
  return {
    text: `CPL is ${to.ring} and IOPL is ${to.iopl}; IF is ${to.interrupts ? 1 : 0}, and no port is open in the I/O permission bitmap.\n\nWhat becomes of the last of these lines?`,
    listing: lines.some((line) => line.includes(".next"))
      ? [...lines, ".next:"].join("\n")
      : lines.join("\n"),
    form: { kind: "choice", options: Object.values(OPTIONS) },
    answer: OPTIONS[outcome],
    because: `${because(ran)} ${RULES[outcome]}`,
    look: LOOK,
    rule: RULE,
    slips: slips(attempt, to, ran),
    run: () =>
      recordStage(stage, {
        title: `In ring ${to.ring} with IOPL ${to.iopl}`,
        from: "from",
        visit: to,
        until: "from.next",
      }),
  }
}

/** The stage runs the instruction; the student says how it ends. */
export const PRIVILEGED = posedExercise("rings/privileged", "May it run?", pose)
