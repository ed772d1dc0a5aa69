/**
 * Motion that explains a step: on the way through a gate an arrow leads from the gate to the task's stack pointer (TR) to the words as
 * they were pushed; on IRET from the instruction to what came back. Short, and over the picture as it is: nobody waits for it.
 */
import type { Frame } from "ringlab"

const SVG = "http://www.w3.org/2000/svg"

/** The parts of the picture that a step went through, in order, by their names; empty if it went through none. */
export function wayOf({ idt, stack, code, registers, segments }: Frame): string[] {
  const pushed = stack.filter(({ written, note }) => written && note !== undefined)
  if (idt.some(({ used }) => used) && pushed.length > 0) {
    const words = pushed.map(({ note }) => `stack ${note?.split(" (")[0]}`).reverse()
    return ["gate", ...(words.some((word) => word.startsWith("stack SS")) ? ["TR"] : []), ...words]
  }
  const isReturn = code.some(({ ran, text }) => ran && /^iret/i.test(text))
  const changed = [...registers, ...segments].filter(({ old }) => old !== undefined).map(({ name }) => name)
  return isReturn ? ["ran", ...["EIP", "CS", "ESP", "SS"].filter((name) => changed.includes(name))] : []
}

/** Draw an arrow along parts of a picture. What is folded away is left out. */
export function drawWay(picture: Element, way: readonly string[]): void {
  const svg = picture.querySelector("svg")
  const points = svg ? way.flatMap((name) => pointOf(svg, name)) : []
  if (!svg || points.length < 2) return
  const layer = document.createElementNS(SVG, "g")
  layer.setAttribute("class", "rl-motion")
  layer.setAttribute("aria-hidden", "true")
  layer.append(shape("path", { d: curve(points), pathLength: 1 }))
  for (const [n, [x, y]] of points.entries()) {
    const dot = shape("circle", { cx: x, cy: y, r: 3.5 })
    dot.style.animationDelay = `${(n / points.length) * LASTS}ms`
    layer.append(dot)
  }
  svg.append(layer)
}

/** Milliseconds from the first point to the last, as in `style/base.css`. */
const LASTS = 900

type Point = readonly [x: number, y: number]

/** The left edge of a part, where its words begin. */
function pointOf(svg: SVGSVGElement, name: string): Point[] {
  const part = svg.querySelector(`[data-part="${CSS.escape(name)}"]`)
  if (!part) return []
  const [all, one] = [svg.getBoundingClientRect(), part.getBoundingClientRect()]
  const scale = svg.viewBox.baseVal.width / all.width
  return [[(one.left - all.left) * scale + 4, (one.top - all.top + one.height / 2) * scale]]
}

/** A curve through points that leaves each to the left. */
function curve(points: readonly Point[]): string {
  const [[x, y], ...rest] = points
  let [fromX, fromY] = [x, y]
  const parts = rest.map(([toX, toY]) => {
    const bend = Math.min(60, 12 + Math.abs(toX - fromX) / 3)
    const part = `C${fromX - bend} ${fromY} ${toX - bend} ${toY} ${toX} ${toY}`
    ;[fromX, fromY] = [toX, toY]
    return part
  })
  return `M${x} ${y}${parts.join("")}`
}

function shape(name: "path" | "circle", attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  return element
}
