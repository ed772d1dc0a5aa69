/** Notebooks with saved outputs, as a student gets them from somebody else. */
import type { Page } from "playwright-core"
import type { MimeBundle } from "ringlab"

/** A notebook whose outputs are these bundles: nothing signed, its kernel not installed. */
export function notebookWith(...bundles: readonly Record<string, unknown>[]): string {
  const cells = bundles.map((data, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    execution_count: i + 1,
    metadata: {},
    source: "",
    outputs: [{ output_type: "execute_result", execution_count: i + 1, metadata: {}, data }],
  }))
  const kernelspec = { name: "not-installed", display_name: "Not installed", language: "typescript" }
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells })
}

/** What a cell with this value would show. */
export const bundleOf = (shown: unknown): Record<string, unknown> =>
  (shown as Record<symbol, () => MimeBundle>)[Symbol.for("Jupyter.display")]()

declare const jupyterapp: { commands: { execute(id: string, args?: object): Promise<unknown> } }

/** Open a notebook and decline to choose a kernel for it. */
export async function openWithoutKernel(page: Page, path: string): Promise<void> {
  await page.evaluate((path) => {
    // Neither awaited, since it waits for the dialog, nor answered with: a widget is no plain value.
    void jupyterapp.commands.execute("docmanager:open", { path })
  }, path)
  await page.getByRole("dialog").getByRole("button", { name: "No Kernel" }).click()
}
