/** Loading a segment register: CPL, RPL and DPL. */
import { codeSelector } from "../../guests/kit"
import {
  CONFORMING,
  dataOfRing,
  EXECUTE_ONLY,
  NOT_PRESENT,
  READ_ONLY,
  Stage,
  type Tried,
} from "../../guests/rings"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { recordStage } from "../runs"

/** A segment that a selector can name. */
interface Segment {
  readonly what: string
  /** With RPL 0. */
  readonly selector: number
  /** Undefined where there is no descriptor. */
  readonly dpl?: number
  /** P = 0. */
  readonly absent?: boolean
  /** Its rights do not ask for CPL or RPL. */
  readonly conforming?: boolean
}

const BEYOND = 0x200
const NAMED: readonly ((choose: Random) => Segment)[] = [
  (choose) => data(choose.below(4)),
  (choose) => data(choose.below(4)),
  (choose) => code(choose.below(4)),
  () => ({ what: "a conforming, readable code segment", selector: CONFORMING, dpl: 0, conforming: true }),
  () => ({ what: "a read-only data segment", selector: READ_ONLY, dpl: 3 }),
  () => ({
    what: "a writable data segment that is not present (P = 0)",
    selector: NOT_PRESENT,
    dpl: 3,
    absent: true,
  }),
  () => ({ what: "an execute-only code segment", selector: EXECUTE_ONLY, dpl: 3 }),
  () => ({ what: "nothing: the GDT ends before it", selector: BEYOND }),
  () => ({ what: "the null descriptor", selector: 0 }),
]
const data = (dpl: number): Segment => ({ what: "a writable data segment", selector: dataOfRing(dpl), dpl })
const code = (dpl: number): Segment => ({
  what: "a readable code segment",
  selector: codeSelector(dpl) & ~3,
  dpl,
})

const REGISTERS = ["ds", "es", "fs", "gs", "ss", "ss"]
const COMPLETES = "It completes"
const OPTIONS = [
  COMPLETES,
  "#GP with the selector",
  "#GP(0)",
  "#NP with the selector",
  "#SS with the selector",
]

const DATA_RULE =
  'DS, ES, FS and GS take a data segment or readable code if CPL ≤ DPL and RPL ≤ DPL, else #GP with the selector; a conforming code segment does not ask. Then P must be 1, else #NP. A null selector may be loaded, but not used (SDM Vol. 3A §5.6 "Privilege Level Checking When Accessing Data Segments").'
const STACK_RULE =
  'SS takes only a writable data segment with RPL = DPL = CPL, else #GP with the selector; a null selector is #GP(0). Then P must be 1, else #SS (SDM Vol. 3A §5.7 "Privilege Level Checking When Loading the SS Register").'

const LOOK =
  "Take the checks in their order: is there a descriptor, is it of a kind that this register takes, do the levels fit, is P set?"

interface Load {
  readonly register: string
  readonly ring: number
  readonly rpl: number
  readonly segment: Segment
}

const isStack = ({ register }: Load) => register === "ss"

function outcome({ fault }: Tried): string {
  if (!fault) return COMPLETES
  return fault.errorCode === 0 ? `${fault.name}(0)` : `${fault.name} with the selector`
}

/** Thoughts that let the load pass. */
function whyItPasses(load: Load): Slip | undefined {
  const { ring, rpl, segment } = load
  const { dpl = 0 } = segment
  const passes = (misconception: string, text: string): Slip => ({ answer: COMPLETES, misconception, text })
  if (isStack(load) && segment.selector === 0)
    return passes(
      "null-stack",
      "A null selector may go into DS, but the stack is used at once by every push: SS refuses it.",
    )
  if (isStack(load))
    return passes("stack-like-data", "SS asks for more than DS does: of the levels, and of the segment.")
  if (segment.dpl === undefined) return undefined
  if (segment.absent)
    return passes(
      "present-bit-ignored",
      "The rights are fine. But rights are not all that a descriptor has: read again what the selector names.",
    )
  if (ring <= dpl && rpl > dpl)
    return passes("rpl-ignored", `CPL ${ring} ≤ DPL ${dpl} is only half of it. Who else has a level here?`)
  if (rpl <= dpl && ring > dpl)
    return passes(
      "rpl-gives-rights",
      `RPL ${rpl} ≤ DPL ${dpl}, yes. But can RPL give a right, or only take one away?`,
    )
  return undefined
}

/** Thoughts that refuse it. */
function whyItFails(load: Load): Slip[] {
  const { ring, rpl, segment } = load
  const refused = { answer: "#GP with the selector" }
  if (segment.conforming && !isStack(load))
    return [
      {
        ...refused,
        misconception: "conforming-has-dpl",
        text: "You go by DPL. What is it worth in a conforming segment?",
      },
    ]
  if (segment.selector === 0 && !isStack(load))
    return [
      {
        answer: "#GP(0)",
        misconception: "null-faults-at-once",
        text: "Nobody can use a null selector. But is anything used here yet?",
      },
    ]
  if (segment.dpl !== undefined && Math.max(ring, rpl) <= segment.dpl && !isStack(load))
    return [
      {
        ...refused,
        misconception: "order-of-rings",
        text: "A smaller number is a mightier ring. Compare CPL and RPL with DPL once more.",
      },
    ]
  return []
}

function slips(load: Load): Slip[] {
  const { segment } = load
  const passes = whyItPasses(load)
  const absent: Slip[] =
    segment.dpl === undefined
      ? [
          {
            answer: "#NP with the selector",
            misconception: "beyond-is-not-present",
            text: "#NP is for a descriptor that is there and has P = 0. Here there is none.",
          },
        ]
      : []
  const stack: Slip[] = isStack(load)
    ? [
        {
          answer: "#SS with the selector",
          misconception: "stack-fault-for-rights",
          text: "#SS at a load has a meaning of its own, and it is not that the rights are wrong.",
        },
      ]
    : []
  return [...(passes ? [passes] : []), ...whyItFails(load), ...absent, ...stack]
}

function describe({ what, dpl }: Segment): string {
  return dpl === undefined ? what : `${what} with DPL ${dpl}`
}

function pose(choose: Random): Posed {
  const load: Load = {
    register: choose.pick(REGISTERS),
    ring: choose.below(4),
    rpl: choose.below(4),
    segment: choose.pick(NAMED)(choose),
  }
  const { register, ring, segment } = load
  const selector = segment.selector === 0 ? 0 : segment.selector | load.rpl
  const lines = [`mov eax, 0x${selector.toString(16)}`, `mov ${register}, eax`]
  const stage = new Stage(`program:\n  ${lines[0]}\nload:\n  ${lines[1]}\ndone:\n  nop`)
  const tried = stage.try("program", { ring, iopl: 0 }, "load")
  const rule = isStack(load) ? STACK_RULE : DATA_RULE
  return {
    text: `CPL is ${ring}. The selector ${hex(selector, 4)} names ${describe(segment)}.\n\nWhat becomes of the second line?`,
    listing: `  ${lines.join("\n  ")}`,
    form: { kind: "choice", options: OPTIONS },
    answer: outcome(tried),
    because: `${tried.fault ? `In the run: ${tried.fault.name}(${hex(tried.fault.errorCode ?? 0, 4)}): ${tried.fault.says}.` : "In the run it completed."} ${rule}`,
    look: LOOK,
    rule,
    slips: slips(load),
    run: () =>
      recordStage(stage, {
        title: `The load in ring ${ring}`,
        from: "program",
        visit: { ring, iopl: 0 },
        until: "done",
      }),
  }
}

/** The load is run; the student says how it ends. */
export const SEGMENTS = posedExercise("rings/segments", "May it be loaded?", pose)
