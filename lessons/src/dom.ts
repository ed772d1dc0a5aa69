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

/** Do something when the page has nothing else to do. Safari cannot tell. */
export function whenIdle(something: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(something)
  else setTimeout(something, 200)
}

/** A number for `id` attributes that no other element on the page has. */
export function uniqueId(): string {
  return `rl-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`
}

/**
 * Keep letters and arrows that are pressed inside an element from JupyterLab, where an X cuts the cell. Its commands
 * with Ctrl, Alt or Meta reach it, but for what edits a field; Escape gives the focus back to the notebook's cell.
 * @param closed asked first at Escape: closes what is open, if something is
 */
export function keepKeys(element: HTMLElement, closed: () => boolean = () => false): void {
  element.addEventListener("keydown", (event) => {
    const leaves = event.key === "Escape" && !closed()
    if (leaves) element.closest<HTMLElement>(".jp-Cell")?.focus({ preventScroll: true })
    else if (event.key === "Escape" || !isCommand(event)) event.stopPropagation()
  })
}

/** Keys that edit a text together with Ctrl or Meta. Enter is among them: it would run the cell, and the text were gone. */
const EDITS = /^([acvxyz]|Arrow\w+|Home|End|Backspace|Delete|Enter)$/i

function isCommand({ key, target, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  const inField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
  return (ctrlKey || altKey || metaKey) && !(inField && EDITS.test(key))
}

/** Put one paragraph for each part of a text that is set off by blank lines; what stands in backticks is code. */
export function paragraphs(text: string): HTMLParagraphElement[] {
  return text.split(/\n\s*\n/).map((part) => h("p", {}, ...withCode(part)))
}

/** A text whose parts in backticks are code. */
export function withCode(text: string): (Node | string)[] {
  return text.split("`").map((part, i) => (i % 2 === 1 ? h("code", {}, part) : part))
}
