/**
 * Whoever runs us may offer a host: a notebook kernel puts one on `globalThis`. Without one, nobody asks to stop.
 * The symbol and the method's name are the kernel's; nothing else of it is needed here.
 */
interface Host {
  stopRequested(): boolean
}

const HOST = Symbol.for("ringlab.host")

/** Whether the host wants the running code to stop: somebody pressed interrupt. */
export function stopRequested(): boolean {
  const host = (globalThis as { [HOST]?: Host })[HOST]
  return host?.stopRequested() ?? false
}
