/** Hears of each Markdown text that is drawn: once it is in the page, and when it is drawn anew there. */
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces"
import { type Message, MessageLoop } from "@lumino/messaging"

const MARKDOWN = "text/markdown"

/** Put ourselves into what draws Markdown. Notebooks take their renderers over from the general ones, when they are opened. */
export function onMarkdown(rendermime: IRenderMimeRegistry, drawn: (text: Element) => void): void {
  const factory = rendermime.getFactory(MARKDOWN)
  if (!factory) return
  const createRenderer = (options: IRenderMime.IRendererOptions) =>
    watched(factory.createRenderer(options), drawn)
  rendermime.addFactory({ ...factory, mimeTypes: [MARKDOWN], createRenderer })
}

function watched(renderer: IRenderMime.IRenderer, drawn: (text: Element) => void): IRenderMime.IRenderer {
  const tell = () => {
    if (renderer.isAttached) drawn(renderer.node)
  }
  const draw = renderer.renderModel.bind(renderer)
  renderer.renderModel = (model) => draw(model).then(tell)
  MessageLoop.installMessageHook(renderer, (_: unknown, { type }: Message) => {
    if (type === "after-attach") tell()
    return true
  })
  return renderer
}
