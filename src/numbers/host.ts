/** Contents by MIME type, for the host to show. */
type Bundle = Readonly<Record<string, unknown>>

/**
 * Whoever runs us may offer a host: a notebook kernel puts one on `globalThis`. Without one, nobody asks to stop and
 * nobody explores. The symbol and the methods' names are the kernel's, which says more of each.
 */
export interface NotebookHost {
  stopRequested(): boolean
  /** Shows a bundle for whatever code is running. */
  show(bundle: Bundle): void
  /** The bundle that a cell with this value would show. */
  bundleOf(value: unknown): Bundle | Promise<Bundle>
  /** Does work and gives what it printed and displayed, which is not shown. */
  capture<T>(
    work: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly printed: string; readonly displays: readonly Bundle[] }>
  /** Lets the browser send messages, to a target whose name is returned. */
  offerComm(opened: () => { message(data: unknown): unknown }): string
}

const HOST = Symbol.for("ringlab.host")

/** The notebook's kernel, if we run in one. */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as { [HOST]?: NotebookHost })[HOST]
}

/** Whether the host wants the running code to stop: somebody pressed interrupt. */
export function stopRequested(): boolean {
  return notebookHost()?.stopRequested() ?? false
}

/** The method that a notebook's kernel calls to show a cell's value: it gives contents by MIME type. tslab's own symbol. */
export const DISPLAY = Symbol.for("Jupyter.display")
/** A method of this name tells Node.js and notebooks how to print a value. */
export const INSPECT = Symbol.for("nodejs.util.inspect.custom")
