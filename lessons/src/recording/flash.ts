/** Makes a part of a picture flash, so that the eye finds what a text names. */

/** Milliseconds. */
const LASTS = 2200

/** Flash the parts of a picture with this name; what was flashed before ends. @returns the first, if there is one */
export function flash(picture: Element, name: string): Element | undefined {
  for (const old of document.querySelectorAll(".rl-flash")) old.remove()
  const parts = [...picture.querySelectorAll<SVGGraphicsElement>(`[data-part="${CSS.escape(name)}"]`)]
  for (const part of parts) mark(part)
  return parts[0]
}

const MARGIN = 4

function mark(part: SVGGraphicsElement): void {
  const { x, y, width, height } = part.getBBox()
  const ring = document.createElementNS("http://www.w3.org/2000/svg", "rect")
  const box = { x: x - MARGIN, y: y - MARGIN / 2, width: width + 2 * MARGIN, height: height + MARGIN, rx: 4 }
  for (const [key, value] of Object.entries(box)) ring.setAttribute(key, String(value))
  ring.setAttribute("class", "rl-flash")
  part.append(ring)
  setTimeout(() => ring.remove(), LASTS)
}
