/** Stands for an element that is to stay as it is. */
export const KEEP = "<g data-keep/>"

/**
 * Make an element look like another one by changing only what differs. From step to step most of a picture stays
 * as it is, and what is not touched need not be laid out again.
 */
export function morph(shown: Element, wanted: Element): void {
  for (let i = wanted.childNodes.length; i < shown.childNodes.length; ) shown.lastChild?.remove()
  copyAttributes(shown, wanted)
  let there = shown.firstChild
  for (const node of [...wanted.childNodes]) {
    const next = there?.nextSibling ?? null
    if (there) morphNode(there, node)
    else shown.append(node)
    there = next
  }
}

function morphNode(shown: ChildNode, wanted: ChildNode): void {
  if (wanted instanceof SVGElement && wanted.dataset.keep !== undefined) return
  if (shown.isEqualNode(wanted)) return
  if (shown instanceof Element && wanted instanceof Element && shown.tagName === wanted.tagName)
    morph(shown, wanted)
  else if (shown instanceof Text && wanted instanceof Text) shown.data = wanted.data
  else shown.replaceWith(wanted)
}

function copyAttributes(shown: Element, wanted: Element): void {
  for (const { name } of [...shown.attributes]) if (!wanted.hasAttribute(name)) shown.removeAttribute(name)
  for (const { name, value } of wanted.attributes)
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value)
}
