/** Two recordings that go together: the left one's steps are counted, and the other one follows. Knows no HTML. */
import { commonStep, type Difference, type Frame, otherStep, type PairOutput, pairDifferences } from "ringlab"
import type { Player } from "../player/player"
import { RecordingModel } from "./model"

export class PairModel extends RecordingModel {
  /** The right recording. */
  readonly other: RecordingModel

  constructor(
    player: Player,
    private readonly pair: PairOutput,
  ) {
    super(player, pair.left)
    this.other = new RecordingModel(player, pair.right, pair.guest)
    this.changed.connect(this.follow, this)
    this.other.changed.connect(() => this.changed.emit())
  }

  override get title(): string {
    return this.pair.title
  }

  /** What the two are called. */
  get names(): readonly [string, string] {
    return this.pair.names
  }

  /** The first step after which the two differ, if it is known. */
  get first(): number | undefined {
    return this.pair.first
  }

  /** What both show now; undefined while one of them is still on its way. */
  get frames(): readonly [Frame, Frame] | undefined {
    const { frame, other } = this
    return other.frame.step === this.stepOf(frame.step) ? [frame, other.frame] : undefined
  }

  /** What differs between two frames. */
  differences(frames: readonly [Frame, Frame]): readonly Difference[] {
    return pairDifferences(this.pair, frames)
  }

  /** Show a step of the right recording, with the left one's that belongs to it. */
  goToOther(step: number): void {
    this.goTo(otherStep(this.pair.together, step, 1))
  }

  override pin(what: string): void {
    this.other.pin(what)
    super.pin(what)
  }

  override unpin(what: string): void {
    this.other.unpin(what)
    super.unpin(what)
  }

  override stop(): void {
    this.other.stop()
    super.stop()
  }

  override dispose(): void {
    this.other.dispose()
    super.dispose()
  }

  /** Both stand at steps that belong together. Once for each step: a replay that fails or is stopped is not asked for again and again. */
  private follow(): void {
    if (this.other.notice !== "" && this.notice === "") this.notice = this.other.notice
    if (this.step === this.followed) return
    const common = commonStep(this.pair.together, this.step, this.step < this.followed ? -1 : 1)
    this.followed = common
    if (common !== this.step) this.goTo(common)
    const wanted = this.stepOf(common)
    if (this.other.step !== wanted) this.other.goTo(wanted)
  }

  private followed = this.step

  /** The step of the right recording that belongs to one of the left. */
  private stepOf(step: number): number {
    return Math.min(otherStep(this.pair.together, step), this.other.timeline.steps)
  }
}
