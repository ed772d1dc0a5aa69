/** Shows our outputs: looks at the data first, then makes the widget for its kind, or says why it cannot. */
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces"
import { Panel, Widget } from "@lumino/widgets"
import { drawDiagram, MIME_TYPE, type Output, type Scene } from "ringlab"
import { ClassificationWidget } from "../classification/widget"
import { WitnessWidget } from "../classification/witness"
import type { IProgress } from "../course/progress"
import { h } from "../dom"
import { ExerciseWidget } from "../exercise/widget"
import { ExperimentWidget } from "../experiment/widget"
import type { Player } from "../player/player"
import { RecordingModel } from "../recording/model"
import { PairModel } from "../recording/pair-model"
import { pairWidget } from "../recording/pair-widget"
import { Home, type Places } from "../recording/places"
import type { Speed } from "../recording/speed"
import { RecordingWidget } from "../recording/widget"
import { readOutput } from "./read"

/** What the widgets share. Recordings have a worker of their own, so that a long replay holds up no slider. */
export interface Services {
  readonly recordings: Player
  readonly questions: Player
  readonly progress: IProgress
  /** Not where answers are graded. */
  readonly offersSolutions: () => boolean
  readonly speed: Speed
  readonly places: Places
}

export class OutputRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(private readonly services: Services) {
    super()
    this.addClass("rl-renderer")
  }

  /** Called once for an output, and again if it is updated. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const data = model.data[MIME_TYPE]
    if (data === this.shown) return
    this.shown = data
    for (const widget of [...this.widgets]) widget.dispose()
    this.addWidget(buildWidget(data, this.services))
  }

  private shown: unknown
}

function buildWidget(data: unknown, services: Services): Widget {
  const reading = readOutput(data)
  if ("sentence" in reading) return sorry(reading.sentence)
  try {
    return widgetFor(reading.output, services)
  } catch (error) {
    return sorry(`This output cannot be shown: ${String(error)}. Run the cell again to make it anew.`)
  }
}

function widgetFor(output: Output, services: Services): Widget {
  const { recordings, questions, progress, offersSolutions, speed, places } = services
  switch (output.kind) {
    case "recording":
      return new Home(
        places,
        (deeds) => new RecordingWidget(new RecordingModel(recordings, output), speed, { places: deeds }),
      )
    case "pair":
      return new Home(places, (deeds) => pairWidget(new PairModel(recordings, output), speed, deeds))
    case "experiment":
      return new ExperimentWidget(questions, output)
    case "exercise":
      return new ExerciseWidget(
        { player: questions, progress, offersSolutions, showRun: (run) => widgetFor(run, services) },
        output,
      )
    case "classification":
      return new ClassificationWidget(recordings, questions, speed, output)
    case "witness":
      return new WitnessWidget(recordings, speed, output.witness)
    case "diagram":
      return picture(output.scene)
  }
}

/** A picture that does not move needs no widget of its own. */
function picture(scene: Scene): Widget {
  const node = h("div", { class: "rl-output" })
  node.innerHTML = drawDiagram(scene)
  return new Widget({ node })
}

function sorry(sentence: string): Widget {
  return new Widget({ node: h("p", { class: "rl-output rl-sorry" }, sentence) })
}
