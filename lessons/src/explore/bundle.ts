/** One bundle by MIME type, drawn by whatever JupyterLab has for it. */
import { type IRenderMimeRegistry, MimeModel } from "@jupyterlab/rendermime"
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces"
import { Panel } from "@lumino/widgets"

export class BundleView extends Panel {
  constructor(private readonly rendermime: IRenderMimeRegistry) {
    super()
  }

  /** Draw a bundle in place of the one before. */
  async draw(options: MimeModel.IOptions & { readonly data: IRenderMime.IMimeModel["data"] }): Promise<void> {
    const type = this.rendermime.preferredMimeType(options.data, options.trusted ? "any" : "ensure")
    if (type !== this.type) this.changeRenderer(type)
    await this.renderer?.renderModel(new MimeModel(options))
  }

  /** A renderer is kept as long as it will do: it can change its picture without a flicker. */
  private changeRenderer(type: string | undefined): void {
    this.renderer?.dispose()
    this.renderer = type === undefined ? null : this.rendermime.createRenderer(type)
    this.type = type
    if (!this.renderer) return
    this.renderer.addClass("rl-explored")
    this.addWidget(this.renderer)
  }

  private renderer: IRenderMime.IRenderer | null = null
  private type: string | undefined
}
