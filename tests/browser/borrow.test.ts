import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { borrowLab } from "./borrow"
import type { Lab } from "./lab"

const OWN = "notebooks/00-welcome.ipynb"

/** Ask the server's own interface. */
async function ask({ url, token }: Lab, path: string, method = "GET", body?: object) {
  const headers = { Authorization: `token ${token}` }
  const answer = await fetch(`${url}api/${path}`, { method, headers, body: body && JSON.stringify(body) })
  return answer.json()
}

test("a JupyterLab that was given back is lent again, and what one file left there is gone", async () => {
  const baseUrl = "/user/borrower/" // which no other file asks for
  const first = await borrowLab({ baseUrl })
  writeFileSync(join(first.root, "left.txt"), "")
  writeFileSync(join(first.root, OWN), "{}")
  await ask(first, "sessions", "POST", { path: OWN, name: "", type: "notebook", kernel: { name: "ringlab" } })
  expect(await ask(first, "sessions")).toHaveLength(1)
  await first.stop()
  const next = await borrowLab({ baseUrl })
  expect(next.url).toBe(first.url)
  expect(await ask(next, "sessions")).toEqual([])
  expect(await ask(next, "kernels")).toEqual([])
  expect(await ask(next, `contents/${OWN}`)).toMatchObject({ content: { nbformat: 4 } })
  expect(existsSync(join(next.root, "left.txt"))).toBe(false)
  await next.stop()
})
