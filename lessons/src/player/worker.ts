/** Where the worker begins: the machine, and the line to the page. Lessons are files beside it. */
import { createPlayer, type Request } from "ringlab"
import { breather } from "./breath"

/** Milliseconds: a reader who cancels waits no longer, and resting costs a tenth at most. */
const SLICE = 50

const clock = () => performance.now()
/** A timer, for it lets all messages in that are there. */
const rest = () => new Promise<void>((resolve) => setTimeout(resolve))
const player = createPlayer({ breathe: breather(SLICE, clock, rest) })

self.onmessage = ({ data }: MessageEvent<Request>) =>
  void player.handle(data, (answer) => self.postMessage(answer))
