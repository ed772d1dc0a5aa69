/**
 * The JupyterLabs and the browser that the tests of a whole run share. Vitest runs this in its own process (`globalSetup`),
 * where files of tests, each in a worker of Vitest's, ask it over HTTP: `borrow.ts`. A JupyterLab is lent to one file at a
 * time and is as new afterwards, so files do not see each other. Nothing starts before somebody asks.
 */
import { once } from "node:events"
import { readdirSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { type BrowserServer, chromium } from "playwright-core"
import type { TestProject } from "vitest/node"
import { browserOptions } from "./lab"
import { fillRoot, type LabServer, STATE, startServer } from "./server"

/** What a borrower is told. */
export interface Loan extends Omit<LabServer, "stop"> {
  /** Where Playwright finds the browser. */
  readonly browser: string
}

declare module "vitest" {
  interface ProvidedContext {
    /** Where JupyterLabs are lent. */
    labs: string
  }
}

/** Lends until the run ends. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const labs = new Labs()
  const desk = createServer((request, response) => void answer(labs, request, response))
  await once(desk.listen(0, "127.0.0.1"), "listening")
  provide("labs", `http://127.0.0.1:${(desk.address() as AddressInfo).port}`)
  return async () => {
    desk.close()
    await labs.stop()
  }
}

/** `POST /lend` with a base URL, `POST /return` with the URL of what was lent. */
async function answer(labs: Labs, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const said = await text(request)
    const told = request.url === "/lend" ? await labs.lend(said) : labs.takeBack(said)
    response.end(JSON.stringify(told))
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
}

/** JupyterLabs by their base URLs, those that are lent and those that are free. */
class Labs {
  private readonly all: { baseUrl: string; server: LabServer; free: boolean }[] = []
  private readonly starting = new Set<Promise<LabServer>>()
  private readonly renewing = new Set<Promise<void>>()
  private browser: Promise<BrowserServer> | undefined

  async lend(baseUrl: string): Promise<Loan> {
    const browser = await (this.browser ??= chromium.launchServer(browserOptions()))
    const { url, token, root } =
      (await this.takeFree(baseUrl)) ?? (await during(this.starting, this.start(baseUrl)))
    return { url, token, root, browser: browser.wsEndpoint() }
  }

  takeBack(url: string): null {
    void during(this.renewing, this.renew(url))
    return null
  }

  async stop(): Promise<void> {
    await Promise.allSettled([...this.starting, ...this.renewing])
    const browser = await this.browser?.catch(() => undefined) // whoever asked was told
    await Promise.all([browser?.close(), ...this.all.map(({ server }) => server.stop())])
  }

  private async takeFree(baseUrl: string): Promise<LabServer | undefined> {
    await Promise.all(this.renewing) // takes less time than a start
    const free = this.all.find((lab) => lab.free && lab.baseUrl === baseUrl)
    if (free) free.free = false
    return free?.server
  }

  private async start(baseUrl: string): Promise<LabServer> {
    const server = await startServer({ baseUrl })
    this.all.push({ baseUrl, server, free: false })
    return server
  }

  /** Make one as new, and lend it again; one that cannot be made as new is not lent again. */
  private async renew(url: string): Promise<void> {
    const lab = this.all.find(({ server }) => server.url === url)
    if (lab) lab.free = await renewed(lab.server).catch(() => false)
  }
}

/** Keep work in a set as long as it is under way. */
async function during<T>(set: Set<Promise<T>>, work: Promise<T>): Promise<T> {
  set.add(work)
  return work.finally(() => set.delete(work))
}

/** What a reader leaves behind: running kernels, files, settings and workspaces. @returns whether all is gone */
async function renewed({ url, token, root }: LabServer): Promise<boolean> {
  const headers = { Authorization: `token ${token}` }
  const sessions = await fetch(`${url}api/sessions`, { headers })
  const running = sessions.ok ? ((await sessions.json()) as { id: string }[]) : []
  const ended = await Promise.all(
    running.map(({ id }) => fetch(`${url}api/sessions/${id}`, { method: "DELETE", headers })),
  )
  for (const folder of ["settings", "workspaces"])
    rmSync(join(root, STATE, folder), { recursive: true, force: true })
  for (const name of readdirSync(root)) if (name !== STATE) rmSync(join(root, name), { recursive: true })
  fillRoot(root)
  return [sessions, ...ended].every(({ ok }) => ok)
}
