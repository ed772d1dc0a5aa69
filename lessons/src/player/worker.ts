/** Where the worker begins: the machine, and the line to the page. Lessons are files beside it. */
import { createPlayer, type Request } from "ringlab"
import { breather } from "./breath"

/** Milliseconds: a reader who cancels waits no longer, and resting costs a tenth at most. */
const SLICE = 50

const clock = () => performance.now()
/** A timer, for it lets all messages in that are there. */
const rest = () => new Promise<void>((resolve) => setTimeout(resolve))
const { begin, breathe } = breather(SLICE, clock, rest)
const player = createPlayer({ breathe })

self.onmessage = ({ data }: MessageEvent<Request>) => {
  begin()
  void player.handle(data, (answer) => self.postMessage(answer))
}
