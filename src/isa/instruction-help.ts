/** What the instruction table says of an instruction, in words: the notebook's help inside of asm`…`. */
import { ALIASES, BY_CODE_SIZE, TABLE } from "./isa"
import type { Row } from "./notation"

/** An instruction, described. */
export interface InstructionHelp {
  /** Its forms in the manual's notation, without those that are only other encodings: "LGDT m16&32". */
  readonly forms: readonly string[]
  /** Sentences: what becomes of it outside ring 0, its flags, its faults, and where the manual has it. */
  readonly says: readonly string[]
}

/**
 * What there is to know of an instruction before it is used.
 * @param name a mnemonic, in small or capital letters: "lgdt", "jz"
 * @returns undefined if no instruction is called so
 */
export function describeInstruction(name: string): InstructionHelp | undefined {
  const written = name.toUpperCase()
  const known = ALIASES[written] ?? written
  const names = BY_CODE_SIZE[known] ?? [known]
  const rows = TABLE.filter((row) => names.includes(row.name) || names.includes(row.name16))
  if (rows.length === 0) return undefined
  const alias = known === written ? [] : [`${written} is another name of ${known}.`]
  return {
    forms: [...new Set(rows.filter(({ encoding }) => !encoding.alias).map(({ text }) => text.syntax))],
    says: [...alias, ...outside(rows), ...flags(rows), ...faults(rows), manual(known)],
  }
}

/** What is said of the claims that the table makes. */
const CLAIMS = {
  traps: (why: string) => `privileged: outside ring 0 it faults with #GP(0). It is about ${why}.`,
  iopl: (why: string) =>
    `allowed where CPL ≤ IOPL${why === "ports" ? ", or where the I/O permission bitmap opens the port" : ""}; else it faults with #GP(0).`,
  leaks: (why: string) =>
    `not privileged, and yet sensitive: it runs in every ring, and shows or silently loses privileged state (${why}).`,
}

/** One sentence for all forms, or one for each claim with the forms that it is made of. */
function outside(rows: readonly Row[]): string[] {
  const claimOf = ({ outside }: Row) =>
    outside ? CLAIMS[outside.claim](outside.why) : "not privileged: it runs in every ring."
  const claims = [...new Set(rows.map(claimOf))]
  if (claims.length === 1) return [capital(claims[0])]
  return claims.map((claim) => {
    const forms = [...new Set(rows.filter((row) => claimOf(row) === claim).map(({ text }) => text.syntax))]
    return `${forms.length > MOST_NAMED ? "Other forms" : forms.join("; ")} – ${claim}`
  })
}

const MOST_NAMED = 4
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const FLAG_NAMES: Readonly<Record<string, string>> = {
  o: "OF",
  s: "SF",
  z: "ZF",
  a: "AF",
  p: "PF",
  c: "CF",
  d: "DF",
  i: "IF",
}

function flags(rows: readonly Row[]): string[] {
  const named = (which: "defined" | "undefined") =>
    [...new Set(rows.flatMap(({ flags }) => [...flags[which]]))].map((letter) => FLAG_NAMES[letter] ?? letter)
  const [defined, undefinedOnes] = [named("defined"), named("undefined")]
  if (defined.length === 0 && undefinedOnes.length === 0) return ["It changes no flags."]
  const rest = undefinedOnes.length > 0 ? [`leaves ${undefinedOnes.join(", ")} undefined`] : []
  const sets = defined.length > 0 ? [`sets ${defined.join(", ")}`] : []
  return [`It ${[...sets, ...rest].join(", and ")}.`]
}

/** Faults that any instruction with such operands may raise. */
function faults(rows: readonly Row[]): string[] {
  const memory = rows.some(({ operands }) => operands.some((type) => /^(r\/)?m|\/m16$/.test(type)))
  return memory
    ? ["Its operand in memory may fault: #GP(0) or #SS(0) beyond a segment's limit, #PF where no page is."]
    : []
}

/** Volume 2 goes by the alphabet: 2A A to L, 2B M to U, 2C V, 2D W to Z. */
function manual(name: string): string {
  const volume = ["L", "U", "V", "Z"].findIndex((last) => name.charAt(0) <= last)
  return `Manual: SDM Vol. 2${"ABCD"[volume]}, “${name}”.`
}
