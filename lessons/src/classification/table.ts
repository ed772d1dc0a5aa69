/** All forms of instructions, to be filtered and sorted; a form with a witness has a button that shows it. */
import { type FormVerdict, kindOf, mostTelling, type Witness } from "ringlab"
import { button, h } from "../dom"

/** What the filter offers, and which forms pass. */
const FILTERS: Readonly<Record<string, (form: FormVerdict) => boolean>> = {
  "all forms": () => true,
  offenders: ({ offender }) => offender,
  "only privileged": (form) => kindOf(form) === "privileged",
  "sensitive, not privileged": (form) => kindOf(form) === "sensitive",
  "privileged and sensitive": (form) => kindOf(form) === "both",
  neither: (form) => kindOf(form) === "neither",
  "trap in ring 0 only": ({ pairs }) => (pairs?.reversed ?? 0) > 0,
}
const FIRST_FILTER = "offenders"
const EVERY_GROUP = "all groups"
/** More would have to be scrolled in a frame of their own, where the wheel is caught, or push all else off the page. */
const FIRST_ROWS = 15

/** A column: its heading, what stands in it, and what it is sorted by. */
interface Column {
  readonly title: string
  readonly cell: (form: FormVerdict) => string
  readonly key: (form: FormVerdict) => string | number
}

const yes = (is: boolean): string => (is ? "yes" : "–")
const truth = (title: string, is: (form: FormVerdict) => boolean): Column => ({
  title,
  cell: (form) => yes(is(form)),
  key: (form) => (is(form) ? 0 : 1),
})

const COLUMNS: readonly Column[] = [
  { title: "Form", cell: ({ form }) => form, key: ({ form }) => form },
  { title: "Group", cell: ({ group }) => group, key: ({ group }) => group },
  truth("Privileged", ({ privileged }) => privileged),
  truth("Control-sensitive", ({ control }) => control),
  truth("Behaviour-sensitive", ({ behaviour }) => behaviour),
  truth("Offender", ({ offender }) => offender),
  { title: "States", cell: ({ tried }) => tried.toLocaleString("en"), key: ({ tried }) => -tried },
]

export class FormTable {
  readonly node = h("div", { class: "rl-forms" })

  /** @param choose called with the witness that somebody wants to see */
  constructor(private readonly choose: (witness: Witness) => void) {
    this.node.append(this.toolbar(), this.body, h("div", { class: "rl-toolbar" }, this.more))
  }

  /** Show these forms. */
  show(forms: readonly FormVerdict[]): void {
    this.forms = forms
    const groups = [EVERY_GROUP, ...new Set(forms.map(({ group }) => group))]
    const { value } = this.group
    this.group.replaceChildren(
      ...groups.map((group) => h("option", { value: group, selected: group === value }, group)),
    )
    this.draw()
  }

  private toolbar(): HTMLElement {
    this.filter.append(
      ...Object.keys(FILTERS).map((name) =>
        h("option", { value: name, selected: name === FIRST_FILTER }, name),
      ),
    )
    for (const field of [this.filter, this.group, this.word])
      field.addEventListener("input", () => this.draw())
    return h(
      "div",
      { class: "rl-toolbar", role: "group", "aria-label": "Filter the forms" },
      h("label", {}, "Show ", this.filter),
      h("label", {}, "Group ", this.group),
      h("label", {}, "Name ", this.word),
      this.count,
    )
  }

  private draw(): void {
    const word = this.word.value.trim().toUpperCase()
    const { value: group } = this.group
    const shown = this.forms
      .filter(FILTERS[this.filter.value])
      .filter((form) => group === EVERY_GROUP || group === "" || form.group === group)
      .filter(({ form }) => form.toUpperCase().includes(word))
      .sort(this.compare)
    const instructions = new Set(shown.map(({ mnemonic }) => mnemonic)).size
    this.count.textContent = `${shown.length} of ${this.forms.length} forms, of ${instructions} instruction${instructions === 1 ? "" : "s"}`
    const [form, ...others] = COLUMNS.map((column) => this.heading(column))
    const head = h("tr", {}, form, h("th", { scope: "col" }, "Witness"), ...others)
    const rows = shown.slice(0, this.whole ? shown.length : FIRST_ROWS).map((form) => this.row(form))
    this.body.replaceChildren(h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows)))
    this.more.hidden = shown.length <= FIRST_ROWS
    this.more.textContent = this.whole ? `Show the first ${FIRST_ROWS}` : `Show all ${shown.length}`
  }

  private toggle(): void {
    this.whole = !this.whole
    this.draw()
  }

  private heading(column: Column): HTMLElement {
    const { title } = column
    const sorted = column === this.sorted
    const order = this.descending ? "descending" : "ascending"
    const sign = sorted ? (this.descending ? " ▾" : " ▴") : ""
    const sort = button(`${title}${sign}`, `Sort by ${title.toLowerCase()}`, () => this.sortBy(column))
    return h("th", { scope: "col", "aria-sort": sorted ? order : undefined }, sort)
  }

  private sortBy(column: Column): void {
    this.descending = column === this.sorted && !this.descending
    this.sorted = column
    this.draw()
    this.body
      .querySelectorAll<HTMLButtonElement>("thead button")
      [COLUMNS.indexOf(column)].focus({ preventScroll: true })
  }

  private row(form: FormVerdict): HTMLElement {
    const [name, ...others] = COLUMNS.map(({ cell }) => cell(form))
    const cells = others.map((text) => h("td", {}, text))
    return h(
      "tr",
      { class: this.marks(form) },
      h("th", { scope: "row" }, name),
      this.witnessOf(form),
      ...cells,
    )
  }

  /** Offenders are lit up among others, not where all are. */
  private marks({ offender }: FormVerdict): string | undefined {
    return offender && this.filter.value !== FIRST_FILTER ? "rl-marked" : undefined
  }

  private witnessOf({ form, witnesses }: FormVerdict): HTMLElement {
    const witness = mostTelling(witnesses)
    if (!witness) return h("td", {}, "–")
    const show = button("Show", `Show the witness for ${form}`, () => this.choose(witness))
    show.setAttribute("aria-label", `Show the witness for ${form}`)
    return h("td", {}, show)
  }

  /** By the chosen column; among equals the table's own order stays. */
  private readonly compare = (one: FormVerdict, other: FormVerdict): number => {
    if (!this.sorted) return 0
    const [a, b] = [this.sorted.key(one), this.sorted.key(other)]
    const order = a < b ? -1 : a > b ? 1 : 0
    return this.descending ? -order : order
  }

  private forms: readonly FormVerdict[] = []
  private sorted: Column | undefined
  private descending = false
  /** All rows are shown. */
  private whole = false
  private readonly more = button("", "", () => this.toggle())
  private readonly filter = h("select", { class: "rl-field" })
  private readonly group = h("select", { class: "rl-field" })
  private readonly word = h("input", { type: "search", class: "rl-field", placeholder: "POPF" })
  private readonly count = h("span", { class: "rl-quiet", role: "status" })
  private readonly body = h("div", {
    class: "rl-table rl-form-rows",
    tabindex: 0,
    role: "region",
    "aria-label": "Forms of instructions",
  })
}
