import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { checkScene, type DiagramOutput, diagram, MIME_TYPE, type Scene } from "../../../src/index"
import { DIAGRAM_STYLE, sizeOf } from "../../../src/views/diagrams/look"
import { TEXT_LOOKS } from "../../../src/views/diagrams/scene"
import { mistakesIn } from "./geometry"
import { DIAGRAMS, inApplication } from "./scenes"

const DISPLAY = Symbol.for("Jupyter.display")
const bundleOf = (value: object) => (value as Record<symbol, () => Record<string, unknown>>)[DISPLAY]()
const sceneOf = (value: object): Scene => (bundleOf(value)[MIME_TYPE] as DiagramOutput).scene

describe.each(Object.entries(DIAGRAMS))("the diagram of %s", (_, make) => {
  const shown = make()
  const scene = sceneOf(shown)

  test("has no words over others or out of their box, and no arrow through words", () => {
    expect(mistakesIn(scene)).toEqual([])
  })

  test("has its title in one line", () => {
    expect(scene.shapes.filter((shape) => shape.is === "text" && shape.text === scene.title)).toHaveLength(1)
  })

  test("is what the page accepts", () => {
    checkScene(JSON.parse(JSON.stringify(scene)), "scene")
  })

  test("tells in sentences what it shows, in its SVG and as text", () => {
    for (const sentence of scene.says) expect(sentence).toMatch(/^[A-Z].*[.?]$/)
    expect(new Set(scene.says).size).toBe(scene.says.length)
    expect(shown.svg).toMatch(/^<svg [^>]*role="img"[^>]*>\n<title>[^<]+<\/title><desc>[^<]+<\/desc>/)
    expect(bundleOf(shown)["text/plain"]).toBe([scene.title, ...scene.says].join("\n"))
  })

  test("has neither scripts nor anything from elsewhere", () => {
    expect(shown.svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /<script|on\w+=|https?:|@import|url\(/,
    )
  })
})

test("the letters of diagrams are 12 px high at least", () => {
  for (const look of TEXT_LOOKS) expect(sizeOf(look)).toBeGreaterThanOrEqual(12)
})

describe("the colours of diagrams can be told from their ground", () => {
  /** JupyterLab 4's own, as its themes have them. */
  const JUPYTERLAB = {
    light: {
      "--jp-layout-color0": "#ffffff",
      "--jp-layout-color2": "#eeeeee",
      "--jp-ui-font-color0": "#000000",
    },
    dark: {
      "--jp-layout-color0": "#111111",
      "--jp-layout-color2": "#424242",
      "--jp-ui-font-color0": "#ffffff",
    },
  }
  const css = readFileSync(new URL("../../../lessons/style/base.css", import.meta.url), "utf8")
  const [light, dark] = [...css.matchAll(/\{([^}]*)\}/g)].map(([, rules]) =>
    Object.fromEntries(
      [...rules.matchAll(/(--ringlab-[\w-]+):\s*(#\w+)/g)].map(([, name, value]) => [name, value]),
    ),
  )
  const pages: [string, Record<string, string>, number][] = [
    ["in the light theme", { ...JUPYTERLAB.light, ...light }, 4.5],
    ["in the dark theme", { ...JUPYTERLAB.dark, ...dark }, 4.5],
    ["in the light theme without our extension", JUPYTERLAB.light, 3],
    ["in the dark theme without our extension", JUPYTERLAB.dark, 3],
    ["on a page without either", {}, 3],
  ]
  const grounds = new Set([...DIAGRAM_STYLE.matchAll(/box-\w+\{fill:([^;]+);/g)].map(([, colour]) => colour))
  const inks = [...DIAGRAM_STYLE.matchAll(/text-\w+\{.*fill:([^;}]+)/g)].map(([, colour]) => colour)
  const edges = [...DIAGRAM_STYLE.matchAll(/stroke:([^;]+)/g)].map(([, colour]) => colour)

  test.each(pages)("%s", (_, variables, edgeContrast) => {
    const paper = inBrowser("var(--jp-layout-color0,#fff)", variables)
    for (const ink of inks)
      for (const ground of grounds)
        expect(
          contrast(inBrowser(ink, variables), inBrowser(ground, variables)),
          `${ink} on ${ground}`,
        ).toBeGreaterThan(4.5)
    for (const edge of edges)
      expect(contrast(inBrowser(edge, variables), paper), edge).toBeGreaterThan(edgeContrast)
  })
})

/** What a browser makes of a colour. */
function inBrowser(colour: string, variables: Record<string, string>): string {
  const [, name, rest] = /^var\(([\w-]+),(.*)\)$/.exec(colour) ?? []
  return name === undefined ? colour : (variables[name] ?? inBrowser(rest, variables))
}

/** @see WCAG 2.1, "contrast ratio" */
function contrast(one: string, other: string): number {
  const [dark, bright] = [brightness(one), brightness(other)].sort((a, b) => a - b)
  return (bright + 0.05) / (dark + 0.05)
}

function brightness(colour: string): number {
  const digits =
    colour.length === 4
      ? [...colour.slice(1)].map((digit) => digit + digit)
      : (colour.slice(1).match(/../g) ?? [])
  const [red, green, blue] = digits.map((two) => {
    const part = Number.parseInt(two, 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

describe("the diagram of a selector", () => {
  test("says what its bits are", () => {
    expect(diagram.selector(0x1b).says).toEqual([
      "Entry 3 of the GDT, 3 × 8 = 18h bytes from its start, asked for with the rights of ring 3.",
    ])
  })

  test("says whether DS could be loaded with it, as the machine itself decides, and changes nothing", () => {
    const machine = inApplication()
    const before = JSON.stringify(machine.save())
    expect(diagram.selector(0x10, machine).says.at(-1)).toContain(
      "Refused with #GP(0010h): DS = 0010h: CPL is 3",
    )
    expect(diagram.selector(0x10, machine, { cpl: 0 }).says.at(-1)).toContain("Allowed")
    expect(JSON.stringify(machine.save())).toBe(before)
  })

  test("refuses what is no selector in one sentence", () => {
    expect(() => diagram.selector(0x1_0000)).toThrow(
      "65536 is not a selector: write a whole number from 0 to FFFFh",
    )
  })
})
