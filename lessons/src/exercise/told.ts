/** What is said below an answer: the verdict, why, and buttons for more. */
import type { Feedback, Solution } from "ringlab"
import { h, paragraphs, withCode } from "../dom"

/** The colour of what is said, by style sheet. */
export type Tone = "right" | "wrong" | "hint" | "solution"

/** A box that says one thing at a time. */
export class Told {
  readonly node = h("div", { class: "rl-feedback", "aria-live": "polite" })

  /** A mark and a word first, so that it is not told by colour alone. */
  say(tone: Tone, mark: string, ...parts: Node[]): void {
    this.node.className = `rl-feedback rl-${tone}`
    this.node.replaceChildren(h("strong", {}, `${mark} `), ...parts)
  }

  /** Something is under way. */
  wait(what: string): void {
    this.node.className = "rl-feedback rl-hint"
    this.node.replaceChildren(...paragraphs(what))
  }

  /** The verdict on an answer. @param again whether it is not the first miss: the rule is told, too */
  verdict({ right, text, rule }: Feedback, again: boolean): void {
    const more = again && rule ? [h("p", {}, h("b", {}, "The rule: "), ...withCode(rule))] : []
    if (right) this.say("right", "✓ Right.", ...paragraphs(text))
    else this.say("wrong", "✗ Not yet.", ...paragraphs(text), ...more)
  }

  /** The solution, as it may be typed or chosen. */
  solution({ answer, text }: Solution): void {
    const shown = answer.includes("\n")
      ? h("pre", { class: "rl-listing" }, answer)
      : h("p", {}, ...(answer.includes("`") ? withCode(answer) : [h("b", {}, answer)]))
    this.say("solution", "The solution:", shown, ...paragraphs(text))
  }

  /** What is told of an answer stays to be read, but is no verdict on the next one. */
  outdate(): void {
    const { classList } = this.node
    const verdict = this.node.querySelector("strong")
    if (classList.contains("rl-hint")) this.clear()
    else if (verdict && (classList.contains("rl-right") || classList.contains("rl-wrong"))) {
      this.node.className = "rl-feedback rl-outdated"
      verdict.textContent += " (the answer before)"
    }
  }

  clear(): void {
    this.node.className = "rl-feedback"
    this.node.replaceChildren()
  }
}
