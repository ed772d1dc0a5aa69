/** Two recordings as one picture, with one set of controls: a recording's widget that draws both. */
import type { Deeds } from "./controls"
import { PairDrawer } from "./drawer"
import type { PairModel } from "./pair-model"
import type { Speed } from "./speed"
import { RecordingWidget } from "./widget"

export function pairWidget(model: PairModel, speed: Speed, places?: Deeds["places"]): RecordingWidget {
  const { first } = model
  const jump = first === undefined ? {} : { firstDifference: () => model.goTo(first) }
  return new RecordingWidget(model, speed, { places, ...jump }, new PairDrawer(model))
}
