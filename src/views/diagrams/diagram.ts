/** A diagram as a cell's value: our renderer draws it from data; other front ends take it as SVG inside HTML, or as text. */
import { VERSION } from "../../version"
import { type DiagramOutput, MIME_TYPE } from "../output"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "../show"
import { drawDiagram } from "./draw"
import type { Scene } from "./scene"

/** A picture of one idea, drawn from a machine's own state. */
export class Diagram implements Shown {
  /** @param scene what is drawn where: plain data */
  constructor(private readonly scene: Scene) {}

  /** What it is called. */
  get title(): string {
    return this.scene.title
  }

  /** What it shows, in sentences. */
  get says(): readonly string[] {
    return this.scene.says
  }

  /** The picture as SVG, for a file or a slide. */
  get svg(): string {
    return drawDiagram(this.scene)
  }

  [DISPLAY](): MimeBundle {
    const output: DiagramOutput = { kind: "diagram", core: VERSION, scene: this.scene }
    return {
      [MIME_TYPE]: output,
      "text/html": `<div style="overflow-x:auto">${this.svg}</div>`,
      "text/plain": this[INSPECT](),
    }
  }

  [INSPECT](): string {
    return [this.title, ...this.says].join("\n")
  }
}
