/* Cells of a notebook, each below a line that names it: functions with controls, and charts. */
import { asm, chart, choice, explore, pc, range, record, toggle } from "ringlab"

// %% function-of-all-controls
explore(
  {
    pages: range(1, 64, { unit: "pages", label: "Pages", step: 1, value: 5 }),
    walk: choice("1-D", "2-D"),
    on: toggle({ value: true }),
  },
  ({ pages, walk, on }) => {
    console.log(`${pages} pages`)
    return chart({
      data: [{ type: "bar", x: ["references"], y: [on && walk === "2-D" ? 24 * pages : pages] }],
    })
  },
)

// %% function-that-records-and-displays
explore({ value: range(0, 9) }, ({ value }) => {
  const host = (globalThis as { [key: symbol]: { show(bundle: object): void } })[Symbol.for("ringlab.host")]
  host.show({ "text/html": "<b>first</b>", "text/plain": "first" })
  return record(
    pc({ memory: 1 }).load(asm`org 0x1000
  mov eax, ${value}
  hlt
`),
    { title: "Explored" },
  )
})

// %% chart
chart({
  data: [
    { type: "scatter", name: "calls", x: [1, 2, 3], y: Float64Array.of(1.5, 4, 9) },
    { type: "bar", name: "traps", x: [1, 2, 3], y: [2, 3, 5] },
  ],
  layout: { title: "Costs", xaxis: { title: "n" }, yaxis: { title: { text: "cycles" } } },
})
