/** How fast v86 runs a program's rounds, with its JIT off or on. */
import { createRequire } from "node:module"
import { V86 } from "v86"

const wasm = createRequire(import.meta.url)
  .resolve("v86")
  .replace(/libv86\.mjs$/, "v86.wasm")

/** Processor seconds of this process, which other load does not stretch as it does wall time. */
export const cpuSeconds = () => process.cpuUsage().user / 1e6

/** Bytes of a checksum. */
const CHECKSUM = 4

/**
 * Run a program until it has been measured for some seconds, after as long a warm-up.
 * @returns processor seconds of a round, and the checksums of all rounds, four characters each
 */
export async function measureV86({ bytes }, jit, seconds) {
  const emulator = new V86({
    wasm_path: wasm,
    memory_size: 32 * 1024 * 1024,
    bios: { buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
    autostart: true,
    disable_jit: !jit,
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
  })
  let sent = ""
  const watch = stopwatch(seconds)
  await new Promise((done) => {
    emulator.add_listener("serial0-output-byte", (byte) => {
      sent += String.fromCharCode(byte)
      if (sent.length % CHECKSUM === 0 && watch.round()) done()
    })
  })
  await emulator.destroy()
  return { seconds: watch.seconds(), sent }
}

/**
 * Times rounds: those of the first seconds are the warm-up. `round` is called at the end of each, and tells when it is enough. What
 * counts is one of the fastest: a processor that others share runs at half its speed at times.
 */
export function stopwatch(seconds) {
  const warm = cpuSeconds() + seconds
  const rounds = []
  let last = 0
  return {
    round() {
      const now = cpuSeconds()
      if (last > 0) rounds.push(now - last)
      if (now > warm) last = now
      return rounds.length > 0 && now > warm + seconds
    },
    seconds: () => rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 10)],
  }
}
