/** A square of outcomes, four by four, as a chart: one colour and one word a field. */
import type { Chart } from "../experiment"

/** What can come of a try, in the order of the colours. */
export type Field = "completes" | "differs" | "faults"

const COLOURS: Readonly<Record<Field, string>> = {
  completes: "#7fb3d5",
  differs: "#f2c14e",
  faults: "#e07a5f",
}
const FIELDS = Object.keys(COLOURS) as Field[]

/** One axis of the square. */
interface Axis {
  readonly title: string
  readonly values: readonly number[]
}

/** Three flat steps of colour, as plotly takes a scale: pairs of a place from 0 to 1 and a colour. */
const SCALE = FIELDS.flatMap((field, n) => [n, n + 1].map((edge) => [edge / FIELDS.length, COLOURS[field]]))

/**
 * Draw the square, its first row on top as in a table.
 * @param fields by row (y), then by column (x)
 * @param words what stands in each field, so that nothing is told by colour alone
 * @param chosen column and row to frame
 */
export function gridChart(
  x: Axis,
  y: Axis,
  fields: readonly (readonly Field[])[],
  words: readonly (readonly string[])[],
  chosen: readonly [x: number, y: number],
): Chart {
  const heat = {
    type: "heatmap",
    x: x.values,
    y: y.values,
    z: fields.map((row) => row.map((field) => FIELDS.indexOf(field) + 0.5)),
    zmin: 0,
    zmax: FIELDS.length,
    colorscale: SCALE,
    showscale: false,
    text: words,
    texttemplate: "%{text}",
    textfont: { color: "#111111" },
    hovertemplate: `${x.title} %{x}, ${y.title} %{y}: %{text}<extra></extra>`,
    xgap: 3,
    ygap: 3,
  }
  const axis = ({ title, values }: Axis) => ({
    title: { text: title },
    tickvals: values,
    type: "linear",
    showgrid: false,
  })
  return {
    data: [heat],
    layout: {
      xaxis: axis(x),
      yaxis: { ...axis(y), autorange: "reversed" },
      height: 300,
      shapes: frame(chosen),
    },
  }
}

function frame([x, y]: readonly [number, number]): Shape[] {
  const HALF = 0.46
  return framed({ x0: x - HALF, x1: x + HALF, y0: y - HALF, y1: y + HALF })
}

type Shape = Readonly<Record<string, unknown>>

/** A rectangle as a dark line within a light one, so that it is seen on dark pages and on light ones. */
export function framed(ends: Shape): Shape[] {
  const line = (color: string, width: number) => ({ type: "rect", ...ends, line: { color, width } })
  return [line("#ffffff", 7), line("#111111", 3)]
}
