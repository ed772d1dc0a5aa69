/** A JupyterLab of those that the tests of a whole run share (labs.ts), for one file of tests at a time. */
import { chromium } from "playwright-core"
import { inject } from "vitest"
import type { Lab } from "./lab"
import type { Loan } from "./labs"

/**
 * Borrow a JupyterLab as `npm start` starts it: nobody else uses it meanwhile, and it is as if just started. Its `stop` gives it
 * back. Files that need one with other options start their own: `startLab`.
 * @param options `baseUrl`: such as `/user/x/`, where a hub would put it
 * @throws with all that the launcher printed, when it cannot be started
 */
export async function borrowLab({ baseUrl = "/" } = {}): Promise<Lab> {
  const { browser: endpoint, ...server }: Loan = await ask("lend", baseUrl)
  const browser = await chromium.connect(endpoint)
  const stop = async () => {
    await browser.close() // this connection with its windows; the browser itself runs on
    await ask("return", server.url)
  }
  return { ...server, browser, stop }
}

async function ask(what: "lend" | "return", about: string) {
  const answer = await fetch(`${inject("labs")}/${what}`, { method: "POST", body: about })
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}
