/** Follows links that drive a recording, wherever in a notebook they stand. */
import type { Home, Places } from "../recording/places"
import { nearest, readLink, type StepLink } from "./link"

/** Listen on the whole page: texts come and go. @returns what ends it */
export function followLinks(places: Places): () => void {
  const clicked = (event: MouseEvent) => {
    const link = (event.target as Element).closest?.("a")
    const asked = link && readLink(link.getAttribute("href"))
    if (!link || !asked) return
    event.preventDefault()
    event.stopPropagation() // else JupyterLab would look for a heading of that name
    follow(link, asked, places)
  }
  document.addEventListener("click", clicked, { capture: true })
  return () => document.removeEventListener("click", clicked, { capture: true })
}

function follow(link: Element, { step, show, where }: StepLink, places: Places): void {
  const notebook = link.closest(".jp-Notebook")
  const homes = [...places.homes]
    .filter(({ node }) => notebook?.contains(node))
    .sort((a, b) => (isBefore(a.node, b.node) ? -1 : 1))
  const home = nearest(homes, ({ node }: Home) => isBefore(node, link), where)
  if (home) home.recording.lookAt(step, show)
  else tell(link, "Run the cell first: its recording is not here yet.")
}

const isBefore = (a: Element, b: Element) =>
  (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0

/** Milliseconds that a word beside a link is shown. */
const TOLD = 4000

function tell(link: Element, sentence: string): void {
  const note = document.createElement("span")
  note.className = "rl-link-note"
  note.setAttribute("role", "status")
  note.textContent = ` (${sentence})`
  link.after(note)
  setTimeout(() => note.remove(), TOLD)
}
