/** Small helpers for making HTML elements. Text is always set as text, never as HTML. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** Make an element. `true` sets an empty attribute; `false` and `undefined` leave it out. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : String(value))
  }
  element.append(...children)
  return element
}

/** A button that does one thing. */
export function button(label: string, title: string, press: () => void, className = ""): HTMLButtonElement {
  const element = h("button", { type: "button", class: `rl-button ${className}`.trim(), title }, label)
  element.addEventListener("click", press)
  return element
}

/** Make a text an element's only content. The text that it has already is left alone, and need not be laid out again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A number for `id` attributes that no other element on the page has. */
export function uniqueId(): string {
  return `rl-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`
}

/**
 * Keep key presses inside an element from JupyterLab, which would take letters and arrows for its own commands.
 * Escape and presses with Ctrl, Alt or Meta still reach it.
 */
export function keepKeys(element: HTMLElement): void {
  element.setAttribute("data-lm-suppress-shortcuts", "true")
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && !event.ctrlKey && !event.altKey && !event.metaKey) event.stopPropagation()
  })
}

/** Put one paragraph for each part of a text that is set off by blank lines; what stands in backticks is code. */
export function paragraphs(text: string): HTMLParagraphElement[] {
  return text.split(/\n\s*\n/).map((part) => h("p", {}, ...withCode(part)))
}

/** A text whose parts in backticks are code. */
export function withCode(text: string): (Node | string)[] {
  return text.split("`").map((part, i) => (i % 2 === 1 ? h("code", {}, part) : part))
}
