import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { borrowLab } from "./borrow"
import {
  cellsOf,
  hasChanges,
  type Lab,
  openNotebook,
  openPage,
  outsideRequests,
  runAll,
  screenshot,
} from "./lab"

describe("00-welcome", () => {
  let lab: Lab
  let page: Page
  beforeAll(async () => {
    lab = await borrowLab()
    page = await openPage(lab)
  })
  afterAll(() => lab?.stop())

  test("opened and not touched, has no changes to save", async () => {
    await openNotebook(page, "notebooks/00-welcome.ipynb")
    expect(await hasChanges(page)).toBe(false)
  })

  test("runs from top to bottom, every cell of it, without an error", async () => {
    await runAll(page)
    const code = (await cellsOf(page)).filter((cell) => cell.cell_type === "code" && cell.source.length > 0)
    expect(code.length).toBeGreaterThan(0)
    expect(code.filter((cell) => cell.execution_count === null)).toEqual([])
    expect(code.flatMap((cell) => cell.outputs ?? []).filter((o) => o.output_type === "error")).toEqual([])
    await screenshot(page, "welcome-light")
    expect(outsideRequests(page)).toEqual([])
  })
})

describe.each(["/", "/user/x/"])("JupyterLab under %s", (baseUrl) => {
  let lab: Lab
  beforeAll(async () => {
    lab = await borrowLab({ baseUrl })
  })
  afterAll(() => lab?.stop())

  test("the launcher offers our kernel and the private Python, and no other", async () => {
    const answer = await fetch(`${lab.url}api/kernelspecs?token=${lab.token}`)
    const { kernelspecs } = (await answer.json()) as { kernelspecs: Record<string, unknown> }
    expect(Object.keys(kernelspecs).sort()).toEqual(["python3", "ringlab"])
  })

  test("without its token the server gives nothing away", async () => {
    const answer = await fetch(`${lab.url}api/contents`)
    expect(answer.status).toBe(403)
  })
})
