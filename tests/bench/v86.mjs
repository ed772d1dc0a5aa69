/** Instructions a second of v86 on a ROM, with its JIT off or on. */
import { createRequire } from "node:module"
import { V86 } from "v86"

const wasm = createRequire(import.meta.url)
  .resolve("v86")
  .replace(/libv86\.mjs$/, "v86.wasm")

/** Processor seconds of this process, which other load does not stretch as it does wall time. */
export const cpuSeconds = () => process.cpuUsage().user / 1e6

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** @returns millions of instructions a second, after a warm-up */
export async function measureV86(bytes, jit, seconds = 3) {
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
  await pause(1500)
  const count = () => emulator.v86.cpu.instruction_counter[0] >>> 0
  let [instructions, last] = [0, count()]
  const began = cpuSeconds()
  for (let n = 0; n < seconds * 20; n++) {
    await pause(50)
    const now = count()
    // The counter has 32 bits.
    instructions += (now - last) >>> 0
    last = now
  }
  const rate = instructions / (cpuSeconds() - began) / 1e6
  await emulator.destroy()
  return rate
}
