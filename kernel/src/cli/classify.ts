/** `ringlab classify`: which instructions are privileged, which are sensitive, and what follows. */
import {
  type Classification,
  type Conditions,
  classify as classifyForms,
  classifyThirdGeneration,
  compareWithRobinIrvine,
  type FormVerdict,
  kindOf,
  reversedOnly,
  type SmallClassification,
  theorem,
} from "ringlab"
import { number, read } from "./arguments"
import { standardOutput } from "./output"
import { badUsage } from "./trouble"

const MACHINES = ["ia32", "third-generation", "third-generation-flawed"]
/** As `node:util` wants them; --help tells them, too. */
export const OPTIONS = {
  machine: { type: "string", default: MACHINES[0] },
  ring: { type: "string", default: "3" },
  iopl: { type: "string", default: "0" },
  umip: { type: "boolean", default: false },
  repair: { type: "string", default: "" },
  seed: { type: "string", default: "1" },
  json: { type: "boolean", default: false },
} as const

const HIGHEST_SEED = 2 ** 32 - 1

/** Classify and print. @returns the exit code @throws Trouble */
export function classify(args: readonly string[]): number {
  const { values, positionals } = read(args, OPTIONS)
  if (positionals.length > 0)
    throw badUsage(`ringlab classify takes no file, but got ${positionals.join(", ")}.`)
  if (!MACHINES.includes(values.machine))
    throw badUsage(`--machine must be ${MACHINES.join(" or ")}, but is "${values.machine}".`)
  const small = values.machine !== MACHINES[0]
  const classification = whatIsWrong(() => (small ? searchSmall(values) : search(conditionsOf(values))))
  const said = values.json ? JSON.stringify(everything(classification)) : text(classification)
  standardOutput.print(`${said}\n`)
  return 0
}

const everything = (classification: Either) => ({
  ...classification,
  theorems: theorem(classification),
  ...(isIa32(classification) ? { published: compareWithRobinIrvine(classification.forms) } : {}),
})

type Values = ReturnType<typeof read<typeof OPTIONS>>["values"]
type Either = Classification | SmallClassification

const repairedOf = ({ repair }: Values) =>
  repair
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean)
const seedOf = ({ seed }: Values) => number(seed, "--seed", 0, HIGHEST_SEED)

function conditionsOf(values: Values): Conditions {
  if (values.ring !== "1" && values.ring !== "3")
    throw badUsage(`--ring must be 1 or 3, but is "${values.ring}".`)
  return {
    ring: values.ring === "1" ? 1 : 3,
    iopl: number(values.iopl, "--iopl", 0, 3) as Conditions["iopl"],
    umip: values.umip,
    repaired: repairedOf(values),
    seed: seedOf(values),
  }
}

function searchSmall(values: Values): SmallClassification {
  for (const option of ["ring", "iopl", "umip"] as const)
    if (values[option] !== OPTIONS[option].default)
      throw badUsage(`--${option} is IA-32's: leave it out for a machine of the third generation.`)
  const flawed = values.machine === MACHINES[2]
  return classifyThirdGeneration({ flawed, repaired: repairedOf(values), seed: seedOf(values) })
}

/** The core names an instruction that it does not know in a RangeError. */
function whatIsWrong(work: () => Either): Either {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) throw badUsage(`--repair: ${error.message}.`)
    throw error
  }
}

function search(conditions: Conditions): Classification {
  try {
    return classifyForms(conditions, { progress })
  } finally {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K")
  }
}

/** How far the search is, where somebody looks on. */
function progress(done: number, all: number): void {
  if (process.stderr.isTTY && (done % 20 === 0 || done === all))
    process.stderr.write(`\r${done} of ${all} forms`)
}

function text(classification: Either): string {
  const { conditions, forms, tried } = classification
  const { repaired, seed } = conditions
  const { virtualizable, hybrid, recursive } = theorem(classification)
  const interesting = forms.filter((form) => kindOf(form) !== "neither")
  const neither = forms.length - interesting.length
  const answer = (holds: boolean) => (holds ? "yes" : "no")
  return [
    fixedIn(conditions),
    ...(repaired.length > 0 ? [`Repaired: ${repaired.join(", ")}.`] : []),
    "",
    ...interesting.map(line),
    "",
    `${neither} other forms are neither: no counter-example was found.`,
    ...leftOut(classification),
    `${forms.length} forms, ${tried.toLocaleString("en")} states tried, seed ${seed}.`,
    "",
    `Virtualizable: ${answer(virtualizable.holds)}. ${virtualizable.reason}`,
    `Hybrid: ${answer(hybrid.holds)}. ${hybrid.reason}`,
    `Recursively: ${answer(recursive.holds)}. ${recursive.reason}`,
    ...(isIa32(classification) ? besidePublished(classification) : []),
  ].join("\n")
}

const isIa32 = (classification: Either): classification is Classification =>
  "ring" in classification.conditions

/** What is the same in all states. */
function fixedIn(conditions: Either["conditions"]): string {
  if ("ring" in conditions) {
    const { ring, iopl, umip } = conditions
    return `User mode is ring ${ring}; IOPL ${iopl}, every port closed by the I/O permission bitmap, CR4.UMIP ${umip ? 1 : 0}, CR4.TSD and CR4.PCE 0.`
  }
  const flaw = conditions.flawed ? "; JRST 1 does not trap in user mode" : ""
  return `A small machine of the third generation: two modes, a relocation-bounds register${flaw}.`
}

/** What the definition leaves out, if there is such. */
function leftOut(classification: Either): string[] {
  const forms = reversedOnly<unknown>(classification).map(({ form }) => form)
  if (forms.length === 0) return []
  return [
    "Of these, some complete in user mode from states from which ring 0 traps. Sensitive is here only what completes in both",
    `modes and ends differently; who compares traps, too, adds: ${forms.join("; ")}.`,
  ]
}

function besidePublished(classification: Classification): string[] {
  const told = compareWithRobinIrvine(classification.forms).flatMap(
    ({ mnemonic, where, group, about, forms }) => [
      `  ${mnemonic}: ${where}${group ? `, among the ${group}` : ""}${about ? `. ${about}` : ""}`,
      ...forms.map(
        ({ form, offender, reason }) =>
          `    ${offender ? "!" : " "} ${reason.startsWith(form) ? "" : `${form}: `}${reason}`,
      ),
    ],
  )
  return ["", "Beside the list of Robin and Irvine (2000), form by form:", ...told]
}

function line(form: FormVerdict<unknown>): string {
  const sensitive = [form.control ? "control" : "", form.behaviour ? "behaviour" : ""]
    .filter(Boolean)
    .join(" and ")
  const words = [form.privileged ? "privileged" : "", sensitive && `${sensitive}-sensitive`]
    .filter(Boolean)
    .join(", ")
  return `${form.offender ? "!" : " "} ${form.form.padEnd(38)} ${words}`
}
