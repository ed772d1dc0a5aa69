// A front end as small as can be, for any Jupyter kernel: it starts one, runs cells, and counts what they print.
import { spawn } from "node:child_process"
import { createHmac, randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Dealer, Subscriber } from "zeromq"

const KEY = "a key for measurements"
const CHANNELS = ["shell", "iopub", "stdin", "control", "hb"]

/** A running kernel. Stop it after use. */
export class MeasuredKernel {
  shell = new Dealer({ linger: 0, reconnectInterval: 5 })
  iopub = new Subscriber({ linger: 0, reconnectInterval: 5 })
  replied = new Map()
  ended = new Map()
  /** What cells printed, by the requests' ids. */
  printed = new Map()

  /**
   * Starts a kernel in an empty folder; the first cell need not wait until it is there.
   * @param command the program and its arguments, `{connection_file}` among them, as a kernel.json has them
   */
  static async start(command, env = process.env) {
    const kernel = new MeasuredKernel()
    kernel.folder = mkdtempSync(join(tmpdir(), "ringlab-bench-"))
    const ports = await freePorts(CHANNELS.length)
    const file = join(kernel.folder, "connection.json")
    writeFileSync(file, JSON.stringify(connectionOf(ports)))
    const [program, ...args] = command.map((part) => part.replace("{connection_file}", file))
    kernel.process = spawn(program, args, { cwd: kernel.folder, env, stdio: "ignore" })
    kernel.connect(ports)
    return kernel
  }

  connect([shell, iopub]) {
    this.shell.connect(`tcp://127.0.0.1:${shell}`)
    this.iopub.connect(`tcp://127.0.0.1:${iopub}`)
    this.iopub.subscribe("")
    void this.listen(this.shell, ({ parent, content }) => this.settle(this.replied, parent, content))
    void this.listen(this.iopub, (message) => this.hear(message))
  }

  /** Runs a cell until its reply is there. @returns the reply's content */
  run(code) {
    return this.wait(this.replied, this.submit(code))
  }

  /** Runs a cell until everything that it printed is there. @returns the text */
  async print(code) {
    const id = this.submit(code)
    await Promise.all([this.wait(this.replied, id), this.wait(this.ended, id)])
    return this.printed.get(id) ?? ""
  }

  /** Waits until the kernel's output surely reaches us. */
  async listening() {
    while ((await Promise.race([this.print("1"), sleep(200)])) === undefined);
  }

  async stop() {
    const gone = once(this.process, "exit")
    this.process.kill("SIGKILL")
    await gone
    this.shell.close()
    this.iopub.close()
    await sleep(1500) // what the kernel itself has started ends a moment later
    rmSync(this.folder, { recursive: true, force: true })
  }

  submit(code) {
    const id = randomUUID()
    const header = {
      msg_id: id,
      msg_type: "execute_request",
      session: "bench",
      username: "",
      date: new Date(),
    }
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false }
    const parts = [{ ...header, version: "5.3" }, {}, {}, content].map((part) => JSON.stringify(part))
    void this.shell.send(["<IDS|MSG>", signatureOf(parts), ...parts])
    return id
  }

  hear({ type, parent, content }) {
    if (type === "stream") this.printed.set(parent, (this.printed.get(parent) ?? "") + content.text)
    if (type === "status" && content.execution_state === "idle") this.settle(this.ended, parent, true)
  }

  async listen(socket, take) {
    for await (const frames of socket) {
      const at = frames.findIndex((frame) => String(frame) === "<IDS|MSG>")
      const [header, parent, , content] = frames.slice(at + 2, at + 6).map((part) => JSON.parse(String(part)))
      take({ type: header.msg_type, parent: parent.msg_id, content })
    }
  }

  /** Stock tslab sometimes falls silent as soon as it starts, and a measurement shall not wait for it for ever. */
  wait(where, id) {
    return new Promise((resolve, reject) => {
      const silent = setTimeout(() => reject(new Error("a kernel fell silent")), PATIENCE)
      where.set(id, (value) => resolve(clearTimeout(silent) ?? value))
    })
  }

  settle(where, id, value) {
    where.get(id)?.(value)
    where.delete(id)
  }
}

/** Milliseconds. */
const PATIENCE = 30_000

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

function signatureOf(parts) {
  const hmac = createHmac("sha256", KEY)
  for (const part of parts) hmac.update(part)
  return hmac.digest("hex")
}

function connectionOf(ports) {
  const named = Object.fromEntries(CHANNELS.map((channel, n) => [`${channel}_port`, ports[n]]))
  return { ...named, transport: "tcp", ip: "127.0.0.1", key: KEY, signature_scheme: "hmac-sha256" }
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"))
  await Promise.all(servers.map((server) => once(server, "listening")))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
