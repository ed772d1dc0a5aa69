/** Outputs as somebody would write them who means harm: they name places to fetch from, or would be drawn for ever. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { EXPLORE_TYPE, MIME_TYPE } from "ringlab"
import { readExploration } from "../../lessons/src/explore/read"
import { readOutput } from "../../lessons/src/output/read"

/** No such host is there; whoever asks for it is seen. */
const FOREIGN = "http://elsewhere.example"
const place = (name: string) => `${FOREIGN}/${name}.png`

const STYLES = ["background", "mask", "cursor", "fill", "list-style-image", "border-image", "content"]
const styled = STYLES.map(
  (property) => `<span style="${property}:url(${place(property)})">${property}</span>`,
)
const texts = [
  ...styled,
  `<a href="${place("link")}">link</a>`,
  `<img src="${place("picture")}">`,
  `&lt;span style="background:url(${place("escaped")})"&gt;escaped&lt;/span&gt;`,
  `<<b>span style="background:url(${place("nested")})">nested</b>`,
  `<span\nstyle='background:url(${place("line")})'>line</span>`,
]
const said = texts.join(" ")
const bars = { type: "bar", x: texts, y: texts.map((_, n) => n) }
const image = { source: place("image"), x: 0, y: 1, sizex: 1, sizey: 1, xref: "paper", yref: "paper" }
const url = `url(${place("colour")})`

/** Figures that name foreign places, wherever a figure can. */
export const FETCHING: Readonly<Record<string, object>> = {
  title: { data: [bars], layout: { title: { text: said } } },
  ticks: {
    data: [bars],
    layout: { xaxis: { tickvals: [1, 2], ticktext: texts.slice(0, 2), title: { text: said } } },
  },
  annotations: { data: [bars], layout: { annotations: texts.map((text, n) => ({ text, x: n, y: n })) } },
  names: { data: texts.map((name) => ({ name, y: [1, 2], mode: "lines+text", text: [name, name] })) },
  cells: { data: [{ type: "heatmap", z: [texts.map((_, n) => n)], text: [texts], texttemplate: "%{text}" }] },
  images: { data: [bars], layout: { images: [image] } },
  template: { data: [bars], layout: { template: { layout: { images: [image], title: { text: said } } } } },
  colours: {
    data: [{ ...bars, marker: { color: url, line: { color: url } } }],
    layout: { paper_bgcolor: url, font: { color: url } },
  },
  fonts: { data: [bars], layout: { font: { family: `x; background: ${url}`, size: 12 } } },
  shapes: {
    data: [bars],
    layout: { shapes: [{ type: "rect", x0: 0, x1: 1, y0: 0, y1: 1, fillcolor: url, line: { dash: url } }] },
  },
  "image trace": { data: [{ type: "image", source: place("trace") }] },
  map: { data: [{ type: "scattermapbox", lat: [1], lon: [1] }], layout: { mapbox: { style: place("map") } } },
  geo: { data: [{ type: "choropleth", locations: ["DEU"], z: [1] }], layout: { geo: { scope: "europe" } } },
  frames: { data: [bars], layout: {}, frames: [{ layout: { images: [image] } }] },
}

const many = (count: number, item: (n: number) => unknown) => Array.from({ length: count }, (_, n) => item(n))

/** Figures that would be drawn for ever, each of few bytes, and the largest ones that are drawn. */
export const ENDLESS: Readonly<Record<string, object>> = {
  grid: { data: [bars], layout: { grid: { rows: 30_000, columns: 30_000 } } },
  "grid of a template": {
    data: [bars],
    layout: { template: { layout: { grid: { rows: 30_000, columns: 30_000 } } } },
  },
  digits: {
    data: [{ y: [1, 2], texttemplate: "%{y:0999999999d}", mode: "text" }],
    layout: { yaxis: { tickformat: "0999999999d" } },
  },
  bins: { data: [{ type: "histogram", x: [0, 1], xbins: { start: 0, end: 1, size: 1e-9 }, nbinsx: 1e9 }] },
  levels: {
    data: [
      {
        type: "contour",
        z: [
          [0, 1],
          [1, 0],
        ],
        contours: { start: 0, end: 1, size: 1e-9 },
        ncontours: 1e9,
      },
    ],
  },
  violin: { data: [{ type: "violin", y: [1, 2, 3], bandwidth: 1e-12 }] },
  "2-D bins": { data: [{ type: "histogram2d", x: [0, 1], y: [0, 1], nbinsx: 1e6, nbinsy: 1e6 }] },
  dashes: { data: [{ y: [0, 1], line: { dash: "0.0001px,0.0001px" } }] },
  axes: { data: many(300, (n) => ({ y: [1], xaxis: `x${Number(n) + 2}`, yaxis: `y${Number(n) + 2}` })) },
  "ticks on twenty axes": {
    data: many(10, (n) => ({
      y: [0, 1],
      ...(n ? { xaxis: `x${Number(n) + 1}`, yaxis: `y${Number(n) + 1}` } : {}),
    })),
    layout: Object.fromEntries(
      many(20, (n) => [
        `${Number(n) % 2 ? "x" : "y"}axis${Number(n) < 2 ? "" : (Number(n) >> 1) + 1}`,
        { dtick: 1e-9, nticks: 1e9 },
      ]) as [string, object][],
    ),
  },
  "10,000 bars": { data: [{ type: "bar", y: many(10_000, (n) => Number(n) % 7) }] },
  "1,000 texts": { data: [{ mode: "text", text: "text", y: many(1_000, (n) => n) }] },
}

/** A text that is an element, a style or an address, if anybody takes it for one. */
const HARM = `"><image href=${place("own")} /><i style="background:url(${place("own")})"><style>@import url(${place("own")})</style>`

/** An output in which each text that may be any text is this one. */
function harmful(output: unknown, read: (output: unknown) => object): unknown {
  const copy = structuredClone(output)
  const replaceIn = (holder: Record<string, unknown>) => {
    for (const [key, value] of Object.entries(holder)) {
      if (typeof value === "object" && value !== null) replaceIn(value as Record<string, unknown>)
      if (typeof value !== "string" || key === "recording") continue
      holder[key] = HARM
      if ("sentence" in read(copy)) holder[key] = value
    }
  }
  replaceIn(copy as Record<string, unknown>)
  return copy
}

const vectors = fileURLToPath(new URL("../vectors/outputs/0.1.0/", import.meta.url))
const kept = (file: string): Record<string, unknown>[] =>
  JSON.parse(readFileSync(`${vectors}${file}.json`, "utf8")).outputs.map(({ data }: { data: object }) => data)

/** One output of each kind of ours with such texts. */
export function harmfulOutputs(): Record<string, unknown>[] {
  const all = ["recordings", "lessons", "theory"].flatMap(kept)
  const kinds = ["recording", "experiment", "exercise", "witness"]
  const ours = kinds.map((kind) => all.find((data) => (data[MIME_TYPE] as { kind?: string })?.kind === kind))
  const explored = kept("explorations").find((data) => EXPLORE_TYPE in data)
  return [
    ...ours.map((data) => ({ [MIME_TYPE]: harmful(data?.[MIME_TYPE], readOutput) })),
    { ...explored, [EXPLORE_TYPE]: harmful(explored?.[EXPLORE_TYPE], readExploration) },
  ]
}

/** The addresses on other machines that anything in the page's window asks for from now on, workers too. */
export function watchForeign(page: Page, home: string): readonly string[] {
  const foreign: string[] = []
  page.context().on("request", (request) => {
    const { host, protocol } = new URL(request.url())
    if (protocol.startsWith("http") && host !== new URL(home).host) foreign.push(request.url())
  })
  return foreign
}
