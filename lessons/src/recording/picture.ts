/** The picture on the page: it is changed only where the next one differs, since parsing and layout take the time. */
import { type Picture, pictureText } from "ringlab"
import { KEEP, morph } from "./morph"

export class PictureView {
  constructor(private readonly node: Element) {}

  /** Show a picture in place of the one before. */
  show(picture: Picture): void {
    const wanted = document.createElement("div")
    wanted.innerHTML = pictureText(this.shown ? onlyChanged(this.shown, picture) : picture)
    if (this.shown) morph(this.node.children[0], wanted.children[0])
    else this.node.replaceChildren(...wanted.children)
    this.shown = picture
  }

  private shown: Picture | undefined
}

/** A picture in which blocks that stay as they are need not be parsed. */
function onlyChanged(shown: Picture, { open, blocks }: Picture): Picture {
  return { open, blocks: blocks.map((block, n) => (block === shown.blocks[n] ? KEEP : block)) }
}
