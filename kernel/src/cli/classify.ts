/** `ringlab classify`: which instructions are privileged, which are sensitive, and what follows. */
import {
  type Classification,
  type Conditions,
  classify as classifyForms,
  compareWithRobinIrvine,
  type FormVerdict,
  kindOf,
  offendersOf,
  theorem,
} from "ringlab"
import { number, read } from "./arguments"
import { badUsage } from "./trouble"

const OPTIONS = {
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
  if (values.ring !== "1" && values.ring !== "3")
    throw badUsage(`--ring must be 1 or 3, but is "${values.ring}".`)
  const conditions: Conditions = {
    ring: values.ring === "1" ? 1 : 3,
    iopl: number(values.iopl, "--iopl", 0, 3) as Conditions["iopl"],
    umip: values.umip,
    repaired: values.repair
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean),
    seed: number(values.seed, "--seed", 0, HIGHEST_SEED),
  }
  const classification = search(conditions)
  console.log(
    values.json
      ? JSON.stringify({ ...classification, theorems: theorem(classification) })
      : text(classification),
  )
  return 0
}

function search(conditions: Conditions): Classification {
  try {
    return classifyForms(conditions, { progress })
  } catch (error) {
    if (error instanceof RangeError) throw badUsage(`--repair: ${error.message}.`)
    throw error
  } finally {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K")
  }
}

/** How far the search is, where somebody looks on. */
function progress(done: number, all: number): void {
  if (process.stderr.isTTY && (done % 20 === 0 || done === all))
    process.stderr.write(`\r${done} of ${all} forms`)
}

function text(classification: Classification): string {
  const { conditions, forms, tried } = classification
  const { ring, iopl, umip, repaired } = conditions
  const { virtualizable, hybrid, recursive } = theorem(classification)
  const interesting = forms.filter((form) => kindOf(form) !== "neither")
  const neither = forms.length - interesting.length
  const answer = (holds: boolean) => (holds ? "yes" : "no")
  return [
    `User mode is ring ${ring}; IOPL ${iopl}, every port closed by the I/O permission bitmap, CR4.UMIP ${umip ? 1 : 0}, CR4.TSD and CR4.PCE 0.`,
    ...(repaired.length > 0 ? [`Repaired: ${repaired.join(", ")}.`] : []),
    "",
    ...interesting.map(line),
    "",
    `${neither} other forms are neither: no counter-example was found.`,
    `${forms.length} forms, ${tried.toLocaleString("en")} states tried, seed ${conditions.seed}.`,
    "",
    `Virtualizable: ${answer(virtualizable.holds)}. ${virtualizable.reason}`,
    `Hybrid: ${answer(hybrid.holds)}. ${hybrid.reason}`,
    `Recursively: ${answer(recursive.holds)}. ${recursive.reason}`,
    "",
    "Beside the list of Robin and Irvine (2000):",
    ...compareWithRobinIrvine(offendersOf(classification)).map(
      ({ mnemonic, reason }) => `  ${mnemonic.padEnd(8)}  ${reason}`,
    ),
  ].join("\n")
}

function line(form: FormVerdict): string {
  const sensitive = [form.control ? "control" : "", form.behaviour ? "behaviour" : ""]
    .filter(Boolean)
    .join(" and ")
  const words = [form.privileged ? "privileged" : "", sensitive && `${sensitive}-sensitive`]
    .filter(Boolean)
    .join(", ")
  return `${form.offender ? "!" : " "} ${form.form.padEnd(38)} ${words}`
}
