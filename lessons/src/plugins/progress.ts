import type { JupyterFrontEndPlugin } from "@jupyterlab/application"
import { IStateDB } from "@jupyterlab/statedb"
import { IProgress, Progress } from "../course/progress"

/** Provides the memory of solved exercises. */
export const progressPlugin: JupyterFrontEndPlugin<IProgress> = {
  id: "ringlab-lessons:progress",
  description: "Remembers which exercises are solved.",
  autoStart: true,
  provides: IProgress,
  optional: [IStateDB],
  activate: (_app, state: IStateDB | null) => new Progress(state),
}
