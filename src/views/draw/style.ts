/**
 * How pictures look. Each colour is a variable of JupyterLab, or of ours, with the light theme's value behind it,
 * so that the same SVG is right inside JupyterLab in either theme and alone in a file.
 * Programs that cannot read variables keep the plain value of the line before.
 */

/** Colours by name: the variable, and the value where there is no such variable. */
const COLOURS = {
  paper: ["--jp-layout-color0", "#ffffff"],
  tint: ["--jp-layout-color2", "#eef1f5"],
  rule: ["--jp-border-color2", "#d5dae1"],
  ink: ["--jp-ui-font-color0", "#111827"],
  quiet: ["--ringlab-quiet", "#566070"],
  change: ["--ringlab-change", "#fff0bf"],
  changeEdge: ["--ringlab-change-edge", "#a15c07"],
  fault: ["--ringlab-fault", "#b42318"],
  ring0: ["--ringlab-ring0", "#b42318"],
  ring1: ["--ringlab-ring1", "#a15c07"],
  ring2: ["--ringlab-ring2", "#6941c6"],
  ring3: ["--ringlab-ring3", "#175cd3"],
} as const

type Colour = keyof typeof COLOURS

function paint(property: "fill" | "stroke", colour: Colour): string {
  const [variable, value] = COLOURS[colour]
  return `${property}:${value};${property}:var(${variable},${value})`
}

const fill = (colour: Colour) => paint("fill", colour)
const stroke = (colour: Colour, width = 1) => `fill:none;${paint("stroke", colour)};stroke-width:${width}`

const SANS_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
const MONO_FONT = "font-family:ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace"

/** A rule a line: selector below `.rl`, then what it looks like. */
const RULES: readonly (readonly [selector: string, look: string])[] = [
  [".rl-paper", fill("paper")],
  [".rl-title", `${SANS_FONT};font-size:17px;font-weight:600;${fill("ink")}`],
  [".rl-step", `${SANS_FONT};font-size:14px;font-weight:600;${fill("ink")}`],
  [".rl-say", `${SANS_FONT};font-size:15px;${fill("ink")}`],
  [".rl-text", `${SANS_FONT};font-size:12.5px;${fill("ink")}`],
  [".rl-note", `${SANS_FONT};font-size:12px;${fill("quiet")}`],
  [".rl-small", `${SANS_FONT};font-size:11px;${fill("quiet")}`],
  [".rl-head", `${SANS_FONT};font-size:12px;font-weight:600;${fill("ink")}`],
  [".rl-mono", `${MONO_FONT};font-size:12.5px;white-space:pre;${fill("ink")}`],
  [".rl-dim", `${MONO_FONT};font-size:12.5px;white-space:pre;${fill("quiet")}`],
  [".rl-name", `${MONO_FONT};font-size:12.5px;${fill("quiet")}`],
  [".rl-strong", `${MONO_FONT};font-size:12.5px;font-weight:700;white-space:pre;${fill("ink")}`],
  [".rl-was", `${MONO_FONT};font-size:11px;white-space:pre;${fill("changeEdge")}`],
  [".rl-changed", fill("change")],
  [".rl-edge", fill("changeEdge")],
  [".rl-rule", stroke("rule")],
  [".rl-lane", fill("tint")],
  [".rl-row", fill("tint")],
  [".rl-frame", stroke("rule")],
  [".rl-cursor", stroke("ink", 1.5)],
  [".rl-cursor-flag", fill("ink")],
  [".rl-cursor-text", `${SANS_FONT};font-size:11px;font-weight:600;${fill("paper")}`],
  [".rl-climb", stroke("quiet", 1.5)],
  [".rl-guide", `${stroke("quiet")};stroke-dasharray:2 3`],
  [".rl-fold", "cursor:pointer"],
  [".rl-hit", "fill:transparent"],
  [".rl-glyph", fill("ink")],
  [".rl-glyph-line", `${stroke("ink", 2)};stroke-linecap:round`],
  [".rl-fault-line", `${stroke("fault", 2.5)};stroke-linecap:round`],
  [".rl-fault-box", `${stroke("fault", 1.5)}`],
  [".rl-fault-bar", fill("fault")],
  [".rl-fault-name", `${SANS_FONT};font-size:14px;font-weight:700;${fill("fault")}`],
  [".rl-pill-text", `${SANS_FONT};font-size:11.5px;font-weight:600;${fill("paper")}`],
  [".rl-plain .rl-pill", fill("quiet")],
  [".rl-next .rl-pill", stroke("ink", 1.5)],
  [".rl-next .rl-pill-text", fill("ink")],
  [".rl-ran .rl-pill", fill("ink")],
  ...([0, 1, 2, 3] as const).flatMap((ring) => ringRules(ring)),
]

function ringRules(ring: 0 | 1 | 2 | 3): [string, string][] {
  const colour: Colour = `ring${ring}`
  return [
    [`.rl-ring${ring}`, fill(colour)],
    [`.rl-ring${ring} .rl-pill`, fill(colour)],
    [`.rl-ring${ring}-text`, `${SANS_FONT};font-size:12.5px;font-weight:600;${fill(colour)}`],
  ]
}

/** The style sheet of all pictures. A page that draws many puts it in once and draws with `style: false`. */
export const DRAW_STYLE: string = RULES.map(([selector, look]) => `.rl ${selector}{${look}}`).join("\n")
