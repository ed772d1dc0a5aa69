/** What of a figure is drawn: an output's figure may have been written by anybody. */
import { describe, expect, test } from "vitest"
import { drawable } from "../../lessons/src/plotly/figure"
import { EXPERIMENTS } from "../../src/experiments/catalogue"
import { atOnce, runOf } from "../../src/experiments/run"
import { valuesOf } from "../../src/experiments/values"
import { random } from "../../src/numbers/random"
import { LIMITS } from "../../src/views/limits"

const { chart: MOST } = LIMITS
const numbers = (length: number) => Array.from({ length }, (_, n) => n)
const bar = { type: "bar", y: [1, 2] }

describe("a figure as a cell or an experiment makes it is drawn as it is", () => {
  const charts = EXPERIMENTS.flatMap((experiment) => {
    const result = atOnce(runOf(experiment, valuesOf(experiment.name, experiment.parameters, {})))
    return result.chart ? [[experiment.name, result.chart] as const] : []
  })
  test("there are some", () => expect(charts.length).toBeGreaterThan(4))
  test.each(charts)("%s", (_, chart) => {
    expect(drawable(chart)).toEqual(chart)
  })

  test.each<readonly [string, { data: object[]; layout?: object }]>([
    [
      "bars",
      { data: [{ ...bar, x: ["near call", "trap"], name: "cycles", marker: { color: ["#123", "red"] } }] },
    ],
    [
      "a histogram with bins of its own",
      { data: [{ type: "histogram", x: numbers(1000), xbins: { size: 10 } }] },
    ],
    ["a line of 100,000 points", { data: [{ type: "scatter", mode: "lines", y: numbers(100_000) }] }],
    [
      "two axes and a legend",
      {
        data: [
          {
            type: "scatter",
            mode: "lines+markers",
            x: [1],
            y: [2],
            yaxis: "y2",
            line: { dash: "dot", width: 2 },
          },
        ],
        layout: {
          title: {
            text: "a <b>bold</b> title<br>H<sub>2</sub>O",
            font: { size: 20, family: "Arial, 'sans'" },
          },
          xaxis: { dtick: 1, tickformat: ".2f" },
          yaxis2: { overlaying: "y", side: "right", type: "log", range: [0, 3], dtick: 1 },
          grid: { rows: 2, columns: 2, pattern: "independent" },
          legend: { orientation: "h", x: 0, y: 1.1 },
          annotations: [{ x: 1, y: 2, text: "here", showarrow: true, arrowhead: 2 }],
          shapes: [{ type: "path", path: "M 0 0 L 1 1.5e2 Z", xref: "paper" }],
        },
      },
    ],
  ])("%s", (_, figure) => {
    const { data, layout = {} } = figure
    expect(drawable(figure)).toEqual({ data: data.map((trace) => ({ type: "scatter", ...trace })), layout })
  })

  test("numbers of plotly.py, as bytes in base64", () => {
    const bytes = Buffer.from(new Float64Array([1, 2.5, 3, 4]).buffer).toString("base64")
    const { data } = drawable({
      data: [
        { y: { dtype: "f8", bdata: bytes } },
        { type: "heatmap", z: { dtype: "f8", bdata: bytes, shape: "2, 2" } },
      ],
    })
    expect([data[0].y, data[1].z]).toEqual([
      [1, 2.5, 3, 4],
      [
        [1, 2.5],
        [3, 4],
      ],
    ])
  })
})

describe("what would be fetched is left out", () => {
  const URL = "http://elsewhere.example/x"
  test.each<readonly [string, object]>([
    ["a picture", { images: [{ source: URL }] }],
    ["a template's picture", { template: { layout: { images: [{ source: URL }] } } }],
    ["a colour", { paper_bgcolor: `url(${URL})` }],
    ["a font's family", { font: { family: `x;src:url(${URL})` } }],
    ["a map", { mapbox: { style: URL } }],
    ["a map's tiles", { map: { style: URL } }],
    ["a path", { shapes: [{ type: "path", path: `url(${URL})` }] }],
    [
      "a shape's fill",
      { shapes: [{ type: "rect", fillcolor: `url(${URL})`, line: { dash: `url(${URL})` } }] },
    ],
    ["a dash", { shapes: [{ type: "line", line: { dash: URL } }] }],
    ["a word", { xaxis: { side: URL }, yaxis: { tickcolor: URL } }],
    ["a menu", { updatemenus: [{ buttons: [{ args: [{ "images[0].source": URL }] }] }] }],
  ])("%s", (_, layout) => {
    expect(JSON.stringify(drawable({ data: [bar], layout }))).not.toContain("elsewhere")
  })

  test.each([
    [`<span style="background:url(${URL})">text</span>`, "<span>text</span>"],
    [`<SPAN\nstyle='mask:url(${URL})'>text</SPAN>`, "<SPAN>text</SPAN>"],
    [`<a href="${URL}">text</a>`, `&lt;a href="${URL}">text&lt;/a>`],
    [`<b style="fill:url(${URL})"/>text</b>`, "<b>text</b>"],
    [`<<b>span style="cursor:url(${URL})">`, `&lt;<b>span style="cursor:url(${URL})">`],
    [`<b <i>span style=url(${URL})>`, `&lt;b <i>span style=url(${URL})>`],
    [`<img src=${URL}>`, `&lt;img src=${URL}>`],
    ["1 < 2 > 0", "1 &lt; 2 > 0"],
  ])("of a text, styles and links: %s", (text, kept) => {
    const places = { name: text, text: [text], hovertext: text, hovertemplate: text, texttemplate: text }
    const layout = {
      title: { text },
      xaxis: { title: { text }, ticktext: [text], tickprefix: text },
      annotations: [{ text }],
    }
    const figure = drawable({ data: [{ ...bar, ...places }], layout })
    expect(figure.data[0]).toMatchObject({
      ...places,
      ...Object.fromEntries(Object.keys(places).map((key) => [key, key === "text" ? [kept] : kept])),
    })
    expect(figure.layout).toEqual({
      title: { text: kept },
      xaxis: { title: { text: kept }, ticktext: [kept], tickprefix: kept },
      annotations: [{ text: kept }],
    })
  })
})

describe("what would be drawn for ever is refused in a sentence", () => {
  const trace = (more: object) => ({ data: [{ type: "scatter", ...more }] })
  test.each<readonly [string, unknown, string]>([
    ["values", trace({ x: numbers(MOST.values), y: [1] }), "at most 200,000 values"],
    [
      "values in rows",
      trace({ type: "heatmap", z: Array(500).fill(numbers(500)) }),
      "at most 200,000 values",
    ],
    ["points", trace({ mode: "markers", y: numbers(MOST.marks + 1) }), "at most 10,000 points and bars"],
    [
      "error bars",
      trace({ mode: "lines", y: numbers(MOST.marks + 1), error_y: { value: 1 } }),
      "at most 10,000 points",
    ],
    ["bars", trace({ type: "bar", y: numbers(MOST.marks + 1) }), "at most 10,000 points and bars"],
    ["texts", trace({ mode: "text", text: "x", y: numbers(MOST.texts + 1) }), "at most 1,000 texts"],
    ["texts of bars", trace({ type: "bar", text: "x", y: numbers(MOST.texts + 1) }), "at most 1,000 texts"],
    [
      "texts in cells",
      trace({ type: "heatmap", texttemplate: "x", z: Array(50).fill(numbers(50)) }),
      "at most 1,000 texts",
    ],
    ["slices", trace({ type: "pie", values: numbers(MOST.texts + 1) }), "at most 10,000 points and bars"],
    ["traces", { data: Array(MOST.traces + 1).fill(bar) }, "a list of at most 100 items"],
    ["axes", { data: numbers(21).map((n) => ({ ...bar, xaxis: `x${n + 2}` })) }, "at most 20 axes"],
    [
      "axes of the layout",
      { data: [], layout: Object.fromEntries(numbers(21).map((n) => [`yaxis${n + 2}`, {}])) },
      "at most 20 axes",
    ],
    ["an axis with a name", trace({ xaxis: "x99999999" }), 'without an axis "x99999999"'],
    [
      "shapes",
      { data: [], layout: { shapes: Array(MOST.shapes + 1).fill({}) } },
      "a list of at most 200 items",
    ],
    [
      "annotations",
      { data: [], layout: { annotations: Array(MOST.shapes + 1).fill({}) } },
      "a list of at most 200 items",
    ],
    [
      "ticks",
      { data: [], layout: { xaxis: { tickvals: numbers(MOST.items + 1) } } },
      "a list of at most 200 items",
    ],
    [
      "a kind that fetches",
      trace({ type: "image", source: "http://elsewhere.example" }),
      "one of scatter, bar",
    ],
    [
      "a kind with bins in both directions",
      trace({ type: "histogram2d", x: [1], y: [1] }),
      "one of scatter, bar",
    ],
  ])("too many %s", (_, figure, sentence) => {
    expect(() => drawable(figure)).toThrow(sentence)
  })

  test.each<readonly [string, object, object?]>([
    ["a grid of 30,000 × 30,000", {}, { grid: { rows: 30_000, columns: 30_000 } }],
    ["a grid in a template", {}, { template: { layout: { grid: { rows: 30_000, columns: 30_000 } } } }],
    ["a width of a million digits", {}, { xaxis: { tickformat: "01000000d", hoverformat: "9999d" } }],
    ["a width in a template", { texttemplate: "%{y:01000000d}", hovertemplate: "%{y:9999d}" }],
    [
      "a million bins",
      { type: "histogram", x: [0, 1], nbinsx: 1e6, xbins: { start: 0, end: 1, size: 1e-9 } },
    ],
    ["bins of no width", { type: "histogram", y: [0, 5], ybins: { size: 1e-9 } }],
    [
      "a million levels",
      { type: "contour", z: [[1]], ncontours: 1e6, contours: { start: 0, end: 1, size: 1e-9 } },
    ],
    ["a violin of no width", { type: "violin", y: [1], bandwidth: 1e-12 }],
    ["ticks", {}, { xaxis: { nticks: 1e9, minor: { dtick: 1e-9 }, rangebreaks: [{ dvalue: 1 }] } }],
    ["a distance of ticks", { y: [0, 1] }, { yaxis: { dtick: 1e-9 } }],
    ["a distance of ticks in a range", {}, { yaxis: { dtick: 9999, range: [0, 7654321] } }],
    ["a distance of ticks on dates", { x: ["2024-01-01"] }, { xaxis: { dtick: 9999 } }],
    ["a distance of ticks from zero", { y: [5, 6] }, { yaxis: { dtick: 1e-2 } }],
    ["a height", {}, { height: 1e9, width: 1e9 }],
    ["a dash of no length", { line: { dash: "0.00001px" } }],
    ["a size", { marker: { size: 1e9 }, line: { width: 1e9 } }],
  ])("%s is left to plotly.js", (...[, trace, layout = {}]: readonly unknown[]) => {
    const drawn = JSON.stringify(drawable({ data: [Object.assign({}, bar, trace)], layout }))
    expect(drawn).not.toMatch(/[03]0000[^0]|9999|1e|e-|dtick/)
  })
})

/** Something odd, however deep. */
function odd(chance: ReturnType<typeof random>, depth = 0): unknown {
  const leaves = [
    null,
    -1,
    1e308,
    "<span style=x>",
    "url(http://elsewhere.example)",
    true,
    "x2",
    "%{y:1000d}",
    {},
    [],
  ]
  if (depth > 3 || chance.below(3) === 0) return leaves[chance.below(leaves.length)]
  const items = Array.from({ length: chance.below(4) }, () => odd(chance, depth + 1))
  if (chance.below(2) === 0) return items
  return Object.fromEntries(items.map((item) => [NAMES[chance.below(NAMES.length)], item]))
}
const NAMES =
  "type x y z text name title font family color line dash marker colorscale layout images source template xaxis xaxis2 yaxis grid rows shapes path annotations hovertemplate __proto__ constructor toString".split(
    " ",
  )

test("whatever is in a figure, it is drawn or refused, and nothing of a place, a style or a foreign tag is left", () => {
  let drawn = 0
  for (let seed = 0; seed < 2000; seed++) {
    const chance = random(seed)
    const figure = {
      data: [odd(chance), { ...bar, name: odd(chance), marker: odd(chance) }],
      layout: odd(chance),
    }
    try {
      const text = JSON.stringify(drawable(figure))
      drawn++
      expect(text, `seed ${seed}`).not.toMatch(
        /style|source|images|template":\{|<(?!\/?(b|i|s|u|sub|sup|em|strong|br|span|extra)>)/,
      )
    } catch (error) {
      expect(String(error), `seed ${seed}`).toMatch(/^Error: (the )?figure/)
    }
  }
  expect(drawn).toBeGreaterThan(300)
})
