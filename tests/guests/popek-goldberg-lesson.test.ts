import { beforeAll, describe, expect, test } from "vitest"
import { offendingMnemonics } from "../../src/theory/classification"
import { differences } from "../../src/views/difference"
import { recordWitness } from "../../src/views/witness"
import { Lesson } from "./lesson"

/** The lesson searches for offenders three times. */
const SLOW = 180_000

/** Fewer states than the lesson tries, with the same offenders. `tests/browser/popek-goldberg.test.ts` makes its own search. */
const SHORTER = { "search-cell": [["states: 1000", "states: 400"]] } as const

describe("what the lesson on Popek and Goldberg says is so", () => {
  let lesson: Lesson
  beforeAll(() => {
    lesson = new Lesson("05-popek-goldberg", SHORTER)
  }, SLOW)
  const ends = (id: string): readonly Record<string, string>[] => lesson.value(id)

  test("of the eight instructions two trap in ring 1, and three end differently", () => {
    const rows = ends("twins")
    const traps = rows.filter((row) => row["ring 1"] === "trap").map(({ lines }) => lines)
    expect(traps).toEqual(["cli", "clts"])
    const differ = rows.filter((row) => row["ring 1"] !== "trap" && row["ring 0"] !== row["ring 1"])
    expect(differ.map(({ lines }) => lines.split(", then ").at(-1))).toEqual([
      "mov eax, cs",
      "popfd",
      "lar eax, eax",
    ])
  })

  test("SGDT and SIDT see where the tables lie, and the others do not", () => {
    const see = ends("tables-cell").filter((row) => row["tables near 1 MB"] !== row["tables near 2 MB"])
    expect(see.map(({ lines }) => lines.slice(0, 4))).toEqual(["sgdt", "sidt"])
  })

  test("the lines to be changed are no witness", () => {
    expect(lesson.value("own-witness-cell")).toEqual({
      "it is": "no witness: both end the same",
      "first end": expect.stringContaining("ZF 1"),
      "second end": expect.stringContaining("ZF 1"),
    })
  })

  test.each([
    ["mov eax, DATA0\nverr ax", { ring: 0 }, "a witness, by its ring"],
    ["sgdt [esp - 8]\nmov eax, [esp - 6]", { tablesAt: 0x200000 }, "a witness, by its tablesAt"],
    ["mov eax, cs", { ring: 0 }, "a witness, by its ring"],
    [
      "mov eax, cs",
      { ring: 0, tablesAt: 0x200000 },
      "no witness: they must differ in one thing, and differ in ring and tablesAt",
    ],
    ["mov eax, cs", {}, "no witness: they must differ in one thing, and differ in none"],
    ["mov eax, cs", { lines: "nop" }, "no witness: the same lines must run from both"],
    ["cli", { ring: 0 }, "no witness: whoever traps is heard by the monitor"],
  ])("a student's own witness is judged: %j, and %j", (lines, other, says) => {
    const state = { ring: 1, tablesAt: 0x100000, lines }
    expect(
      lesson.run(`judge(${JSON.stringify(state)}, ${JSON.stringify({ ...state, ...other })})["it is"]`),
    ).toBe(says)
  })

  test("the search finds the dangerous instructions that the lecture names", () => {
    const names: readonly string[] = offendingMnemonics(lesson.value("search-cell").classification)
    const dangerous = "POPF PUSHF SGDT SIDT SLDT STR SMSW LAR LSL VERR VERW IRET".split(" ")
    expect(names).toEqual(expect.arrayContaining(dangerous))
    for (const name of ["HLT", "CLI", "LGDT", "ADD", "MOV", "PUSH"]) expect(names).not.toContain(name)
  })

  test("all four sets have members", () => {
    const { tried, forms, ...sets } = lesson.value("search-sets")
    expect(forms).toBeGreaterThan(800)
    expect(tried).toBeGreaterThan(400 * forms)
    for (const count of Object.values(sets)) expect(count).toBeGreaterThan(0)
  })

  test("with 10 states a form PUSHF and VERR are missed", () => {
    const found = lesson.run("popekGoldberg({ ring: 1 }, { states: 10 }).offenders")
    for (const name of ["PUSHF", "VERR"]) expect(found).not.toContain(name)
  })

  test("with IOPL 1 what is IOPL-sensitive is an offender in ring 1", () => {
    const few = `{ states: 200, forms: ({ mnemonic }) => ["CLI", "STI", "IN", "OUT", "HLT"].includes(mnemonic) }`
    expect(lesson.run(`popekGoldberg({ ring: 1, iopl: 1 }, ${few}).offenders.join()`)).toBe("CLI,STI,IN,OUT")
    expect(lesson.run(`popekGoldberg({ ring: 1 }, ${few}).offenders.join()`)).toBe("")
  })

  test("each offender's witness tells of the guest as it is, as it would be, and what its kernel gets wrong", () => {
    const rows = ends("witness-cell")
    for (const row of rows)
      expect(Object.values(row).join(" | ")).toMatch(
        /^[A-Z][\w ]+ \| (?:[A-Z]+|memory at \w+) (?:stays|becomes) \w+ \| (?:In|With) [^.|]+ \| A guest kernel (?:takes|believes) [^.]+\.$/,
      )
    expect(rows.find(({ offender }) => offender === "POPF")).toEqual({
      offender: "POPF",
      "under the monitor": "IF stays 1",
      "on a machine of its own": "In ring 0 it becomes 0",
      so: "A guest kernel believes that interrupts are off.",
    })
    expect(rows.find(({ offender }) => offender === "IRET")?.["under the monitor"]).toMatch(
      /^(?:IF|IOPL) stays/,
    )
  })

  test("the witness for POPF differs in the mode, and its recordings show it", () => {
    const { left, right } = recordWitness(lesson.value("witness-pair").witness)
    expect([left.view.ring, right.view.ring]).toEqual([1, 0])
    expect(differences(left.view, right.view).map(({ name }) => name)).toContain("IF")
  })

  test("the paper and the execution differ in just what the text explains", () => {
    const rows: readonly Record<string, string>[] = lesson.value("literature-cell")
    const names = (where: string) => rows.filter((row) => row.where === where).map(({ mnemonic }) => mnemonic)
    expect(names("published only")).toEqual(["POP"])
    expect(names("found only").sort()).toEqual(["INT1", "INT3", "INTO", "IRET", "SYSENTER"])
    const [pop] = rows.filter(({ mnemonic }) => mnemonic === "POP")
    expect(pop.reason).toMatch(/^POP SS in ring 1 .*completes\. In ring 0 it traps/)
  })

  test("the red pill tells ring 1, and nothing faults", () => {
    const pill = lesson.value("red-pill-count")
    expect(pill["in ring 0"]).toContain("EAX 00000000h")
    expect(pill["in ring 1"]).toContain("EAX 00000001h")
    expect(pill["faults in ring 1"]).toBe(0)
    expect(lesson.sentence("red-pill-cell", 26)).toMatch(/Ring 1 ran “and eax, 3”/)
  })

  test("with all offenders repaired the theorem holds, with all but one it does not", () => {
    const [all, rest] = ["repair-cell", "repair-all-but-one"].map((id) => lesson.value(id).holds)
    expect([all, rest]).toEqual([true, false])
  })

  test("UMIP closes five", () => {
    const { closed, "still open": open } = lesson.value("umip-cell")
    expect(closed.split(", ").sort()).toEqual(["SGDT", "SIDT", "SLDT", "SMSW", "STR"])
    expect(open.split(", ")).toContain("POPF")
  })

  test("the second list of the theorems lacks what sees only the mode", () => {
    const rows: readonly { monitor: string; holds: boolean; reason: string }[] = lesson.value("theorems-cell")
    const of = (name: string) => rows.filter(({ monitor }) => monitor === name)[0]
    const [hybrid, virtualizable] = [of("hybrid"), of("virtualizable")]
    for (const name of ["PUSH CS", "MOV Sreg", "LAR", "LSL", "VERR", "VERW"]) {
      expect(virtualizable.reason).toContain(name)
      expect(hybrid.reason).not.toContain(name)
    }
    for (const name of ["SGDT", "PUSHF"]) expect(hybrid.reason).toContain(name)
    expect(hybrid.holds).toBe(false)
  })

  test("of the small machine of 1974 one instruction breaks two theorems, and leaves the third", () => {
    const holds = { virtualizable: true, hybrid: true, recursive: true }
    expect(lesson.value("third-generation-cell")).toEqual([
      { offenders: "none", ...holds },
      { offenders: "JRST 1", virtualizable: false, hybrid: true, recursive: false },
    ])
    expect(lesson.value("third-generation-witness")).toBe(
      "JRST 1 in user mode: mode stays user, no trap. In supervisor mode it becomes user. What differed before no longer differs. A guest kernel believes that it runs in user mode from now on, and no trap told its monitor.",
    )
  })
})
