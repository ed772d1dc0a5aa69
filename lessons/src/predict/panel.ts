/** What a notebook's panel is to us, as far as JupyterLab's versions agree on it. */
import type { Kernel } from "@jupyterlab/services"
import type { ISignal } from "@lumino/signaling"
import type { PanelLayout, Widget } from "@lumino/widgets"

/** A cell on the page. In a long notebook most are not drawn before they come into view. */
export interface Cell extends Widget {
  readonly layout: PanelLayout
  /** Resolved once it has been drawn. */
  readonly ready: Promise<void>
  readonly model: CellModel
}

export interface CellModel {
  readonly id: string
  readonly type: string
  readonly sharedModel: { getSource(): string }
  /** Of a cell with code: null as long as it has not run, or runs. */
  readonly executionCount?: number | null
  readonly stateChanged: ISignal<CellModel, { readonly name: string }>
}

export interface Panel extends Widget {
  readonly content: Widget & {
    readonly widgets: readonly Cell[]
    activeCellIndex: number
    readonly model: { readonly cells: { readonly changed: ISignal<unknown, unknown> } } | null
  }
  readonly sessionContext: {
    readonly session: { readonly kernel: Kernel.IKernelConnection | null } | null
    readonly kernelChanged: ISignal<unknown, { readonly newValue: Kernel.IKernelConnection | null }>
  }
}
