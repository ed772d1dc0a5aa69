import { afterEach, beforeAll, describe, expect, test } from "vitest"
import { TABLE } from "../../src/isa/isa"
import { hashOf, recordRun, restoreStart } from "../../src/machine/time/recording"
import { random } from "../../src/numbers/random"
import {
  type Classification,
  CONDITIONS,
  type FormVerdict,
  isSensitive,
  kindOf,
  offendersOf,
  offendingMnemonics,
  reversedOnly,
} from "../../src/theory/classification"
import { classify, situate } from "../../src/theory/ia32/classify"
import { formsOf } from "../../src/theory/ia32/forms"
import { provisional, recheck } from "../../src/theory/ia32/recheck"
import { Runner } from "../../src/theory/ia32/runner"
import { Ia32 } from "../../src/theory/ia32/subject"
import { compareWithRobinIrvine } from "../../src/theory/robin-irvine"
import { theorem } from "../../src/theory/theorems"
import { mostTelling } from "../../src/views/verdict"

const UMIP = ["SGDT", "SIDT", "SLDT", "SMSW", "STR"]
const only =
  (...names: readonly string[]) =>
  ({ mnemonic }: { mnemonic: string }) =>
    names.includes(mnemonic)

let whole: Classification
/** Few states of each form, for what must be the same however it is searched. */
let few: Classification
beforeAll(() => {
  whole = classify(CONDITIONS, { states: 1000 })
  few = classify(CONDITIONS, { states: FEW })
}, 180_000)
const FEW = 60

const of = (mnemonic: string) => whole.forms.filter(only(mnemonic))
const shown = (form: FormVerdict) => ({
  kind: kindOf(form),
  control: form.control,
  behaviour: form.behaviour,
  offender: form.offender,
})

describe("worked cases in ring 3 with IOPL 0", () => {
  test.each([
    ["POPF", { kind: "sensitive", control: true, behaviour: true, offender: true }],
    ["SGDT", { kind: "sensitive", control: false, behaviour: true, offender: true }],
    ["PUSH CS", { kind: "sensitive", control: false, behaviour: true, offender: true }],
    ["LAR", { kind: "sensitive", control: false, behaviour: true, offender: true }],
    ["CLI", { kind: "both", control: true, behaviour: true, offender: false }],
    ["HLT", { kind: "both", control: true, behaviour: false, offender: false }],
    ["INVLPG", { kind: "both", control: true, behaviour: false, offender: false }],
    ["RDMSR", { kind: "privileged", control: false, behaviour: false, offender: false }],
    ["ADD", { kind: "neither", control: false, behaviour: false, offender: false }],
    ["PUSH DS", { kind: "neither", control: false, behaviour: false, offender: false }],
    ["CPUID", { kind: "neither", control: false, behaviour: false, offender: false }],
  ])("%s", (mnemonic, expected) => {
    const forms = of(mnemonic)
    expect(forms.length).toBeGreaterThan(0)
    for (const form of forms) expect([form.form, shown(form)]).toEqual([form.form, expected])
  })
})

test("each form of the table is tried, has a name of its own, and enough states", () => {
  expect(whole.forms.map(({ form }) => form)).toEqual(formsOf().map(({ form }) => form))
  expect(new Set(whole.forms.map(({ form }) => form)).size).toBe(whole.forms.length)
  expect(whole.forms.filter(({ tried }) => tried < 1000)).toEqual([])
})

test("a privileged form is no offender, and each sensitive one has a witness", () => {
  expect(whole.forms.filter(({ privileged, offender }) => privileged && offender)).toEqual([])
  for (const form of whole.forms.filter(isSensitive))
    expect([form.form, Boolean(form.witnesses.control ?? form.witnesses.behaviour)]).toEqual([
      form.form,
      true,
    ])
})

test("the mnemonics that are sensitive and complete in user mode", () => {
  expect(offendingMnemonics(whole).sort()).toEqual(
    [
      ...["CALL far", "INT", "INT1", "INT3", "INTO", "IRET", "JMP far", "LAR", "LSL", "MOV Sreg", "POPF"],
      ...[
        "PUSH CS",
        "PUSH SS",
        "PUSHF",
        "RETF",
        "SGDT",
        "SIDT",
        "SLDT",
        "SMSW",
        "STR",
        "SYSENTER",
        "VERR",
        "VERW",
      ],
    ].sort(),
  )
})

/** What a claim of the table says of a verdict under IOPL 0. */
const agrees = ({ claim, privileged, offender }: FormVerdict): boolean =>
  claim === undefined ? !privileged && !offender : claim === "leaks" ? offender : privileged && !offender
const contradicted = (forms: readonly FormVerdict[]) =>
  forms.filter((form) => !agrees(form)).map(({ form, claim }) => `${form}: ${claim}`)

test("no claim of the table is contradicted", () => {
  expect(contradicted(whole.forms)).toEqual([])
})

test("a claim that is not true, or left out, is contradicted", () => {
  const claims: Record<string, Claim> = {
    ADD: "leaks",
    HLT: "leaks",
    SGDT: "traps",
    STI: undefined,
    LAR: undefined,
  }
  const lying = TABLE.map((row) =>
    row.name in claims ? { ...row, outside: claimed(claims[row.name]) } : row,
  )
  const options = { states: 1000, forms: only(...Object.keys(claims)), table: formsOf(lying) }
  const found = contradicted(classify(CONDITIONS, options).forms)
  expect(new Set(found.map((each) => each.split(/[ :]/)[0]))).toEqual(new Set(Object.keys(claims)))
})

type Claim = NonNullable<(typeof TABLE)[number]["outside"]>["claim"] | undefined
const claimed = (claim: Claim) => claim && { claim, why: "a lie" }

test("a table that moves with its register, and conforming code, make no difference of their own", () => {
  const [jump] = of("JMP far")
  expect(jump.witnesses.behaviour?.sentence ?? "").not.toContain("CS becomes")
  const differences = of("LTR").map(({ witnesses }) => witnesses.behaviour?.differs)
  expect(differences).not.toContain("GDTR")
})

describe("the table's last column, blank or not", () => {
  const rows = TABLE as readonly { outside: unknown }[]
  const claims = rows.map(({ outside }) => outside)
  const write = (column: readonly unknown[]) => {
    for (const [n, row] of rows.entries()) row.outside = column[n]
  }
  afterEach(() => write(claims))

  test("changes no result, for the machine that runs either", () => {
    write(claims.map(() => undefined))
    const untold = classify(CONDITIONS, { states: FEW })
    expect(few.forms.filter(({ claim }) => claim).length).toBeGreaterThanOrEqual(100)
    expect(untold.forms.filter(({ claim }) => claim)).toEqual([])
    expect(untold.forms).toEqual(few.forms.map(({ claim: _, ...form }) => form))
  })
})

describe("no try leaves a trace for the next one", () => {
  test("a form's verdict is the same alone as after all others, and in another order", () => {
    const options = { states: FEW }
    const forwards = few.forms
    const table = [...formsOf()].reverse()
    expect([...classify(CONDITIONS, { ...options, table }).forms].reverse()).toEqual(forwards)
    for (const wanted of forwards.filter((_, n) => n % 40 === 0)) {
      const alone = classify(CONDITIONS, { ...options, forms: ({ form }) => form === wanted.form })
      expect(alone.forms).toEqual([wanted])
    }
  })

  test.each([1, 3] as const)(
    "thousands of situations end the same forwards and backwards, ring %i",
    (ring) => {
      const situations = someSituations(ring, 4)
      const forwards = endsOf(situations)
      const backwards = endsOf([...situations].reverse()).reverse()
      expect(situations.length).toBeGreaterThan(10_000)
      const apart = forwards.flatMap((end, n) => (end === backwards[n] ? [] : [situations[n].form]))
      expect([...new Set(apart)]).toEqual([])
    },
  )
})

/** Situations of every form: so many families of each. */
function someSituations(ring: 1 | 3, families: number) {
  const subject = new Ia32({ ...CONDITIONS, ring })
  return subject.forms.flatMap((form) => {
    const familyOf = subject.begin(form, random(7))
    const all = Array.from({ length: familyOf ? families : 0 }, (_, round) => familyOf?.(round))
    return all.flatMap((family) =>
      [family?.user, family?.supervisor, family?.twin].flatMap((situation) =>
        situation ? [{ form: form.form, situation }] : [],
      ),
    )
  })
}

/** What became of each, in one machine, as text. */
function endsOf(situations: ReturnType<typeof someSituations>): string[] {
  const runner = new Runner([])
  return situations.map(({ situation }) => {
    const { trap, before, after, memory } = runner.run(situation, 0)
    return [trap?.says, before, after, memory].join(" | ")
  })
}

test("the same seed gives the same classification", () => {
  const options = { states: 150, forms: only("POPF", "RETF", "MOV CR") }
  expect(classify(CONDITIONS, options)).toEqual(classify(CONDITIONS, options))
})

// Two seeds; `npm run soak -- searches` tries many.
test.each([1, 3] as const)("what is rarely met is found from any seed, ring %i", (ring) => {
  const rare = only("JMP far", "RETF", "VERW")
  const seeds = [2, 3].map((seed) => classify({ ...CONDITIONS, ring, seed }, { forms: rare }))
  for (const { forms } of seeds) expect(forms.filter(({ offender }) => !offender)).toEqual([])
})

test("UMIP closes exactly five offenders", () => {
  const forms = only(...offendingMnemonics(whole))
  const closed = offendingMnemonics(classify({ ...CONDITIONS, umip: true }, { states: 500, forms }))
  expect(
    offendingMnemonics(whole)
      .filter((name) => !closed.includes(name))
      .sort(),
  ).toEqual(UMIP)
})

test("with IOPL 3 CLI, STI and the ports are offenders", () => {
  const forms = only("CLI", "STI", "IN", "OUT")
  const { forms: found } = classify({ ...CONDITIONS, iopl: 3 }, { states: 200, forms })
  expect(found.filter(({ offender }) => !offender)).toEqual([])
})

test("repairing every offender makes the theorem hold", () => {
  expect(theorem(whole).virtualizable.holds).toBe(false)
  const repaired = offendingMnemonics(whole)
  const mended = classify({ ...CONDITIONS, repaired }, { states: 500, forms: only(...repaired) })
  expect(offendersOf(mended).map(({ form }) => form)).toEqual([])
  expect(theorem(mended).virtualizable.holds).toBe(true)
})

test("an unknown instruction cannot be repaired", () => {
  expect(() => classify({ ...CONDITIONS, repaired: ["FROB"] })).toThrow(RangeError)
})

test("every stored witness holds when it is run again", () => {
  for (const form of whole.forms)
    for (const witness of Object.values(form.witnesses))
      expect([form.form, witness.shows, recheck1(witness)]).toEqual([form.form, witness.shows, true])
}, 180_000)

function recheck1(witness: Parameters<typeof recheck>[0]): boolean {
  return recheck(witness, CONDITIONS).holds
}

test("stored witnesses alone give the same verdicts, and see a repair", () => {
  const same = provisional(whole.forms, CONDITIONS)
  expect(offendingMnemonics(same)).toEqual(offendingMnemonics(whole))
  const mended = provisional(whole.forms, { ...CONDITIONS, repaired: ["POPF"] })
  expect(offendingMnemonics(mended)).toEqual(offendingMnemonics(whole).filter((name) => name !== "POPF"))
})

describe("what witnesses say at once is what a search confirms", () => {
  const forms = only(
    ...[
      "POPF",
      "PUSHF",
      "PUSH CS",
      "SGDT",
      "SMSW",
      "STR",
      "LAR",
      "CLI",
      "IN",
      "HLT",
      "POP SS",
      "LGDT",
      "ADD",
    ],
  )
  const said = ({ forms }: Classification) => forms.map((form) => [form.form, kindOf(form), form.offender])
  const inRing3 = () => ({ ...whole, forms: whole.forms.filter(forms) }) // each form alone has the same verdict: see above
  let inRing1: Classification
  beforeAll(() => {
    inRing1 = classify({ ...CONDITIONS, ring: 1 }, { states: 1000, forms })
  })

  test.each([
    [1, { ring: 1, iopl: 1 }],
    [1, { ring: 1, umip: true }],
    [1, { ring: 1, repaired: ["POPF", "PUSH CS", "SGDT"] }],
    [1, { ring: 3 }],
    [3, { ring: 3, iopl: 3 }],
    [3, { ring: 3, umip: true }],
  ] as const)("those of ring %i, %j", (ring, other) => {
    const searched = ring === 1 ? inRing1 : inRing3()
    const stored = searched.forms.map((form) => ({ ...form, witnesses: carriedOf(form) }))
    const conditions = { ...CONDITIONS, ...other }
    const confirmed = classify(conditions, { states: 1000, forms })
    expect(said(provisional(stored, conditions))).toEqual(said(confirmed))
  })
})

/** The one witness that a notebook carries. */
function carriedOf({ witnesses }: FormVerdict): FormVerdict["witnesses"] {
  const witness = mostTelling(witnesses)
  return witness ? { [witness.shows]: witness } : {}
}

test("a stored witness that holds under other conditions is told, and replayed, as it is there", () => {
  const conditions = { ...CONDITIONS, ring: 1, iopl: 2, umip: false, repaired: ["SGDT"] } as const
  const { forms } = provisional(whole.forms.filter(only("POPF", "PUSH CS", "CLI")), conditions)
  const witnesses = forms.flatMap(({ witnesses }) => Object.values(witnesses))
  expect(witnesses.length).toBeGreaterThan(4)
  for (const witness of witnesses) {
    expect([witness.left.ring, witness.right.ring]).not.toContain(3)
    expect(witness.left.repaired).toEqual(["SGDT"])
    expect(recheck(witness, conditions)).toEqual({ holds: true, sentence: witness.sentence })
    expect(witness.sentence).toMatch(/ring [01]/)
    expect(witness.sentence).not.toMatch(/ring 3|IOPL 0/)
  }
})

test("a situation is recorded and replayed like any machine", () => {
  const { left } = of("POPF")[0].witnesses.behaviour as NonNullable<FormVerdict["witnesses"]["behaviour"]>
  const { recorded } = recordRun(situate(left), 1)
  const again = situate(left)
  restoreStart(again, recorded)
  again.step()
  expect(recorded.steps).toBe(1)
  expect(hashOf(again)).toBe(recorded.hash)
})

describe("what each offender's witness tells", () => {
  const told = () =>
    offendersOf(whole).map(({ form, witnesses }) => ({ form, witness: mostTelling(witnesses) }))

  test("ends with what a guest kernel would wrongly believe, and is found in user mode", () => {
    for (const { form, witness } of told()) {
      expect([form, witness?.sentence]).toEqual([form, expect.stringMatching(/\. A guest kernel [^.]+\.$/)])
      expect([form, witness?.left.ring]).toEqual([form, 3])
    }
  })

  test.each([
    [
      "POPFD",
      "POPFD in ring 3 with IOPL 0: IF stays 1, no trap. In ring 0 it becomes 0. A guest kernel believes that interrupts are off.",
    ],
    ["LAR r32, r/m16 · register", "LAR r32, r/m16 · register (here lar "],
    ["SGDT m", "A guest kernel takes its monitor's GDTR at 00005000 for its own."],
    ["PUSH CS", "A guest kernel takes 00000023 for the answer of ring 0, which is 00000008."],
    ["VERR r/m16 · register", "A guest kernel takes ZF 0 for the answer of ring 0, which is 1."],
    ["IRETD", "A guest kernel believes that interrupts are on."],
    ["SYSENTER", "A guest kernel believes that it runs in ring 0 as before."],
    ["RETF", "from now on, and no trap told its monitor."],
  ])("%s", (form, ending) => {
    expect(told().find((each) => each.form === form)?.witness?.sentence).toContain(ending)
  })

  test("is about the same resource when the processor calls the instruction otherwise", () => {
    const table = formsOf().map((form) => ({
      ...form,
      form: `X ${form.rows[0].number} ${form.size}`,
      mnemonic: "X",
    }))
    const [popf] = formsOf().filter(({ form }) => form === "POPFD")
    const nameless = `X ${popf.rows[0].number} 32`
    const { forms } = classify(CONDITIONS, { states: 500, table, forms: ({ form }) => form === nameless })
    expect(forms[0].witnesses.behaviour?.sentence).toContain("A guest kernel believes that ")
    expect(forms[0].offender).toBe(true)
  })
})

describe("beside Robin and Irvine's list", () => {
  const compared = () => compareWithRobinIrvine(whole.forms)
  const named = (name: string) => compared().find(({ mnemonic }) => mnemonic === name)

  test("POP is missing, five mnemonics are more", () => {
    const where = (what: string) =>
      compared()
        .filter((each) => each.where === what)
        .map(({ mnemonic }) => mnemonic)
    expect(where("published only")).toEqual(["POP"])
    expect(where("found only").sort()).toEqual(["INT1", "INT3", "INTO", "IRET", "SYSENTER"])
    expect(where("both")).toHaveLength(17)
  })

  test("every offender is compared, once, with its witness", () => {
    const forms = compared().flatMap((each) => each.forms)
    const offenders = forms.filter(({ offender }) => offender)
    expect(offenders.map(({ form }) => form).sort()).toEqual(
      offendersOf(whole)
        .map(({ form }) => form)
        .sort(),
    )
    for (const { form, reason } of forms) expect([form, reason.length > 40]).toEqual([form, true])
  })

  test("POP SS never completes in both modes, and in user mode it does without a trap that ring 0 would give", () => {
    const [pop] = of("POP SS")
    expect(pop.pairs.completed).toBe(0)
    expect(pop.pairs.reversed).toBeGreaterThan(0)
    expect(named("POP")?.reason).toContain("must agree with the paper")
    expect(reversedOnly(whole).map(({ mnemonic }) => mnemonic)).toEqual(
      expect.arrayContaining(["POP SS", "LSS", "MOV Sreg"]),
    )
    expect(pop.witnesses.reversed?.sentence).toMatch(
      /^POP SS in ring 3 .* completes\. In ring 0 it traps with #GP: /,
    )
  })

  test("POP into any other segment register ends the same wherever it completes, and never traps in ring 0 alone", () => {
    for (const mnemonic of ["POP DS", "POP ES", "POP FS", "POP GS"])
      for (const { form, pairs, behaviour } of of(mnemonic)) {
        expect([form, behaviour, pairs.reversed]).toEqual([form, false, 0])
        expect(pairs.completed).toBeGreaterThan(20)
        expect(pairs.trapped).toBeGreaterThan(10)
      }
  })
})
