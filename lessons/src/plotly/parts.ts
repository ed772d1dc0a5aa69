/** Parts that traces and layouts of a figure share: fonts, ticks, lines, colours. See `trace.ts` for what is left out. */
import { LIMITS } from "ringlab"
import {
  caption,
  colour,
  dash,
  data,
  each,
  either,
  family,
  format,
  list,
  number,
  object,
  type Rule,
  truth,
  word,
} from "./rules"

export const { chart: MOST } = LIMITS
export const any = number()
export const share = number(-3, 3)
export const pixels = number(0, MOST.pixels)
export const size = number(0, 200)
export const count = number(0, MOST.bins)
export const some = either(truth, word)
const stop: Rule = (pair, where, budget) => {
  const kept = Array.isArray(pair)
    ? [number(0, 1)(pair[0], where, budget), colour(pair[1], where, budget)]
    : []
  return kept.includes(undefined) ? undefined : kept
}
const scale = either(word, list(stop))

export const font = object({
  family,
  size: each(number(1, 100)),
  color: each(colour),
  weight: either(word, any),
  style: word,
})
export const title = either(
  object({
    text: caption,
    font,
    x: share,
    y: share,
    xanchor: word,
    yanchor: word,
    xref: word,
    yref: word,
    side: word,
    standoff: pixels,
  }),
  caption,
)

export const ticks = {
  title,
  tickmode: word,
  nticks: number(0, 100),
  tick0: either(any, word),
  dtick: number(0),
  tickvals: list(either(any, caption)),
  ticktext: list(caption),
  ticks: word,
  ticklen: size,
  tickwidth: size,
  tickcolor: colour,
  tickfont: font,
  tickangle: either(any, word),
  tickformat: format,
  tickprefix: caption,
  ticksuffix: caption,
  showticklabels: truth,
  showtickprefix: word,
  showticksuffix: word,
  exponentformat: word,
  showexponent: word,
  separatethousands: truth,
}
const bar = object({
  ...ticks,
  thickness: size,
  len: share,
  lenmode: word,
  x: share,
  y: share,
  xanchor: word,
  yanchor: word,
  xpad: size,
  ypad: size,
  orientation: word,
  outlinecolor: colour,
  outlinewidth: size,
  bordercolor: colour,
  borderwidth: size,
  bgcolor: colour,
})
/** Numbers that stand for colours. */
export const coloured = {
  colorscale: scale,
  cmin: any,
  cmax: any,
  cmid: any,
  cauto: truth,
  autocolorscale: truth,
  reversescale: truth,
  showscale: truth,
  colorbar: bar,
  coloraxis: word,
}
const tint = each(either(colour, any))

export const line = object({
  ...coloured,
  color: tint,
  width: each(number(0, 50)),
  dash,
  shape: word,
  smoothing: number(0, 1.3),
  simplify: truth,
})
export const marker = object({
  ...coloured,
  color: tint,
  colors: list(colour, MOST.marks),
  size: each(size),
  sizeref: number(1e-9),
  sizemin: size,
  sizemode: word,
  symbol: each(either(word, number(0, 999))),
  opacity: each(share),
  angle: any,
  line,
  outliercolor: colour,
  pattern: object({
    shape: each(word),
    bgcolor: colour,
    fgcolor: colour,
    size: number(3, 100),
    solidity: number(0, 1),
  }),
})
export const error = object({
  type: word,
  array: data,
  arrayminus: data,
  value: any,
  valueminus: any,
  symmetric: truth,
  visible: truth,
  color: colour,
  thickness: number(0, 50),
  width: size,
})
export const hoverlabel = object({
  bgcolor: each(colour),
  bordercolor: each(colour),
  font,
  align: word,
  namelength: number(-1, 200),
})
export const bins = object({ start: any, end: any, size: number(Number.MIN_VALUE) })
