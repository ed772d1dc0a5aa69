/**
 * The list of instructions that keep the Pentium from being virtualized, as published, beside the list found here.
 * @see J. S. Robin and C. E. Irvine, "Analysis of the Intel Pentium's Ability to Support a Secure Virtual Machine
 * Monitor", USENIX Security 2000
 */
import type { FormVerdict } from "./classification"

/** The paper's two headings. */
export type PaperGroup = "sensitive register instructions" | "protection system references"

/** Mnemonics in the paper's words, and which of ours each covers. */
interface Listed {
  readonly name: string
  readonly group: PaperGroup
  readonly covers: readonly string[]
}

const register = (name: string): Listed => ({
  name,
  group: "sensitive register instructions",
  covers: [name],
})
const reference = (name: string, covers: readonly string[] = [name]): Listed => ({
  name,
  group: "protection system references",
  covers,
})

/** The published list. */
export const ROBIN_IRVINE: readonly Listed[] = [
  register("SGDT"),
  register("SIDT"),
  register("SLDT"),
  register("SMSW"),
  register("PUSHF"),
  register("POPF"),
  reference("LAR"),
  reference("LSL"),
  reference("VERR"),
  reference("VERW"),
  reference("POP", ["POP SS", "POP DS", "POP ES", "POP FS", "POP GS"]),
  reference("PUSH", ["PUSH CS", "PUSH SS"]),
  reference("CALL", ["CALL far"]),
  reference("JMP", ["JMP far"]),
  reference("INT n", ["INT"]),
  reference("RET", ["RETF"]),
  reference("STR"),
  reference("MOVE", ["MOV Sreg"]),
]

/** Why our list lacks what the paper has. */
const ONLY_THEIRS: Readonly<Record<string, string>> = {
  POP: "a selector that the ring may not load traps, and one that it may load loads the same in every ring; so a monitor sees all that concerns it",
}
/** Why our list has what the paper lacks. */
const ONLY_OURS: Readonly<Record<string, string>> = {
  IRET: "it silently keeps IF and IOPL as POPF does, and changes the ring as RETF does; other counts of the list include it",
  INT1: "it goes through a gate as INT n does; who counts that as a trap strikes all four",
  INT3: "it goes through a gate as INT n does; who counts that as a trap strikes all four",
  INTO: "it goes through a gate as INT n does; who counts that as a trap strikes all four",
  SYSENTER: "it enters ring 0 without any check of privilege; a fast call that the paper does not treat",
}

/** How one name stands in the two lists. */
export interface Comparison {
  readonly mnemonic: string
  readonly group: PaperGroup | undefined
  readonly where: "both" | "published only" | "found only"
  readonly reason: string
}

/**
 * Compare offenders with the published list, by names.
 * @param offenders forms that are sensitive and complete in user mode
 */
export function compareWithRobinIrvine(offenders: readonly FormVerdict[]): readonly Comparison[] {
  const listed = ROBIN_IRVINE.map((each) => compareListed(each, offenders))
  const covered = new Set(ROBIN_IRVINE.flatMap(({ covers }) => covers))
  const others = [...new Set(offenders.map(({ mnemonic }) => mnemonic))].filter((name) => !covered.has(name))
  return [...listed, ...others.map(foundOnly)]
}

function compareListed({ name, group, covers }: Listed, offenders: readonly FormVerdict[]): Comparison {
  const found = offenders.find(({ mnemonic }) => covers.includes(mnemonic))
  if (!found)
    return {
      mnemonic: name,
      group,
      where: "published only",
      reason: `published only: ${ONLY_THEIRS[name] ?? "under these conditions it traps"}`,
    }
  const { behaviour, control } = found.witnesses
  const witness = behaviour ?? control
  return {
    mnemonic: name,
    group,
    where: "both",
    reason: `both, among the ${group}: ${witness?.sentence ?? ""}`,
  }
}

const foundOnly = (mnemonic: string): Comparison => ({
  mnemonic,
  group: undefined,
  where: "found only",
  reason: `found only: ${ONLY_OURS[mnemonic] ?? "see its witness"}`,
})
