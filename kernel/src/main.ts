import { argumentsOf } from "./transport/arguments"
import { readConnection } from "./transport/connection"
import { shortEnvironment } from "./transport/environment"
import { Grading } from "./transport/grading"
import { kernelInfo } from "./transport/info"
import { Kernel, type KernelPlace } from "./transport/kernel"
import { restrictions } from "./transport/restrictions"
import { SessionProcess } from "./transport/session-process"
import { requireTriedNode } from "./transport/tried-nodes"

/**
 * The kernel's command line: `node main.js --connection FILE`, as the kernelspec has it. With `--grading`, which nbgrader's
 * configuration adds, cells reach no files but those beside the notebook, and start no programs.
 */
async function main(): Promise<void> {
  const { connection: path, grading: isGrading } = argumentsOf(process.argv.slice(2))
  if (path === undefined) throw new Error("Say where the connection file is: --connection FILE.")
  if (isGrading) requireTriedNode(process.versions.node)
  const connection = readConnection(path)
  const start = (name: string): SessionProcess =>
    new SessionProcess({
      script: require.resolve(`./session/node/keeper/${name}`),
      options: isGrading ? restrictions(process.cwd()) : [],
      environment: isGrading ? shortEnvironment(process.env) : process.env,
    })
  const session = start("notebook-process")
  const grading = new Grading(session, () => start("grader-process"), isGrading)
  if (isGrading) grading.prepare()
  const { Sockets } = await import("./transport/sockets.js")
  const sockets = new Sockets(connection)
  const place = {
    send: (...sent: Parameters<KernelPlace["send"]>) => sockets.send(...sent),
    info: kernelInfo(),
    ports: sockets.ports,
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    exit: () => void leave(),
  }
  const kernel = new Kernel(place, session, grading)
  await sockets.open((channel, message) =>
    channel === "stdin" ? kernel.receiveInput(message) : kernel.receive(channel, message),
  )
  kernel.announce()

  async function leave(): Promise<void> {
    session.close()
    grading.close()
    await sockets.close()
    process.exit(0)
  }
  process.on("SIGINT", () => kernel.interrupt())
  process.on("uncaughtException", (error) => {
    if (!isAboutLine(error)) throw error
    session.breakLine()
    grading.breakLine()
  })
  process.on("SIGTERM", () => void leave())
  leaveWithParent(() => void leave())
}

/** Node cannot read what came from a session's process, and does not say from which. */
const isAboutLine = ({ stack }: Error): boolean => String(stack).includes("parseChannelMessages")

/** A kernel whose server has died must not stay behind. Windows keeps telling a parent that is long gone. */
function leaveWithParent(leave: () => void): void {
  const parent = process.ppid
  setInterval(() => (process.ppid !== parent || !lives(parent)) && leave(), 1000).unref()
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
