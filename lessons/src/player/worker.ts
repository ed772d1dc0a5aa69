/** The worker's only file: the machine, and the line to the page. */
import { createPlayer, type Request } from "ringlab"

const player = createPlayer()

self.onmessage = ({ data }: MessageEvent<Request>) =>
  player.handle(data, (answer) => self.postMessage(answer))
