import { expect, test } from "vitest"
import { chart } from "../../src/index"

const DISPLAY = Symbol.for("Jupyter.display") as never

type Figure = Parameters<typeof chart>[0]
type Bundle = Record<string, string>
const shown = (figure: Figure): Bundle => (chart(figure)[DISPLAY] as () => Bundle).call(chart(figure))
const svg = (figure: Figure): string => shown(figure)["image/svg+xml"]

/** Numbers of an attribute, in the order of the drawing. */
function numbers(picture: string, element: RegExp, attribute: string): number[] {
  const found = [...picture.matchAll(element)].map(([tag]) => tag)
  return found.map((tag) => Number(tag.match(new RegExp(` ${attribute}="([^"]+)"`))?.[1]))
}

const bars = (picture: string, attribute: string) =>
  numbers(
    picture,
    /<rect x="[^"]+" y="[^"]+" width="[^"]+" height="[^"]+" fill="currentColor"\/>/g,
    attribute,
  )

test("a chart has its figure, a picture and a text", () => {
  const figure = {
    data: [{ type: "bar", name: "cycles", x: ["call", "trap"], y: [11, 400] }],
    layout: { title: { text: "Price" } },
  }
  const bundle = shown(figure)
  expect(Object.keys(bundle)).toEqual(["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"])
  expect(bundle["application/vnd.plotly.v1+json"]).toEqual(figure)
  expect(bundle["text/plain"]).toBe("Price\ncycles: 11, 400")
})

test("bars are as high as their values, and stand above their names", () => {
  const picture = svg({ data: [{ type: "bar", x: ["a", "b"], y: [10, 40] }] })
  const [low, high] = bars(picture, "height")
  expect(high / low).toBeCloseTo(4, 1)
  for (const name of ["a", "b"]) expect(picture).toContain(`>${name}</text>`)
})

test("bars that are stacked stand on one another", () => {
  const data = [1, 2].map((n) => ({ type: "bar", x: ["a"], y: [10 * n] }))
  const picture = svg({ data, layout: { barmode: "stack" } })
  const [tops, heights] = [bars(picture, "y"), bars(picture, "height")]
  expect(tops[1] + heights[1]).toBeCloseTo(tops[0], 1)
})

test("bars in groups stand side by side", () => {
  const [first, second] = bars(svg({ data: [1, 2].map((n) => ({ type: "bar", x: ["a"], y: [n] })) }), "x")
  expect(second).toBeGreaterThan(first)
})

test("a line goes through its points; points without a place are left out", () => {
  const picture = svg({ data: [{ x: [0, 1, 2, 3], y: [0, 5, Number.NaN, 10] }] })
  const [, points] = picture.match(/<polyline points="([^"]+)"/) ?? []
  const heights = points.split(" ").map((point) => Number(point.split(",")[1]))
  expect(heights).toHaveLength(3)
  expect(heights[0] - heights[1]).toBeCloseTo(heights[1] - heights[2], 1)
})

test("on an axis of powers ten times as much is always as far", () => {
  const picture = svg({ data: [{ x: [1, 2, 3], y: [1, 10, 100] }], layout: { yaxis: { type: "log" } } })
  const [a, b, c] = numbers(picture, /<circle [^>]+>/g, "cy")
  expect(a - b).toBeCloseTo(b - c, 1)
  for (const mark of [1, 10, 100]) expect(picture).toContain(`>${mark}</text>`)
})

test("titles and the names of several traces are told, with nothing in them read as markup", () => {
  const data = ["<b>one</b>", "two"].map((name) => ({ name, y: [1, 2] }))
  const picture = svg({
    data,
    layout: { title: { text: "T & t" }, xaxis: { title: { text: "x" } }, yaxis: { title: "y" } },
  })
  for (const text of ["&lt;b&gt;one&lt;/b&gt;", "two", "T &amp; t", "x", "y"])
    expect(picture).toContain(`>${text}</text>`)
})

test.each([
  ["no points", { data: [{ y: [] }] }],
  ["one point", { data: [{ y: [5] }] }],
  ["the same value again and again", { data: [{ type: "bar", x: ["a", "b"], y: [0, 0] }] }],
  ["large and small values", { data: [{ y: [-1e30, 1e-30, 1e30] }] }],
  ["powers without a positive value", { data: [{ y: [0, -1] }], layout: { yaxis: { type: "log" } } }],
])("there is a picture, and no number in it is out of the world: %s", (_, figure) => {
  expect(svg(figure)).not.toMatch(/NaN|Infinity|undefined/)
})

test("titles that are plain texts become what plotly.js reads", () => {
  const bundle = shown({ data: [], layout: { title: "T", height: 300, yaxis: { title: "y", type: "log" } } })
  expect(bundle["application/vnd.plotly.v1+json"]).toEqual({
    data: [],
    layout: { title: { text: "T" }, height: 300, yaxis: { title: { text: "y" }, type: "log" } },
  })
})

test("typed arrays become lists, which JSON can carry", () => {
  const bundle = shown({ data: [{ y: new Uint32Array([3, 4]) }] })
  expect(JSON.parse(JSON.stringify(bundle["application/vnd.plotly.v1+json"])).data).toEqual([{ y: [3, 4] }])
})

test("a kind of chart that the picture cannot show has none, and still a text", () => {
  const bundle = shown({ data: [{ type: "heatmap", z: [[1]] }], layout: { title: "Map" } })
  expect(bundle["image/svg+xml"]).toBeUndefined()
  expect(bundle["text/plain"]).toBe("Map\nheatmap")
})
