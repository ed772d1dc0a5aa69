/**
 * The programs that cells start belong to the process group of the session's process, which the transport has made its leader.
 * Windows has no such groups: there programs are ended with the whole tree of processes, and hear no interrupt.
 */

const hasGroups = process.platform !== "win32"

/** Interrupts what cells have started, as Ctrl+C in a terminal does. This process must not mind the signal. */
export function interruptPrograms(): void {
  if (hasGroups) signal(-process.pid, "SIGINT")
}

/** Ends this process, and what cells have started with it. */
export function endWithPrograms(): void {
  if (hasGroups) signal(-process.pid, "SIGKILL")
  signal(process.pid, "SIGKILL")
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {}
}
