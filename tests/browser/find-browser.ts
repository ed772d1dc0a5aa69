import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"

const ON_PATH = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]

const INSTALLED: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ],
  win32: ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((name) =>
    ["Google\\Chrome\\Application\\chrome.exe", "Chromium\\Application\\chrome.exe"].map((file) =>
      join(process.env[name] ?? "", file),
    ),
  ),
}

/**
 * The Chrome or Chromium that this machine has: RINGLAB_BROWSER if that is set, else the usual places.
 * @throws with a sentence that says how to get one
 */
export function findBrowser(): string {
  const chosen = process.env.RINGLAB_BROWSER
  const places = chosen ? [chosen] : [...onPath(), ...(INSTALLED[process.platform] ?? [])]
  const found = places.find((file) => existsSync(file))
  if (found) return found
  throw new Error(
    chosen
      ? `RINGLAB_BROWSER names ${chosen}, which does not exist: name the program file of Chrome or Chromium.`
      : "No Chrome or Chromium was found: install one (Debian and Ubuntu: apt install chromium; else google.com/chrome), " +
          "or name its program file in the environment variable RINGLAB_BROWSER.",
  )
}

function onPath(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter)
  return ON_PATH.flatMap((name) => folders.map((folder) => join(folder, name)))
}
