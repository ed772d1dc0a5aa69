/** Any machine can be judged: what the search asks for is a `Subject`, and nothing in the search knows which. */
import { describe, expect, test } from "vitest"
import type { Random } from "../../src/numbers/random"
import { CONDITIONS, type Situation } from "../../src/theory/classification"
import type { TableForm } from "../../src/theory/ia32/forms"
import { Ia32 } from "../../src/theory/ia32/subject"
import { classifyForm } from "../../src/theory/popek-goldberg"
import type { Form, Run, Subject, Trap } from "../../src/theory/subject"

/** A machine of three numbers: whether it is in user mode, a lamp that is the owner's, and a number that is everybody's. */
interface Toy {
  readonly user: boolean
  readonly lamp: number
  readonly own: number
}

const REFUSED: Trap = { name: "a refusal", says: "only the owner may", aside: false }
const DOES: Readonly<Record<string, (toy: Toy) => Toy | Trap>> = {
  COUNT: (toy) => ({ ...toy, own: toy.own + 1 }),
  SWITCH: (toy) => (toy.user ? REFUSED : { ...toy, lamp: 1 - toy.lamp }),
  LOOK: (toy) => ({ ...toy, own: toy.lamp }),
  "TRY SWITCH": (toy) => (toy.user ? toy : { ...toy, lamp: 1 - toy.lamp }),
}
const form = (name: string): Form => ({ form: name, mnemonic: name, group: "toy" })
const numbers = ({ user, lamp, own }: Toy) => Int32Array.of(user ? 1 : 0, lamp, own)

/** Runs a toy's instruction; its state says which. */
const toys: Subject<Toy & { readonly does: string }> = {
  forms: Object.keys(DOES).map(form),
  parts: [
    { name: "mode", listed: true, digits: 0 },
    { name: "the lamp", listed: true, digits: 0, means: (lamp) => `the lamp is ${lamp ? "lit" : "dark"}` },
    { name: "the number", listed: false, digits: 0 },
  ],
  begin:
    ({ form: does }, random) =>
    () => {
      const user = { does, user: true, lamp: random.below(2), own: random.below(10) }
      const twin = { ...user, lamp: 1 - user.lamp }
      return {
        user,
        supervisor: { ...user, user: false },
        twin,
        twinOf: "user",
        differs: "the lamp",
        outside: false,
      }
    },
  run(toy): Run {
    const end = DOES[toy.does](toy)
    const trap = "says" in end ? end : undefined
    return { trap, before: numbers(toy), after: numbers("says" in end ? toy : end), memory: [], places: [] }
  },
  inUserMode: ({ user }) => user,
  modeOf: ({ user }) => (user ? "user mode" : "owner mode"),
  fixedIn: () => undefined,
  nameOf: ({ lamp }) => `lamp ${lamp ? "lit" : "dark"}`,
}

describe("A toy that brings its own states, parts and instructions", () => {
  const verdict = (name: string) => {
    const found = classifyForm(toys, form(name), 200, 1)
    if (!found) throw new Error("each toy's form exists")
    return found
  }

  test.each([
    ["COUNT", { privileged: false, control: false, behaviour: false, offender: false }],
    ["SWITCH", { privileged: true, control: true, behaviour: false, offender: false }],
    ["LOOK", { privileged: false, control: false, behaviour: true, offender: true }],
    ["TRY SWITCH", { privileged: false, control: true, behaviour: true, offender: true }],
  ])("has %s judged", (name, expected) => {
    expect(verdict(name)).toMatchObject(expected)
    expect(verdict(name).tried).toBeGreaterThanOrEqual(200)
  })

  test("is told of in its own words, with what a guest kernel would wrongly believe", () => {
    expect(verdict("TRY SWITCH").found.behaviour?.sentence).toMatch(
      /^TRY SWITCH in user mode: the lamp stays (\d), no trap\. In owner mode it becomes \d\. A guest kernel believes that the lamp is (lit|dark)\.$/,
    )
    expect(verdict("LOOK").found.behaviour?.sentence).toMatch(
      /A guest kernel takes its monitor's lamp (lit|dark) for its own\.$/,
    )
  })
})

const EXIT: Trap = { name: "a VM exit", says: "the monitor has asked for it", aside: false }

/** IA-32 under hardware that leaves to its monitor at some instructions, as VT-x does: a subject that stands on another. */
class Leaving implements Subject<Situation, TableForm> {
  private readonly bare = new Ia32({ ...CONDITIONS, ring: 1 })
  readonly parts = this.bare.parts
  readonly forms = this.bare.forms
  private leaves = false

  constructor(private readonly at: ReadonlySet<string>) {}

  begin(form: TableForm, random: Random) {
    this.leaves = this.at.has(form.mnemonic)
    return this.bare.begin(form, random)
  }

  run(situation: Situation, slot: 0 | 1 | 2): Run {
    const run = this.bare.run(situation, slot)
    return this.leaves && this.inUserMode(situation) ? { ...run, trap: EXIT } : run
  }

  inUserMode = (situation: Situation) => this.bare.inUserMode(situation)
  modeOf = (situation: Situation) => this.bare.modeOf(situation)
  fixedIn = (situation: Situation) => this.bare.fixedIn(situation)
  nameOf = (situation: Situation, differs: string) => this.bare.nameOf(situation, differs)
}

test("hardware that leaves to its monitor makes an offender privileged, without a change of the search", () => {
  const popf = (at: readonly string[]) => {
    const subject = new Leaving(new Set(at))
    const [form] = subject.forms.filter(({ form }) => form === "POPFD")
    return classifyForm(subject, form, 300, 1)
  }
  expect(popf([])).toMatchObject({ privileged: false, offender: true })
  expect(popf(["POPF"])).toMatchObject({ privileged: true, offender: false })
  expect(popf(["POPF"])?.found.privileged?.sentence).toContain("traps with a VM exit")
})
