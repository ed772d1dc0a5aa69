/** Which instructions are privileged and which sensitive: conditions to change, the two sets, a table, and witnesses. */
import { Panel, Widget } from "@lumino/widgets"
import {
  type Classification,
  type ClassificationOutput,
  type Conditions,
  drawVenn,
  offendingMnemonics,
  theorem,
  vennOf,
  type Witness,
} from "ringlab"
import { button, h, keepKeys, setText } from "../dom"
import { Controls } from "../experiment/controls"
import { useDrawStyle } from "../output/style"
import { Player } from "../player/player"
import { startWorker } from "../player/start"
import type { Speed } from "../recording/speed"
import { type Certainty, ClassificationModel } from "./model"
import { FormTable } from "./table"
import { WitnessWidget } from "./witness"

/** What a reader is told of how sure the picture is. */
const TOLD: Readonly<Record<Certainty, (model: ClassificationModel) => string>> = {
  searched: ({ shown }) => `Found by a search of ${shown.tried.toLocaleString("en")} states.`,
  provisional: () => "Provisional: only the stored witnesses were run again. The search begins in a moment.",
  searching: ({ progress: [done, of] }) => `Provisional. Searching: ${Math.round((100 * done) / of)} % …`,
}

export class ClassificationWidget extends Panel {
  constructor(
    private readonly recordings: Player,
    questions: Player,
    private readonly speed: Speed,
    { classification }: ClassificationOutput,
  ) {
    super()
    useDrawStyle()
    this.addClass("rl-output")
    this.node.setAttribute("role", "group")
    this.node.setAttribute("aria-label", "Classification of all instructions")
    this.model = new ClassificationModel(questions, () => new Player(startWorker), classification)
    this.repairs = new Set(classification.conditions.repaired)
    this.repairable = offendingMnemonics(classification)
    this.controls = this.buildControls(classification.conditions)
    const { seed } = classification.conditions
    this.changed = () => this.model.choose({ ...this.chosen(), seed })
    this.addWidget(new Widget({ node: this.build() }))
    this.model.changed.connect(this.refresh, this)
    this.refresh()
    this.sizes.observe(this.picture)
  }

  override dispose(): void {
    if (this.isDisposed) return
    this.sizes.disconnect()
    this.model.dispose()
    super.dispose()
  }

  private build(): HTMLElement {
    keepKeys(this.node)
    return h(
      "div",
      {},
      this.controls.node,
      this.repairBoxes,
      this.certainty,
      this.picture,
      this.theorems,
      this.table.node,
    )
  }

  private buildControls({ ring, iopl, umip }: Conditions): Controls {
    const parameters = {
      ring: { kind: "choice", label: "User mode is ring", options: ["3", "1"], value: "3" },
      iopl: { kind: "range", label: "IOPL", unit: "", min: 0, max: 3, step: 1, value: 0 },
      umip: { kind: "toggle", label: "CR4.UMIP", value: false },
    } as const
    const values = { ring: String(ring), iopl, umip }
    return new Controls(parameters, values, () => this.changed())
  }

  private chosen(): Omit<Conditions, "seed"> {
    const { ring, iopl, umip } = this.controls.values
    return {
      ring: Number(ring) as Conditions["ring"],
      iopl: Number(iopl) as Conditions["iopl"],
      umip: umip === true,
      repaired: [...this.repairs],
    }
  }

  // ---- showing

  private refresh(): void {
    const { model } = this
    setText(this.certainty, model.notice || TOLD[model.certainty](model))
    if (model.shown === this.drawn) return
    this.drawn = model.shown
    this.showVerdict(model.shown)
  }

  private showVerdict(classification: Classification): void {
    this.draw()
    this.showTheorems(classification)
    this.showRepairs(classification)
    this.table.show(classification.forms)
  }

  /** As wide as there is room, so that the letters keep their size. */
  private draw(): void {
    this.width = Math.min(WIDEST, Math.floor(this.picture.clientWidth) || WIDEST)
    this.picture.innerHTML = drawVenn(vennOf(this.model.shown), { style: false, width: this.width })
  }

  private resized(): void {
    const { clientWidth } = this.picture
    if (clientWidth > 0 && Math.min(WIDEST, Math.floor(clientWidth)) !== this.width) this.draw()
  }

  private showTheorems(classification: Classification): void {
    const { virtualizable, hybrid, recursive } = theorem(classification)
    const rows = [
      ["Virtualizable", virtualizable],
      ["By a hybrid monitor", hybrid],
      ["Recursively virtualizable", recursive],
    ] as const
    this.theorems.replaceChildren(
      ...rows.flatMap(([name, { holds, reason }]) => [
        h("dt", { class: holds ? "rl-right" : "rl-wrong" }, `${name}: ${holds ? "yes" : "no"}`),
        h("dd", {}, reason),
      ]),
    )
  }

  /** A box for each instruction that offended at some time: repaired, it would trap. */
  private showRepairs(classification: Classification): void {
    const all = [...new Set([...this.repairable, ...this.repairs, ...offendingMnemonics(classification)])]
    if (all.length !== this.repairBoxes.querySelectorAll("input").length) this.buildRepairs(all)
    this.checkRepairs()
  }

  private buildRepairs(all: readonly string[]): void {
    this.repairable = all
    const every = (repaired: readonly string[]) => () => {
      this.repairs = new Set(repaired)
      this.checkRepairs()
      this.changed()
    }
    this.repairBoxes.replaceChildren(
      h("legend", {}, "Repair: make these trap outside ring 0"),
      button("All", "Repair all", every(all)),
      button("None", "Repair none", every([])),
      ...all.map((mnemonic) => this.repairBox(mnemonic)),
    )
  }

  private checkRepairs(): void {
    for (const box of this.repairBoxes.querySelectorAll<HTMLInputElement>("input"))
      box.checked = this.repairs.has(box.value)
  }

  private repairBox(mnemonic: string): HTMLElement {
    const checked = this.repairs.has(mnemonic)
    const box = h("input", { type: "checkbox", value: mnemonic, checked })
    box.addEventListener("change", () => {
      if (box.checked) this.repairs.add(mnemonic)
      else this.repairs.delete(mnemonic)
      this.changed()
    })
    return h("label", { class: "rl-check" }, box, ` ${mnemonic}`)
  }

  private showWitness(witness: Witness): void {
    this.witness?.dispose()
    this.witness = new WitnessWidget(this.recordings, this.speed, witness)
    this.addWidget(this.witness)
    this.witness.node.setAttribute("tabindex", "-1")
    this.witness.node.focus()
  }

  private readonly model: ClassificationModel
  private readonly controls: Controls
  private readonly changed: () => void
  private repairs: Set<string>
  private repairable: readonly string[]
  private drawn: Classification | undefined
  private width = 0
  private readonly sizes = new ResizeObserver(() => this.resized())
  private witness: WitnessWidget | undefined
  private readonly certainty = h("p", { class: "rl-notice", role: "status" })
  private readonly picture = h("div", { class: "rl-picture" })
  private readonly theorems = h("dl", { class: "rl-theorems" })
  private readonly repairBoxes = h("fieldset", { class: "rl-repairs" })
  private readonly table = new FormTable((witness) => this.showWitness(witness))
}

/** Pixels. */
const WIDEST = 900
