import { afterEach, expect, test, vi } from "vitest"
import { findBrowser } from "./find-browser"

afterEach(() => vi.unstubAllEnvs())

test("RINGLAB_BROWSER is used and no other", () => {
  vi.stubEnv("RINGLAB_BROWSER", process.execPath)
  expect(findBrowser()).toBe(process.execPath)
  vi.stubEnv("RINGLAB_BROWSER", "/nowhere/chrome")
  expect(findBrowser).toThrow("RINGLAB_BROWSER names /nowhere/chrome, which does not exist")
})

test.runIf(process.platform === "linux")("where there is no browser, it is said how to get one", () => {
  vi.stubEnv("RINGLAB_BROWSER", "")
  vi.stubEnv("PATH", "/nowhere")
  expect(findBrowser).toThrow(
    "No Chrome or Chromium was found: install one (Debian and Ubuntu: apt install chromium",
  )
})
