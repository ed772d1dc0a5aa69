/**
 * How long a reader waits in a real JupyterLab in a real browser: from the input event until the page has been painted.
 * The lab's harness is TypeScript, so it is loaded through Vite, as the tests load it.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { createViteServer } from "vitest/node"

const RECORDING = `import { asm, enterRing, kit, pc, record } from "ringlab"
const calls = asm\`\${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main:
\${enterRing(3, "user")}
user:
  mov ecx, 20
count: loop count
  int 0x80
  jmp user
service:
  inc ebx
  iretd\`
record(pc().load(calls), { steps: 100_000, pins: ["esp"] })`

const cell = (source) => ({
  cell_type: "code",
  id: `cell-${source.length}`,
  metadata: {},
  source,
  outputs: [],
  execution_count: null,
})

const notebook = (...sources) =>
  JSON.stringify({
    cells: sources.map(cell),
    metadata: {
      kernelspec: { name: "ringlab", display_name: "TypeScript (ringlab)", language: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  })

/** In the page: median milliseconds from setting an input until what `changes` names has changed, and until it was painted. */
async function inPage({ input, changes, values }) {
  const control = document.querySelector(input)
  const shown = document.querySelector(changes)
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
  const changed = () =>
    new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect()
        resolve()
      })
      observer.observe(shown, { subtree: true, childList: true, attributes: true, characterData: true })
    })
  const set = async (value) => {
    const change = changed()
    const began = performance.now()
    control.value = String(value)
    control.dispatchEvent(new Event("input", { bubbles: true }))
    await change
    shown.getBoundingClientRect()
    const laidOut = performance.now() - began
    await painted()
    return [laidOut, performance.now() - began]
  }
  const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1]
  const times = []
  for (const value of values) {
    times.push(await set(value))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return [median(times.map(([time]) => time)), median(times.map(([, time]) => time))]
}

/** Notebooks that are measured. */
const NOTEBOOKS = {
  recording: notebook(RECORDING),
  "rings-iopl": notebook('import { explore } from "ringlab"\nexplore("rings/iopl")'),
  "traps-price": notebook('import { explore } from "ringlab"\nexplore("traps/price")'),
  classification: notebook(
    'import { popekGoldberg } from "ringlab"\npopekGoldberg({ ring: 1 }, { states: 1000 })',
  ),
}

const STEPS = Array.from({ length: 60 }, (_, n) => n + 1)
const RECORDING_PARTS = { input: ".rl-scrubber", changes: ".rl-picture" }
const EXPERIMENT_PARTS = { input: ".rl-output input[type=range]", changes: ".rl-result" }

const MEASURES = [
  {
    what: "scrub to any of 100,000 steps",
    wanted: 16,
    in: "recording",
    ...RECORDING_PARTS,
    values: STEPS.map((n) => (n * 7919) % 100_000),
  },
  {
    what: "step back from step to step",
    wanted: 16,
    in: "recording",
    ...RECORDING_PARTS,
    values: STEPS.map((n) => 90_000 - n),
  },
  {
    what: "explore rings/iopl",
    wanted: 50,
    in: "rings-iopl",
    ...EXPERIMENT_PARTS,
    values: STEPS.map((n) => n % 4),
  },
  {
    what: "explore traps/price",
    wanted: 50,
    in: "traps-price",
    ...EXPERIMENT_PARTS,
    values: STEPS.map((n) => 300 + 10 * (n % 20)),
  },
  {
    what: "classification: all stored witnesses run again in the worker, under another IOPL",
    wanted: 100,
    in: "classification",
    input: ".rl-output input[type=range]",
    changes: ".rl-picture",
    values: STEPS.map((n) => 1 + (n % 3)),
  },
]

/** The lab's harness is TypeScript, so it is loaded as the tests load it. */
const viteServer = () =>
  createViteServer({ root: fileURLToPath(new URL("../..", import.meta.url)), logLevel: "error" })

/** Report what a reader waits for. */
export async function browser(report) {
  const vite = await viteServer()
  const harness = await vite.ssrLoadModule("/tests/browser/lab.ts")
  const lab = await harness.startLab()
  try {
    for (const [name, text] of Object.entries(NOTEBOOKS))
      writeFileSync(join(lab.root, "notebooks", `${name}.ipynb`), text)
    const page = await harness.openPage(lab)
    let open
    for (const measure of MEASURES) {
      if (measure.in !== open) await openAndRun(harness, page, (open = measure.in))
      const { what, wanted, input, changes, values } = measure
      const shown = page.locator(`.jp-NotebookPanel:not(.lm-mod-hidden) ${input}`).first()
      await shown.scrollIntoViewIfNeeded()
      const panel = ".jp-NotebookPanel:not(.lm-mod-hidden) "
      const inputs = { input: panel + input, changes: panel + changes }
      const [first] = await page.evaluate(inPage, { ...inputs, values })
      const [done, painted] = await page.evaluate(inPage, { ...inputs, values })
      report(
        `browser: ${what}, median`,
        `${done.toFixed(1)} ms`,
        `wanted: ${wanted} ms; ${painted.toFixed(1)} ms until painted; ${first.toFixed(1)} ms in the first ${values.length}, while the browser still compiles`,
      )
    }
  } finally {
    await lab.stop()
    await vite.close()
  }
}

async function openAndRun({ openNotebook, runAll }, page, name) {
  await openNotebook(page, `notebooks/${name}.ipynb`)
  await runAll(page)
}
