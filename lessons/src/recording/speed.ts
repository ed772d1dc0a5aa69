/** How fast a recording runs, kept from one session to the next. */
import type { IStateDB } from "@jupyterlab/statedb"

const KEY = "ringlab-lessons:speed"

export class Speed {
  constructor(private readonly state: IStateDB | null) {
    void state?.fetch(KEY).then((kept) => {
      if (typeof kept === "number" && kept > 0) this.stepsPerSecond = kept
    })
  }

  /** In steps a second. */
  get value(): number {
    return this.stepsPerSecond
  }

  set value(stepsPerSecond: number) {
    this.stepsPerSecond = stepsPerSecond
    void this.state?.save(KEY, stepsPerSecond)
  }

  private stepsPerSecond = 5
}
